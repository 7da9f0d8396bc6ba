"""User data: which connections are told what happens to which account."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial

from attrs import frozen

from actors.sandbox.client_socket import ClientSocket
from actors.sandbox.event_faults import EventFaults
from actors.sandbox.events_json import user_event
from actors.sandbox.floor import Floor
from engine.venue.events import BalancesChanged, BalanceTransferred, Event, OrderChanged


@frozen(eq=False)
class Subscription:
    """Bind a connection to an account; `number` is the ``subscriptionId``, which is the connection's own count."""

    client: ClientSocket
    account: str
    number: int

    def tell(self, event_text: str) -> None:
        """Send one event, as JSON."""
        self.client.send_text(f'{{"subscriptionId":{self.number},"event":{event_text}}}')


class UserStreams:
    """Tell accounts' events to their subscribers. All of it happens on the publisher's thread."""

    def __init__(self, floor: Floor, faults: EventFaults) -> None:
        self._floor = floor
        self._faults = faults
        self._subscriptions: dict[Subscription, None] = {}

    def subscribe(self, subscription: Subscription, answer: Callable[[], None]) -> None:
        """Tell it what happens from here on; `answer` sends what comes before any event."""
        self._subscriptions[subscription] = None
        answer()

    def unsubscribe(self, subscription: Subscription, answer: Callable[[], None]) -> None:
        """Tell it nothing any more but that, after `answer` has sent what comes before."""
        self._subscriptions.pop(subscription, None)
        answer()
        subscription.tell(json.dumps({"e": "eventStreamTerminated", "E": self._floor.now_ms()}))

    def forget(self, client: ClientSocket) -> None:
        """Drop the subscriptions of a connection that is closed."""
        for subscription in [known for known in self._subscriptions if known.client is client]:
            del self._subscriptions[subscription]

    def happened(self, events: Sequence[Event]) -> None:
        """Tell what the venue did."""
        for event in events:
            if isinstance(event, OrderChanged | BalancesChanged | BalanceTransferred):
                told = user_event(event, self._floor.now_ms())
                self._faults.send(told, partial(self._tell, event.account, json.dumps(told, separators=(",", ":"))))

    def _tell(self, account: str, text: str) -> None:
        for subscription in list(self._subscriptions):
            if subscription.account == account:
                subscription.tell(text)
