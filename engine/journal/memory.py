"""What is known of a grid after every event so far: the rows that are written, and what has changed in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_never

import attrs

from engine.addresses import GridAddresses
from engine.balances import Ledger, Reservation
from engine.grid import GridRules, PlannedLevel
from engine.grid_level import GridLevel
from engine.journal.events import Noted
from engine.journal.rows import Batch, EventRow, GridRow, LevelRow, OrderRow, Stored
from engine.journal.wishes import wish_of
from engine.messages import (
    ArmLevel,
    BalancesDiffered,
    CancelOrder,
    CaughtUp,
    GridArmed,
    GridStopped,
    InventoryBought,
    LevelsArmed,
    LevelWaited,
    LiquidationBegun,
    OrderAccepted,
    OrderEnded,
    OrdersRecovered,
    RecordIntent,
    TradeBooked,
)
from engine.messages.steering import GridPaused, GridResumed, PauseBegun
from engine.orders import OrderState
from engine.trade_ids import later
from engine.values import ZERO, Kind, Side


class GridMemory:
    """Follow a grid by its events, with the same ledger and the same levels that act in it.

    Levels take part without a say: what they would wish counts only once it has become an order.
    """

    def __init__(self, rules: GridRules, addresses: GridAddresses, begun: GridRow) -> None:
        """Begin as `begun` says, with nothing traded."""
        self._rules, self._addresses = rules, addresses
        self.grid = attrs.evolve(begun, amount_step=rules.market.amount_step, sell_ratio=rules.sell_ratio)
        self._ledger = Ledger(rules.market, rules.fees, begun.capital_quote, begun.capital_base)
        self._levels: dict[str, GridLevel] = {}
        self.live_orders: dict[str, OrderRow] = {}
        self.live_trades: dict[str, list[TradeBooked]] = {}  # by order
        self._names: dict[tuple[str, Side], str] = {}  # of live orders, by slot and side
        self._changes = _Changes()

    def recall(self, stored: Stored) -> None:
        """Go on from what was written last."""
        self.grid = stored.grid
        self.live_orders = {row.client_order_id: row for row in stored.live_orders}
        self._names = {(row.slot, row.side): row.client_order_id for row in stored.live_orders}
        for trade in stored.live_trades:
            self.live_trades.setdefault(trade.client_order_id, []).append(trade)
        reservations = [Reservation(wish_of(row, self._addresses), row.reserved) for row in stored.live_orders]
        self._ledger.recall(stored.balances, reservations)
        rows = {row.slot: row for row in stored.levels}
        for planned in self.grid.plan.levels if self.grid.plan else ():
            level = self._levels[planned.slot] = self._level(planned)
            level.recall(rows[planned.slot])

    # --- what is known -------------------------------------------------------------------------------

    def stored(self) -> Stored:
        """Give all that is needed to go on from here."""
        trades = (trade for of_order in self.live_trades.values() for trade in of_order)
        return Stored(
            grid=self.grid,
            balances=self._ledger.balances(),
            live_orders=tuple(self.live_orders.values()),
            levels=self.levels(),
            live_trades=tuple(trades),
        )

    def levels(self) -> tuple[LevelRow, ...]:
        """Give every level's row."""
        return tuple(level.row() for level in self._levels.values())

    def begun(self) -> Batch:
        """Give what is to be written of a grid that begins."""
        return Batch(grid=self.grid, balances=self._ledger.balances())

    def take_changes(self) -> Batch:
        """Give what has changed since this was asked last."""
        changes, self._changes = self._changes, _Changes()
        return Batch(
            grid=self.grid if changes.grid else None,
            balances=self._ledger.balances() if changes.balances else (),
            orders=tuple(changes.orders.values()),
            levels=tuple(self._levels[slot].row() for slot in changes.levels),
            trades=tuple(changes.trades),
            events=tuple(changes.events),
        )

    # --- events --------------------------------------------------------------------------------------

    def note(self, event: Noted, time: int) -> None:
        """Go on by one event, with all that follows from it; `time` is now."""
        match event:
            case RecordIntent():
                self._ordered(event, time)
            case OrderAccepted():
                self._accepted(event)
            case TradeBooked():
                self._traded(event, time)
            case OrderEnded():
                self._ended(event, time)
            case CancelOrder() | BalancesDiffered() | GridPaused() | OrdersRecovered():
                pass  # only told to people
            case LevelWaited():
                self._level_of(event.slot, lambda level: level.waited(event.side, too_small=event.too_small))
            case GridArmed():
                self._armed(event)
            case InventoryBought():
                self._evolve(initial_purchase_done=True)
            case LevelsArmed():
                self._evolve(grid_orders_initialized=True)
            case CaughtUp():
                self._evolve(caught_up=event.trade_id)
            case LiquidationBegun():
                self._evolve(liquidation=event.reason, liquidation_price=event.price)
            case GridStopped():
                self._stopped(event)
            case PauseBegun():
                self._evolve(pause_reason=event.reason, paused_until=event.until)
            case GridResumed():
                self._evolve(pause_reason=None, paused_until=None)
            case _:
                assert_never(event)

    def order_of(self, event: Noted) -> OrderRow | None:
        """Give the live order that an event is about, None where there is none."""
        match event:
            case OrderEnded():
                name = self._names.get((event.owner.slot, event.side))
            case OrderAccepted() | CancelOrder():
                name = event.client_order_id
            case _:
                return None
        return None if name is None else self.live_orders.get(name)

    def tell(self, event: EventRow) -> None:
        """Have an event written for people."""
        self._changes.events.append(event)

    def _ordered(self, intent: RecordIntent, time: int) -> None:
        wish = intent.wish
        need = self._ledger.need(wish)
        self._ledger.reserve(wish, need)
        self._changes.balances = True
        self._put(
            OrderRow(
                client_order_id=intent.order.client_order_id,
                slot=wish.owner.slot,
                level=wish.owner.level,
                cycle=wish.cycle,
                attempt=wish.attempt,
                side=wish.side,
                kind=wish.kind,
                price=wish.price,
                quantity=wish.quantity,
                answers=wish.answers,
                reserved=need,
                placed_at=time,
            )
        )
        self._names[wish.owner.slot, wish.side] = intent.order.client_order_id
        if wish.owner.level is None:
            self._evolve(market_orders=max(self.grid.market_orders, wish.cycle + 1))
        else:
            self._level_of(wish.owner.slot, lambda level: level.ordered(wish))

    def _accepted(self, accepted: OrderAccepted) -> None:
        row = self.live_orders.get(accepted.client_order_id)
        if row is not None:
            state = OrderState.ACCEPTED if row.state is OrderState.SUBMITTED else row.state
            self._put(attrs.evolve(row, state=state, order_id=accepted.order_id or row.order_id))

    def _traded(self, trade: TradeBooked, time: int) -> None:
        row = self.live_orders[trade.client_order_id]
        if any(trade.trade_id == known.trade_id for known in self.live_trades.get(trade.client_order_id, ())):
            return
        self._ledger.settle(trade)
        self._changes.balances = True
        self._changes.trades.append(trade)
        self._put(
            attrs.evolve(
                row,
                order_id=trade.order_id or row.order_id,
                filled=row.filled + trade.quantity,
                reserved=self._ledger.reserved_by(row.slot, row.side),
                brought_in=ZERO if trade.complete else row.brought_in + self._ledger.brought_in(trade),
                state=OrderState.FILLED if trade.complete else OrderState.PARTLY_FILLED,
                ended_at=time if trade.complete else None,
            )
        )
        if trade.complete:
            self._forget(row)
        else:
            self.live_trades.setdefault(trade.client_order_id, []).append(trade)
        is_purchase = trade.kind is Kind.MARKET and trade.side is Side.BUY
        bought = trade.quantity if is_purchase else ZERO
        self._evolve(
            last_price=trade.price,
            purchased=self.grid.purchased + bought,
            newest_trade=later(trade.trade_id, self.grid.newest_trade),
        )
        self._level_of(row.slot, lambda level: level.handle(trade))

    def _ended(self, ended: OrderEnded, time: int) -> None:
        row = self.live_orders[self._names[ended.owner.slot, ended.side]]
        self._ledger.release(row.slot, row.side)
        self._changes.balances = True
        state = OrderState.ENDED if ended.refusal is None else OrderState.REJECTED
        self._put(attrs.evolve(row, reserved=ZERO, brought_in=ZERO, state=state, ended_at=time, text=ended.text))
        self._forget(row)
        self._level_of(row.slot, lambda level: level.handle(ended))

    def _armed(self, armed: GridArmed) -> None:
        self._evolve(armed_at=armed.time, plan=armed.plan, last_price=armed.plan.price)
        for planned in armed.plan.levels:
            level = self._levels[planned.slot] = self._level(planned)
            level.handle(ArmLevel())
            self._changes.levels[planned.slot] = None

    def _stopped(self, stopped: GridStopped) -> None:
        """Be over for good only after a liquidation: a grid that was told to stop goes on with the next start."""
        if self.grid.liquidation is not None:
            self._evolve(stop_reason=stopped.reason)

    # --- rows ----------------------------------------------------------------------------------------

    def _level(self, planned: PlannedLevel) -> GridLevel:
        return GridLevel(planned, self._rules, self._addresses)

    def _level_of(self, slot: str, change: Callable[[GridLevel], object]) -> None:
        level = self._levels.get(slot)
        if level is not None:
            change(level)
            self._changes.levels[slot] = None

    def _put(self, row: OrderRow) -> None:
        self.live_orders[row.client_order_id] = self._changes.orders[row.client_order_id] = row

    def _forget(self, row: OrderRow) -> None:
        del self.live_orders[row.client_order_id]
        del self._names[row.slot, row.side]
        self.live_trades.pop(row.client_order_id, None)

    def _evolve(self, **changes: Any) -> None:
        self.grid = attrs.evolve(self.grid, **changes)
        self._changes.grid = True


@attrs.define
class _Changes:
    """Collect what is to be written: rows by what names them, so that each is written once."""

    grid: bool = False
    balances: bool = False
    orders: dict[str, OrderRow] = attrs.field(factory=dict)
    levels: dict[str, None] = attrs.field(factory=dict)
    trades: list[TradeBooked] = attrs.field(factory=list)
    events: list[EventRow] = attrs.field(factory=list)
