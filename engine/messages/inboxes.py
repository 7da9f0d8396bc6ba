"""What each actor accepts: one union for each inbox."""

from __future__ import annotations

from engine.messages.calling import CallEnded, CallerReady, MakeCall, RetryDue
from engine.messages.feeds import (
    FeedTimer,
    HeartbeatSeen,
    PriceFetched,
    PricesSeen,
    StreamEnded,
    StreamLeaving,
    StreamOpened,
)
from engine.messages.grid_life import (
    ArmLevel,
    CancelAllOrders,
    ExpectWishes,
    FundsCleared,
    GoOnDue,
    GridArmed,
    GridStopped,
    HaltTrading,
    HoldingsChanged,
    LevelsStarted,
    LiquidateGrid,
    OpenGrid,
    StartLevels,
    StopGrid,
    StopLevels,
    TellHoldings,
)
from engine.messages.noting import (
    CaughtUp,
    CommitDue,
    InventoryBought,
    LevelsArmed,
    LevelWaited,
    LiquidationBegun,
    OrderAccepted,
)
from engine.messages.prices import (
    Advance,
    PriceMoved,
    PriceNoted,
    PriceReached,
    PricesUnwatched,
    RangeEntered,
    WatchPrices,
    WatchRange,
)
from engine.messages.questions import (
    DescribeCandles,
    DescribeFunds,
    DescribeGateway,
    DescribeHistory,
    DescribeLevel,
    DescribeOrders,
    DescribePrices,
)
from engine.messages.recalling import (
    FundsRecalled,
    GridRecalled,
    HistoryRecalled,
    OrdersRecalled,
    RecallGrid,
    RecallHistory,
    RecallOpenOrders,
    ResumeOrders,
)
from engine.messages.reconciling import BalancesDiffered, FundsTold, ReconcileDue, TellFunds
from engine.messages.reports import (
    OpenOrdersListed,
    OrderEnded,
    OrderFilled,
    OrderRejected,
    OrderReported,
    OrdersUnobserved,
    TradeBooked,
)
from engine.messages.wishes import (
    CancelOrder,
    CatchUp,
    LookUpDue,
    LookUpOrder,
    NothingToPlace,
    PlaceOrder,
    RecallOrders,
    RecordIntent,
    RewishDue,
    SubmitOrder,
    WishFunded,
    WishWaited,
)

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
    | GridRecalled
)
BalanceTrackerInbox = (
    PlaceOrder
    | TradeBooked
    | NothingToPlace
    | ExpectWishes
    | OrderEnded
    | HaltTrading
    | FundsRecalled
    | TellHoldings
    | TellFunds
    | DescribeFunds
)
OrderReports = OrderFilled | OrderReported | OrderRejected | OpenOrdersListed
OrderManagerInbox = (
    PlaceOrder
    | OrderReports
    | OrdersUnobserved
    | LookUpDue
    | CancelAllOrders
    | ResumeOrders
    | OrdersRecalled
    | DescribeOrders
)
ExchangeInbox = SubmitOrder | CancelOrder | LookUpOrder | CatchUp | RecallOrders
GatewayInbox = ExchangeInbox | CallEnded | CallerReady | RetryDue | DescribeGateway
CallerInbox = MakeCall
PriceSourceInbox = WatchPrices | WatchRange
FeedInbox = StreamOpened | StreamEnded | StreamLeaving | HeartbeatSeen | FeedTimer
PriceFeedInbox = FeedInbox | PricesSeen | PriceFetched | PriceSourceInbox | DescribePrices
OrderFeedInbox = FeedInbox | OrderFilled | OrderReported
SimulatedExchangeInbox = ExchangeInbox | PriceSourceInbox | Advance
PaperExchangeInbox = ExchangeInbox | PriceSourceInbox | PriceMoved | GoOnDue
RiskMonitorInbox = HoldingsChanged | PriceReached | PricesUnwatched
ReporterInbox = TradeBooked | GridArmed | GridStopped | HistoryRecalled | PriceNoted | DescribeHistory | DescribeCandles
JournalInbox = (
    RecordIntent
    | CancelOrder
    | LookUpOrder
    | CatchUp
    | RecallOrders
    | OrderAccepted
    | TradeBooked
    | OrderEnded
    | LevelWaited
    | GridArmed
    | InventoryBought
    | LevelsArmed
    | CaughtUp
    | LiquidationBegun
    | GridStopped
    | BalancesDiffered
    | CommitDue
    | RecallGrid
    | RecallHistory
    | RecallOpenOrders
)
ReconcilerInbox = ReconcileDue | FundsTold
ConsoleInbox = GridStopped
LevelSupervisorInbox = StartLevels | StopLevels
