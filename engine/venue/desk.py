"""The trading desk: takes orders, fills them, ends them, and moves the money."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from engine.values import ZERO
from engine.venue import refusals
from engine.venue.accounts import Accounts
from engine.venue.action import Action
from engine.venue.archive import Archive
from engine.venue.events import Event
from engine.venue.fees import FeeSchedule
from engine.venue.market import Market
from engine.venue.matching import Plan, plan_limit, plan_market
from engine.venue.orders import Order
from engine.venue.request_checks import check_filters, check_parameters
from engine.venue.values import OrderRequest, OrderSide, OrderStatus, TradeRecord

IOC_UNFILLED = "UNFILLED_IOC_QUANTITY_EXPIRED"
FOK_UNFILLED = "UNFILLED_FOK_ORDER_EXPIRED"
DRY = "INSUFFICIENT_LIQUIDITY"


class Desk:
    """Do to orders what is asked for; each call is one action with its events."""

    def __init__(self, fees: FeeSchedule) -> None:
        """Start without accounts or orders."""
        self.accounts = Accounts()
        self.archive = Archive()
        self._fees = fees
        self._execution_id = 1
        self._made_ids = 0

    # --- an order comes ----------------------------------------------------------------------------

    def plan(self, market: Market, account: str, request: OrderRequest) -> Plan:
        """Say what an order would do; Refused when it would not be taken."""
        check_parameters(request)
        check_filters(market.rules, request, market.price)
        symbol = market.rules.symbol
        if request.type != "MARKET" and self.archive.open_count(account, symbol) >= market.rules.max_open_orders:
            raise refusals.filter_failure("MAX_NUM_ORDERS")
        if market.halted:
            raise refusals.market_closed()
        if request.client_order_id is not None and self.archive.open_with(account, symbol, request.client_order_id):
            raise refusals.duplicate_order()
        plan = plan_market(market, request) if request.type == "MARKET" else plan_limit(market, request)
        pays = market.rules.quote if request.side == "BUY" else market.rules.base
        if plan.reserve > self.accounts.wallet(account).free(pays):
            raise refusals.insufficient_balance()
        return plan

    def place(
        self, market: Market, account: str, request: OrderRequest, now: int
    ) -> tuple[Order, tuple[TradeRecord, ...], list[Event]]:
        """Take an order: it trades what it can at once, then rests or expires."""
        plan = self.plan(market, account, request)
        order = self._new_order(market, account, request, plan, now)
        action = self._begin(now)
        action.tell(order, "NEW")
        taker = market.next_taker()
        trades = []
        for offer in plan.takes:
            if offer.maker is None:
                market.house.take(order.side, offer.quantity)
            trade = self._match(market, action, (order, offer.maker), offer.price, offer.quantity, taker)
            assert trade is not None
            trades.append(trade)
        if order.is_open and (reason := self._expiry(request, plan)):
            self._end(market, action, order, "EXPIRED", reason)
        elif order.is_open:
            market.resting.add(order)
        else:
            self._release(order)
        return order, tuple(trades), self._finish(market, action)

    def _new_order(self, market: Market, account: str, request: OrderRequest, plan: Plan, now: int) -> Order:
        order = Order(
            order_id=self.archive.next_id(),
            account=account,
            client_order_id=request.client_order_id or self.make_id(),
            rules=market.rules,
            side=request.side,
            type=request.type,
            time_in_force=request.time_in_force or "GTC",
            price=request.price or ZERO,
            quantity=plan.quantity,
            quote_quantity=request.quote_quantity or ZERO,
            reserved=plan.reserve,
            time=now,
            update_time=now,
        )
        self.accounts.wallet(account).lock(order.pays, order.reserved)
        self.archive.add(order)
        return order

    def make_id(self) -> str:
        """Make a client id for an order or a cancel that came without one."""
        self._made_ids += 1
        return f"venue-{self._made_ids}"

    @staticmethod
    def _expiry(request: OrderRequest, plan: Plan) -> str | None:
        """Say why the rest of an order may not rest; None when it may."""
        if request.type == "MARKET":
            return DRY
        if plan.is_complete:
            return None
        return {"IOC": IOC_UNFILLED, "FOK": FOK_UNFILLED}.get(request.time_in_force or "GTC")

    # --- an order ends -----------------------------------------------------------------------------

    def end(
        self,
        market: Market,
        order: Order,
        status: OrderStatus,
        now: int,
        *,
        reason: str | None = None,
        cancel_id: str | None = None,
    ) -> list[Event]:
        """End an open order before it is filled."""
        action = self._begin(now)
        self._end(market, action, order, status, reason, cancel_id)
        return self._finish(market, action)

    def _end(
        self,
        market: Market,
        action: Action,
        order: Order,
        status: OrderStatus,
        reason: str | None = None,
        cancel_id: str | None = None,
    ) -> None:
        order.status, order.expiry_reason, order.update_time = status, reason, action.now
        market.resting.remove(order)
        self.archive.close(order)
        self._release(order)
        action.tell(order, "CANCELED" if status == "CANCELED" else "EXPIRED", cancel_id=cancel_id)

    def _release(self, order: Order) -> None:
        """Free what an order has left over."""
        self.accounts.wallet(order.account).unlock(order.pays, order.reserved)
        order.reserved = ZERO

    # --- an order fills ----------------------------------------------------------------------------

    def fill_resting(self, market: Market, order: Order, quantities: Iterable[Decimal], now: int) -> list[Event]:
        """Let the house take from a resting order, at its price, in one trade for each quantity."""
        action = self._begin(now)
        taker = market.next_taker()
        for quantity in quantities:
            self._match(market, action, (None, order), order.price, quantity, taker)
        return self._finish(market, action)

    def take_from_accounts(
        self, market: Market, side: OrderSide, quantity: Decimal, limit: Decimal | None, now: int
    ) -> list[Event]:
        """Let an outsider take up to `quantity` of what accounts offer."""
        action = self._begin(now)
        taker, left = market.next_taker(), quantity
        for offer in list(market.orders_against(side, limit)):
            taken = min(left, offer.quantity)
            if not taken:
                break
            self._match(market, action, (None, offer.maker), offer.price, taken, taker)
            left -= taken
        return self._finish(market, action)

    def _match(
        self,
        market: Market,
        action: Action,
        sides: tuple[Order | None, Order | None],
        price: Decimal,
        quantity: Decimal,
        taker: int,
    ) -> TradeRecord | None:
        """Let a taker and a maker trade, either of them an account's order or (None) the house; give the taker's."""
        order, maker = sides
        buyer_is_maker = maker.is_buy if maker is not None else order is not None and not order.is_buy
        public = market.print(price, quantity, action.now, taker, buyer_is_maker=buyer_is_maker)
        trade = None
        if order is not None:
            trade = self._fill(market, action, order, public.trade_id, price, quantity, is_maker=False)
        if maker is not None:
            self._fill(market, action, maker, public.trade_id, price, quantity, is_maker=True)
        if order is None or maker is None:
            self._pay_house(market, price, quantity, house_buys=buyer_is_maker if maker is None else not maker.is_buy)
        action.events.append(public)
        return trade

    def _fill(
        self,
        market: Market,
        action: Action,
        order: Order,
        trade_id: int,
        price: Decimal,
        quantity: Decimal,
        *,
        is_maker: bool,
    ) -> TradeRecord:
        """Book one side of a match: what it pays was locked, what it receives comes with a fee."""
        wallet, cost = self.accounts.wallet(order.account), price * quantity
        wallet.unlock(order.pays, order.reserved_for(price, quantity))
        wallet.take(order.pays, cost if order.is_buy else quantity)
        wallet.add(order.receives, quantity if order.is_buy else cost)
        fee = self._fees.charge(order, wallet, price, quantity, is_maker=is_maker)
        wallet.take(fee.asset, fee.amount)
        self.accounts.fees[fee.asset] += fee.amount
        order.fill(price, quantity, action.now)
        if not order.is_open:
            market.resting.remove(order)
            self.archive.close(order)
        trade = TradeRecord(
            trade_id=trade_id,
            symbol=market.rules.symbol,
            order_id=order.order_id,
            client_order_id=order.client_order_id,
            price=price,
            quantity=quantity,
            quote_quantity=cost,
            commission=fee.amount,
            commission_asset=fee.asset,
            time=action.now,
            is_buyer=order.is_buy,
            is_maker=is_maker,
        )
        self.archive.add_trade(order.account, trade)
        action.tell(order, "TRADE", trade=trade)
        return trade

    def _pay_house(self, market: Market, price: Decimal, quantity: Decimal, *, house_buys: bool) -> None:
        sign = 1 if house_buys else -1
        self.accounts.house[market.rules.base] += sign * quantity
        self.accounts.house[market.rules.quote] -= sign * price * quantity

    # --- one action --------------------------------------------------------------------------------

    def _begin(self, now: int) -> Action:
        return Action(self.accounts, now, self._execution_id)

    def _finish(self, market: Market, action: Action) -> list[Event]:
        self._execution_id = action.next_execution_id
        action.settle()
        if action.events:
            action.events.append(market.change_book(action.now))
        return action.events
