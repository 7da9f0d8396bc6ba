"""Who is funded, who waits, and what a trade does to the money."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from engine.addresses import GridAddresses
from engine.balances import Ledger
from engine.effects import Effect, Reply, Send
from engine.messages import (
    ARMING,
    BalanceTrackerInbox,
    CancelAllOrders,
    DescribeFunds,
    ExpectWishes,
    FundsCleared,
    FundsDescribed,
    HaltTrading,
    HoldingsChanged,
    NothingToPlace,
    OrderEnded,
    Owner,
    PlaceOrder,
    TradeBooked,
    WishFunded,
    WishWaited,
)
from engine.values import ZERO, Kind, Market
from engine.waiting import WaitingWishes


class BalanceTracker:
    """Fund wishes in the order that the design fixes, whatever order they arrive in.

    A level owes a wish from arming and from each of its complete fills; while one owes, only wishes
    that answer a trade are funded, so that no interleaving changes who gets the money.
    """

    def __init__(self, ledger: Ledger, market: Market, addresses: GridAddresses) -> None:
        """Own `ledger` from now on."""
        self._ledger, self._market = ledger, market
        self._order_manager = addresses.order_manager
        self._risk_monitor = addresses.risk_monitor
        self._grid_manager = addresses.grid_manager
        self._waiting = WaitingWishes(market)
        self._told_to_wait: set[str] = set()
        self._owed: dict[str, str] = {}  # slot -> what it has yet to answer
        self._last_price = ZERO
        self._halted = False
        self._is_clearing = False  # halted, and orders may still be live

    def handle(self, message: BalanceTrackerInbox) -> list[Effect]:
        """Move on by one message."""
        match message:
            case TradeBooked():
                return self._settle(message)
            case PlaceOrder():
                return self._wished(message)
            case NothingToPlace():
                return self._serve() if self._answered(message.owner, message.answers) else []
            case ExpectWishes():
                self._last_price = message.price
                self._owed.update((owner.slot, ARMING) for owner in message.owners)
                return []
            case OrderEnded():
                self._ledger.release(message.owner.slot)
                return self._clear_when_idle()
            case HaltTrading():
                return self._halt()
            case DescribeFunds():
                return [Reply(self._described())]
            case _:
                assert_never(message)

    def _settle(self, trade: TradeBooked) -> list[Effect]:
        ledger = self._ledger
        held_before = ledger.base > ZERO
        ledger.settle(trade)
        self._last_price = trade.price
        if trade.complete and trade.owner.level is not None:
            self._owed[trade.owner.slot] = trade.trade_id
        effects: list[Effect] = []
        if (ledger.base > ZERO) is not held_before:
            effects.append(Send(self._risk_monitor, HoldingsChanged(ledger.base)))
        return effects + self._clear_when_idle() if self._is_clearing else effects

    def _wished(self, wish: PlaceOrder) -> list[Effect]:
        if wish.kind is Kind.MARKET:
            return self._fund_at_once(wish)
        if self._halted or not self._answered(wish.owner, wish.answers):
            return []
        need = self._ledger.need(wish)
        if wish.answers != ARMING and self._is_fundable(wish, need):
            self._ledger.reserve(wish, need)
            return [Send(self._order_manager, wish), *self._serve()]
        self._waiting.add(wish, need)
        return self._serve()

    def _fund_at_once(self, wish: PlaceOrder) -> list[Effect]:
        """Fund the grid manager's own order, or say that it cannot be; it never waits."""
        need = self._ledger.need(wish)
        if not self._is_fundable(wish, need):
            return [Send(wish.owner.address, WishWaited())]
        self._ledger.reserve(wish, need)
        return [Send(self._order_manager, wish)]

    def _is_fundable(self, wish: PlaceOrder, need: Decimal) -> bool:
        return self._ledger.can_fund(wish.side, need) and self._market.accepts(wish.price, wish.quantity)

    def _answered(self, owner: Owner, answers: str) -> bool:
        """Tell whether `owner` owed exactly this answer; from now on it does not."""
        if self._owed.get(owner.slot) != answers:
            return False
        del self._owed[owner.slot]
        return True

    def _serve(self) -> list[Effect]:
        """Fund waiting wishes, nearest to the last price first, when nobody owes an answer."""
        if self._owed or not len(self._waiting):
            return []
        effects: list[Effect] = []
        ledger = self._ledger
        if self._waiting.any_within(ledger.free_quote, ledger.free_base):
            for wish, need in self._waiting.nearest_first(self._last_price):
                if ledger.can_fund(wish.side, need):
                    self._waiting.remove(wish)
                    ledger.reserve(wish, need)
                    if wish.owner.slot in self._told_to_wait:
                        self._told_to_wait.remove(wish.owner.slot)
                        effects.append(Send(wish.owner.address, WishFunded()))
                    effects.append(Send(self._order_manager, wish))
        if len(self._told_to_wait) < len(self._waiting):
            effects += self._tell_to_wait()
        return effects

    def _tell_to_wait(self) -> list[Effect]:
        newly = [wish.owner for wish in self._waiting.all() if wish.owner.slot not in self._told_to_wait]
        self._told_to_wait.update(owner.slot for owner in newly)
        return [Send(owner.address, WishWaited()) for owner in newly]

    def _halt(self) -> list[Effect]:
        self._halted = self._is_clearing = True
        self._waiting = WaitingWishes(self._market)
        self._told_to_wait.clear()
        # The order manager hears this behind every wish funded before it.
        return [Send(self._order_manager, CancelAllOrders()), *self._clear_when_idle()]

    def _clear_when_idle(self) -> list[Effect]:
        """Report once that every order is gone, whether it was cancelled or filled before its cancel arrived."""
        if not self._is_clearing or self._ledger.has_live_orders:
            return []
        self._is_clearing = False
        return [Send(self._grid_manager, FundsCleared(self._ledger.free_quote, self._ledger.free_base))]

    def _described(self) -> FundsDescribed:
        ledger = self._ledger
        return FundsDescribed(
            ledger.free_quote, ledger.free_base, ledger.reserved_quote, ledger.reserved_base, self._waiting.all()
        )
