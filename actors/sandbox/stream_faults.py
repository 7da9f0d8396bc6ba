"""Faults of the streams: of connections, at once; of events, when the next ones come.

Arm them over ``POST /sandbox/faults``. ``route`` is ``"stream"`` (market streams) or ``"user"`` (the WebSocket API,
which carries the user data). What is wrong with a connection hits those that are open now; a client that connects
again gets a good one.

====================  ==================================================================================
``action``            what happens
====================  ==================================================================================
``drop``              the connection ends without a close frame
``close``             it ends with a close frame of ``code`` (1001) and ``msg``
``shutdown``          it is told ``serverShutdown``, and closed after ``seconds`` (1)
``silence``           nothing is said any more but pings and pongs, for ``seconds`` (0: for good)
``no_pings``          the server sends no more pings
``unanswered_pings``  the server answers no more pings
``max_age``           every connection, new ones too, is closed once it is ``seconds`` old (instead of 24 h)
``refuse``            the next ``times`` attempts to connect are answered ``status`` (503); 0: until cleared
``gap``               the next depth update is lost, so that ``U`` does not follow ``u``
``lose``              the next events never come
``duplicate``         the next events come twice
``late``              the next events come ``seconds`` (1) later than those after them
``clear``             all is well again, on open connections too; events that were held up still come
====================  ==================================================================================

The last four faults take ``times`` (1; 0: until cleared), and ``event`` (``"executionReport"``, ``"trade"``, ...) and
``execution`` (``"TRADE"``, ``"NEW"``, ...) to hit only such events.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from attrs import define, evolve, field
from websockets.frames import CloseCode

from actors.sandbox.client_socket import GOING_AWAY, ClientSocket, SocketTimes
from actors.sandbox.event_faults import ACTIONS as EVENT_ACTIONS
from actors.sandbox.event_faults import EventFaults, read_event_fault, seconds_of, times_of
from actors.sandbox.faults import BadFault, Fault
from actors.sandbox.publisher import Publisher

_UNSENDABLE = {CloseCode.NO_STATUS_RCVD, CloseCode.ABNORMAL_CLOSURE, CloseCode.TLS_HANDSHAKE}
_CLOSE_CODES = sorted({int(code) for code in CloseCode} - {int(code) for code in _UNSENDABLE})

Json = dict[str, Any]
Wrap = Callable[[Json], Json]


@define(eq=False)
class StreamFaults:
    """Know the connections of one route, and what is wrong with them.

    Faults act on the publisher's thread; all methods here are for any thread. `now_ms` is the server's clock.
    """

    publisher: Publisher
    now_ms: Callable[[], int]
    usual_times: SocketTimes
    events: EventFaults = field(init=False)
    _times: SocketTimes = field(init=False)
    _clients: dict[ClientSocket, Wrap] = field(init=False, factory=dict)
    _refusals: float = field(init=False, default=0)
    _refusal: int = field(init=False, default=int(HTTPStatus.SERVICE_UNAVAILABLE))
    _lock: threading.Lock = field(init=False, factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        """Begin with nothing wrong."""
        self.events = EventFaults(self.publisher)
        self._times = self.usual_times

    def listen(self, fault: Fault) -> None:
        """Let a fault act; raises `BadFault`."""
        self.publisher.do(self._read(fault))

    def joined(self, client: ClientSocket, wrap: Wrap) -> None:
        """Note a connection that is open; `wrap` makes of an event what this client gets to see."""
        client.times = self._times
        with self._lock:
            self._clients[client] = wrap

    def left(self, client: ClientSocket) -> None:
        """Forget one that is not any more."""
        with self._lock:
            self._clients.pop(client, None)

    @property
    def clients(self) -> dict[ClientSocket, Wrap]:
        """Give the connections that are open."""
        with self._lock:
            return dict(self._clients)

    def refusal(self) -> int | None:
        """Give the HTTP status that an attempt to connect is refused with, None when it is not; count it."""
        with self._lock:
            if self._refusals <= 0:
                return None
            self._refusals -= 1
            return self._refusal

    def _read(self, fault: Fault) -> Callable[[], None]:
        """Give what a fault does; raises `BadFault`."""
        if fault.action in EVENT_ACTIONS:
            return partial(self.events.arm, read_event_fault(fault))
        match fault.action:
            case "drop":
                return self._to_all(ClientSocket.cut)
            case "close":
                code, reason = _close_code(fault), str(fault.details.get("msg", ""))
                return self._to_all(lambda client: client.close(code, reason))
            case "shutdown":
                return partial(self._shut_down, seconds_of(fault, 1.0))
            case "silence":
                return partial(self._silence, seconds_of(fault, 0.0))
            case "no_pings":
                return self._to_all(ClientSocket.stop_pings)
            case "unanswered_pings":
                return self._to_all(ClientSocket.stop_pongs)
            case "max_age":
                return partial(self._set_times, evolve(self.usual_times, longest_life=seconds_of(fault, None)))
            case "refuse":
                return partial(self._refuse, times_of(fault), _refusal_status(fault))
            case "clear":
                return self._clear
        allowed = "drop, close, shutdown, silence, no_pings, unanswered_pings, max_age, refuse, clear"
        raise BadFault(f'action = "{fault.action}": allowed are {allowed}, {", ".join(EVENT_ACTIONS)}')

    def _to_all(self, act: Callable[[ClientSocket], None]) -> Callable[[], None]:
        def run() -> None:
            for client in self.clients:
                act(client)

        return run

    def _shut_down(self, seconds: float) -> None:
        for client, wrap in self.clients.items():
            client.send(wrap({"e": "serverShutdown", "E": self.now_ms()}))
            self.publisher.later(seconds, partial(client.close, GOING_AWAY, "server shutdown"))

    def _silence(self, seconds: float) -> None:
        for client in self.clients:
            client.hush()
            if seconds:
                self.publisher.later(seconds, client.speak)

    def _refuse(self, times: float, status: int) -> None:
        with self._lock:
            self._refusals, self._refusal = times, status

    def _set_times(self, times: SocketTimes) -> None:
        self._times = times
        for client in self.clients:
            client.times = times

    def _clear(self) -> None:
        self.events.clear()
        self._refuse(0, HTTPStatus.SERVICE_UNAVAILABLE)
        self._set_times(self.usual_times)
        for client in self.clients:
            client.recover()


def _close_code(fault: Fault) -> int:
    code = fault.details.get("code", GOING_AWAY)
    if code not in _CLOSE_CODES and not (isinstance(code, int) and 3000 <= code < 5000):
        raise BadFault(f"code = {code!r}: allowed are {', '.join(map(str, _CLOSE_CODES))} and 3000 to 4999")
    return int(code)


def _refusal_status(fault: Fault) -> int:
    status = fault.details.get("status", int(HTTPStatus.SERVICE_UNAVAILABLE))
    if status not in set(HTTPStatus) or status < HTTPStatus.BAD_REQUEST:
        raise BadFault(f"status = {status!r}: allowed is an HTTP status from 400")
    return int(status)
