"""Errors that are logged, as alerts."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from actors.alerting.sender import Sender
from actors.post import Post
from engine.addresses import NOTIFIER
from engine.messages.alerting import AlertKind, Notify

_MOST, _WITHIN = 20, 60.0  # alerts, seconds
_LONGEST = 400  # characters
_TRACEBACK = "Traceback (most recent call last):"
_OWN = ("apprise", "urllib3", "requests", "actors.alerting", "actors.notifier", "actors.gateways.apprise_service")


class AlertingHandler(logging.Handler):
    """Have people told of what is logged as an error.

    Never of what sending itself logs, which would go round in circles, and of no more than 20 a minute: how many there
    were beyond these is told with the next one.
    """

    def __init__(self, post: Post) -> None:
        """Tell the notifier at `post`."""
        super().__init__(logging.ERROR)
        self.addFilter(_is_told)
        self._post = post
        self._times: deque[float] = deque(maxlen=_MOST)
        self._left_out = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Make an alert of one record."""
        try:
            if (line := self._line(record)) is not None:
                self._post.send(NOTIFIER, Notify(AlertKind.ERROR, None, line))
        except Exception:  # noqa: BLE001 a log line must not fail whoever logs it
            self.handleError(record)

    def _line(self, record: logging.LogRecord) -> str | None:
        """Give what is told of a record, None if there have been too many; the handler's lock is held."""
        now = record.created
        if self._times and now < self._times[-1]:
            self._times.clear()  # the clock was set back
        if len(self._times) == _MOST and now - self._times[0] < _WITHIN:
            self._left_out += 1
            return None
        self._times.append(now)
        left_out, self._left_out = self._left_out, 0
        more = f" (and {left_out} more errors before it)" if left_out else ""
        return f"{_first_line(record)[:_LONGEST]}{more}"


def _is_told(record: logging.LogRecord) -> bool:
    """Leave out what was logged by those who send alerts."""
    thread = threading.current_thread()
    is_own = any(record.name == name or record.name.startswith(f"{name}.") for name in _OWN)
    return not is_own and not isinstance(thread, Sender) and thread.name != NOTIFIER


def _first_line(record: logging.LogRecord) -> str:
    """Give the first line of a message; the error itself where that only announces a traceback."""
    lines = [line for line in record.getMessage().splitlines() if line.strip()]
    if not lines:
        return "an error without a word"
    first = lines[0].strip()
    if first.endswith(_TRACEBACK) and len(lines) > 1:
        first = f"{first.removesuffix(_TRACEBACK)}{lines[-1].strip()}"
    if record.exc_info is not None and record.exc_info[0] is not None:
        first = f"{first}: {record.exc_info[0].__name__}"
    return first


@contextmanager
def errors_told(post: Post) -> Iterator[None]:
    """Have people told of what is logged as an error, as long as the context lasts."""
    handler = AlertingHandler(post)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
