"""From a funded wish to an order to its fills, each exactly once."""

from __future__ import annotations

from typing import assert_never

from engine.addresses import GridAddresses
from engine.effects import Address, After, Effect, Reply, Send
from engine.journal.orders import rebuilt
from engine.journal.orders import recalled as recalled_order
from engine.messages import (
    CancelAllOrders,
    CancelOrder,
    CatchUp,
    CaughtUp,
    DescribeOrders,
    LookUpDue,
    LookUpOrder,
    OpenOrder,
    OpenOrdersListed,
    OrderAccepted,
    OrderEnded,
    OrderFilled,
    OrderManagerInbox,
    OrderRejected,
    OrderReported,
    OrdersRecalled,
    OrdersRecovered,
    OrdersUnobserved,
    PlaceOrder,
    RecallOpenOrders,
    RecallOrders,
    RecordIntent,
    ResumeOrders,
    SubmitOrder,
    TradeBooked,
)
from engine.orders import Order, client_order_id
from engine.trade_ids import later
from engine.values import ZERO, Side

_Passing = CancelOrder | LookUpOrder | CatchUp | RecallOrders  # what goes to the exchange by way of the journal
_FIRST_LOOK_UP, _SLOWEST_LOOK_UP = 0.2, 10.0  # seconds that trades may take to be told by themselves


