"""What each actor accepts: one union for each inbox."""

from __future__ import annotations

from engine.messages.alerting import EventsTold
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
    OrdersRecovered,
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
    DescribeJournal,
    DescribeLevel,
    DescribeOrders,
    DescribePrices,
    DescribeTrades,
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
from engine.messages.steering import (
    GridPaused,
    GridResumed,
    PauseBegun,
    PauseGrid,
    PauseOver,
    QuitAsked,
    RestartAll,
    RestartGrid,
    ResumeGrid,
    TellAgain,
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
    | PauseGrid
    | ResumeGrid
    | RestartGrid
    | PauseOver
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
ReporterInbox = (
    TradeBooked
    | GridArmed
    | GridStopped
    | PauseBegun
    | GridPaused
    | GridResumed
    | HistoryRecalled
    | EventsTold
    | PriceNoted
    | DescribeHistory
    | DescribeCandles
)
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
    | PauseBegun
    | GridPaused
    | TellAgain
    | GridResumed
    | OrdersRecovered
    | BalancesDiffered
    | CommitDue
    | RecallGrid
    | RecallHistory
    | RecallOpenOrders
    | DescribeJournal
    | DescribeTrades
)
ReconcilerInbox = ReconcileDue | FundsTold
ConsoleInbox = GridArmed | GridPaused | GridResumed | GridStopped | QuitAsked
SteeredSupervisorInbox = RestartAll
LevelSupervisorInbox = StartLevels | StopLevels
