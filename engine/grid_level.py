"""One level's life: buy at the low price, sell what was bought at the high one, and again."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import assert_never

from attrs import define, frozen

from engine.addresses import GridAddresses
from engine.effects import After, Effect, Reply, Send
from engine.grid import GridRules, PlannedLevel
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


@define(eq=False)
class _Half:
    """Follow one side of a level: its one order or wish, and what is to go into the next one."""

    side: Side
    price: Decimal
    is_taken: bool = False  # by a wish that waits, or by an order
    quantity: Decimal = ZERO
    filled: Decimal = ZERO  # of the live order; of a buy, net of fees taken in base
    carried: Decimal = ZERO
    cycle: int = -1
    attempt: int = 0
    failures: int = 0  # in a row
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
        self._buying, self._selling = _Half(Side.BUY, plan.low), _Half(Side.SELL, plan.high)
        self._state = LevelState.READY_TO_BUY_OR_SELL
        self._latest = self._half(plan.side)
        self._cycle = 0

    def handle(self, message: GridLevelInbox) -> list[Effect]:
        """Move on by one message."""
        match message:
            case TradeBooked():
                return self._trade_booked(message)
            case ArmLevel():
                return self._wish(self._half(self._plan.side), self._plan.quantity, ARMING)
            case OrderEnded():
                return self._order_ended(message)
            case WishWaited():
                return self._waited(message)
            case WishFunded():
                self._half(message.side).trouble = None
                self._state = _WAITING[message.side]
                return []
            case RewishDue():
                return self._rewish(self._half(message.side))
            case DescribeLevel():
                return [Reply(self._described())]
            case _:
                assert_never(message)

    def _half(self, side: Side) -> _Half:
        return self._buying if side is Side.BUY else self._selling

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

    def _answer(self, half: _Half, trade_id: str) -> list[Effect]:
        """Wish the opposite of what an order filled, which now is over."""
        filled, half.filled = half.filled, ZERO
        half.is_taken = False
        half.failures = 0
        if half.side is Side.BUY:
            answer = self._wish(self._selling, filled * self._rules.sell_ratio, trade_id)
        else:
            self._cycle += 1
            answer = self._wish(self._buying, filled * self._rules.buy_ratio / self._kept_of_buy, trade_id)
        return answer + self._rewish(half) if half.carried else answer

    def _wish(self, half: _Half, amount: Decimal, answers: str) -> list[Effect]:
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

    def _place(self, half: _Half, answers: str) -> Send:
        # Funded is the rule; the ledger says so when it is not.
        self._state = _WAITING[half.side]
        half.is_taken = True
        half.trouble = None
        # Each pair of cycle and attempt is used once.
        half.attempt = half.attempt + 1 if half.cycle == self._cycle else 0
        half.cycle = self._cycle
        wish = PlaceOrder(
            self._owner, half.cycle, half.side, Kind.LIMIT, half.price, half.quantity, answers, half.attempt
        )
        return Send(self._ledger, wish)

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
        half.is_taken = False
        half.failures += 1
        self._state, self._latest = _READY[half.side], half
        return [After(min(_FIRST_REWISH * 2.0 ** min(half.failures - 1, 10), _SLOWEST_REWISH), RewishDue(half.side))]

    def _answer_part(self, half: _Half, trade_id: str) -> list[Effect]:
        other = self._selling if half.side is Side.BUY else self._buying
        filled = half.filled * self._rules.sell_ratio
        if half.side is Side.SELL:
            filled = half.filled * self._rules.buy_ratio / self._kept_of_buy
        if other.is_taken or self._is_enough(other, filled + other.carried):
            return self._answer(half, trade_id)
        half.filled, half.is_taken = ZERO, False
        other.carried += filled
        effects: list[Effect] = [Send(self._ledger, NothingToPlace(self._owner, trade_id))]
        if not self._is_enough(half, half.carried):
            # Neither side reaches the minimum: more than was asked for is better than a level that stands still.
            half.carried = self._least(half)
        return effects + self._rewish(half)

    def _rewish(self, half: _Half) -> list[Effect]:
        """Wish what is carried, if that makes an order."""
        if half.is_taken or not self._is_enough(half, half.carried):
            return []
        half.quantity = half.carried // self._step * self._step
        half.carried -= half.quantity
        self._latest = half
        return [self._place(half, AGAIN)]

    def _is_enough(self, half: _Half, amount: Decimal) -> bool:
        quantity = self._rules.market.floor_amount(amount)
        return quantity > ZERO and self._rules.market.accepts(half.price, quantity)

    def _least(self, half: _Half) -> Decimal:
        """Give the smallest quantity that makes an order."""
        market = self._rules.market
        least = max(market.min_amount, market.min_cost / half.price, self._step)
        return (least / self._step).to_integral_value(ROUND_CEILING) * self._step

    # --- what is told of it ------------------------------------------------------------------------------

    def _waited(self, message: WishWaited) -> list[Effect]:
        half = self._half(message.side)
        half.trouble = "under the market's minimum" if message.too_small else "waits for funds"
        self._state = _READY[message.side]
        return []

    def _described(self) -> LevelDescribed:
        half = self._latest
        return LevelDescribed(
            self._plan.slot, self._plan.low, self._plan.high, self._state, half.quantity, self._cycle, half.trouble
        )
