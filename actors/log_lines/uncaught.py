"""What nobody caught: Python would print it as it is, so it is logged instead, like all else without secrets."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

_log = logging.getLogger(__name__)


def log_uncaught() -> None:
    """Log errors that no code caught, of the process, of a thread, of a finalizer.

    Only Python's own ways of telling them are replaced: whoever has put another one in their place is left alone.
    """
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _ended
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _thread_ended
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _swallowed


def _ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("ended by an error that nobody caught", exc_info=(kind, error, trace))


def _thread_ended(told: threading.ExceptHookArgs) -> None:
    if told.exc_type is SystemExit or told.exc_value is None:
        return
    name = told.thread.name if told.thread is not None else "a thread that is gone"
    _log.critical("%s ended by an error that nobody caught", name, exc_info=_info(told.exc_value))


def _swallowed(told: sys.UnraisableHookArgs) -> None:
    if told.exc_value is None:
        return
    # Not the object: it is being finalized, and its text may be anything.
    where = type(told.object).__name__
    _log.error("%s (%s)", told.err_msg or "error ignored", where, exc_info=_info(told.exc_value))


def _info(error: BaseException) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    return type(error), error, error.__traceback__
