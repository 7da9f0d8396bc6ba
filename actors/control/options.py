"""Where the door of a running process is, as the command line says it."""

from __future__ import annotations

import ipaddress
from pathlib import Path

from attrs import frozen

from actors.state_dir import STATE_DIR
from engine.errors import BadInput

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8420
_ALLOWED = "HOST:PORT such as 127.0.0.1:8420, [::1]:8420 or :8420, with 0 for any port that is free"


@frozen(kw_only=True)
class ControlOptions:
    """Hold what the command line says of the door; `listen` None is loopback, at the usual port or any free one."""

    listen: str | None = None
    certificate: Path | None = None
    key: Path | None = None
    without_tls: bool = False
    state_dir: Path = STATE_DIR

    @property
    def has_tls(self) -> bool:
        """Tell whether what goes through the door is encrypted."""
        return self.certificate is not None

    def address(self) -> tuple[str, int]:
        """Give host and port; raise `BadInput` for what cannot be one, or would let others in."""
        host, port = (DEFAULT_HOST, DEFAULT_PORT) if self.listen is None else _host_and_port(self.listen)
        if (self.certificate is None) != (self.key is None):
            there, missing = ("--certificate", "--key") if self.key is None else ("--key", "--certificate")
            raise BadInput(f"{there} needs {missing} too; allowed: both, or none")
        if self.has_tls and self.without_tls:
            raise BadInput("--without-tls and --certificate exclude each other; give one of them")
        if not is_loopback(host) and not self.has_tls and not self.without_tls:
            raise BadInput(
                f"--listen = {self.listen!r}: others could read the token on its way; allowed: an address of this "
                "machine alone (127.0.0.1), or --certificate and --key, or --without-tls if something else encrypts it"
            )
        return host, port


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_wildcard(host: str) -> bool:
    """Tell whether `host` stands for every address of this machine."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def shown(host: str) -> str:
    """Write a host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def _host_and_port(listen: str) -> tuple[str, int]:
    host, colon, port = listen.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    bare = host[1:-1] if bracketed else host
    digits = port.isascii() and port.isdecimal() and len(port) <= 5
    if not colon or not digits or int(port) > 65_535 or (":" in bare) != bracketed or any(map(str.isspace, bare)):
        raise BadInput(f"--listen = {listen!r}: is no address; allowed: {_ALLOWED}")
    return bare.lower() or DEFAULT_HOST, int(port)
