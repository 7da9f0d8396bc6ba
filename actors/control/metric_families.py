"""What Prometheus calls a metric family, under this program's names: ``gridactors_…``."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from engine.measures import LATENCY_BOUNDS, HistogramTold

_MS = 1_000.0
_BOUNDS = tuple(repr(bound / _MS) for bound in LATENCY_BOUNDS)

Sample = tuple[tuple[str, ...], float]  # the labels' values in their order, and the number


def gauge(name: str, told: str, labels: tuple[str, ...], samples: Iterable[Sample]) -> Metric:
    """Give what may rise and fall."""
    family = GaugeMetricFamily(f"gridactors_{name}", told, labels=labels)
    return _filled(family, samples)


def counter(name: str, told: str, labels: tuple[str, ...], samples: Iterable[Sample]) -> Metric:
    """Give what only rises, or begins anew with the process; its name gets ``_total`` behind it."""
    family = CounterMetricFamily(f"gridactors_{name}", told, labels=labels)
    return _filled(family, samples)


def latency(name: str, told: str, histograms: Iterable[tuple[str, HistogramTold]]) -> Metric:
    """Give a histogram in seconds for each grid."""
    family = HistogramMetricFamily(f"gridactors_{name}_seconds", told, labels=("grid",))
    for grid, histogram in histograms:
        buckets = [*zip(_BOUNDS, map(float, histogram.counts), strict=False), ("+Inf", float(histogram.count))]
        family.add_metric((_readable(grid),), buckets, histogram.total / _MS)
    return family


def _filled(family: GaugeMetricFamily | CounterMetricFamily, samples: Iterable[Sample]) -> Metric:
    """Add samples; of two with the same labels, which Prometheus would refuse altogether, the last one."""
    for labels, number in {tuple(map(_readable, labels)): number for labels, number in samples}.items():
        family.add_metric(labels, number)
    return family


def _readable(text: str) -> str:
    """Give what can be written in UTF-8: the name of a file need not be."""
    return text.encode(errors="backslashreplace").decode()
