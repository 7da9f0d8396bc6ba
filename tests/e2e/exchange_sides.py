"""The two sides that a script is put to: the model of an exchange, and the real sandbox.

The sandbox is asked through ccxt over HTTP, as gateways ask it. Its times are compared as the step of the script in
which they were, its trade ids as the account's first, second, third trade.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar

from attrs import evolve

from actors.dialects.binance import UserConversation
from actors.gateways.ccxt_calls import CcxtCalls
from actors.sandbox.events_json import user_event
from actors.sandbox.hall import MAIN, Hall
from actors.sandbox.limits import LimitSettings
from engine.calls import Call, Done, FoundOrder, ListTrades, Outcome, TradeReport
from engine.messages import OrderFilled, OrderReported
from engine.values import ZERO
from engine.venue.events import Event, OrderChanged
from engine.venue.values import OrderRecord, Refused
from tests.e2e.model_scripts import Expire, FillPart, Halt, Move, Resume, Setting, Step, Transfer
from tests.simulation.spot.exchange import SpotExchange

Told = OrderFilled | OrderReported
Timed = TypeVar("Timed", TradeReport, OrderFilled)
Build = Callable[[Setting, Callable[[], int]], SpotExchange]

_NO_LIMIT = LimitSettings(weight=10**9, orders_10s=10**9, orders_1d=10**9)
_LATER = 10**12  # no trade has such an id


class ModelSide:
    """Play steps on the model."""

    def __init__(self, setting: Setting, build: Build) -> None:
        self.step = 0
        self.exchange = build(setting, lambda: self.step)
        self.told: list[Told] = []
        self.exchange.listeners.append(self.told.append)

    def play(self, step: Step) -> Outcome | None:
        """Do one step; give the outcome if it was a call."""
        self.step += 1
        exchange = self.exchange
        match step:
            case Move(price):
                exchange.move(price)
            case FillPart(name, share):
                exchange.fill_part(name, share)
            case Expire(name):
                exchange.expire(name)
            case Transfer(asset, delta):
                exchange.transfer(asset, delta)
            case Halt():
                exchange.halt()
            case Resume():
                exchange.resume()
            case _:
                return exchange.answer(step)
        return None

    def state(self) -> dict[str, object]:
        """Give what both sides must have alike after every step."""
        exchange = self.exchange
        assets = sorted({*exchange.wallet.free, "BNB", "XRP"})
        return {
            "price": exchange.price,
            "balances": {asset: both for asset in assets if any(both := exchange.balance(asset))},
            "open orders": [(order.client_order_id, order.filled) for order in exchange.open_by_name.values()],
        }


class SandboxSide:
    """Play steps on a sandbox."""

    def __init__(self, setting: Setting, hall: Hall, calls: CcxtCalls, conversation: UserConversation) -> None:
        self.told: list[Told] = []
        self._setting, self._calls, self._conversation = setting, calls, conversation
        self._hall, self._venue = hall, hall.venue
        self._symbol = setting.market.base + setting.market.quote
        self._began: list[int] = []  # server time at which each step began
        self._ranks: dict[str, str] = {}  # of trades, by id
        self._hall.limits.reset(_NO_LIMIT)
        self._hall.subscribe(self._listen)

    def play(self, step: Step) -> Outcome | None:
        """Do one step; give the outcome if it was a call."""
        self._hall.skew_ms += 1  # no two steps at one time
        self._began.append(self._hall.now_ms())
        if isinstance(step, Call):
            return self._comparable(self._calls.put_through(self._addressed(step)))
        with self._hall.lock:
            self._hall.publish(self._do(step))
        return None

    def _addressed(self, call: Call) -> Call:
        """Name the trade that a script means by its rank."""
        if not isinstance(call, ListTrades) or call.after in {None, "0"}:
            return call
        ids = {rank: trade_id for trade_id, rank in self._ranks.items()}
        return ListTrades(ids.get(call.after, str(_LATER)))

    def _do(self, step: Step) -> list[Event]:
        venue, now = self._venue, self._hall.now_ms()
        match step:
            case Move(price):
                return venue.move(self._symbol, price, now)
            case FillPart(name, share):
                order = self._open(name)
                if order is None or order.quantity - order.executed <= self._setting.market.amount_step:
                    return []  # the script's outsider never takes all
                return venue.fill_part(order.order_id, share, now)
            case Expire(name):
                order = self._open(name)
                return [] if order is None else venue.expire(order.order_id, now)
            case Transfer(asset, delta):
                free = {balance.asset: balance.free for balance in venue.balances(MAIN)}.get(asset, ZERO)
                return venue.transfer(MAIN, asset, max(delta, -free), now)
            case Halt():
                venue.halt(self._symbol)
            case Resume():
                venue.resume(self._symbol)
            case _:
                raise AssertionError(step)
        return []

    def _open(self, name: str) -> OrderRecord | None:
        try:
            order = self._venue.find(MAIN, self._symbol, client_order_id=name)
        except Refused:
            return None
        return order if order.is_open else None

    def _listen(self, events: Sequence[Event]) -> None:
        """Understand the execution reports as a feed does."""
        for event in events:
            if isinstance(event, OrderChanged):
                if event.trade is not None:
                    self._ranks.setdefault(str(event.trade.trade_id), str(len(self._ranks) + 1))
                frame = json.dumps({"subscriptionId": 0, "event": user_event(event, event.time)})
                self.told += self.comparable(self._conversation.hear(frame))

    def comparable(self, heard: Sequence[object]) -> list[Told]:
        """Give what was heard, with ranks and steps."""
        reports = [message for message in heard if isinstance(message, OrderFilled | OrderReported)]
        return [self._timed(message) if isinstance(message, OrderFilled) else message for message in reports]

    def _timed(self, trade: Timed) -> Timed:
        return evolve(trade, trade_id=self._ranks.get(trade.trade_id, trade.trade_id), time=self._step_at(trade.time))

    def _comparable(self, outcome: Outcome) -> Outcome:
        if not isinstance(outcome, Done):
            return outcome
        trades = tuple(map(self._timed, outcome.trades))
        return evolve(outcome, trades=trades, found=tuple(map(self._found, outcome.found)))

    def _found(self, order: FoundOrder) -> FoundOrder:
        placed, changed = self._step_at(order.placed_at), self._step_at(order.changed_at)
        return evolve(order, placed_at=placed, changed_at=changed)

    def _step_at(self, time: int) -> int:
        return bisect_right(self._began, time)

    def state(self) -> dict[str, object]:
        """Give what both sides must have alike after every step."""
        venue = self._venue
        balances = (balance for balance in venue.balances(MAIN) if balance.free or balance.locked)
        return {
            "price": venue.price(self._symbol),
            "balances": {balance.asset: (balance.free, balance.locked) for balance in balances},
            "open orders": [(order.client_order_id, order.executed) for order in venue.open_orders(MAIN, self._symbol)],
        }
