"""Who is funded, who waits, and what a trade does to the money."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from engine.addresses import GridAddresses
from engine.balances import Ledger, Reservation
from engine.effects import Effect, Reply, Send
from engine.journal.wishes import wish_of
from engine.messages import (
    AGAIN,
    ARMING,
    BalanceTrackerInbox,
    CancelAllOrders,
    DescribeFunds,
    ExpectWishes,
    FundsCleared,
    FundsDescribed,
    FundsRecalled,
    FundsTold,
    HaltTrading,
    HoldingsChanged,
    LevelWaited,
    NothingToPlace,
    OrderEnded,
    Owner,
    PlaceOrder,
    TellFunds,
    TellHoldings,
    TradeBooked,
    WishFunded,
    WishWaited,
)
from engine.values import ZERO, Kind, Market, Side
from engine.waiting import WaitingWishes

_SERVED_LAST = (ARMING, AGAIN)  # after those that answer a trade


class BalanceTracker:
    """Fund wishes in the order that the design fixes, whatever order they arrive in.

    A level owes a wish from arming and from each of its complete fills; while one owes, only wishes
    that answer a trade are funded, so that no interleaving changes who gets the money.
    """

    def __init__(self, ledger: Ledger, market: Market, addresses: GridAddresses) -> None:
        """Own `ledger` from now on."""
        self._ledger, self._market, self._addresses = ledger, market, addresses
        self._order_manager = addresses.order_manager
        self._risk_monitor = addresses.risk_monitor
        self._grid_manager, self._journal = addresses.grid_manager, addresses.journal
        self._waiting = WaitingWishes(market)
        self._told_to_wait: set[tuple[str, Side]] = set()
        self._owed: set[tuple[str, str]] = set()  # slots, and what they have yet to answer
        self._kept: dict[tuple[str, Side], Decimal] = {}  # what parts of orders brought in, until their owner answers
        self._last_price = ZERO
        self._trades = 0
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
                self._owed.update(message.answers)
                return []
            case OrderEnded():
                return self._ended(message)
            case HaltTrading():
                return self._halt()
            case FundsRecalled():
                return self._recalled(message)
            case TellHoldings():
                return self._tell_holdings()
            case TellFunds():
                return [Send(self._addresses.reconciler, self._funds(message.token))]
            case DescribeFunds():
                return [Reply(self._described())]
            case _:
                assert_never(message)

    def _recalled(self, recalled: FundsRecalled) -> list[Effect]:
        """Go on from what the journal knows; who owes an answer is told by the grid manager."""
        wishes = {row.client_order_id: wish_of(row, self._addresses) for row in recalled.orders}
        self._ledger.recall(
            recalled.balances, (Reservation(wishes[row.client_order_id], row.reserved) for row in recalled.orders)
        )
        self._kept = {(row.slot, row.side): row.brought_in for row in recalled.orders if row.brought_in}
        self._last_price = recalled.grid.last_price
        return self._tell_holdings()

    def _funds(self, token: int) -> FundsTold:
        ledger = self._ledger
        return FundsTold(ledger.free_quote + ledger.reserved_quote, ledger.base, self._trades, token)

    def _tell_holdings(self) -> list[Effect]:
        return [Send(self._risk_monitor, HoldingsChanged(self._ledger.base))]

    def _settle(self, trade: TradeBooked) -> list[Effect]:
        ledger = self._ledger
        held_before = ledger.base > ZERO
        ledger.settle(trade)
        self._trades += 1
        self._last_price = trade.price
        effects: list[Effect] = []
        if not trade.complete:
            self._keep(trade)
        elif trade.owner.level is not None:
            self._owed.add((trade.owner.slot, trade.trade_id))
        if trade.complete and self._kept:
            self._kept.pop((trade.owner.slot, trade.side), None)
        if (ledger.base > ZERO) is not held_before:
            effects += self._tell_holdings()
        return effects + self._clear_when_idle() if self._is_clearing else effects

    def _keep(self, trade: TradeBooked) -> None:
        """Keep what a part brought in for the owner's own answer, which comes when the order is complete."""
        key = (trade.owner.slot, trade.side)
        self._kept[key] = self._kept.get(key, ZERO) + self._ledger.brought_in(trade)

    def _ended(self, ended: OrderEnded) -> list[Effect]:
        """Free what the order did not use; a level owes an answer for what it did."""
        self._ledger.release(ended.owner.slot, ended.side)
        self._kept.pop((ended.owner.slot, ended.side), None)
        if ended.filled and ended.owner.level is not None:
            self._owed.add((ended.owner.slot, ended.last_trade))
        return [*self._serve(), *self._clear_when_idle()]

    def _wished(self, wish: PlaceOrder) -> list[Effect]:
        if wish.kind is Kind.MARKET:
            return self._fund_at_once(wish)
        if self._halted or not self._is_news(wish):
            return []
        need = self._ledger.need(wish)
        wanted = need + self._kept_from(wish.side) if self._kept else need
        if wish.answers not in _SERVED_LAST and self._is_fundable(wish, wanted):
            self._ledger.reserve(wish, need)
            return [Send(self._order_manager, wish), *self._serve()]
        self._waiting.add(wish, need)
        return self._serve()

    def _fund_at_once(self, wish: PlaceOrder) -> list[Effect]:
        """Fund the grid manager's own order, or say that it cannot be; it never waits."""
        if self._ledger.has_live_order(wish.owner.slot, wish.side) or (self._halted and wish.side is Side.BUY):
            return []  # told again, or too late
        need = self._ledger.need(wish)
        if not self._is_fundable(wish, need):
            return [Send(wish.owner.address, WishWaited(wish.side, not self._is_large_enough(wish)))]
        self._ledger.reserve(wish, need)
        self._is_clearing = self._halted  # for what this order leaves
        return [Send(self._order_manager, wish)]

    def _is_fundable(self, wish: PlaceOrder, need: Decimal) -> bool:
        return self._ledger.can_fund(wish.side, need) and self._is_large_enough(wish)

    def _is_large_enough(self, wish: PlaceOrder) -> bool:
        return self._market.accepts(wish.price, wish.quantity)

    def _is_news(self, wish: PlaceOrder) -> bool:
        """Tell whether a level owed this wish, or wishes again what an ended order left, for the first time."""
        if wish.answers != AGAIN:
            return self._answered(wish.owner, wish.answers)
        key = (wish.owner.slot, wish.side)
        return not self._ledger.has_live_order(*key) and key not in self._waiting

    def _answered(self, owner: Owner, answers: str) -> bool:
        """Tell whether `owner` owed exactly this answer; from now on it does not."""
        owed = (owner.slot, answers)
        if owed not in self._owed:
            return False
        self._owed.remove(owed)
        return True

    def _serve(self) -> list[Effect]:
        """Fund waiting wishes, nearest to the last price first, when nobody owes an answer."""
        if self._owed or not len(self._waiting):
            return []
        effects: list[Effect] = []
        ledger = self._ledger
        if self._waiting.any_within(ledger.free_quote, ledger.free_base):
            kept = {side: self._kept_from(side) for side in Side}
            for wish, need in self._waiting.nearest_first(self._last_price):
                if ledger.can_fund(wish.side, need + kept[wish.side]):
                    self._waiting.remove(wish)
                    ledger.reserve(wish, need)
                    if (key := (wish.owner.slot, wish.side)) in self._told_to_wait:
                        self._told_to_wait.remove(key)
                        effects.append(Send(wish.owner.address, WishFunded(wish.side)))
                    effects.append(Send(self._order_manager, wish))
        if len(self._told_to_wait) < len(self._waiting):
            effects += self._tell_to_wait()
        return effects

    def _kept_from(self, side: Side) -> Decimal:
        """Give what wishes of `side` must not use: what orders of the other side that are not complete brought in."""
        return sum((got for (_, of), got in self._kept.items() if of is not side), ZERO)

    def _tell_to_wait(self) -> list[Effect]:
        newly = [wish for wish in self._waiting.all() if (wish.owner.slot, wish.side) not in self._told_to_wait]
        self._told_to_wait.update((wish.owner.slot, wish.side) for wish in newly)
        effects: list[Effect] = []
        for wish in newly:
            too_small = not self._is_large_enough(wish)
            effects.append(Send(wish.owner.address, WishWaited(wish.side, too_small)))
            if self._journal is not None:
                effects.append(Send(self._journal, LevelWaited(wish.owner.slot, wish.side, too_small)))
        return effects

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
            ledger.free_quote,
            ledger.free_base,
            ledger.reserved_quote,
            ledger.reserved_base,
            self._waiting.all(),
            tuple(sorted(ledger.other_fees.items())),
        )
