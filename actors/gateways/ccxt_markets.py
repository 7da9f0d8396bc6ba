"""What an exchange tells before trading: the market's rules, the account, fees, limits, the price."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import frozen

from actors.gateways.ccxt_asking import Trouble, Troubled, ask
from actors.gateways.ccxt_client import Client
from actors.gateways.ccxt_errors import Unusable
from actors.gateways.ccxt_replies import body_of, money, positive, rows, table, word
from engine.calls import Refusal, Refused
from engine.errors import BadInput, RunFailed
from engine.settings import Settings
from engine.values import SATOSHI, ZERO, Market

T = TypeVar("T")
_TICK_SIZES = 4  # ccxt's own number for precisions told as ticks; otherwise they are digits
_SECONDS: Mapping[str, int] = MappingProxyType({"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400})
_SUGGESTED = 3


class Unreachable(RunFailed):
    """An exchange could not be asked, or its answer could not be used; the text is ready to print."""


@frozen
class Balance:
    """Hold what an account has of one asset."""

    free: Decimal
    total: Decimal


@frozen
class FeeRates:
    """Hold what trades cost as shares, 0.001 for 0.1 %."""

    maker: Decimal
    taker: Decimal


@frozen
class Account:
    """Hold what an exchange tells of an account; `fees` is None when it does not tell them."""

    balances: Mapping[str, Balance]
    may_trade: bool
    fees: FeeRates | None


@frozen
class RateLimit:
    """Allow `count` within `seconds`; `kind` is the exchange's word: ORDERS, REQUEST_WEIGHT, RAW_REQUESTS."""

    kind: str
    count: int
    seconds: int


def market(client: Client, settings: Settings) -> Market:
    """Load the exchange's markets, and give the rules of the pair of `settings`.

    Raise `BadInput` when it has no such pair, or does not trade it now; `Unreachable` when it cannot be asked.
    """
    exchange, pair = client.exchange, settings.market_rules().pair
    markets = _asked(client, settings, "its markets", lambda: _load(client))
    found = markets.get(pair)
    said = f'{settings.source}: pair = "{pair}"'
    if found is None or not found.get("spot"):
        spot = [symbol for symbol, known in markets.items() if known.get("spot")]
        near = get_close_matches(pair, spot, n=_SUGGESTED) or sorted(spot)[:_SUGGESTED]
        raise BadInput(f"{said}: {exchange.name} has no such spot market; allowed: one of its markets, {_listed(near)}")
    if found.get("active") is False:
        raise BadInput(f"{said}: {exchange.name} does not trade this market now; allowed: a market that is open")
    limits = found.get("limits") or {}
    return Market(
        settings.pair.base_currency,
        settings.pair.quote_currency,
        _step(exchange, found["precision"].get("price")),
        _step(exchange, found["precision"].get("amount")),
        _minimum(limits.get("amount")),
        _minimum(limits.get("cost")),
    )


def account(client: Client, settings: Settings) -> Account:
    """Ask for the account, by which the key is tried too; the markets are loaded.

    Raise `BadInput` when the key is refused, `Unreachable` when the exchange cannot be asked.
    """
    return _asked(client, settings, "the account", lambda: _account(client, settings.market_rules().pair))


def price(client: Client, settings: Settings) -> Decimal:
    """Ask for the price of the latest trade; raise `Unreachable`."""
    return _asked(client, settings, "the price", lambda: _price(client, settings.market_rules().pair))


def rate_limits(client: Client, settings: Settings) -> tuple[RateLimit, ...]:
    """Ask how much may be asked; empty where the exchange does not tell. Raise `Unreachable`."""
    if not client.speaks_binance:
        return ()
    pair = settings.market_rules().pair
    return _asked(client, settings, "its limits", lambda: _limits(client, client.exchange.market(pair)["id"]))


