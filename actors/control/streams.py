"""Server-sent events: whoever looks on is sent what changes, made once a second for all of them together."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from time import monotonic
from typing import Any

from actors.control.answers import PARTS, Answers
from actors.control.questions import AskedInVain, NobodyAnswers

MOST_STREAMS = 8
_EVERY = 1.0  # seconds
_SILENCE = 15.0  # seconds after which a comment shows whether anybody still listens
_LIMITS = {"candles": 5}  # only the newest: the rest does not change

log = logging.getLogger(__name__)

Grids = tuple[str, ...]


class TooManyStreams(AskedInVain):
    """As many as may are looking on already."""

    status = 503


class Listener:
    """Hold what one stream has yet to send: of each part the newest alone, so that a slow one falls behind in vain."""

    def __init__(self, grids: Grids) -> None:
        """Want to hear of `grids`."""
        self.grids = grids
        self._news: dict[str, str] = {}
        self._changed = threading.Condition()
        self._is_closed = False

    def tell(self, part: str, text: str) -> None:
        """Have this sent next."""
        with self._changed:
            self._news[part] = text
            self._changed.notify()

    def close(self) -> None:
        """Have the stream end."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def take(self, seconds: float) -> dict[str, str] | None:
        """Give what is there, waiting up to `seconds` for something; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._news or self._is_closed, seconds)
            news, self._news = self._news, {}
            return None if self._is_closed else news


def pieces(listener: Listener) -> Iterator[str]:
    """Give the text of a stream, piece by piece."""
    yield "retry: 2000\n\n"
    while (news := listener.take(_SILENCE)) is not None:
        yield "".join(f"event: {part}\ndata: {text}\n\n" for part, text in news.items()) or ": still here\n\n"


class Hub:
    """Make the parts while anybody listens, and tell each listener those that changed."""

    def __init__(self, answers: Answers, name: str) -> None:
        """Begin its thread, which sleeps until somebody listens."""
        self._answers = answers
        self._changed = threading.Condition()
        self._listeners: set[Listener] = set()
        self._told: dict[Listener, dict[str, str]] = {}
        self._is_closed = self._has_newcomer = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def join(self, grids: Grids) -> Listener:
        """Let one more listen, until `leave`; raise `TooManyStreams`."""
        listener = Listener(grids)
        with self._changed:
            if self._is_closed or len(self._listeners) >= MOST_STREAMS:
                raise TooManyStreams(f"{MOST_STREAMS} streams are open already; allowed: no more")
            self._listeners.add(listener)
            self._told[listener] = {}
            self._has_newcomer = True
            self._changed.notify_all()
        return listener

    def leave(self, listener: Listener) -> None:
        """Forget one who no longer listens."""
        with self._changed:
            self._listeners.discard(listener)
            self._told.pop(listener, None)

    def close(self) -> None:
        """End all streams, and the thread."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
            for listener in self._listeners:
                listener.close()
        self._thread.join(_EVERY)

    def _run(self) -> None:
        while self._wait():
            with self._changed:
                listeners = list(self._listeners)
            try:
                for grids in {listener.grids for listener in listeners}:
                    self._tell(grids, [one for one in listeners if one.grids == grids])
            except NobodyAnswers as nobody:
                log.debug("nothing to tell those who look on: %s", nobody)
            except Exception:
                log.exception("those who look on are told nothing this time")

    def _wait(self) -> bool:
        """Wait for the next second with somebody there, or for a newcomer; tell whether to go on."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._listeners)
            deadline = monotonic() + _EVERY
            self._changed.wait_for(lambda: self._is_closed or self._has_newcomer, max(0.0, deadline - monotonic()))
            self._has_newcomer = False
            return not self._is_closed

    def _tell(self, grids: Grids, listeners: list[Listener]) -> None:
        for part in PARTS:
            text = _written(self._answers.get(part, grids, _LIMITS.get(part)))
            for listener in listeners:
                with self._changed:
                    told = self._told.get(listener)
                    if told is None or told.get(part) == text:
                        continue
                    told[part] = text
                listener.tell(part, text)


def _written(picture: dict[str, Any]) -> str:
    return json.dumps(picture, separators=(",", ":"))
