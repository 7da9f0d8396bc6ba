"""The files of the page: known by name from the start, so that no path leads anywhere else."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

_PAGE = Path(__file__).parent / "page"
_REFERENCES = re.compile(rb"/static/([\w./-]+)")
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".webmanifest": "application/manifest+json",
}


@frozen
class Asset:
    """Hold one file; `version` is that of its content."""

    content: bytes = field(repr=False)
    kind: str
    version: str
    caching: str = "private, no-cache"  # kept, and asked for again by its ETag


@frozen
class Assets:
    """Hold all files of the page: `index` and `login`, and what they are made of, by name."""

    index: Asset
    login: Asset
    files: Mapping[str, Asset]

    @classmethod
    def read(cls, folder: Path = _PAGE) -> Assets:
        """Read everything once; a missing page is a broken installation: OSError."""
        files = {
            path.relative_to(folder).as_posix(): _asset(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
        }
        index, login = files.pop("index.html"), files.pop("login.html")
        return cls(index, login, files)

    @property
    def open_paths(self) -> tuple[str, ...]:
        """List the paths that the login page needs: those that it names, and those that these name in turn."""
        names: set[str] = set()
        wanted = _referenced(self.login)
        while wanted := (wanted & set(self.files)) - names:
            names |= wanted
            wanted = {one for name in wanted for one in _referenced(self.files[name])}
        return tuple(f"/static/{name}" for name in sorted(names))

    def find(self, name: str) -> Asset | None:
        """Give a file by its name, None for none."""
        return self.files.get(name)


def _referenced(asset: Asset) -> set[str]:
    return {name.decode() for name in _REFERENCES.findall(asset.content)}


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(content, kind, hashlib.sha256(content).hexdigest()[:32])
