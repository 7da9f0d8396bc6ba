"""The door itself: a place that listens, the token that opens it, the names it is called by."""

from __future__ import annotations

import errno
import logging
import socket
import ssl
import time
from pathlib import Path
from typing import Self

from attrs import field, frozen

from actors.control.hosts import Hosts
from actors.control.options import DEFAULT_HOST, ControlOptions, is_wildcard, shown
from actors.control.tls import names_in, tls_context
from actors.control.tokens import keep_token
from engine.errors import BadInput

_BACKLOG = 256

log = logging.getLogger(__name__)


@frozen(eq=False)
class Door:
    """Hold what outlives whoever answers at it: a restarted controller goes on at the same door.

    `url` is how this machine reaches it; `opened_at` in epoch ms.
    """

    listener: socket.socket = field(repr=False)
    url: str
    token: str = field(repr=False)
    hosts: Hosts
    state_dir: Path
    opened_at: int
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    certificate: Path | None = None

    @classmethod
    def open(cls, options: ControlOptions) -> Self:
        """Listen, and make or read the token; raise `BadInput` that names the option or the file."""
        host, port = options.address()
        tls: ssl.SSLContext | None = None
        certified: tuple[str, ...] = ()
        if options.certificate is not None and options.key is not None:
            tls, certified = tls_context(options.certificate, options.key), names_in(options.certificate)
        token = keep_token(options.state_dir)
        listener = _listen(host, port, options.listen)
        port = listener.getsockname()[1]
        reached = ("::1" if ":" in host else DEFAULT_HOST) if is_wildcard(host) else host
        if certified and reached not in certified:
            reached = next((name for name in certified if "*" not in name), reached)
        return cls(
            listener=listener,
            url=f"{'https' if tls else 'http'}://{shown(reached)}:{port}",
            token=token,
            hosts=Hosts.of(host, port, certified, has_tls=tls is not None),
            state_dir=options.state_dir,
            opened_at=time.time_ns() // 1_000_000,
            tls=tls,
            certificate=options.certificate,
        )

    def close(self) -> None:
        """Listen no longer."""
        self.listener.close()


def _listen(host: str, port: int, listen: str | None) -> socket.socket:
    """Listen at `port`, or at any that is free where the usual one is taken and nobody asked for it."""
    try:
        return _bound(host, port)
    except (OSError, UnicodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        if listen is not None:
            raise BadInput(f"--listen = {listen!r}: {reason}; allowed: an address of this machine that is free") from (
                error
            )
        if not isinstance(error, OSError) or error.errno != errno.EADDRINUSE:
            raise BadInput(f"--listen: nobody can listen at {host}:{port}: {reason}") from error
    log.info("port %d is taken by another; any that is free will do", port)
    return _bound(host, 0)


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
        listener.settimeout(0.0)
    except BaseException:
        listener.close()
        raise
    return listener
