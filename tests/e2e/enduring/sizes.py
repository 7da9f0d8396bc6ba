"""What a process takes of its machine at one moment, and whether that stays what it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import psutil
from attrs import frozen

_MB = 1_000_000
_WORTH_A_LOOK = 1.0  # megabytes of a database: below, its pages are too coarse to tell
_SETTLED_AFTER = 0.25  # of the time: until then caches, pools and buffers fill


@frozen
class Sizes:
    """Hold them: `seconds` since the beginning, megabytes in memory and on the disk, by kind of file."""

    seconds: float
    memory: float
    threads: int
    files: int
    database: float
    logs: float
    others: float
    fills: int
    processor: float  # seconds used so far

    def line(self) -> str:
        """Give them as a line of a table."""
        return (
            f"{self.seconds / 60:7.1f} {self.fills:8,d} {self.memory:9.1f} {self.threads:8d} {self.files:6d} "
            f"{self.database:9.2f} {self.logs:7.2f} {self.others:7.2f} {self.processor:9.0f}"
        )


HEAD = "minutes    fills memory MB  threads  files  database    logs  others processor"


def sizes_of(process: psutil.Process, state_dir: Path, seconds: float, fills: int) -> Sizes:
    """Measure a process that keeps its state in a folder."""
    with process.oneshot():
        memory, threads, files = process.memory_info().rss, process.num_threads(), process.num_fds()
        times = process.cpu_times()
    kinds = {"database": 0, "logs": 0, "others": 0}
    for path in state_dir.rglob("*"):
        kind = "database" if ".db" in path.name else "logs" if path.parent.name == "logs" else "others"
        try:
            kinds[kind] += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue  # rotated just now
    in_megabytes = {kind: size / _MB for kind, size in kinds.items()}
    return Sizes(
        seconds, memory / _MB, threads, files, fills=fills, processor=times.user + times.system, **in_megabytes
    )


def grown(series: Sequence[Sizes]) -> list[str]:
    """Say what does not stay as it was, once it has settled.

    A database grows by its trades, a log to its bound; everything else is to be flat.
    """
    settled = series[int(len(series) * _SETTLED_AFTER) :]
    middle = len(settled) // 2
    first, last = settled[:middle], settled[middle:]
    if not first:
        return ["too few looks to tell"]

    def growth(of: Callable[[Sizes], float]) -> float:
        return median(map(of, last)) - median(map(of, first))

    bounds: list[tuple[str, float, float]] = [
        ("memory (MB)", growth(lambda one: one.memory), max(5.0, 0.03 * first[0].memory)),
        ("threads", growth(lambda one: one.threads), 2),
        ("open files", growth(lambda one: one.files), 3),
        ("files that are neither database nor log (MB)", growth(lambda one: one.others), 0.1),
    ]
    wrong = [f"{name}: {more:+.1f} from one half to the other" for name, more, most in bounds if more > most]
    if settled[-1].logs > 61:
        wrong.append(f"logs: {settled[-1].logs:.1f} MB, and bounded by 60")
    early, late = _per_fill(first), _per_fill(last)
    if early and late > 1.3 * early and last[-1].database - last[0].database > _WORTH_A_LOOK:
        wrong.append(f"the database: {late * 1000:.1f} kB a fill, after {early * 1000:.1f}")
    return wrong


def _per_fill(series: Sequence[Sizes]) -> float:
    fills = series[-1].fills - series[0].fills
    return (series[-1].database - series[0].database) / fills if fills else 0.0
