"""What is asked of an exchange, and how each question ends: done, refused, unknown, or not yet.

A gateway decides what to ask and when; a caller puts one question through one library and tells the outcome.
Prices are quote per base, quantities base, times epoch milliseconds UTC. Ids are the exchange's own unless they are
called client order ids.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from engine.values import Kind, Side


@frozen
class Place:
    """Place an order: a limit order that rests, or one that trades at once.

    Of the latter a buy pays at most `price` (what it cannot get at that it leaves), and a sell takes what there is.
    `post_only` asks for a limit order that is refused rather than trade at once.
    """

    client_order_id: str
    side: Side
    kind: Kind
    price: Decimal
    quantity: Decimal
    post_only: bool = False


@frozen
class Cancel:
    """Take an order back."""

    client_order_id: str


@frozen
class LookUp:
    """Ask for one order, and for its trades if it has any."""

    client_order_id: str


@frozen
class ListTrades:
    """Ask for all of the account's trades in this pair that came after `after`; for the newest one only when None."""

    after: str | None


@frozen
class ListOpenOrders:
    """Ask for all of the account's open orders in this pair."""


@frozen
class ListOrders:
    """Ask for all of the account's orders in this pair, of any state, placed after that numbered `after`.

    Oldest first; all that the exchange still knows when None.
    """

    after: str | None


@frozen
class ListBalances:
    """Ask what the account has of each asset."""


Call = Place | Cancel | LookUp | ListTrades | ListOpenOrders | ListOrders | ListBalances


@frozen
class OrderReport:
    """Say how one order stands: `filled` in all, and whether it can fill further."""

    client_order_id: str
    order_id: str
    filled: Decimal
    is_open: bool


@frozen
class TradeReport:
    """Say one trade of the account."""

    trade_id: str
    order_id: str
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    time: int


@frozen
class FoundOrder:
    """Say all about one order: what was asked for, and what became of it; times are the exchange's."""

    client_order_id: str
    order_id: str
    side: Side
    kind: Kind
    price: Decimal
    quantity: Decimal
    filled: Decimal
    is_open: bool
    placed_at: int
    changed_at: int


@frozen
class BalanceReport:
    """Say what the account has of one asset."""

    asset: str
    free: Decimal
    locked: Decimal


class Refusal(StrEnum):
    """Why an exchange will not do something; asking again unchanged changes nothing, but for the last four."""

    RULES = "rules"  # price, quantity, minimum, number of orders
    PERMISSION = "permission"  # key, signature, address, account
    FUNDS = "funds"
    WOULD_TAKE = "would_take"  # post-only, and marketable
    CLOSED = "closed"  # this market does not trade now
    UNREACHABLE = "unreachable"  # it never arrived, however often it was sent


@frozen
class Done:
    """It was done, and this is what the exchange says."""

    orders: tuple[OrderReport, ...] = ()
    trades: tuple[TradeReport, ...] = ()
    found: tuple[FoundOrder, ...] = ()
    balances: tuple[BalanceReport, ...] = ()


@frozen
class Refused:
    """It was not done, and will not be; `text` is the exchange's own."""

    reason: Refusal
    text: str


@frozen
class NotFound:
    """The exchange knows no such order (any more)."""

    text: str


@frozen
class Unknown:
    """Nobody can tell whether it was done: no answer, half an answer, or one that says so."""

    text: str


@frozen
class NotYet:
    """It was not done: the exchange wants to be left alone for `seconds`; `banned` when it insists."""

    seconds: float
    text: str
    banned: bool = False


Outcome = Done | Refused | NotFound | Unknown | NotYet


class Line(Protocol):
    """Lead to an exchange, for one caller."""

    def put_through(self, call: Call, /) -> Outcome:
        """Make one call and tell how it ended, whatever the exchange does."""

    def close(self) -> None:
        """Let go of the connection."""
