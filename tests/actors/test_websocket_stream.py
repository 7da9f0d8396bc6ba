"""One WebSocket connection: what it hears, how it ends, and that nothing of it is left."""

from __future__ import annotations

import datetime as dt
import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from actors.gateways.websocket_stream import UselessStream, WebSocketStream
from tests.actors.loopback import SOON, Loopback


@define(eq=False)
class Ear:
    """Note what is heard; answer "what?" to "hm"; find "no" useless."""

    notes: queue.SimpleQueue[str] = field(factory=queue.SimpleQueue)

    def opened(self) -> list[str]:
        return ["hello", "there"]

    def heard(self, frame: str | None) -> list[str]:
        if frame == "no":
            raise UselessStream("they said no")
        if frame == "bug":
            raise LookupError("a mistake")
        self.notes.put(f"heard {frame}")
        return ["what?"] if frame == "hm" else []

    def ended(self, reason: str) -> None:
        self.notes.put(f"ended: {reason}")

    def next(self) -> str:
        return self.notes.get(timeout=SOON)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture
def stream(server: Loopback, ear: Ear) -> Iterator[WebSocketStream]:
    stream = WebSocketStream(server.url, ear, "stream under test")
    stream.open()
    yield stream
    stream.close()
    assert stream.join(SOON)


def test_first_frames_are_sent_when_it_opens_and_answers_when_it_hears(
    server: Loopback, stream: WebSocketStream, ear: Ear
) -> None:
    peer = server.accepts()
    assert [peer.connection.recv(SOON) for _ in range(2)] == ["hello", "there"]
    peer.says("hm")
    assert ear.next() == "heard hm"
    assert peer.connection.recv(SOON) == "what?"
    stream.send("later")
    assert peer.connection.recv(SOON) == "later"


@pytest.mark.usefixtures("stream")
def test_server_ping_is_answered_and_heard_as_a_sign_of_life(server: Loopback, ear: Ear) -> None:
    assert server.accepts().is_answered_a_ping()
    assert ear.next() == "heard None"


@pytest.mark.usefixtures("stream")
def test_long_frames_and_fragments_come_whole(server: Loopback, ear: Ear) -> None:
    peer = server.accepts()
    peer.says("x" * 300_000)
    assert ear.next() == "heard " + "x" * 300_000
    peer.connection.send(["one ", "two ", "three"])
    assert ear.next() == "heard one two three"


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda peer: peer.drops(), "Connection to remote host was lost."),
        (lambda peer: peer.closes(1008, "too old"), "closed by the other side (1008 too old)"),
        (lambda peer: peer.closes(1001), "closed by the other side (1001)"),
        (lambda peer: peer.says("no"), "they said no"),
        (lambda peer: peer.says(b"\xff\xfe"), "a frame that is no text"),
        (lambda peer: peer.says("bug"), "LookupError in this program"),
    ],
    ids=["dropped", "closed", "leaving", "useless", "binary", "bug"],
)
def test_end_is_told_once_with_its_reason(
    server: Loopback, stream: WebSocketStream, ear: Ear, end: object, reason: str
) -> None:
    assert callable(end)
    peer = server.accepts()
    assert [peer.connection.recv(SOON) for _ in range(2)] == ["hello", "there"]
    end(peer)
    assert ear.next() == f"ended: {reason}"
    assert stream.join(SOON)
    assert ear.notes.empty()


@pytest.mark.parametrize("garbage", [b"\x81\x02\xff\xfe", b"\xff\x00", b"\x83\x01x", b"\x89\x7e\x01\x00" + b"p" * 256])
def test_garbage_on_the_wire_ends_it(server: Loopback, stream: WebSocketStream, ear: Ear, garbage: bytes) -> None:
    server.accepts().connection.socket.sendall(garbage)
    assert ear.next().startswith("ended: ")
    assert stream.join(SOON)


def test_closing_says_goodbye_at_once_and_is_not_told(server: Loopback, stream: WebSocketStream, ear: Ear) -> None:
    peer = server.accepts()
    began = monotonic()
    stream.close()
    assert stream.join(1.0)
    assert monotonic() - began < 1.0
    assert peer.sees_the_end() == (1000, True)
    assert ear.notes.empty()


