"""What tests of the notifier are made of: a topic, trades, rows of a journal, and a notifier that is played with."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from itertools import count
from typing import Any

from attrs import define, field

from engine.effects import Address, After, Effect, Reply
from engine.journal.rows import EventRow
from engine.messages.alerting import AlertKind, EventsTold, Notify
from engine.messages.notifying import Delivered, DeliveryFailed, NotifierInbox
from engine.messages.reports import TradeBooked
from engine.messages.wishes import Owner
from engine.notifying.desk import Topic
from engine.notifying.letters import Letter
from engine.notifying.notifier import Notifier
from engine.notifying.outbox import Deliver
from engine.settings.model import Notifications
from engine.values import Kind, Market, Side

GRID = "SOL/USDT"
MARKET = Market(base="SOL", quote="USDT")
NOON = 1_795_348_800_000  # 2026-11-22T12:00:00Z
EVERYTHING = frozenset(AlertKind)


def topic(grid: str = GRID, **settings: Any) -> Topic:
    return Topic.of(grid, MARKET, Notifications(**{"kinds": EVERYTHING, "daily_summary": "off", **settings}))


def owner(slot: str = "9") -> Owner:
    return Owner(GRID, slot, None if slot == "grid" else int(slot), Address(f"{GRID}/level/{slot}"))


def trade(
    number: int = 1,
    side: Side = Side.BUY,
    *,
    slot: str = "9",
    kind: Kind = Kind.LIMIT,
    quantity: str = "2.943",
    price: str = "167.77",
    fee: str = "0.00294",
    fee_asset: str = "SOL",
    complete: bool = True,
) -> TradeBooked:
    return TradeBooked(
        trade_id=f"t{number}",
        client_order_id=f"o{number}",
        owner=owner(slot),
        time=NOON,
        side=side,
        kind=kind,
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal(fee),
        fee_asset=fee_asset,
        complete=complete,
    )


def told(events: Iterable[EventRow] = (), trades: Iterable[TradeBooked] = (), grid: str = GRID) -> EventsTold:
    return EventsTold(grid, tuple(events), tuple(trades), NOON)


def fills(number: int, first: int = 1, side: Side = Side.BUY) -> list[EventsTold]:
    return [told(trades=[trade(first + n, side)]) for n in range(number)]


def notify(kind: AlertKind, text: str = "something", grid: str | None = GRID) -> Notify:
    return Notify(kind, grid, text)


@define
class Played:
    """Play with a notifier: what it has sent is taken at once, unless the service is `down`; time stands still."""

    notifier: Notifier
    now: int = NOON
    down: set[int] = field(factory=set)
    letters: dict[int, list[Letter]] = field(factory=dict)
    timers: list[After] = field(factory=list)
    replies: list[Any] = field(factory=list)
    deliveries: deque[Deliver] = field(factory=deque)

    @classmethod
    def of(cls, *topics: Topic, services: int = 1) -> Played:
        names = [f"service {n}" for n in range(1, services + 1)]
        played = cls(Notifier(topics or (topic(),), names, count(1)))
        played.perform(played.notifier.start(played.now))
        return played

    @property
    def texts(self) -> list[str]:
        return [letter.text for letter in self.letters.get(0, [])]

    def tell(self, *messages: NotifierInbox) -> list[str]:
        """Hand it messages; give the texts that the first service got because of them."""
        before = len(self.texts)
        for message in messages:
            self.perform(self.notifier.handle(message, self.now))
            while self.deliveries:
                self.perform(self.notifier.handle(self._outcome(self.deliveries.popleft()), self.now))
        return self.texts[before:]

    def ring(self, kind: type) -> list[str]:
        """Let every timer of a kind go off that has been set so far."""
        due = [timer for timer in self.timers if isinstance(timer.message, kind)]
        self.timers = [timer for timer in self.timers if timer not in due]
        return self.tell(*(timer.message for timer in due))

    def perform(self, effects: Iterable[Effect | Deliver]) -> None:
        for effect in effects:
            if isinstance(effect, After):
                self.timers.append(effect)
            elif isinstance(effect, Reply):
                self.replies.append(effect.value)
            else:
                assert isinstance(effect, Deliver)
                self.deliveries.append(effect)

    def _outcome(self, delivery: Deliver) -> Delivered | DeliveryFailed:
        if delivery.service in self.down:
            return DeliveryFailed(delivery.service, delivery.number, "it is down")
        self.letters.setdefault(delivery.service, []).append(delivery.letter)
        return Delivered(delivery.service, delivery.number)
