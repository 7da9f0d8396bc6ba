"""One WebSocket connection, on one thread, over websocket-client: opened once, never again."""

from __future__ import annotations

import contextlib
import logging
import queue
import selectors
import socket
import ssl
import threading
from typing import Protocol

import websocket

log = logging.getLogger(__name__)

_CONNECTING = 10.0  # seconds for each step: the connection, TLS, the handshake
_READING = 1.0  # seconds after which a frame of which half has come is left for what there is to send
_CLOSE_CODE_LENGTH = 2


class UselessStream(Exception):
    """Say why a connection that works is of no use; it ends with this."""


class Listener(Protocol):
    """Hear what comes, in the connection's own thread; nothing any more once the connection has been closed."""

    def opened(self) -> list[str]:
        """Give what to send first."""

    def heard(self, frame: str | None) -> list[str]:
        """Take one frame, None for a ping or a pong; give what to send. `UselessStream` ends the connection."""

    def ended(self, reason: str) -> None:
        """Learn why there will be no more; not told of `close`."""


class WebSocketStream:
    """Connect, listen, and hang up; only its own thread touches the socket, because TLS bears no two.

    Server pings are answered. A connection that is closed while it is being made may go on trying in its thread for
    as long as the computer takes to find the other one, at most some 10 s, and is told of no more.
    """

    def __init__(self, url: str, listener: Listener, name: str) -> None:
        """Be ready to connect to `url`; `name` is the thread's."""
        self._url = url
        self._listener = listener
        # Decoding a text checks it too, a hundred times faster than the library does.
        self._socket = websocket.WebSocket(skip_utf8_validation=True)
        self._outbox: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._bell, self._bell_button = socket.socketpair()  # wakes the thread while it waits for the socket
        self._bell_button.setblocking(False)  # noqa: FBT003 as the library has it

    def open(self) -> None:
        """Start the thread."""
        self._thread.start()

    def send(self, frame: str) -> None:
        """Send a frame as soon as the connection is open; nothing when it has ended."""
        self._outbox.put(frame)
        self._ring()

    def close(self) -> None:
        """Have it ended, from any thread; returns at once."""
        self._closing.set()
        self._ring()
        sock = self._socket.sock
        if sock is not None:
            # Wakes a thread that waits for the rest of a frame or of a handshake; a last frame can still be sent.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RD)

    def join(self, timeout: float) -> bool:
        """Wait for its end; tell whether it came within `timeout` seconds."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # full: the bell rings already; closed: nobody is there
            self._bell_button.send(b"!")

    # --- in its own thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            reason = self._converse()
        except (websocket.WebSocketException, UselessStream, OSError, ValueError) as error:
            reason = _reason(error)
        except Exception as error:
            log.exception("%s failed", self._thread.name)
            reason = f"{type(error).__name__} in this program"
        self._hang_up()
        if not self._closing.is_set():
            self._listener.ended(reason)

    def _converse(self) -> str:
        self._socket.connect(self._url, timeout=_CONNECTING)  # type: ignore[no-untyped-call]
        self._socket.settimeout(_READING)
        self._send(self._listener.opened())
        with selectors.DefaultSelector() as selector:
            selector.register(self._bell, selectors.EVENT_READ)
            selector.register(self._socket, selectors.EVENT_READ)
            while not self._closing.is_set():
                ready = {key.fileobj for key, _ in selector.select(0 if self._holds_more() else None)}
                if self._closing.is_set():
                    break
                if self._bell in ready:
                    self._bell.recv(1024)
                    self._send(self._outgoing())
                if (self._socket in ready or self._holds_more()) and (reason := self._read()) is not None:
                    return reason
        return "closed here"

    def _holds_more(self) -> bool:
        """Tell whether TLS has deciphered more than was read: the socket itself then stays silent."""
        sock = self._socket.sock
        return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0

    def _read(self) -> str | None:
        """Read one frame, or what there is of it; give the reason when it was the last."""
        try:
            opcode, frame = self._socket.recv_data_frame(control_frame=True)
        except websocket.WebSocketTimeoutException:
            return None  # websocket-client keeps what it has, and goes on from there
        if self._closing.is_set():
            return "closed here"
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return _farewell(frame.data)
        is_text = opcode in (websocket.ABNF.OPCODE_TEXT, websocket.ABNF.OPCODE_BINARY)
        self._send(self._listener.heard(frame.data.decode() if is_text else None))
        return None

    def _outgoing(self) -> list[str]:
        return [self._outbox.get_nowait() for _ in range(self._outbox.qsize())]

    def _send(self, frames: list[str]) -> None:
        for frame in frames:
            self._socket.send(frame)

    def _hang_up(self) -> None:
        if self._socket.connected:
            with contextlib.suppress(websocket.WebSocketException, OSError):
                self._socket.send_close()
        self._socket.shutdown()  # type: ignore[no-untyped-call]
        self._bell.close()
        self._bell_button.close()


def _farewell(data: bytes) -> str:
    if len(data) < _CLOSE_CODE_LENGTH:
        return "closed by the other side"
    code, text = int.from_bytes(data[:_CLOSE_CODE_LENGTH]), data[_CLOSE_CODE_LENGTH:].decode(errors="replace")
    return f"closed by the other side ({code}{f' {text}' if text else ''})"


def _reason(error: Exception) -> str:
    match error:
        case websocket.WebSocketBadStatusException():
            return f"refused with HTTP status {error.status_code}"  # its own text quotes the whole reply
        case UnicodeDecodeError() | websocket.WebSocketPayloadException():
            return "a frame that is no text"
        case OSError(strerror=str(words)) if not isinstance(error, ssl.SSLError):
            return words.lower()  # without its number
        case _:
            return str(error) or type(error).__name__