def test_closing_in_the_middle_of_a_frame_does_not_wait_for_its_rest(server: Loopback, stream: WebSocketStream) -> None:
    peer = server.accepts()
    assert peer.is_answered_a_ping()
    peer.connection.socket.sendall(b"\x81\x05hel")
    stream.close()
    assert stream.join(0.8)


def test_frame_that_comes_in_two_halves_with_a_pause_is_heard(
    server: Loopback, stream: WebSocketStream, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = server.accepts()
    assert peer.is_answered_a_ping()
    assert ear.next() == "heard None"
    timed_out = threading.Event()
    read = stream._socket.recv_data_frame

    def noticed(control_frame: bool = False) -> object:  # noqa: FBT001, FBT002 as the library has it
        try:
            return read(control_frame=control_frame)
        finally:
            timed_out.set()

    monkeypatch.setattr(stream._socket, "recv_data_frame", noticed)
    peer.connection.socket.sendall(b"\x81\x05hel")
    assert timed_out.wait(SOON)
    peer.connection.socket.sendall(b"lo")
    assert ear.next() == "heard hello"


def test_nobody_listening_is_told_as_the_end(ear: Ear) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        stream = WebSocketStream(f"ws://127.0.0.1:{closed.getsockname()[1]}", ear, "stream")
        stream.open()
        assert "refused" in ear.next()
        assert stream.join(SOON)


def test_refused_handshake_is_told_by_its_status_alone(ear: Ear) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = WebSocketStream(f"ws://127.0.0.1:{server.getsockname()[1]}/secret", ear, "stream")
        stream.open()
        peer, _ = server.accept()
        with peer:
            peer.sendall(b"HTTP/1.1 451 Unavailable\r\nContent-Length: 6\r\nX-Long: header\r\n\r\n<html>")
            assert ear.next() == "ended: refused with HTTP status 451"
        assert stream.join(SOON)


def test_handshake_that_is_never_answered_does_not_hold_up_closing(ear: Ear) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        stream = WebSocketStream(f"ws://127.0.0.1:{server.getsockname()[1]}", ear, "stream")
        stream.open()
        peer, _ = server.accept()
        with peer:
            assert peer.recv(1024).startswith(b"GET")
            stream.close()
            assert stream.join(1.0)
    assert ear.notes.empty()


def test_nothing_is_left_of_many_connections(server: Loopback, ear: Ear) -> None:
    def left() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    def connect_and_end(*, by_them: bool) -> None:
        stream = WebSocketStream(server.url, ear, "stream")
        stream.open()
        peer = server.accepts()
        (peer.drops if by_them else stream.close)()
        assert stream.join(SOON)
        peer.released.set()
        peer.sees_the_end()
        peer.connection.recv_events_thread.join(SOON)
        del server.all[:]

    if not Path("/proc/self/fd").exists():
        pytest.skip("this system does not show its open files")
    connect_and_end(by_them=True)
    before = left()
    for turn in range(10):
        connect_and_end(by_them=bool(turn % 2))
    descriptors, threads = left()
    assert descriptors <= before[0] + 2  # the server's own last ones may be on their way
    assert threads <= before[1] + 2


# --- TLS -----------------------------------------------------------------------------------------------


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Give a server's side of TLS that the client will trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    monkeypatch.setenv("WEBSOCKET_CLIENT_CA_BUNDLE", str(file))
    return context


def test_encrypted_stream_hears_speaks_and_closes_as_promptly(tls: ssl.SSLContext, ear: Ear) -> None:
    with Loopback(tls) as server:
        stream = WebSocketStream(server.url, ear, "stream")
        stream.open()
        peer = server.accepts()
        assert [peer.connection.recv(SOON) for _ in range(2)] == ["hello", "there"]
        for number in range(50):
            peer.says(f"{number} " + "x" * 1000)
        assert [ear.next().split()[1] for _ in range(50)] == [str(number) for number in range(50)]
        stream.send("later")
        assert peer.connection.recv(SOON) == "later"
        stream.close()
        assert stream.join(1.0)
        assert peer.sees_the_end() == (1000, True)


def test_certificate_that_nobody_vouches_for_is_refused(
    tls: ssl.SSLContext, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WEBSOCKET_CLIENT_CA_BUNDLE")
    with Loopback(tls) as server:
        stream = WebSocketStream(server.url, ear, "stream")
        stream.open()
        assert "CERTIFICATE_VERIFY_FAILED" in ear.next()
        assert stream.join(SOON)
