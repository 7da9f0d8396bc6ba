"""The health of this process and its machine: processor, memory, disk, threads, open files."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from attrs import frozen

from engine.health.findings import Finding
from engine.health.growth import Growth
from engine.health.words import many, size, span
from engine.messages.vitals import Level
from engine.settings.model import Health

_CPU_LOOKS, _CPU_SECONDS = 3, 30.0  # that the processor is looked at for: one spike is no trouble
_MB = 1e6
_NEARLY_NONE = 0.2  # the share of what should be free below which it is critical


@frozen(kw_only=True)
class Vitals:
    """Hold what this process uses, in bytes where nothing else is said; None where the system does not tell.

    `cpu_seconds` since it began; `machine_memory` in percent; `state` is what the state directory takes.
    """

    cpu_seconds: float | None = None
    memory: int | None = None
    machine_memory: float | None = None
    disk_free: int | None = None
    disk_total: int | None = None
    state: int | None = None
    threads: int | None = None
    files: int | None = None
    files_limit: int | None = None


class ProcessHealth:
    """Judge one look after the other."""

    def __init__(self, health: Health) -> None:
        """Begin with no history."""
        self._health = health
        self._cpu: deque[tuple[float, float]] = deque()  # seconds used, by time; no further back than is judged
        self._memory, self._disk = Growth(_MB), Growth(10 * _MB)
        self._threads, self._files = Growth(1.0), Growth(1.0)

    def findings(self, now: float, vitals: Vitals) -> list[Finding]:
        """Say how everything is; `now` in seconds of a monotonic clock."""
        return [
            self._judge_cpu(now, vitals.cpu_seconds),
            self._judge_memory(now, vitals),
            self._judge_disk(now, vitals),
            self._judge_threads(now, vitals.threads),
            self._judge_files(now, vitals),
        ]

    # --- processor -----------------------------------------------------------------------------------

    def _judge_cpu(self, now: float, seconds: float | None) -> Finding:
        name, looks = "process.cpu", self._cpu
        if seconds is None:
            return _unknown(name)
        looks.append((now, seconds))
        while len(looks) > _CPU_LOOKS + 1 and now - looks[1][0] >= _CPU_SECONDS:
            looks.popleft()
        if len(looks) == 1:
            return Finding(name, None, Level.OK, "the processor has been looked at only once")
        latest = _percent(looks[-2], looks[-1])
        seconds_seen = now - looks[0][0]
        if len(looks) <= _CPU_LOOKS or seconds_seen < _CPU_SECONDS:
            return Finding(name, None, Level.OK, f"{latest:.0f} % of one core", latest, "%")
        percent, most = _percent(looks[0], looks[-1]), self._health.cpu_percent
        level, text = Level.OK, f"{percent:.0f} % of one core over {span(seconds_seen)}"
        if percent >= most:
            level, text = Level.WARNING, f"{text}, of at most {most:g} %"
        return Finding(name, None, level, text, latest, "%")

    # --- memory --------------------------------------------------------------------------------------

    def _judge_memory(self, now: float, vitals: Vitals) -> Finding:
        name, used, machine = "process.memory", vitals.memory, vitals.machine_memory
        if used is None:
            return _unknown(name)
        self._memory.take(now, used)
        level, text = Level.OK, f"{size(used)} in memory"
        most = self._health.memory_mb
        if most is not None and used >= most * _MB:
            level, text = Level.WARNING, f"{text}, of at most {size(most * _MB)}"
        if machine is not None:
            text = f"{text}; {machine:.0f} % of the machine's memory is taken"
            level = _worse(level, _by_percent(machine, self._health.memory_percent))
            if machine >= self._health.memory_percent:
                text = f"{text}, of at most {self._health.memory_percent:g} %"
        return Finding(name, None, level, text + _grows(self._memory, "memory", size), used / _MB, "MB")

    # --- disk ----------------------------------------------------------------------------------------

    def _judge_disk(self, now: float, vitals: Vitals) -> Finding:
        name, free, total = "process.disk", vitals.disk_free, vitals.disk_total
        if free is None or not total:
            return _unknown(name)
        self._disk.take(now, free)
        least = max(self._health.disk_free_mb * _MB, self._health.disk_free_percent / 100 * total)
        text = f"{size(free)} of {size(total)} are free where the state is kept"
        level = Level.OK
        if free < least:
            level = Level.CRITICAL if free < _NEARLY_NONE * least else Level.WARNING
            text = f"{text}, of at least {size(least)}"
        if vitals.state is not None:
            text = f"{text}; the state takes {size(vitals.state)}"
        per_day = self._disk.per_day
        if per_day is not None and per_day < 0:
            text = f"{text}; {size(-per_day)} less a day, nothing would be left in {span(86_400 * free / -per_day)}"
        return Finding(name, None, level, text, free / _MB, "MB")

    # --- threads and files ---------------------------------------------------------------------------

    def _judge_threads(self, now: float, threads: int | None) -> Finding:
        name, most = "process.threads", self._health.threads
        if threads is None:
            return _unknown(name)
        self._threads.take(now, threads)
        is_many = most is not None and threads > most
        text = many(threads, "thread") + (f", of at most {most}" if is_many else "")
        text += _grows(self._threads, "their number", _count)
        return Finding(name, None, Level.WARNING if is_many else Level.OK, text, threads, "threads")

    def _judge_files(self, now: float, vitals: Vitals) -> Finding:
        name, files, limit = "process.files", vitals.files, vitals.files_limit
        if files is None:
            return _unknown(name)
        self._files.take(now, files)
        level, text = Level.OK, many(files, "open file")
        if limit:
            level = _by_percent(100 * files / limit, self._health.open_files_percent)
            text = f"{text} and sockets, of {limit:,} that are allowed"
        return Finding(name, None, level, text + _grows(self._files, "their number", _count), files, "files")


def _percent(sooner: tuple[float, float], later: tuple[float, float]) -> float:
    """Give the percent of one core that were used between two looks."""
    seconds = later[0] - sooner[0]
    return 100 * (later[1] - sooner[1]) / seconds if seconds > 0 else 0.0


def _unknown(name: str) -> Finding:
    return Finding(name, None, Level.UNKNOWN, "the system does not tell")


def _by_percent(percent: float, most: float) -> Level:
    """Judge a share of something that ends at 100 %: halfway to there it is critical."""
    if percent < most:
        return Level.OK
    return Level.CRITICAL if percent >= (most + 100) / 2 else Level.WARNING


def _worse(one: Level, other: Level) -> Level:
    return max(one, other, key=(Level.OK, Level.WARNING, Level.CRITICAL).index)


def _grows(growth: Growth, what: str, write: Callable[[float], str]) -> str:
    per_day = growth.per_day
    if per_day is None:
        return ""
    return f"; {what} {'grows' if per_day > 0 else 'shrinks'} by {write(abs(per_day))} a day"


def _count(number: float) -> str:
    return f"{number:.0f}"
