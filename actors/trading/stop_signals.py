"""Signals while grids are opened and traded: the first stops them in order, the second at once.

They are SIGINT, SIGTERM and, unless it is ignored as under `nohup`, SIGHUP: a terminal that is closed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_AS_BEFORE = "\x1b[?1049l\x1b[?25h"  # a terminal leaves its second screen and shows its cursor


class StoppedEarly(KeyboardInterrupt):
    """A signal came before anybody listened; its name is the argument."""


class StopSignals:
    """Hear the signals as long as the context lasts; to be entered in the main thread."""

    def __init__(self) -> None:
        self._listener: Callable[[str], None] | None = None
        self._first: str | None = None
        self._at_once: list[Callable[[], None]] = []
        self._before: dict[signal.Signals, signal._HANDLER] = {}
        self._tell_unraisable = sys.unraisablehook

    def tell(self, listener: Callable[[str], None]) -> None:
        """Have `listener` told the name of the first signal, in place of `StoppedEarly` in the main thread.

        Raise `StoppedEarly` for one that has come already: what is raised in a finalizer goes nowhere.
        """
        self._listener = listener
        if self._first is not None:
            raise StoppedEarly(self._first)

    def at_once(self, tidy: Callable[[], None]) -> None:
        """Have something tidied up, at the second signal too, which ends the process at once."""
        self._at_once.append(tidy)

    def __enter__(self) -> Self:
        wanted = [number for number in _STOPPING if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._hear) for number in wanted}
        self._tell_unraisable, sys.unraisablehook = sys.unraisablehook, self._swallowed
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        sys.unraisablehook = self._tell_unraisable

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if self._first is not None:
            for tidy in self._at_once:
                with suppress(Exception):
                    tidy()
            _stop_at_once("stopped at once" if self._listener is None else "stopped at once; orders may still be open")
        self._first = signal.Signals(number).name
        if self._listener is None:
            raise StoppedEarly(self._first)
        self._listener(self._first)

    def _swallowed(self, unraisable: sys.UnraisableHookArgs) -> None:
        """Say nothing of a stop that somebody swallowed: it is told as soon as somebody listens."""
        if unraisable.exc_type is not StoppedEarly:
            self._tell_unraisable(unraisable)


def _stop_at_once(farewell: str) -> None:
    with suppress(OSError, ValueError):  # nobody may be there any more to read it
        if sys.stdout.isatty():
            os.write(sys.stdout.fileno(), _AS_BEFORE.encode())
        os.write(sys.stderr.fileno(), f"{farewell}\n".encode())
    os._exit(1)
