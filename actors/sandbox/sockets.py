"""The WebSocket server: market streams at ``/ws`` and ``/stream``, the WebSocket API at ``/ws-api/v3``."""

from __future__ import annotations

import re
import socket
import threading
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import field, frozen
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol
from websockets.sync.server import Server, ServerConnection, serve

from actors.sandbox.client_socket import GOING_AWAY, POLICY_VIOLATION, ClientSocket, SocketTimes
from actors.sandbox.hall import Hall
from actors.sandbox.market_session import MarketSession
from actors.sandbox.market_streams import MarketStreams
from actors.sandbox.publisher import Publisher
from actors.sandbox.quirky_connection import QuirkyConnection, RateGate
from actors.sandbox.stream_faults import StreamFaults
from actors.sandbox.user_streams import UserStreams
from actors.sandbox.ws_api import WsApi
from engine.venue.events import Event

_RAW = re.compile(r"(/stream)?/ws(/.*)?")  # ccxt takes a socket for spot only when it finds /stream in the address
_COMBINED = re.compile(r"/stream/?")
_API = re.compile(r"/ws-api/v3/?")
_FRAMES_A_SECOND = 5  # that a client of the market streams may send
_HANDSHAKE = 2.0  # seconds that a client has for it
_FAREWELL = 0.5  # seconds that clients have for answering a close frame
_FAREWELL_WORDS = "the sandbox closes"


@frozen
class SocketSettings:
    """Say where to listen (port 0: the system chooses), how patient to be, and how often to look at the clock.

    `room` is how many messages may wait for a client that reads slowly; one more, and it is cut off.
    """

    host: str = "127.0.0.1"
    port: int = 0
    times: SocketTimes = field(factory=SocketTimes)
    room: int = 1000
    tick: float = 0.1  # seconds