class OrderManager:
    """Turn wishes into orders, and the exchange's reports into trades that count once.

    Reports come from streams and from answers, in any order, some twice and some never: trades count by their id, and
    what an order has filled in all, as the exchange says, tells when trades are missing.

    Where there is a journal it writes down what becomes of orders before anybody else hears of it, and what goes to the
    exchange passes through it. Nothing is served there before the journal has told which orders there were, and the
    exchange how they stand.
    """

    def __init__(self, tag: str, addresses: GridAddresses, token: int = 0) -> None:
        """Begin with no order; every client order id will start with `tag`.

        `token` marks this incarnation's question to the journal.
        """
        self._token = token
        self._tag = tag
        self._addresses = addresses
        self._exchange, self._journal = addresses.exchange, addresses.journal
        self._gate: Address[CancelOrder | LookUpOrder | CatchUp | RecallOrders] = (
            addresses.journal or addresses.exchange
        )
        self._ledger = addresses.balance_tracker
        self._reporter = addresses.reporter
        self._open: dict[str, Order] = {}
        self._newest_wish: dict[tuple[str, Side], tuple[int, int]] = {}
        self._newest_trade: str | None = None
        self._caught_up: str | None = None  # every trade up to this one has been told
        self._is_catching_up = self._owes_catch_up = False
        self._is_recalled = self._serves = self._journal is None
        self._is_cancelling = False
        self._goes_on = False  # from what another incarnation has begun
        self._unserved: list[PlaceOrder] = []
        self._strangers: frozenset[str] = frozenset()  # open in the last list, and no order of ours as far as we know
        self._asked_at: tuple[str | None, frozenset[str]] = (None, frozenset())  # newest trade, orders on the exchange

    def handle(self, message: OrderManagerInbox) -> list[Effect]:
        """Take a wish from the ledger, or a report from the exchange."""
        match message:
            case OrderFilled():
                return self._filled(message)
            case PlaceOrder():
                return self._wished(message)
            case OrderReported():
                return self._reported(message)
            case OrderRejected():
                return self._rejected(message)
            case CancelAllOrders():
                return self._cancel_all()
            case OrdersUnobserved():
                return self._catch_up() if self._is_recalled else []
            case OpenOrdersListed():
                return self._caught(message)
            case ResumeOrders():
                return [] if self._journal is None else [Send(self._journal, RecallOpenOrders(self._token))]
            case OrdersRecalled():
                is_mine = message.token == self._token and not self._is_recalled
                return self._recalled(message) if is_mine else []
            case LookUpDue():
                return self._look_up(message.client_order_id)
            case DescribeOrders():
                return [Reply(tuple(self._described(order) for order in self._open.values()))]
            case _:
                assert_never(message)

    def _wished(self, wish: PlaceOrder) -> list[Effect]:
        if self._serves:
            return self._place(wish)
        self._unserved.append(wish)
        return []

    def _place(self, wish: PlaceOrder) -> list[Effect]:
        kind, number = (wish.owner.slot, wish.side), (wish.cycle, wish.attempt)
        if number <= self._newest_wish.get(kind, (-1, 0)):
            return []  # the same wish, told again
        self._newest_wish[kind] = number
        name = client_order_id(self._tag, wish.owner.slot, wish.cycle, wish.side, wish.attempt)
        self._open[name] = Order(name, wish)
        order = SubmitOrder(name, wish.side, wish.kind, wish.price, wish.quantity)
        if self._journal is None:
            return [Send(self._exchange, order)]
        return [Send(self._journal, RecordIntent(order, wish))]

    def _cancel_all(self) -> list[Effect]:
        """Take down every order; what has not been served never becomes one."""
        if not self._is_recalled:
            self._is_cancelling = True  # what there is will be known later
            return []
        unserved, self._unserved = self._unserved, []
        effects: list[Effect] = [Send(self._gate, CancelOrder(name)) for name in self._open]
        for wish in unserved:
            ended = OrderEnded(wish.owner, wish.side, ZERO, "", None, "the grid stopped first")
            effects += [Send(self._ledger, ended), Send(wish.owner.address, ended)]
        return effects

    # --- what the exchange reports -------------------------------------------------------------------

    def _filled(self, fill: OrderFilled) -> list[Effect]:
        order = self._open.get(fill.client_order_id)
        if order is None or fill.trade_id in order.trade_ids:
            return []  # told before
        complete = order.fill(fill.trade_id, fill.quantity)
        if complete:
            del self._open[fill.client_order_id]
        self._newest_trade = later(fill.trade_id, self._newest_trade)
        wish = order.wish
        trade = TradeBooked(
            fill.trade_id,
            fill.client_order_id,
            wish.owner,
            fill.time,
            wish.side,
            wish.kind,
            fill.price,
            fill.quantity,
            fill.fee,
            fill.fee_asset,
            complete,
            fill.order_id,
        )
        noted_by = self._reporter if self._journal is None else self._journal  # which tells what is written
        # The ledger first: it must know of the trade before it hears the owner's answer.
        told: list[Effect] = [Send(noted_by, trade), Send(self._ledger, trade), Send(wish.owner.address, trade)]
        return told + self._ended(order) if not complete and order.is_over else told

    def _reported(self, report: OrderReported) -> list[Effect]:
        order = self._open.get(report.client_order_id)
        if order is None:
            return []
        noted = self._note_acceptance(order, report)
        order.report(report.filled, is_open=report.is_open)
        if order.is_over:
            return noted + self._ended(order)
        if order.lacks_trades and not order.look_up_is_due:
            return noted + self._wait_for_trades(order)
        return noted

    def _note_acceptance(self, order: Order, report: OrderReported) -> list[Effect]:
        """Write down once that the exchange has an order, and its id when that is known."""
        never_arrived = not (report.is_open or report.order_id)
        is_known = order.is_accepted and report.order_id in ("", order.order_id)
        if self._journal is None or never_arrived or is_known:
            return []
        order.order_id = report.order_id or order.order_id
        return [Send(self._journal, OrderAccepted(order.client_order_id, order.order_id))]

    def _wait_for_trades(self, order: Order) -> list[Effect]:
        """Give trades that are known of some time to be told, before asking for them."""
        order.look_up_is_due = True
        delay = min(_FIRST_LOOK_UP * 2.0 ** min(order.look_ups, 10), _SLOWEST_LOOK_UP)
        return [After(delay, LookUpDue(order.client_order_id))]

    def _look_up(self, name: str) -> list[Effect]:
        """Ask for missing trades until they have come."""
        order = self._open.get(name)
        if order is None:
            return []
        order.look_up_is_due = False
        if not order.lacks_trades:
            order.look_ups = 0
            return []
        order.look_ups += 1
        return [Send(self._gate, LookUpOrder(name)), *self._wait_for_trades(order)]

    def _rejected(self, rejected: OrderRejected) -> list[Effect]:
        order = self._open.get(rejected.client_order_id)
        if order is None:
            return []
        if order.is_accepted:  # somebody is wrong, and an order that may live is the worse mistake
            return [Send(self._gate, LookUpOrder(rejected.client_order_id))]
        order.reject()
        return self._told_of_end(order, rejected)

    def _ended(self, order: Order) -> list[Effect]:
        order.end()
        return self._told_of_end(order, None)

    def _told_of_end(self, order: Order, rejected: OrderRejected | None) -> list[Effect]:
        del self._open[order.client_order_id]
        owner = order.wish.owner
        last_trade = order.trade_ids[-1] if order.trade_ids else ""
        ended = OrderEnded(owner, order.wish.side, order.filled, last_trade)
        if rejected is not None:
            ended = OrderEnded(owner, order.wish.side, order.filled, last_trade, rejected.reason, rejected.text)
        told: list[Effect] = [Send(self._ledger, ended), Send(owner.address, ended)]
        return told if self._journal is None else [Send(self._journal, ended), *told]

    # --- catching up ---------------------------------------------------------------------------------

    def _catch_up(self) -> list[Effect]:
        if self._is_catching_up:
            self._owes_catch_up = True  # one at a time: a newer one would begin all over
            return []
        self._is_catching_up, self._owes_catch_up = True, False
        accepted = frozenset(name for name, order in self._open.items() if order.is_accepted)
        self._asked_at = (self._newest_trade, accepted)
        return [Send(self._gate, CatchUp(self._caught_up))]

    def _caught(self, listed: OpenOrdersListed) -> list[Effect]:
        """Compare with the list, and look up what was on the exchange before and is not on it any more."""
        if not self._is_recalled:
            return []  # the answer to somebody who is no more
        self._is_catching_up = False
        effects = self._note_caught_up()
        accepted = self._asked_at[1]
        for report in listed.orders:
            effects += self._reported(report)
        vanished = accepted - {report.client_order_id for report in listed.orders}
        effects += [Send(self._gate, LookUpOrder(name)) for name in self._open if name in vanished]
        effects += self._look_for_strangers(listed)
        if not self._serves:
            effects += self._note_recovery(listed)
            self._serves = True
            unserved, self._unserved = self._unserved, []
            for wish in unserved:
                effects += self._place(wish)
        return effects + self._catch_up() if self._owes_catch_up else effects

    def _note_caught_up(self) -> list[Effect]:
        before, self._caught_up = self._caught_up, self._asked_at[0]
        if self._journal is None or self._caught_up is None or self._caught_up == before:
            return []
        return [Send(self._journal, CaughtUp(self._caught_up))]

    def _note_recovery(self, listed: OpenOrdersListed) -> list[Effect]:
        if self._journal is None or not self._goes_on:
            return []
        known = self._asked_at[1]
        still_open = sum(report.is_open and report.client_order_id in known for report in listed.orders)
        return [Send(self._journal, OrdersRecovered(len(known), still_open))]

    def _look_for_strangers(self, listed: OpenOrdersListed) -> list[Effect]:
        """Cancel what bears the grid's name, and is no order of ours in two lists: in one, it may just have ended."""
        strangers = frozenset(report.client_order_id for report in listed.orders if report.is_open) - self._open.keys()
        twice, self._strangers = strangers & self._strangers, strangers
        return [Send(self._gate, CancelOrder(name)) for name in sorted(twice)]

    # --- beginning again -----------------------------------------------------------------------------

    def _recalled(self, recalled: OrdersRecalled) -> list[Effect]:
        """Go on with the orders that there were, and ask how all of them stand."""
        self._open = rebuilt(recalled.orders, recalled.trades, self._addresses)
        self._newest_wish = {(row.slot, row.side): (row.cycle, row.attempt) for row in recalled.orders}
        self._caught_up, self._newest_trade = recalled.caught_up, recalled.newest_trade
        self._is_recalled = True
        self._goes_on = bool(recalled.orders) or recalled.newest_trade is not None
        recall = RecallOrders(tuple(map(recalled_order, self._open.values())), recalled.newest_trade)
        ask = self._catch_up()
        # Whatever was to be there and is not is looked up, whether or not it was ever heard to have arrived.
        self._asked_at = (self._newest_trade, frozenset(self._open))
        return [Send(self._gate, recall), *(self._cancel_all() if self._is_cancelling else ()), *ask]

    def _described(self, order: Order) -> OpenOrder:
        return OpenOrder(order.client_order_id, order.wish, order.filled, order.is_accepted)
