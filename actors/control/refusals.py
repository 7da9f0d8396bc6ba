"""What is refused at the door: how it is answered, and that it is logged without flooding the log."""

from __future__ import annotations

import logging
import threading
import time

from attrs import define, field, frozen

log = logging.getLogger(__name__)

_LOG_EVERY = 60.0  # seconds, for each kind
_LONGEST = 60  # characters of what somebody else wrote


@frozen
class Refusal:
    """Answer with `status` and `text`; `kind` and `detail` are for the log, `wait` seconds for Retry-After."""

    status: int
    text: str
    kind: str
    detail: str = ""
    wait: float = 0.0


@define
class _Tally:
    logged_at: float
    unlogged: int = 0


@define
class RefusalLog:
    """Log what is refused: the first of each kind at once, all others once a minute, by their number."""

    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _kinds: dict[str, _Tally] = field(factory=dict, init=False)

    def note(self, kind: str, detail: str = "") -> None:
        """Count one refusal; `detail` must hold no secret, and whatever it holds is cleaned and cut."""
        now = time.monotonic()
        with self._lock:
            tally = self._kinds.get(kind)
            if tally is None:
                self._kinds[kind] = _Tally(now)
            else:
                tally.unlogged += 1
        if tally is None:
            log.warning("refused at the door: %s%s", kind, f" ({cleaned(detail)})" if detail else "")
        else:
            self.tell(now)

    def tell(self, now: float | None = None) -> None:
        """Log what has been counted for a minute; all of it when `now` is left out."""
        with self._lock:
            due = [
                (kind, tally.unlogged)
                for kind, tally in self._kinds.items()
                if tally.unlogged and (now is None or now - tally.logged_at >= _LOG_EVERY)
            ]
            for kind, _ in due:
                self._kinds[kind] = _Tally(now or time.monotonic())
        for kind, times in due:
            log.warning("refused at the door: %s, %d more times", kind, times)


def cleaned(text: str) -> str:
    """Quote what somebody else wrote, cut and without what a terminal would obey."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "".join(c if c.isprintable() else "?" for c in cut)
