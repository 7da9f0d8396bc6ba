"""Every message between actors, and one inbox union per actor.

Commands are in the imperative, facts in the past tense; all are frozen. Prices are quote per base, quantities base,
times epoch milliseconds UTC. A message reads the same wherever it is told.
"""

from __future__ import annotations

from decimal import Decimal

from engine.breaker import BreakerState
from engine.calls import Call, Outcome, Refusal
from engine.effects import Address
from engine.freezing import frozen
from engine.grid import Plan, PlannedLevel
from engine.values import Kind, Side

ARMING = ""  # what the first wish of a level answers; later ones answer the id of a trade
AGAIN = "again"  # what a wish answers that only repeats what an ended order left undone


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

    A market order's `price` is the worst it is expected to trade at, for what it reserves. `cycle` and `attempt` grow
    with every wish of one owner and side: the same pair is the same wish, told again.
    """

    owner: Owner
    cycle: int
    side: Side
    kind: Kind
    price: Decimal
    quantity: Decimal
    answers: str
    attempt: int = 0


@frozen
class NothingToPlace:
    """Owe no order for `answers`: what it would be for rounds to zero."""

    owner: Owner
    answers: str


@frozen
class WishWaited:
    """Tell an owner that its wish cannot be funded now, and is kept; or that no money can serve it (`too_small`)."""

    side: Side
    too_small: bool


@frozen
class WishFunded:
    """Tell an owner that its waiting wish has become an order."""

    side: Side


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


@frozen
class LookUpOrder:
    """Ask what became of an order; told as `OrderFilled` for each of its trades, then `OrderReported`."""

    client_order_id: str


@frozen
class CatchUp:
    """Ask for all trades after `after` (a trade id, None for none) and then for all open orders.

    Told as `OrderFilled` for each trade, then one `OpenOrdersListed`.
    """

    after: str | None


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
class OrderReported:
    """Report how an order stands: `filled` in all, and whether it can fill further.

    Its trades may be told before or after.
    """

    client_order_id: str
    filled: Decimal
    is_open: bool


@frozen
class OrderRejected:
    """Report that an order was not taken and never will be; `text` is the exchange's."""

    client_order_id: str
    reason: Refusal
    text: str


@frozen
class OpenOrdersListed:
    """Report every open order that is known to be the grid's, as of a moment after the `CatchUp` was sent."""

    orders: tuple[OrderReported, ...]


@frozen
class OrdersUnobserved:
    """Report that reports may have been missed since the last catch-up: it is time for one."""


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
    """Tell ledger and owner that an order ended before it was complete, with `filled` in all, each trade told before.

    `last_trade` is the id of the last one, empty for none. `refusal` says why it was refused; None when it was
    cancelled or expired.
    """

    owner: Owner
    side: Side
    filled: Decimal
    last_trade: str
    refusal: Refusal | None = None
    text: str = ""


@frozen
class RewishDue:
    """Remind a level to wish what an ended order left undone."""

    side: Side


@frozen
class LookUpDue:
    """Remind the order manager that trades of an order have not been told yet."""

    client_order_id: str


# --- between the gateway and those who call the exchange for it --------------------------------------


@frozen
class MakeCall:
    """Ask a caller to put one call through; it takes one at a time."""

    number: int
    call: Call


@frozen
class CallEnded:
    """Tell the gateway how a call ended."""

    caller: int
    number: int
    outcome: Outcome


@frozen
class CallerReady:
    """Tell the gateway that a caller is (again) there; whatever it was asked before is lost."""

    caller: int


@frozen
class RetryDue:
    """Remind the gateway of what it put off."""

    ticket: int


# --- prices ------------------------------------------------------------------------------------------


@frozen
class PriceMoved:
    """Report the next point of the price's path."""

    time: int
    price: Decimal


@frozen
class PriceNoted:
    """Tell the reporter a point of a grid's price path."""

    grid: str
    time: int
    price: Decimal


@frozen
class StreamOpened:
    """Report that a connection is up and subscribed; `connection` numbers the connections of one feed, from 1."""

    connection: int


@frozen
class StreamEnded:
    """Report that a connection is gone or could not be made, and why."""

    connection: int
    reason: str


@frozen
class StreamLeaving:
    """Report that the other side will end a connection soon: another one is to be made first."""

    connection: int


@frozen
class PricesSeen:
    """Report what a stream or a poll showed since the last report: the newest price and how far it had gone."""

    connection: int
    time: int
    low: Decimal
    high: Decimal
    newest: Decimal


@frozen
class PricesWaiting:
    """Report that a connection has shown prices, which wait to be taken as one `PricesSeen`."""

    connection: int


