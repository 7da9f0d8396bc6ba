"""The text of /metrics: everything that is worth a line on a dashboard, for Prometheus.

To be imported where it is used: whoever trades without a dashboard need not load its libraries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from actors.control.grid_metrics import grid_metrics
from actors.control.metric_families import gauge
from actors.control.process_metrics import actor_metrics, health_metrics, loss_metrics
from engine.live_view import LiveView
from engine.measures import MeasuresTold
from engine.messages.vitals import HealthDescribed, Mailbox

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_MS = 1_000.0


def render(
    view: LiveView,
    *,
    health: HealthDescribed | None = None,
    mailboxes: Sequence[Mailbox] = (),
    measures: Mapping[str, MeasuresTold] | None = None,
    restarts: Mapping[str, int] | None = None,
    dead_letters: int = 0,
    records_lost: int = 0,
    version: str = "",
) -> bytes:
    """Write a view and all that is known beside it, `measures` by grid and `restarts` by address; from any thread."""
    families = [
        *_process(view, version),
        *grid_metrics(view.grids, measures or {}),
        *actor_metrics(mailboxes, restarts),
        *health_metrics(health),
        *loss_metrics(dead_letters, records_lost),
    ]
    registry = CollectorRegistry()  # one of its own: what other libraries count of themselves is not ours to tell
    registry.register(_Ready(families))
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    return generate_latest(registry)


class _Ready(Collector):
    """Give families that are made already."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """Give all of them."""
        yield from self._families

    def describe(self) -> Iterator[Metric]:
        """Give them to a registry that asks for the names, too."""
        return self.collect()


def _process(view: LiveView, version: str) -> Iterator[Metric]:
    yield gauge("up", "1 while the process answers.", (), [((), 1.0)])
    yield gauge("info", "Always 1; the label says which version runs.", ("version",), [((version,), 1.0)])
    yield gauge("start_time_seconds", "When trading began.", (), [((), view.started_at / _MS)])
    yield gauge("stopping", "1 from the moment that the process is to end.", (), [((), float(view.is_stopping))])
