"""One level's life: buy at the low price, sell what was bought at the high one, and again."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import assert_never

from attrs import frozen

from engine.addresses import GridAddresses
from engine.effects import After, Effect, Reply, Send
from engine.grid import GridRules, PlannedLevel
from engine.journal.rows import LevelRow
from engine.level_half import Half
from engine.messages import (
    AGAIN,
    ARMING,
    ArmLevel,
    DescribeLevel,
    GridLevelInbox,
    NothingToPlace,
    OrderEnded,
    Owner,
    PlaceOrder,
    RewishDue,
    TradeBooked,
    WishFunded,
    WishWaited,
)
from engine.values import ONE, ZERO, Kind, Side

_FIRST_REWISH, _SLOWEST_REWISH = 1.0, 60.0  # seconds after an order that ended with nothing filled


class LevelState(StrEnum):
    """Where a level stands; `READY_TO_…` with an amount means that it waits for funds."""

    READY_TO_BUY_OR_SELL = "READY_TO_BUY_OR_SELL"
    READY_TO_BUY = "READY_TO_BUY"
    WAITING_FOR_BUY_FILL = "WAITING_FOR_BUY_FILL"
    READY_TO_SELL = "READY_TO_SELL"
    WAITING_FOR_SELL_FILL = "WAITING_FOR_SELL_FILL"


_READY = {Side.BUY: LevelState.READY_TO_BUY, Side.SELL: LevelState.READY_TO_SELL}
_WAITING = {Side.BUY: LevelState.WAITING_FOR_BUY_FILL, Side.SELL: LevelState.WAITING_FOR_SELL_FILL}


@frozen
class LevelDescribed:
    """Answer `DescribeLevel`: `quantity` is what is wished or ordered, `trouble` why there is no order, if so."""

    slot: str
    low: Decimal
    high: Decimal
    state: LevelState
    quantity: Decimal
    cycle: int
    trouble: str | None = None


class GridLevel:
    """Answer each fill with the opposite order, one interval away."""

    def __init__(self, plan: PlannedLevel, rules: GridRules, addresses: GridAddresses) -> None:
        """Stand ready in `plan.slot`; nothing is wished before `ArmLevel`."""
        self._plan = plan
        self._rules = rules
        self._step = rules.market.amount_step
        self._base, self._quote = rules.market.base, rules.market.quote
        # A level's size must not decay where the fee of a buy is taken from what it buys.
        self._usually_kept = ONE - rules.fees.rate if rules.fees.in_received else ONE
        self._kept_of_buy = self._usually_kept
        self._ledger = addresses.balance_tracker
        self._owner = Owner(addresses.grid, plan.slot, plan.index, addresses.level(plan.slot))
        self._buying, self._selling = Half(Side.BUY, plan.low), Half(Side.SELL, plan.high)
        self._state = LevelState.READY_TO_BUY_OR_SELL
        self._latest = self._half(plan.side)
        self._cycle = 0

    def handle(self, message: GridLevelInbox) -> list[Effect]:
        """Move on by one message."""
        match message:
            case TradeBooked():
                return self._trade_booked(message)
            case ArmLevel():
                return self._arm(message.row)
            case OrderEnded():
                return self._order_ended(message)
            case WishWaited():
                self.waited(message.side, too_small=message.too_small)
                return []
            case WishFunded():
                self._half(message.side).waits = False
                self._half(message.side).trouble = None
                self._state = _WAITING[message.side]
                return []
            case RewishDue():
                return self._rewish(self._half(message.side))
            case DescribeLevel():
                return [Reply(self._described())]
            case _:
                assert_never(message)

    def _half(self, side: Side) -> Half:
        return self._buying if side is Side.BUY else self._selling

    # --- beginning, and beginning again ----------------------------------------------------------------

    def _arm(self, row: LevelRow | None) -> list[Effect]:
        """Wish the first order; or go on from `row`: wish again what has not become an order, and say when done."""
        if row is None:
            return self._wish(self._half(self._plan.side), self._plan.quantity, ARMING)
        self.recall(row)
        halves = (self._buying, self._selling)
        effects: list[Effect] = [
            # What waited goes on waiting, behind those who answer a trade.
            Send(self._ledger, self._wish_of(half, AGAIN if half.waits else half.answers))
            for half in halves
            if half.is_wished
        ]
        for half in halves:
            effects += self._rewish(half)
        return [*effects, Send(self._ledger, NothingToPlace(self._owner, ARMING))]

    def recall(self, row: LevelRow) -> None:
        """Stand where `row` says."""
        self._buying = Half.of(Side.BUY, self._plan.low, row.buying)
        self._selling = Half.of(Side.SELL, self._plan.high, row.selling)
        self._state, self._latest = LevelState(row.state), self._half(row.latest)
        self._cycle, self._kept_of_buy = row.cycle, row.kept_of_buy

    def row(self) -> LevelRow:
        """Give what the journal writes of it."""
        return LevelRow(
            slot=self._plan.slot,
            state=str(self._state),
            latest=self._latest.side,
            cycle=self._cycle,
            kept_of_buy=self._kept_of_buy,
            buying=self._buying.row(),
            selling=self._selling.row(),
        )

    def ordered(self, wish: PlaceOrder) -> None:
        """Learn, as the journal does, that a wish has become an order."""
        half = self._latest = self._half(wish.side)
        half.ordered(wish)
        self._cycle = max(self._cycle, wish.cycle)  # no number is used twice, whatever order all this is told in
        self._state = _WAITING[wish.side]

    def waited(self, side: Side, *, too_small: bool) -> None:
        """Learn that a wish waits, and why."""
        half = self._half(side)
        if half.is_ordered:
            return  # by now it is an order
        half.waits = True
        half.trouble = "under the market's minimum" if too_small else "waits for funds"
        self._state = _READY[side]

    # --- fills -------------------------------------------------------------------------------------

    def _trade_booked(self, trade: TradeBooked) -> list[Effect]:
        """Answer an order that is complete; a partly filled one stays."""
        buys = trade.side is Side.BUY
        half = self._buying if buys else self._selling
        half.filled += trade.quantity - trade.fee if buys and trade.fee_asset == self._base else trade.quantity
        # Nor must it grow where nothing is taken after all, or a third asset.
        is_usual = trade.fee_asset in (self._base, self._quote) if trade.fee else self._is_free(trade)
        self._kept_of_buy = self._usually_kept if is_usual else ONE
        return self._answer(half, trade.trade_id) if trade.complete else []

    def _is_free(self, trade: TradeBooked) -> bool:
        """Tell whether the usual fee of a trade rounds to nothing."""
        return not self._rules.fees.on(trade.side, trade.price, trade.quantity)

    def _answer(self, half: Half, trade_id: str) -> list[Effect]:
        """Wish the opposite of what an order filled, which now is over."""
        filled, half.filled = half.filled, ZERO
        half.let_go()
        half.failures = 0
        if half.side is Side.BUY:
            answer = self._wish(self._selling, filled * self._rules.sell_ratio, trade_id)
        else:
            self._cycle += 1
            answer = self._wish(self._buying, filled * self._rules.buy_ratio / self._kept_of_buy, trade_id)
        return answer + self._rewish(half) if half.carried else answer

    def _wish(self, half: Half, amount: Decimal, answers: str) -> list[Effect]:
        """Wish an order for `amount` and what was carried; if there is one already, carry all that."""
        amount += half.carried
        quantity = amount // self._step * self._step
        self._latest = half
        if half.is_taken:
            half.carried = amount
            quantity = ZERO
            self._state = (_READY if half.trouble else _WAITING)[half.side]
        else:
            half.quantity = quantity
            half.carried = ZERO
        if not quantity:
            if not half.is_taken:
                self._state = _READY[half.side]
            return [Send(self._ledger, NothingToPlace(self._owner, answers))]
        return [self._place(half, answers)]

    def _place(self, half: Half, answers: str) -> Send:
        # Funded is the rule; the ledger says so when it is not.
        self._state = _WAITING[half.side]
        half.is_taken = True
        half.trouble = None
        # Each pair of cycle and attempt is used once.
        half.attempt = half.attempt + 1 if half.cycle == self._cycle else 0
        half.cycle = self._cycle
        half.answers = answers
        return Send(self._ledger, self._wish_of(half, answers))

    def _wish_of(self, half: Half, answers: str) -> PlaceOrder:
        return PlaceOrder(
            self._owner, half.cycle, half.side, Kind.LIMIT, half.price, half.quantity, answers, half.attempt
        )

    # --- ends that are no fills ----------------------------------------------------------------------

    def _order_ended(self, ended: OrderEnded) -> list[Effect]:
        """Answer what was filled and wish the rest again; amounts under the minimum go into the next order."""
        half = self._half(ended.side)
        if not half.is_taken:
            return []
        half.carried += half.quantity - ended.filled
        half.trouble = ended.text or "its order was cancelled or expired"
        if ended.filled:
            return self._answer_part(half, ended.last_trade)
        half.let_go()
        half.failures += 1
        self._state, self._latest = _READY[half.side], half
        return [After(min(_FIRST_REWISH * 2.0 ** min(half.failures - 1, 10), _SLOWEST_REWISH), RewishDue(half.side))]

    def _answer_part(self, half: Half, trade_id: str) -> list[Effect]:
        other = self._selling if half.side is Side.BUY else self._buying
        filled = half.filled * self._rules.sell_ratio
        if half.side is Side.SELL:
            filled = half.filled * self._rules.buy_ratio / self._kept_of_buy
        if other.is_taken or self._is_enough(other, filled + other.carried):
            return self._answer(half, trade_id)
        half.filled = ZERO
        half.let_go()
        other.carried += filled
        effects: list[Effect] = [Send(self._ledger, NothingToPlace(self._owner, trade_id))]
        if not self._is_enough(half, half.carried):
            # Neither side reaches the minimum: more than was asked for is better than a level that stands still.
            half.carried = self._least(half)
        return effects + self._rewish(half)

    def _rewish(self, half: Half) -> list[Effect]:
        """Wish what is carried, if that makes an order."""
        if half.is_taken or not self._is_enough(half, half.carried):
            return []
        half.quantity = half.carried // self._step * self._step
        half.carried -= half.quantity
        self._latest = half
        return [self._place(half, AGAIN)]

    def _is_enough(self, half: Half, amount: Decimal) -> bool:
        quantity = self._rules.market.floor_amount(amount)
        return quantity > ZERO and self._rules.market.accepts(half.price, quantity)

    def _least(self, half: Half) -> Decimal:
        """Give the smallest quantity that makes an order."""
        market = self._rules.market
        least = max(market.min_amount, market.min_cost / half.price, self._step)
        return (least / self._step).to_integral_value(ROUND_CEILING) * self._step

    # --- what is told of it ------------------------------------------------------------------------------

    def _described(self) -> LevelDescribed:
        half = self._latest
        return LevelDescribed(
            self._plan.slot, self._plan.low, self._plan.high, self._state, half.quantity, self._cycle, half.trouble
        )
