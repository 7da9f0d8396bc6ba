"""Models of an exchange that are wrong in one thing each, to see whether a comparison notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from attrs import evolve

from engine.calls import Call, Done, LookUp, Outcome, Place
from engine.values import ONE, ZERO
from tests.e2e.both_exchanges import build_model
from tests.e2e.exchange_sides import Build
from tests.e2e.model_scripts import Setting
from tests.simulation.spot.exchange import SpotExchange, SpotOrder
from tests.simulation.spot.fees import Terms


class _TakesPostOnly(SpotExchange):
    def answer(self, call: Call) -> Outcome:
        return super().answer(evolve(call, post_only=False) if isinstance(call, Place) else call)


class _FindsTheOldest(SpotExchange):
    def answer(self, call: Call) -> Outcome:
        if not isinstance(call, LookUp):
            return super().answer(call)
        named = (order for order in self.orders.values() if order.client_order_id == call.client_order_id)
        oldest = next(named, None)
        return super().answer(call) if oldest is None else Done((oldest.report(),), tuple(oldest.trades))


class _FillsAtTheEndOfTheWay(SpotExchange):
    def move(self, price: Decimal) -> None:
        self._better = self._on_tick(price)
        super().move(price)
        del self._better

    def _fill(self, order: SpotOrder, price: Decimal, quantity: Decimal, number: int) -> None:
        super()._fill(order, getattr(self, "_better", price), quantity, number)


class _FillsTheYoungerFirst(SpotExchange):
    def move(self, price: Decimal) -> None:
        if self.is_halted:
            return
        target = self._on_tick(price)
        reached = (self._sells if target >= self.price else self._buys).within(target)
        for order in sorted(reached, key=lambda order: (order.rank[0], -order.rank[1])):
            self._fill(order, order.price, order.left, self._next_trade())
        self.price = target


class _StopsShortOfTheTarget(SpotExchange):
    def move(self, price: Decimal) -> None:
        target, tick = self._on_tick(price), self.market.price_tick
        super().move(target - tick if target > self.price else target + tick if target < self.price else target)
        if not self.is_halted:
            self.price = target


class _KeepsTheMoneyOfWhatEnds(SpotExchange):
    def _end(self, order: SpotOrder) -> None:
        pays, lock = self.market.quote if order.is_buy else self.market.base, order.lock
        super()._end(order)
        self.wallet.lock(pays, lock)


class _IsSilentOnNewOrders(SpotExchange):
    def _open(self, place: Place, price: Decimal, lock: Decimal) -> SpotOrder:
        listeners, self.listeners = self.listeners, []
        order = super()._open(place, price, lock)
        self.listeners = listeners
        return order


class _TradesInAHalt(SpotExchange):
    def halt(self) -> None:
        pass


class _FillsOneStepMore(SpotExchange):
    def fill_part(self, client_order_id: str, share: Decimal) -> None:
        order = self.open_by_name.get(client_order_id)
        more = ZERO if order is None else self.market.amount_step / order.left
        super().fill_part(client_order_id, share + more)


def _on_other_terms(change: Callable[[Terms], Terms]) -> Build:
    return lambda setting, now: build_model(evolve(setting, terms=change(setting.terms)), now)


def _built_by(kind: type[SpotExchange]) -> Build:
    def build(setting: Setting, now: Callable[[], int]) -> SpotExchange:
        return kind(setting.market, setting.terms, setting.balances, setting.price, now)

    return build


WRONG_MODELS: Mapping[str, Build] = {
    "takes twice the fee": _on_other_terms(lambda terms: evolve(terms, fee_rate=2 * terms.fee_rate)),
    "allows one order fewer": _on_other_terms(lambda terms: evolve(terms, max_open_orders=terms.max_open_orders - 1)),
    "holds BNB for dearer": _on_other_terms(lambda terms: evolve(terms, third_price=terms.third_price + ONE)),
    "takes no BNB": _on_other_terms(lambda terms: evolve(terms, pays_in_third=False)),
    "takes post-only orders": _built_by(_TakesPostOnly),
    "finds the oldest of a name": _built_by(_FindsTheOldest),
    "fills at the end of the way": _built_by(_FillsAtTheEndOfTheWay),
    "fills the younger first": _built_by(_FillsTheYoungerFirst),
    "stops short of the target": _built_by(_StopsShortOfTheTarget),
    "keeps the money of what ends": _built_by(_KeepsTheMoneyOfWhatEnds),
    "is silent on new orders": _built_by(_IsSilentOnNewOrders),
    "trades in a halt": _built_by(_TradesInAHalt),
    "fills one step more": _built_by(_FillsOneStepMore),
}
