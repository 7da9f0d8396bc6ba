"""What others bring to the door: the measures of the process, whether it is ready, whether it is alive."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from engine.live_view import LiveView


def _no_complaint(_: LiveView) -> str | None:
    return None


@frozen
class Extras:
    """Hold what is asked for with a view, in the threads of those who ask, several at once.

    `metrics` is Prometheus text, None where there is none; `readiness` and `liveness` say what is missing, None when
    all is well.
    """

    metrics: Callable[[LiveView], bytes] | None = None
    readiness: Callable[[LiveView], str | None] = _no_complaint
    liveness: Callable[[LiveView], str | None] = _no_complaint
