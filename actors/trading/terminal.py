"""The terminal that a run was started at, read without ever being stopped for it, and left as it was.

A process that reads from a terminal, or sets it, while another one has it in hand is stopped by the system; a process
that trades must not be. So it is looked first, and the signals for that are blocked.
"""

from __future__ import annotations

import os
import select
import signal
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

_STOPPING = (signal.SIGTTIN, signal.SIGTTOU)
_IFLAG, _LFLAG = tty.IFLAG, tty.LFLAG
_MOST_READ = 1024  # bytes


class Terminal:
    """Read keys from a terminal; `by_key` has them come one by one and unseen, else line by line as usual."""

    def __init__(self, handle: int, *, by_key: bool) -> None:
        """Prepare; nothing is changed before the first `look`."""
        self._handle, self._by_key = handle, by_key
        self._before: list[Any] | None = None
        self._woken, self._waker = os.pipe()

    @property
    def is_ours(self) -> bool:
        """Tell whether this process is the one that the terminal's keys are for."""
        try:
            return os.tcgetpgrp(self._handle) == os.getpgrp()
        except OSError:
            return False

    def look(self, seconds: float) -> bytes | None:
        """Give what is typed within so many seconds, nothing if it is not for us; None when no more will come."""
        self._claim()
        handles = [self._woken, *([self._handle] if self.is_ours else [])]
        try:
            ready, _, _ = select.select(handles, [], [], seconds)
            if self._woken in ready:
                return None
            if self._handle not in ready or not self.is_ours:
                return b""
            with _not_stopped():  # somebody may have taken it in this moment
                return os.read(self._handle, _MOST_READ) or None
        except OSError:
            # It was taken, or it is gone.
            return None if self.is_ours or not os.isatty(self._handle) else b""

    def wake(self) -> None:
        """Have whoever looks give up, from another thread, and keep the terminal as it is from now on."""
        self._by_key = False
        with suppress(OSError):
            os.write(self._waker, b".")

    def restore(self) -> None:
        """Leave the terminal as it was, if it is still ours to set; from any thread, a signal's handler, any number."""
        before = self._before
        if before is not None and self.is_ours:
            with _not_stopped(), suppress(OSError, termios.error):
                termios.tcsetattr(self._handle, termios.TCSANOW, before)

    def close(self) -> None:
        """Let go, once nobody looks any more."""
        for handle in (self._woken, self._waker):
            with suppress(OSError):
                os.close(handle)

    def _claim(self) -> None:
        """Have keys come one by one, also after a shell had the terminal in between and set it as it likes it."""
        if not self._by_key or not self.is_ours:
            return
        with _not_stopped(), suppress(OSError, termios.error):
            now = termios.tcgetattr(self._handle)
            if now[_LFLAG] & termios.ICANON:
                self._before = now
                termios.tcsetattr(self._handle, termios.TCSANOW, _by_key(now))


def _by_key(mode: list[Any]) -> list[Any]:
    """Change a mode so that keys come one by one; Ctrl-C and Ctrl-Z stay, and Ctrl-S holds up nobody who writes."""
    changed = [*mode[:-1], list(mode[-1])]
    changed[_IFLAG] &= ~termios.IXON
    changed[_LFLAG] &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
    changed[-1][termios.VMIN], changed[-1][termios.VTIME] = 1, 0
    return changed


@contextmanager
def _not_stopped() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
