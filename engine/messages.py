"""Every message between actors, and one inbox union per actor.

Commands are in the imperative, facts in the past tense; all are frozen. Prices are quote per base, quantities base,
times epoch milliseconds UTC. A message reads the same wherever it is told.
"""

from __future__ import annotations

from decimal import Decimal

from engine.effects import Address
from engine.freezing import frozen
from engine.grid import Plan, PlannedLevel
from engine.values import Kind, Side

ARMING = ""  # what the first wish of a level answers; later ones answer the id of a trade


@frozen
class Owner:
    """Say whose order it is: a level, or the grid manager (`level` None) for a market order."""

    grid: str
    slot: str
    level: int | None
    address: Address[OwnerInbox]


# --- a wish on its way to the exchange ---------------------------------------------------------------


@frozen
class PlaceOrder:
    """Wish an order: from its owner to the balance tracker, and on, funded, to the order manager.

    A market order's `price` is the worst it is expected to trade at, for what it reserves.
    """

    owner: Owner
    cycle: int
    side: Side
    kind: Kind
    price: Decimal
    quantity: Decimal
    answers: str


@frozen
class NothingToPlace:
    """Owe no order for `answers`: what it would be for rounds to zero."""

    owner: Owner
    answers: str


@frozen
class WishWaited:
    """Tell an owner that its wish cannot be funded now, and is kept."""


@frozen
class WishFunded:
    """Tell an owner that its waiting wish has become an order."""


@frozen
class SubmitOrder:
    """Ask the exchange for an order."""

    client_order_id: str
    side: Side
    kind: Kind
    price: Decimal
    quantity: Decimal


@frozen
class CancelOrder:
    """Ask the exchange to take an order back."""

    client_order_id: str


# --- what the exchange reports -----------------------------------------------------------------------


@frozen
class OrderFilled:
    """Report one trade of one order."""

    client_order_id: str
    trade_id: str
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    time: int


@frozen
class OrderCancelled:
    """Report an order that will fill no further."""

    client_order_id: str


@frozen
class TradeBooked:
    """Tell one trade, counted once: to the ledger, to its owner, to the reporter.

    `complete` when the order has no more to fill.
    """

    trade_id: str
    client_order_id: str
    owner: Owner
    time: int
    side: Side
    kind: Kind
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    complete: bool


@frozen
class OrderEnded:
    """Tell the ledger that an order ended unfilled or partly filled, so that it frees the rest."""

    owner: Owner


# --- prices ------------------------------------------------------------------------------------------


@frozen
class WatchCloses:
    """Ask to be told of the first candle that closes within [bottom, top]."""

    bottom: Decimal
    top: Decimal


@frozen
class CandleClosed:
    """Report a close that was watched for."""

    time: int
    close: Decimal


@frozen
class WatchPrices:
    """Replace what is watched: tell me once when the price is at or beyond one of these; None watches nothing."""

    below: Decimal | None
    above: Decimal | None


@frozen
class PriceReached:
    """Report that the price on the path is at or beyond a watched one."""

    price: Decimal


@frozen
class Advance:
    """Move along the path to the next point at which something happens.

    Replied to with the index of the candle reached, or -1 when the path has ended.
    """


# --- the grid's own life -----------------------------------------------------------------------------


@frozen
class OpenGrid:
    """Begin: wait for the price to be in range."""


@frozen
class StartLevels:
    """Ask the supervisor of the levels to start one actor for each."""

    levels: tuple[PlannedLevel, ...]


@frozen
class LevelsStarted:
    """Report that all levels are alive."""


@frozen
class StopLevels:
    """Ask the supervisor of the levels to stop them all."""


@frozen
class ExpectWishes:
    """Tell the ledger who owes a first wish, and the price that distances are measured from."""

    owners: tuple[Owner, ...]
    price: Decimal


@frozen
class ArmLevel:
    """Tell a level to wish its first order."""


@frozen
class GridArmed:
    """Report the plan that the grid armed with."""

    grid: str
    time: int
    plan: Plan


@frozen
class HoldingsChanged:
    """Tell what base the grid holds, whenever that turns from nothing to something or back."""

    base: Decimal


@frozen
class LiquidateGrid:
    """Cancel everything, sell all base at market, stop."""

    reason: str
    price: Decimal


@frozen
class HaltTrading:
    """Tell the ledger to fund nothing more and to have every open order cancelled."""


@frozen
class CancelAllOrders:
    """Take down every open order of the grid; their owners are not asked."""


@frozen
class FundsCleared:
    """Report that no order is left: all money is free."""

    quote: Decimal
    base: Decimal


@frozen
class GridStopped:
    """Report that the grid is done, and why."""

    grid: str
    reason: str


# --- questions of the command line -------------------------------------------------------------------


@frozen
class DescribeFunds:
    """Ask the ledger for a `FundsDescribed`."""


@frozen
class FundsDescribed:
    """Answer `DescribeFunds`."""

    free_quote: Decimal
    free_base: Decimal
    reserved_quote: Decimal
    reserved_base: Decimal
    waiting: tuple[PlaceOrder, ...]


@frozen
class DescribeOrders:
    """Ask the order manager for the open orders, a tuple of `PlaceOrder`."""


@frozen
class DescribeLevel:
    """Ask a level for its `LevelDescribed`."""


@frozen
class DescribeHistory:
    """Ask the reporter for a grid's `GridHistory`."""

    grid: str


OwnerInbox = TradeBooked | WishWaited | WishFunded
GridLevelInbox = ArmLevel | TradeBooked | WishWaited | WishFunded | DescribeLevel
GridManagerInbox = (
    OpenGrid | CandleClosed | TradeBooked | WishWaited | WishFunded | LevelsStarted | LiquidateGrid | FundsCleared
)
BalanceTrackerInbox = (
    PlaceOrder | TradeBooked | NothingToPlace | ExpectWishes | OrderEnded | HaltTrading | DescribeFunds
)
OrderManagerInbox = PlaceOrder | OrderFilled | OrderCancelled | CancelAllOrders | DescribeOrders
ExchangeInbox = SubmitOrder | CancelOrder | WatchPrices | WatchCloses | Advance
RiskMonitorInbox = HoldingsChanged | PriceReached
ReporterInbox = TradeBooked | GridArmed | GridStopped | DescribeHistory
LevelSupervisorInbox = StartLevels | StopLevels
