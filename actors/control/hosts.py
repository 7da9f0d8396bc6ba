"""Under which names a door may be called: a page of somebody else's that takes our address for its own is refused."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable

from attrs import frozen

from actors.control.options import is_loopback, is_wildcard

_WRITTEN = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@frozen
class Hosts:
    """Know the names of a door; with `any_address` every address is one, behind whichever port it is published at.

    Only names can be made to lead elsewhere, addresses cannot.
    """

    names: frozenset[str]
    port: int
    usual_port: int
    any_address: bool = False

    @classmethod
    def of(cls, host: str, port: int, certified: Iterable[str] = (), *, has_tls: bool = False) -> Hosts:
        """Name a door at `host`; `certified` are the names in its certificate, where ``*.`` stands for one label."""
        names = {host, *certified}
        if is_loopback(host) or is_wildcard(host):
            names |= set(_LOOPBACK)
        if is_wildcard(host):
            names.add(socket.gethostname().lower())
        return cls(frozenset(names), port, 443 if has_tls else 80, is_wildcard(host))

    def accept(self, header: str) -> bool:
        """Tell whether a Host header is one of ours."""
        written = _WRITTEN.fullmatch(header)
        if written is None:
            return False
        name = written[1].strip("[]").lower()
        port = int(written[2]) if written[2] else self.usual_port
        if self.any_address and (name in _LOOPBACK or _is_address(name)):
            return True
        return port == self.port and (name in self.names or f"*.{name.partition('.')[2]}" in self.names)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
