"""A server on loopback that answers as a test says, and remembers all that arrives."""

from __future__ import annotations

import json
import socket
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qs, urlsplit

from attrs import define, field, frozen

SOL_USDT = {
    "symbol": "SOLUSDT",
    "status": "TRADING",
    "baseAsset": "SOL",
    "quoteAsset": "USDT",
    "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET"],
    "isSpotTradingAllowed": True,
    "permissions": [],
    "permissionSets": [["SPOT"]],
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.00000001", "maxPrice": "1000000", "tickSize": "0.00000001"},
        {"filterType": "LOT_SIZE", "minQty": "0.00000001", "maxQty": "9000000000", "stepSize": "0.00000001"},
        {"filterType": "NOTIONAL", "minNotional": "5.00000000"},
    ],
}
EXCHANGE_INFO = json.dumps({"rateLimits": [], "symbols": [SOL_USDT]})


@frozen
class Received:
    """What came in."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]


@frozen
class Scripted:
    """What goes out: `body` in whole, half of it (`cut`), or nothing but the end of the connection (`drop`)."""

    body: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)
    cut: bool = False
    drop: bool = False


@define(eq=False)
class ScriptedServer:
    """Answer each route with its replies in turn, the last one for ever; 404 where there is none."""

    received: list[Received] = field(factory=list)
    replies: defaultdict[str, deque[Scripted]] = field(factory=lambda: defaultdict(deque))
    _server: ThreadingHTTPServer = field(init=False)
    _thread: threading.Thread = field(init=False)

    def reply(self, route: str, *replies: Scripted | str) -> None:
        """Set what ``"POST /api/v3/order"`` is answered with; a text is a body."""
        self.replies[route] = deque(Scripted(reply) if isinstance(reply, str) else reply for reply in replies)

    def of(self, route: str) -> list[Received]:
        """Give what came in on one route."""
        return [one for one in self.received if f"{one.method} {one.path}" == route]

    @property
    def url(self) -> str:
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def answer(self, received: Received) -> Scripted:
        self.received.append(received)
        replies = self.replies.get(f"{received.method} {received.path}")
        if not replies:
            return Scripted("<html>no such page</html>", 404)
        return replies.popleft() if len(replies) > 1 else replies[0]

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        cast("Any", self._server).script = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.reply("GET /api/v3/exchangeInfo", EXCHANGE_INFO)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Put one request to the script; one connection a request, so that none is left open."""

    def _serve(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        params = {name: values[0] for name, values in parse_qs(f"{url.query}&{body}", keep_blank_values=True).items()}
        script: ScriptedServer = cast("Any", self.server).script
        reply = script.answer(Received(self.command, url.path, params, dict(self.headers)))
        if not reply.drop:
            self._write(reply)
        self.close_connection = True

    def _write(self, reply: Scripted) -> None:
        content = reply.body.encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if reply.cut else content)
        if reply.cut:
            self.connection.shutdown(socket.SHUT_WR)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 the library's own names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the library's own name
        """Keep quiet."""
