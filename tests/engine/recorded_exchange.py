"""An exchange that remembers everything: every order it ever had, every trade, and when."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from attrs import define, evolve, field, frozen

from engine.addresses import GridAddresses
from engine.calls import FoundOrder, Refusal, TradeReport
from engine.effects import Effect, Send
from engine.grid import GridRules
from engine.messages import (
    CancelOrder,
    CatchUp,
    LookUpOrder,
    OpenOrdersListed,
    OrderFilled,
    OrderRejected,
    OrderReported,
    PaperExchangeInbox,
    PriceMoved,
    RangeEntered,
    SubmitOrder,
    WatchRange,
)
from engine.values import ZERO, Fees, Kind, Side


@frozen
class Manners:
    """Say how likely the exchange is to refuse an order, to fill one in parts, to end one; fees in a third asset."""

    refuses: float = 0.0
    parts: float = 0.0
    expires: float = 0.0
    third_fees: float = 0.0
    longest_step: int = 3  # milliseconds from one thing that happens to the next


@define(eq=False)
class RecordedExchange:
    """Trade along the prices that it is told; everything takes place at a time of its own, in milliseconds."""

    rules: GridRules
    addresses: GridAddresses
    random: Random
    manners: Manners
    now: int = 1_700_000_000_000
    price: Decimal | None = None
    orders: dict[str, FoundOrder] = field(factory=dict)
    trades: list[TradeReport] = field(factory=list)
    sent: list[str] = field(factory=list)
    _range: WatchRange | None = None

    def handle(self, message: PaperExchangeInbox) -> list[Effect]:
        self.now += self.random.randint(0, self.manners.longest_step)
        match message:
            case SubmitOrder():
                return self._submit(message)
            case CancelOrder():
                self._end(message.client_order_id)
                return [self._told(message.client_order_id)]
            case LookUpOrder():
                return [*self._fills_of(message.client_order_id), self._told(message.client_order_id)]
            case CatchUp():
                fills = [self._fill(trade) for trade in self._after(message.after)]
                return [
                    *fills,
                    Send(self.addresses.order_manager, OpenOrdersListed(tuple(map(self._report, self.open)))),
                ]
            case WatchRange():
                self._range = message
                return self._in_range()
            case PriceMoved():
                return self._move(message.price)
            case _:
                return []

    @property
    def open(self) -> list[str]:
        return [name for name, order in self.orders.items() if order.is_open]

    def found(self) -> list[FoundOrder]:
        return list(self.orders.values())

    def forget_watches(self) -> None:
        """Watch nothing any more, as a price feed that begins again."""
        self._range = None

    # --- prices --------------------------------------------------------------------------------------

    def _move(self, price: Decimal) -> list[Effect]:
        self.price = price
        effects: list[Effect] = []
        for name in self.open:
            if self._is_met(self.orders[name]):
                effects += self._trade(name, self.orders[name].price)
            elif self.random.random() < self.manners.expires:
                self._end(name)
                effects.append(self._told(name))
        return effects + self._in_range()

    def _in_range(self) -> list[Effect]:
        watched = self._range
        if watched is None or self.price is None or not watched.bottom <= self.price <= watched.top:
            return []
        self._range = None
        return [Send(self.addresses.grid_manager, RangeEntered(self.now, self.price))]

    def _is_met(self, order: FoundOrder) -> bool:
        assert self.price is not None
        return order.price >= self.price if order.side is Side.BUY else order.price <= self.price

    # --- orders --------------------------------------------------------------------------------------

    def _submit(self, order: SubmitOrder) -> list[Effect]:
        name = order.client_order_id
        assert name not in self.sent, f"{name} was sent twice"
        if self.random.random() < self.manners.refuses:
            return [Send(self.addresses.order_manager, OrderRejected(name, Refusal.RULES, "not now"))]
        self.sent.append(name)
        is_sale = order.kind is Kind.MARKET and order.side is Side.SELL
        self.orders[name] = FoundOrder(
            name,
            str(1000 + len(self.orders)),
            order.side,
            order.kind,
            ZERO if is_sale else order.price,
            order.quantity,
            ZERO,
            True,  # noqa: FBT003 - its order
            self.now,
            self.now,
        )
        traded = self._trade(name, self.price) if self.price is not None and self._is_met(self.orders[name]) else []
        if order.kind is Kind.MARKET:
            self._end(name)
        return [*traded, self._told(name)]

    def _trade(self, name: str, price: Decimal) -> list[Effect]:
        """Fill an order, in one part or in several, or a part of it."""
        effects: list[Effect] = []
        while self.orders[name].is_open:
            order = self.orders[name]
            rest = order.quantity - order.filled
            step = self.rules.market.amount_step
            part = rest
            if self.random.random() < self.manners.parts:
                part = max(rest * self.random.randint(1, 99) / 100 // step * step, step)
            filled = order.filled + part
            self.orders[name] = evolve(order, filled=filled, is_open=filled < order.quantity, changed_at=self.now)
            effects.append(self._fill(self._booked(order, price, part)))
            if self.random.random() < 0.5:
                break
            self.now += self.random.randint(0, self.manners.longest_step)
        return [*effects, self._told(name)]

    def _booked(self, order: FoundOrder, price: Decimal, quantity: Decimal) -> TradeReport:
        fees: Fees = self.rules.fees
        fee, asset = fees.on(order.side, price, quantity), fees.asset(order.side, self.rules.market)
        if self.random.random() < self.manners.third_fees:
            fee, asset = Decimal("0.0001"), "BNB"
        trade = TradeReport(str(7000 + len(self.trades)), order.order_id, price, quantity, fee, asset, self.now)
        self.trades.append(trade)
        return trade

    def _end(self, name: str) -> None:
        order = self.orders.get(name)
        if order is not None and order.is_open:
            self.orders[name] = evolve(order, is_open=False, changed_at=self.now)

    # --- reports -------------------------------------------------------------------------------------

    def _told(self, name: str) -> Send:
        return Send(self.addresses.order_manager, self._report(name))

    def _report(self, name: str) -> OrderReported:
        order = self.orders.get(name)
        if order is None:
            return OrderReported(name, ZERO, is_open=False)
        return OrderReported(name, order.filled, is_open=order.is_open, order_id=order.order_id)

    def _fill(self, trade: TradeReport) -> Send:
        name = next(name for name, order in self.orders.items() if order.order_id == trade.order_id)
        fill = OrderFilled(
            name,
            trade.trade_id,
            trade.price,
            trade.quantity,
            trade.fee,
            trade.fee_asset,
            trade.time,
            trade.order_id,
        )
        return Send(self.addresses.order_manager, fill)

    def _fills_of(self, name: str) -> list[Send]:
        order = self.orders.get(name)
        return [] if order is None else [self._fill(trade) for trade in self.trades if trade.order_id == order.order_id]

    def _after(self, trade_id: str | None) -> list[TradeReport]:
        return [trade for trade in self.trades if trade_id is not None and int(trade.trade_id) > int(trade_id)]