@frozen
class PriceFetched:
    """Report the last price as the exchange tells it when it is asked, beside the stream of `connection`."""

    connection: int
    time: int
    price: Decimal


@frozen
class PricesUnwatched:
    """Report that a price feed has begun and watches nothing: whoever wants to be told asks again."""


@frozen
class HeartbeatSeen:
    """Report that a connection lives, though it has no news."""

    connection: int


@frozen
class FeedTimer:
    """Remind a feed of something; overtaken when `ticket` is not its latest of that `purpose`."""

    purpose: str
    ticket: int


@frozen
class WatchRange:
    """Ask to be told of the first price within [bottom, top]; of candles, the first close."""

    bottom: Decimal
    top: Decimal


@frozen
class RangeEntered:
    """Report a price within the range that was watched for."""

    time: int
    price: Decimal


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
class StopGrid:
    """Cancel everything, keep the position, stop."""

    reason: str


@frozen
class GoOnDue:
    """Remind an actor to go on with what it is at."""


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
    """Report that the grid is done, why, and what it holds then."""

    grid: str
    reason: str
    quote: Decimal
    base: Decimal


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
    other_fees: tuple[tuple[str, Decimal], ...] = ()  # paid in assets that are not the grid's, by asset


@frozen
class DescribeOrders:
    """Ask the order manager for the open orders, a tuple of `OpenOrder`."""


@frozen
class OpenOrder:
    """Show one order; `is_accepted` once the exchange has said that it has it."""

    client_order_id: str
    wish: PlaceOrder
    filled: Decimal
    is_accepted: bool


@frozen
class DescribeGateway:
    """Ask a gateway for its `GatewayDescribed`."""


@frozen
class GatewayDescribed:
    """Answer `DescribeGateway`: how many calls wait their turn, were put off, are being made; how the exchange is.

    `unresolved` orders were sent, and nobody can tell yet whether they arrived. `paused` while the exchange wants to
    be left alone.
    """

    pending: int
    put_off: int
    in_flight: int
    unresolved: int
    idle_callers: int
    breaker: BreakerState
    paused: bool


@frozen
class DescribePrices:
    """Ask a price feed for its `PricesDescribed`."""


@frozen
class PricesDescribed:
    """Answer `DescribePrices`: the newest accepted price with its time, None before the first; how the feed is."""

    price: Decimal | None
    time: int | None
    trouble: str | None


@frozen
class DescribeLevel:
    """Ask a level for its `LevelDescribed`."""


@frozen
class DescribeHistory:
    """Ask the reporter for a grid's `GridHistory`."""

    grid: str


@frozen
class DescribeCandles:
    """Ask the reporter for the `Candles` that a grid has seen, None before its first price."""

    grid: str


OwnerInbox = TradeBooked | OrderEnded | WishWaited | WishFunded
GridLevelInbox = ArmLevel | OwnerInbox | RewishDue | DescribeLevel
GridManagerInbox = (
    OpenGrid
    | RangeEntered
    | OwnerInbox
    | LevelsStarted
    | LiquidateGrid
    | StopGrid
    | FundsCleared
    | GoOnDue
    | PricesUnwatched
)
BalanceTrackerInbox = (
    PlaceOrder | TradeBooked | NothingToPlace | ExpectWishes | OrderEnded | HaltTrading | DescribeFunds
)
OrderReports = OrderFilled | OrderReported | OrderRejected | OpenOrdersListed
OrderManagerInbox = PlaceOrder | OrderReports | OrdersUnobserved | LookUpDue | CancelAllOrders | DescribeOrders
ExchangeInbox = SubmitOrder | CancelOrder | LookUpOrder | CatchUp
GatewayInbox = ExchangeInbox | CallEnded | CallerReady | RetryDue | DescribeGateway
CallerInbox = MakeCall
PriceSourceInbox = WatchPrices | WatchRange
FeedInbox = StreamOpened | StreamEnded | StreamLeaving | HeartbeatSeen | FeedTimer
PriceFeedInbox = FeedInbox | PricesSeen | PriceFetched | PriceSourceInbox | DescribePrices
OrderFeedInbox = FeedInbox | OrderFilled | OrderReported
SimulatedExchangeInbox = ExchangeInbox | PriceSourceInbox | Advance
PaperExchangeInbox = ExchangeInbox | PriceSourceInbox | PriceMoved | GoOnDue
RiskMonitorInbox = HoldingsChanged | PriceReached | PricesUnwatched
ReporterInbox = TradeBooked | GridArmed | GridStopped | PriceNoted | DescribeHistory | DescribeCandles
ConsoleInbox = GridStopped
LevelSupervisorInbox = StartLevels | StopLevels