class Sockets:
    """Serve WebSockets, on threads: three for each client, and one that publishes to all."""

    def __init__(self, hall: Hall, settings: SocketSettings | None = None) -> None:
        """Stand by; nothing listens before `start`."""
        self._hall = hall
        self._settings = settings or SocketSettings()
        self._closing = threading.Event()
        self._publisher = Publisher("sandbox/publisher")
        self._market_faults = StreamFaults(self._publisher, hall.now_ms, self._settings.times)
        self._user_faults = StreamFaults(self._publisher, hall.now_ms, self._settings.times)
        self._markets = MarketStreams(hall, self._market_faults.events)
        self._users = UserStreams(hall, self._user_faults.events)
        self._connections: weakref.WeakSet[QuirkyConnection] = weakref.WeakSet()
        self._connections_lock = threading.Lock()
        self._handlers: set[threading.Thread] = set()
        self._server: Server
        self._thread: threading.Thread
        self._stop_listening: Callable[[], None]

    def start(self) -> None:
        """Listen; OSError when the port is taken."""
        self._server = serve(
            self._handle,
            self._settings.host,
            self._settings.port,
            process_request=self._admit,
            create_connection=cast("type[ServerConnection]", self._connect),  # a factory will do
            compression=None,
            open_timeout=_HANDSHAKE,
            ping_interval=None,
            close_timeout=_FAREWELL,
        )
        self._thread = threading.Thread(target=self._server.serve_forever, name="sandbox/sockets", daemon=True)
        self._thread.start()
        self._publisher.start()
        self._publisher.every(self._settings.tick, self._tick)
        self._stop_listening = self._hall.subscribe(self._happened)
        self._hall.faults.listen("stream", self._market_faults.listen)
        self._hall.faults.listen("user", self._user_faults.listen)

    def close(self) -> None:
        """Say goodbye to everybody and end every thread, within a second."""
        self._closing.set()
        self._stop_listening()
        for client in [*self._market_faults.clients, *self._user_faults.clients]:
            client.close(GOING_AWAY, _FAREWELL_WORDS)
        deadline = monotonic() + _FAREWELL
        with self._connections_lock:
            connections = list(self._connections)  # those in the middle of a handshake too
        for connection in connections:
            if not connection.wait_closed(max(0.0, deadline - monotonic())):
                connection.cut()
        for handler in list(self._handlers):
            handler.join(_FAREWELL)  # the library would look for its end ten times a second only
        self._server.shutdown()
        self._thread.join()
        self._publisher.close()

    @property
    def port(self) -> int:
        """Give the port that it listens on."""
        return int(self._server.socket.getsockname()[1])

    @property
    def url(self) -> str:
        """Give the address that paths are added to, ``ws://127.0.0.1:8081``."""
        return f"ws://{self._settings.host}:{self.port}"

    # --- connections ------------------------------------------------------------------------------------

    def _connect(
        self, sock: socket.socket, protocol: ServerProtocol, server: Server, **options: Any
    ) -> ServerConnection:
        connection = QuirkyConnection(sock, protocol, server, **options)
        with self._connections_lock:
            self._connections.add(connection)
        return connection

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse what is no address here, and whom a fault keeps out."""
        path = urlsplit(request.path).path
        if not (_RAW.fullmatch(path) or _COMBINED.fullmatch(path) or _API.fullmatch(path)):
            return connection.respond(HTTPStatus.NOT_FOUND, "No such stream; try /ws, /stream or /ws-api/v3.\n")
        faults = self._user_faults
        if not _API.fullmatch(path):  # there, each request is counted by its weight
            faults = self._market_faults
            cast("QuirkyConnection", connection).gate = RateGate(_FRAMES_A_SECOND)
        status = HTTPStatus.SERVICE_UNAVAILABLE if self._closing.is_set() else faults.refusal()
        return None if status is None else connection.respond(status, "Refused.\n")

    def _handle(self, connection: ServerConnection) -> None:
        """Serve one client until its connection ends."""
        assert isinstance(connection, QuirkyConnection)
        assert connection.request is not None
        url = urlsplit(connection.request.path)
        client = ClientSocket(connection, self._settings.times, room=self._settings.room)
        faults = self._user_faults if _API.fullmatch(url.path) else self._market_faults
        session = self._session(client, url.path, parse_qs(url.query))
        connection.watch_flood(partial(client.close, POLICY_VIOLATION, "Too many requests"))
        faults.joined(client, session.wrap)
        if self._closing.is_set():  # it came while the others were told
            client.close(GOING_AWAY, _FAREWELL_WORDS)
        self._handlers.add(threading.current_thread())
        try:
            for text in connection:
                session.received(text)
        except ConnectionClosed:
            pass  # without a close frame, or with one that tells of trouble
        finally:
            faults.left(client)
            session.ended()
            client.end()
            self._handlers.discard(threading.current_thread())

    def _session(self, client: ClientSocket, path: str, query: dict[str, list[str]]) -> MarketSession | WsApi:
        if _API.fullmatch(path):
            limits = query.get("returnRateLimits", ["true"])[-1] != "false"
            return WsApi(self._hall, client, self._users, self._publisher, self._closing, returns_limits=limits)
        raw = _RAW.fullmatch(path)
        names = unquote(raw[2] or "") if raw else "/".join(query.get("streams", []))
        wanted = [name for name in names.split("/") if name]
        return MarketSession(client, self._markets, self._publisher, wanted, combined=raw is None)

    # --- the publisher's thread ---------------------------------------------------------------------------

    def _happened(self, events: Sequence[Event]) -> None:
        """Take events from the floor, under its lock: queue them, and never wait."""
        self._publisher.do(partial(self._publish, tuple(events)))

    def _publish(self, events: Sequence[Event]) -> None:
        self._users.happened(events)
        self._markets.happened(events)

    def _tick(self) -> None:
        for client in [*self._market_faults.clients, *self._user_faults.clients]:
            client.beat()
        self._markets.tick()