def may_order(client: Client, settings: Settings, at: Decimal) -> Refused | None:
    """Send an order that is only tested, at the price `at`; give the refusal when the key may not place any.

    What cannot be tested, or is refused for another reason, says nothing of the key.
    """
    if not client.speaks_binance:
        return None
    rules = market(client, settings)
    quantity = max(rules.min_amount, rules.min_cost * 2 / at, rules.amount_step)
    sent = f"{rules.floor_amount(quantity + rules.amount_step):f}", f"{rules.round_price(at):f}"
    try:
        ask(client, lambda: client.exchange.create_order(rules.pair, "limit", "buy", *sent, {"test": True}))
    except Troubled as troubled:
        trouble = troubled.trouble
        return trouble if isinstance(trouble, Refused) and trouble.reason is Refusal.PERMISSION else None
    return None


def _asked(client: Client, settings: Settings, what: str, question: Callable[[], T]) -> T:
    try:
        return ask(client, question)
    except Troubled as troubled:
        raise _told(troubled.trouble, settings, what) from None


def _told(trouble: Trouble, settings: Settings, what: str) -> BadInput | Unreachable:
    name, base_url = settings.exchange.name, settings.exchange.base_url
    if isinstance(trouble, Refused) and trouble.reason is Refusal.PERMISSION:
        return BadInput(
            f'{settings.source}: exchange.name = "{name}": the exchange refuses the API key: {trouble.text}; '
            "allowed: a key and its secret that may read and trade spot from this address"
        )
    at = f" at {base_url}" if base_url else ""
    return Unreachable(f"{name}{at} could not be asked for {what}: {trouble.text}")


def _load(client: Client) -> Mapping[str, Any]:
    if not client.exchange.markets:
        client.exchange.load_markets()
        body_of(client)
    markets: Mapping[str, Any] = client.exchange.markets
    if not markets:
        raise Unusable("no markets")
    return markets


def _account(client: Client, pair: str) -> Account:
    told = client.exchange.fetch_balance()
    if not client.speaks_binance:
        body_of(client)
        return Account(_unified_balances(table(told)), may_trade=True, fees=_fees(client, pair))
    account = table(body_of(client))
    balances = {
        client.exchange.safe_currency_code(word(row.get("asset"), "asset")): _balance(
            row.get("free"), row.get("locked")
        )
        for row in rows(account.get("balances"))
    }
    return Account(balances, account.get("canTrade") is not False, _rates(account.get("commissionRates")))


def _balance(free: Any, locked: Any) -> Balance:
    available = money(free, "free")
    return Balance(available, available + money(locked, "locked"))


def _unified_balances(told: Mapping[str, Any]) -> dict[str, Balance]:
    free, totals = table(told.get("free")), table(told.get("total"))
    return {
        asset: Balance(money(free.get(asset), f"free {asset}"), money(total, f"total {asset}"))
        for asset, total in totals.items()
        if total is not None
    }


def _fees(client: Client, pair: str) -> FeeRates | None:
    """Ask for the account's own rates; what an exchange charges in general is no answer."""
    return _rates(client.exchange.fetch_trading_fee(pair)) if client.exchange.has.get("fetchTradingFee") else None


def _rates(told: Any) -> FeeRates | None:
    if not isinstance(told, dict) or told.get("maker") is None or told.get("taker") is None:
        return None
    return FeeRates(money(told["maker"], "maker fee"), money(told["taker"], "taker fee"))


def _price(client: Client, pair: str) -> Decimal:
    ticker = table(client.exchange.fetch_ticker(pair))
    body_of(client)
    return positive(ticker.get("last"), "price")


def _limits(client: Client, market_id: str) -> tuple[RateLimit, ...]:
    told = table(client.exchange.public_get_exchangeinfo({"symbol": market_id}))
    limits = rows(told.get("rateLimits"))
    return tuple(
        RateLimit(
            str(limit["rateLimitType"]), int(limit["limit"]), int(limit["intervalNum"]) * _SECONDS[limit["interval"]]
        )
        for limit in limits
    )


def _step(exchange: Any, precision: Any) -> Decimal:
    """Read a tick or a step; where there is none, our smallest unit."""
    if precision is None:
        return SATOSHI
    step = Decimal(str(precision))
    if exchange.precisionMode != _TICK_SIZES:
        step = Decimal(1).scaleb(-int(step))
    return step or SATOSHI


def _minimum(limit: Any) -> Decimal:
    least = (limit or {}).get("min")
    return ZERO if least is None else Decimal(str(least))


def _listed(names: list[str]) -> str:
    return ", ".join(names)
