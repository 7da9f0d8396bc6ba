"""Where the state of grids is kept: a file, or a server behind a URL."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import field, frozen

from engine.errors import BadInput


@frozen
class Place:
    """Say where a database is: in the file `path`, or behind `url`, which may hold a password; one of the two.

    `told_by` is what the user wrote to have it there, as an error is to name it: ``--state-dir = 'data'``.
    """

    path: Path | None = None
    url: str | None = field(default=None, repr=False)
    told_by: str = field()

    @told_by.default
    def _key(self) -> str:
        return "persistence.db_path" if self.url is None else "persistence.url"

    def __attrs_post_init__(self) -> None:
        """Refuse a place that is nowhere, or in two places."""
        if (self.path is None) == (self.url is None):
            raise ValueError("a place is a file or a URL")

    def __str__(self) -> str:
        return str(self.path) if self.url is None else without_secrets(self.url)

    def file(self) -> Path | None:
        """Give the file, also when a URL names it; None for a server. Raises `BadInput`."""
        if self.url is None or self.url.partition(":")[0].removesuffix("+pool") != "sqlite":
            return self.path
        _, slashes, name = self.url.partition(":///")
        if not slashes or not name or name == ":memory:" or "?" in name:
            raise BadInput(
                f"{self.told_by} = {str(self)!r}: no file to keep a state in; "
                "allowed: sqlite:///FILE, with a fourth slash if it is an absolute path"
            )
        return Path(unquote(name))


def without_secrets(url: str) -> str:
    """Give a URL without password and parameters, to be shown; what cannot be read is not shown at all."""
    try:
        parts = urlsplit(url)
        user = f"{parts.username}@" if parts.username else ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "a URL that cannot be read"
    return f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}"


def secrets_of(url: str) -> tuple[str, ...]:
    """Give what a URL holds that must not be shown, as written and as meant."""
    try:
        parts = urlsplit(url)
        written = [parts.password or "", *(value for key, value in parse_qsl(parts.query) if "pass" in key.lower())]
    except ValueError:
        return (url,)
    return tuple({text for word in written if word for text in (word, unquote(word))})
