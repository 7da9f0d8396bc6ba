"""Exchanges that tests of the venue begin with, and short ways to trade on them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from engine.venue.events import BalancesChanged, Event, OrderChanged, PublicTrade
from engine.venue.values import Balance, OrderRequest, OrderSide, OrderType, Placed, SymbolRules, TimeInForce
from engine.venue.venue import Venue

D = Decimal
Number = Decimal | int | str
Amount = Decimal | int  # what an amount is compared with
NOW = 1_795_000_123_456  # 2026-11-18, in the middle of a minute and of a day
SOL, BNB = "SOLUSDT", "BNBUSDT"


def rules(symbol: str = SOL, base: str = "SOL", **changes: Any) -> SymbolRules:
    limits: dict[str, Any] = {
        "price_tick": D("0.01"),
        "amount_step": D("0.001"),
        "min_price": D("0.01"),
        "max_price": D(100_000),
        "min_amount": D("0.001"),
        "max_amount": D(9000),
        "min_notional": D(5),
    }
    return SymbolRules(symbol, base, "USDT", **(limits | changes))


def a_venue(price: Number = 100, *, fee: Number = "0.001", seed: int = 1, now: int = NOW, **changes: Any) -> Venue:
    """Open SOL/USDT at `price` and BNB/USDT at 500, with the accounts ann and bob."""
    symbols = (rules(**changes), rules(BNB, "BNB"))
    prices = {SOL: D(price), BNB: D(500)}
    venue = Venue(symbols, prices, seed=seed, maker_fee=D(fee), taker_fee=D(fee), now=now)
    for account in ("ann", "bob"):
        venue.open_account(account, {"USDT": D(10_000), "SOL": D(100)})
    return venue


def request(
    side: OrderSide,
    quantity: Number | None,
    price: Number | None = None,
    *,
    kind: OrderType | None = None,
    tif: TimeInForce | None = None,
    name: str | None = None,
    quote: Number | None = None,
) -> OrderRequest:
    kind = kind or ("MARKET" if price is None else "LIMIT")
    return OrderRequest(
        SOL,
        side,
        kind,
        None if quantity is None else D(quantity),
        None if price is None else D(price),
        None if quote is None else D(quote),
        tif or ("GTC" if kind == "LIMIT" else None),
        name,
    )


def place(venue: Venue, wish: OrderRequest, account: str = "ann", now: int = NOW) -> Placed:
    return venue.place(account, wish, now)[0]


def holds(venue: Venue, asset: str, account: str = "ann") -> tuple[Amount, Amount]:
    """Give what is free and what is locked."""
    found = by_asset(venue.balances(account))[asset]
    return found.free, found.locked


def by_asset(balances: Sequence[Balance]) -> dict[str, Balance]:
    return {balance.asset: balance for balance in balances}


def steps(events: Sequence[Event]) -> list[tuple[str, int, str]]:
    """Give the steps of orders: what happened, to which, and how it stood then."""
    return [(it.execution, it.order.order_id, it.order.status) for it in events if isinstance(it, OrderChanged)]


def public(events: Sequence[Event]) -> list[tuple[Amount, Amount]]:
    return [(it.price, it.quantity) for it in events if isinstance(it, PublicTrade)]


def settled(events: Sequence[Event]) -> list[BalancesChanged]:
    return [it for it in events if isinstance(it, BalancesChanged)]
