"""The command itself, with a reconciler that fails once, and says all that it knows as it does."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from typing import Any

from actors.cli import main
from engine.reconciler import Reconciler

SECRETS = ("EXCHANGE_API_KEY", "EXCHANGE_SECRET_KEY", "APPRISE_NOTIFICATION_URLS")


def failing_once(handle: Callable[..., Any]) -> Callable[..., Any]:
    """Raise an error that has every secret of the environment in it, and then do as `handle` does."""
    calls = count()

    def handled(*arguments: Any) -> Any:
        if next(calls) == 0:
            raise RuntimeError(f"cannot go on with {[os.environ[name] for name in SECRETS]}")
        return handle(*arguments)

    return handled


if __name__ == "__main__":
    Reconciler.handle = failing_once(Reconciler.handle)  # type: ignore[method-assign]
    main()
