"""Clients of the sandbox's sockets, made of websocket-client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from time import monotonic, time_ns
from types import TracebackType
from typing import Any, Self, cast

import websocket
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from actors.sandbox.keys import Credentials
from actors.sandbox.server import Sandbox
from engine.venue.values import OrderSide

Json = dict[str, Any]

PATIENCE = 5.0  # seconds
PROMPTLY = 0.2  # seconds in which what is meant to come would have come


class Listener:
    """Read one connection on the test's own thread; nothing is read, and no ping answered, but in its methods."""

    def __init__(self, url: str, receive_buffer: int | None = None) -> None:
        options = [] if receive_buffer is None else [(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)]
        self._socket = websocket.create_connection(url, timeout=PATIENCE, sockopt=options)
        self._ids = count(1)
        self._kept: deque[Any] = deque()  # what came while an answer was awaited

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.shutdown()  # type: ignore[no-untyped-call]  # the library types most of itself

    def send(self, message: Any) -> None:
        self._socket.send(message if isinstance(message, str) else json.dumps(message))

    def ping(self, payload: str) -> None:
        self._socket.ping(payload)

    def pong(self, payload: str) -> None:
        self._socket.pong(payload)

    def frame(self, timeout: float = PATIENCE, *, pongs: bool = True) -> tuple[int, bytes]:
        """Give the next frame as opcode and data; TimeoutError when none comes. Without `pongs` no ping is answered."""
        self._socket.settimeout(timeout)
        try:
            if pongs:
                opcode, frame = self._socket.recv_data_frame(control_frame=True)
                return opcode, frame.data
            frame = self._socket.recv_frame()  # type: ignore[no-untyped-call]  # likewise
        except websocket.WebSocketTimeoutException:
            raise TimeoutError from None
        return frame.opcode, frame.data

    def message(self, timeout: float = PATIENCE) -> Any:
        """Give the next message, parsed; frames that carry none are passed over."""
        if self._kept:
            return self._kept.popleft()
        return self._message(timeout)

    def _message(self, timeout: float) -> Any:
        deadline = monotonic() + timeout
        while True:
            opcode, data = self.frame(max(0.001, deadline - monotonic()))
            if opcode == websocket.ABNF.OPCODE_TEXT:
                return json.loads(data)
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                raise ConnectionError(f"closed with {int.from_bytes(data[:2])}")

    def next(self, wanted: Callable[[Any], bool], timeout: float = PATIENCE) -> Any:
        """Give the next message that is wanted; those before it are dropped."""
        deadline = monotonic() + timeout
        while True:
            message = self.message(deadline - monotonic())
            if wanted(message):
                return message

    def is_quiet(self, seconds: float = PROMPTLY) -> bool:
        """Tell whether no message comes within that time."""
        try:
            self.message(seconds)
        except TimeoutError:
            return True
        return False

    def close_code(self, timeout: float = PATIENCE) -> int | None:
        """Read to the end; give the code of the close frame, None when the connection ended without one."""
        try:
            while True:
                opcode, data = self.frame(timeout)
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    return int.from_bytes(data[:2])
        except websocket.WebSocketConnectionClosedException:
            return None

    def ask(self, method: str, params: Any = None) -> Any:
        """Ask the market streams; give the answer."""
        number = next(self._ids)
        self.send({"method": method, "params": params or [], "id": number})
        return self._answer(number)

    def _answer(self, number: int) -> Any:
        """Give the answer to a request; what comes before it is kept for later."""
        deadline = monotonic() + PATIENCE
        while True:
            message = self._message(deadline - monotonic())
            if isinstance(message, dict) and message.get("id") == number:
                return message
            self._kept.append(message)


class ApiClient(Listener):
    """Ask the WebSocket API with one key."""

    def __init__(self, url: str, credentials: Credentials) -> None:
        super().__init__(url)
        self._credentials = credentials

    def call(self, method: str, **params: Any) -> Json:
        """Ask without a signature; give the whole answer."""
        return self._ask(method, params)

    def signed(self, method: str, **params: Any) -> Json:
        """Ask with a signature; give the whole answer. Numbers are signed as JSON writes them."""
        return self._ask(method, self.sign(params))

    def sign(self, params: Json) -> Json:
        signed = {"timestamp": timestamp(), "apiKey": self._credentials.api_key, **params}
        text = "&".join(f"{name}={_written(signed[name])}" for name in sorted(signed))
        return {**signed, "signature": _signature(self._credentials.secret, text)}

    def subscribe(self) -> int:
        """Subscribe to the account's events; give the subscription's number."""
        return int(self.signed("userDataStream.subscribe.signature")["result"]["subscriptionId"])

    def event(self, wanted: Callable[[Json], bool] = lambda _event: True, timeout: float = PATIENCE) -> Json:
        """Give the next event that is wanted."""
        return cast("Json", self.next(lambda told: "event" in told and wanted(told["event"]), timeout)["event"])

    def _ask(self, method: str, params: Json) -> Json:
        number = next(self._ids)
        self.send({"id": number, "method": method, "params": params})
        return cast("Json", self._answer(number))


def timestamp() -> int:
    return time_ns() // 1_000_000


def move(sandbox: Sandbox, price: str, symbol: str = "SOLUSDT") -> None:
    """Move the market, and tell everybody."""
    with sandbox.hall.lock:
        sandbox.hall.publish(sandbox.hall.venue.move(symbol, Decimal(price), sandbox.hall.now_ms()))


def limit_order(side: OrderSide, quantity: str, price: str, client_id: str = "mine") -> Json:
    """Give the parameters of a limit order on SOLUSDT."""
    return {
        "symbol": "SOLUSDT",
        "side": side,
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": quantity,
        "price": price,
        "newClientOrderId": client_id,
    }


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _signature(secret: str, text: str) -> str:
    if secret.startswith("-----"):
        private = load_pem_private_key(secret.encode(), None)
        assert isinstance(private, Ed25519PrivateKey)
        return base64.b64encode(private.sign(text.encode())).decode()
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
