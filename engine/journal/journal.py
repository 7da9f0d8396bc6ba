"""The journal of a grid, and the gate to its exchange: what is not written down does not happen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import assert_never

from attrs import evolve

from engine.addresses import GridAddresses
from engine.effects import Address, After, Effect, Reply, Send
from engine.grid import GridRules
from engine.journal.events import Noted, told
from engine.journal.exits import Ahead, part
from engine.journal.memory import GridMemory
from engine.journal.rows import Batch, EventRow
from engine.journal.store import Store, StoreLost, StoreUnavailable
from engine.messages import (
    BalancesDiffered,
    CancelOrder,
    CatchUp,
    CaughtUp,
    CommitDue,
    FundsRecalled,
    GridArmed,
    GridRecalled,
    GridStopped,
    HistoryRecalled,
    InventoryBought,
    JournalInbox,
    LevelsArmed,
    LevelWaited,
    LiquidationBegun,
    LookUpOrder,
    OrderAccepted,
    OrderEnded,
    OrderReported,
    OrdersRecalled,
    OrdersRecovered,
    RecallGrid,
    RecallHistory,
    RecallOpenOrders,
    RecallOrders,
    RecordIntent,
    SubmitOrder,
    TradeBooked,
)
from engine.messages.alerting import EventsTold
from engine.messages.questions import DescribeJournal, DescribeTrades, JournalDescribed
from engine.messages.steering import GridPaused, GridResumed, PauseBegun, TellAgain
from engine.values import ZERO

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0  # seconds before a store that is unavailable is tried again
_LINGERS_FOR = 0.003  # seconds
_PATIENT_TRIES = 5  # after which exits do not wait any longer: about three seconds


class Journal:
    """Write what comes, all that waits in the inbox at once; what asks the exchange for something goes on behind that.

    Where something waits to go on, a commit is due when the inbox is through: the reminder is a message to itself,
    behind all that waits there. What is only to be known comes with the next of these, or by itself soon after.
    """

    def __init__(
        self,
        store: Store,
        rules: GridRules,
        addresses: GridAddresses,
        now: Callable[[], int],
        listeners: Sequence[Address[EventsTold]] = (),
        ahead: Ahead | None = None,
    ) -> None:
        """Go on from what `store` has; `now` gives epoch milliseconds.

        The reporter is told what has been written, and `listeners` too. `ahead` is the same for every incarnation:
        what one of them knew alone the next does not know, and would do again.
        Raises `StoreUnavailable`, and `StoreLost` when there is nothing: whoever starts a grid begins its journal.
        """
        assert addresses.journal is not None, "a grid with a journal says where it lives"
        self._store, self._addresses, self._now = store, addresses, now
        self._own_address = addresses.journal
        stored = store.load()
        if stored is None:
            raise StoreLost("the journal is empty")
        self._ahead = ahead or Ahead()
        if self._ahead.is_so:
            raise StoreLost("it has not written down a sale that is out; the next start asks the exchange")
        self._memory = GridMemory(rules, addresses, stored.grid)
        self._memory.recall(stored)
        self._listeners: tuple[Address[EventsTold], ...] = (addresses.reporter, *listeners)
        self._unwritten: list[Batch] = []
        self._held: list[Send] = []  # until what came before them has been written
        self._never_sent: set[str] = set()  # orders that were not, will not be, and have not been told to have ended
        self._has_changes = self._is_due = self._lingers = False
        self._failures = 0
        self._told_events: list[EventRow] = []  # written, and not told yet
        self._told_trades: list[TradeBooked] = []

    def start(self) -> list[Effect]:
        """Tell the reporter what became of the grid so far."""
        return self._history()

    def close(self) -> None:
        """Write what there is to write, and let go of the store."""
        try:
            self._write()
        finally:
            self._store.close()

    def handle(self, message: JournalInbox) -> list[Effect]:
        """Take note, hold back, write, or tell what is known."""
        match message:
            case RecordIntent():
                return self._note(message, Send(self._addresses.exchange, message.order))
            case CancelOrder():
                return self._note(message, Send(self._addresses.exchange, message))
            case LookUpOrder():
                return self._look_up(message)
            case RecallOrders():
                return self._recall_orders(message)
            case CatchUp():
                return self._pass_on(Send(self._addresses.exchange, message))
            case (
                OrderAccepted()
                | TradeBooked()
                | OrderEnded()
                | LevelWaited()
                | GridArmed()
                | InventoryBought()
                | LevelsArmed()
                | CaughtUp()
                | LiquidationBegun()
                | OrdersRecovered()
                | BalancesDiffered()
            ):
                return self._note(message)
            case PauseBegun() | GridPaused() | GridResumed() | GridStopped():
                return self._note_standing(message)
            case TellAgain():
                return self._pass_on(Send(self._addresses.reporter, message.paused))
            case CommitDue():
                # While it is tried again and again there is no need for more tries.
                return self._commit() if message.is_retry or not self._failures else []
            case RecallOpenOrders():
                return [self._orders_recalled(message.token)]
            case RecallGrid():
                return self._recalled(message.token)
            case RecallHistory():
                return self._recall_history(message)
            case DescribeTrades():
                return [Reply(self._all_trades())]
            case DescribeJournal():
                waiting = len(self._unwritten) + self._has_changes
                return [Reply(JournalDescribed(self._failures, waiting))]
            case _:
                assert_never(message)

    # --- writing -------------------------------------------------------------------------------------

    def _note(self, event: Noted, behind_it: Send | None = None) -> list[Effect]:
        time = self._now()
        order = self._memory.order_of(event)
        row = told(event, time, order)
        if isinstance(event, OrderEnded) and order is not None:
            self._never_sent.discard(order.client_order_id)
        self._memory.note(event, time)
        if row is not None:
            self._memory.tell(row)
        self._has_changes = True
        if behind_it is None:
            return self._linger()
        self._held.append(behind_it)
        if self._is_due:
            return []
        self._is_due = True
        return [Send(self._own_address, CommitDue())]

    def _note_standing(self, fact: PauseBegun | GridPaused | GridResumed | GridStopped) -> list[Effect]:
        """Have its owner told, who relies on it: when it is written, and not of a rest that is over by then."""
        if isinstance(fact, GridResumed):
            self._held = [send for send in self._held if not isinstance(send.message, GridPaused | GridStopped)]
        return self._note(fact, Send(self._addresses.reporter, fact))

    def _linger(self) -> list[Effect]:
        """Let a fact wait for what follows from it, for a moment: written together, both are there sooner."""
        if self._is_due or self._lingers:
            return []
        self._lingers = True
        return [After(_LINGERS_FOR, CommitDue())]

    def _pass_on(self, question: Send) -> list[Effect]:
        """Keep questions behind what they may be about."""
        if not self._held:
            return [question]
        self._held.append(question)
        return []

    def _look_up(self, question: LookUpOrder) -> list[Effect]:
        name = question.client_order_id
        if name in self._never_sent:
            return self._have_ended([name])
        return self._pass_on(Send(self._addresses.exchange, question))

    def _recall_orders(self, recall: RecallOrders) -> list[Effect]:
        """Leave out what was never sent: whoever asks the exchange for it would take it for lost, and send it."""
        names = [recalled.order.client_order_id for recalled in recall.orders]
        sent = tuple(one for one in recall.orders if one.order.client_order_id not in self._never_sent)
        passed = self._pass_on(Send(self._addresses.exchange, evolve(recall, orders=sent)))
        return [*passed, *self._have_ended(name for name in names if name in self._never_sent)]

    def _have_ended(self, never_sent: Iterable[str]) -> list[Effect]:
        """Tell that orders have ended which the exchange never heard of."""
        order_manager = self._addresses.order_manager
        return [Send(order_manager, OrderReported(name, ZERO, is_open=False)) for name in never_sent]

    def _commit(self) -> list[Effect]:
        try:
            self._write()
        except StoreLost:
            raise
        except StoreUnavailable:
            self._failures += 1
            pause = min(_FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10), _LONGEST_PAUSE)
            exits = self._take_exits() if self._failures > _PATIENT_TRIES else []
            self._ahead.is_so |= any(isinstance(one, Send) and isinstance(one.message, SubmitOrder) for one in exits)
            return [*exits, After(pause, CommitDue(is_retry=True))]
        self._failures = 0
        self._is_due = self._lingers = False
        held, self._held = self._held, []
        return [*self._tell(), *held]

    def _tell(self) -> list[Effect]:
        """Tell those who tell people what has been written since."""
        events, self._told_events = tuple(self._told_events), []
        trades, self._told_trades = tuple(self._told_trades), []
        if not events:
            return []
        told = EventsTold(self._addresses.grid, events, trades, self._now())
        return [Send(listener, told) for listener in self._listeners]

    def _write(self) -> None:
        """Write all that is new; what could not be written stays, in its order."""
        if self._has_changes:
            self._unwritten.append(self._memory.take_changes())
            self._has_changes = False
        while self._unwritten:
            batch = self._unwritten[0]
            self._store.write(batch)
            del self._unwritten[0]
            self._told_events += batch.events
            self._told_trades += batch.trades
        self._ahead.is_so = False

    def _take_exits(self) -> list[Effect]:
        """Take what must not wait for a disk."""
        parted = part(self._held)
        self._held = [*parted.held]
        self._never_sent.update(parted.never_sent)
        return [*parted.exits, *self._have_ended(parted.never_sent)]

    # --- telling -------------------------------------------------------------------------------------

    def _recall_history(self, question: RecallHistory) -> list[Effect]:
        try:
            return self._history()
        except StoreLost:
            raise
        except StoreUnavailable:
            return [After(_LONGEST_PAUSE, question)]

    def _all_trades(self) -> tuple[TradeBooked, ...] | None:
        try:
            self._write()
            return self._store.trades()
        except StoreUnavailable:
            return None

    def _recalled(self, token: int) -> list[Effect]:
        known, addresses = self._memory.stored(), self._addresses
        own = tuple(row for row in known.live_orders if row.level is None)
        return [
            Send(addresses.balance_tracker, FundsRecalled(known.grid, known.balances, known.live_orders)),
            Send(addresses.grid_manager, GridRecalled(known.grid, known.levels, own, token, self._now())),
        ]

    def _orders_recalled(self, token: int) -> Send:
        known = self._memory.stored()
        grid = known.grid
        recalled = OrdersRecalled(known.live_orders, known.live_trades, grid.caught_up, grid.newest_trade, token)
        return Send(self._addresses.order_manager, recalled)

    def _history(self) -> list[Effect]:
        """Tell all that is written, behind what has only just been: it holds that, too."""
        grid = self._memory.grid
        self._write()
        capital = (grid.capital_quote, grid.capital_base)
        history = HistoryRecalled(
            self._addresses.grid,
            capital,
            grid.armed_at,
            grid.plan,
            self._store.trades(),
            grid.stop_reason,
            grid.pause_reason,
            grid.paused_until,
        )
        return [*self._tell(), Send(self._addresses.reporter, history)]
