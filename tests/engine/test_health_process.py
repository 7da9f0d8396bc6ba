"""The process by its figures: each threshold, and what is said."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from engine.health.findings import Finding
from engine.health.process import ProcessHealth, Vitals
from engine.health.thresholds import strictest
from engine.health.words import many, size, span
from engine.messages.vitals import Level
from engine.settings.model import Health

OK, WARNING, CRITICAL, UNKNOWN = Level.OK, Level.WARNING, Level.CRITICAL, Level.UNKNOWN
MB, GB = 10**6, 10**9
WELL = Vitals(
    cpu_seconds=0.0,
    memory=100 * MB,
    machine_memory=50.0,
    disk_free=50 * GB,
    disk_total=100 * GB,
    state=12 * MB,
    threads=30,
    files=40,
    files_limit=1_000,
)


def look(health: Health | None = None, **changes: Any) -> dict[str, Finding]:
    process = ProcessHealth(health or Health())
    return {finding.name: finding for finding in process.findings(0.0, evolve(WELL, **changes))}


@pytest.mark.parametrize(
    ("name", "health", "changes", "level", "text"),
    [
        ("memory", Health(), {}, OK, "100 MB in memory; 50 % of the machine's memory is taken"),
        (
            "memory",
            Health(),
            {"machine_memory": 80.0},
            WARNING,
            "100 MB in memory; 80 % of the machine's memory is taken, of at most 80 %",
        ),
        ("memory", Health(), {"machine_memory": 90.0}, CRITICAL, "of at most 80 %"),
        ("memory", Health(memory_mb=99.0), {}, WARNING, "100 MB in memory, of at most 99 MB; 50 %"),
        ("memory", Health(memory_mb=99.0), {"machine_memory": None}, WARNING, "100 MB in memory, of at most 99 MB"),
        ("memory", Health(), {"memory": None}, UNKNOWN, "the system does not tell"),
        ("disk", Health(), {}, OK, "50 GB of 100 GB are free where the state is kept; the state takes 12 MB"),
        ("disk", Health(), {"disk_free": 5 * GB, "state": None}, OK, "5 GB of 100 GB are free where the state is kept"),
        ("disk", Health(), {"disk_free": 4 * GB}, WARNING, "4 GB of 100 GB are free where the state is kept, of at"),
        ("disk", Health(), {"disk_free": GB // 2}, CRITICAL, "of at least 5 GB"),
        ("disk", Health(), {"disk_free": 499 * MB, "disk_total": GB}, WARNING, "of at least 500 MB"),
        ("disk", Health(disk_free_mb=0, disk_free_percent=0), {"disk_free": 0}, OK, "0.0 MB of 100 GB"),
        ("disk", Health(), {"disk_free": None}, UNKNOWN, "the system does not tell"),
        ("threads", Health(), {"threads": 5_000}, OK, "5,000 threads"),
        ("threads", Health(threads=30), {}, OK, "30 threads"),
        ("threads", Health(threads=29), {}, WARNING, "30 threads, of at most 29"),
        ("threads", Health(), {"threads": None}, UNKNOWN, "the system does not tell"),
        ("files", Health(), {}, OK, "40 open files and sockets, of 1,000 that are allowed"),
        ("files", Health(), {"files": 800}, WARNING, "800 open files and sockets, of 1,000 that are allowed"),
        ("files", Health(), {"files": 900}, CRITICAL, "900 open files and sockets"),
        ("files", Health(), {"files": 9_000, "files_limit": None}, OK, "9,000 open files"),
        ("files", Health(), {"files": None}, UNKNOWN, "the system does not tell"),
        ("cpu", Health(), {"cpu_seconds": None}, UNKNOWN, "the system does not tell"),
    ],
)
def test_figure_is_judged_and_told(name: str, health: Health, changes: Any, level: Level, text: str) -> None:
    finding = look(health, **changes)[f"process.{name}"]
    assert (finding.level, finding.grid) == (level, None)
    assert text in finding.text


def cpu(*looks: tuple[float, float]) -> list[Finding]:
    """Give what is found of the processor at looks of (time, seconds used since the start)."""
    process = ProcessHealth(Health())
    return [process.findings(now, evolve(WELL, cpu_seconds=used))[0] for now, used in looks]


def test_processor_that_is_busy_for_several_looks_is_told() -> None:
    found = cpu((0, 0), (60, 59), (120, 118), (180, 177))
    assert [finding.level for finding in found] == [OK, OK, OK, WARNING]
    assert found[-1].text == "98 % of one core over 3 min, of at most 90 %"
    assert found[-1].number == pytest.approx(98.3, abs=0.1)


def test_one_spike_of_the_processor_is_shown_and_not_told() -> None:
    found = cpu((0, 0), (60, 6), (120, 12), (180, 72), (240, 78), (300, 84))
    assert {finding.level for finding in found[1:]} == {OK}
    assert found[3].number == pytest.approx(100)
    assert found[3].text == "40 % of one core over 3 min"


def test_short_looks_judge_the_processor_over_half_a_minute() -> None:
    found = cpu(*((float(now), float(now)) for now in range(40)))
    assert [finding.level for finding in found].index(WARNING) == 30
    assert found[35].text == "100 % of one core over 30 s, of at most 90 %"


def test_growth_of_memory_is_told_when_it_is_certain() -> None:
    process = ProcessHealth(Health())
    for minute in range(24 * 60):
        grown = evolve(WELL, memory=400 * MB + 12 * MB * minute // 1_440, disk_free=50 * GB - minute * GB // 144)
        texts = {finding.name: finding.text for finding in process.findings(minute * 60.0, grown)}
    assert texts["process.memory"].endswith("; memory grows by 12 MB a day")
    assert texts["process.disk"].endswith("; 10 GB less a day, nothing would be left in 4 days")
    assert texts["process.threads"] == "30 threads"


def test_strictest_threshold_of_several_grids_counts() -> None:
    one = Health(cpu_percent=50, memory_mb=None, disk_free_mb=100, threads=9)
    other = Health(cpu_percent=70, memory_mb=300, disk_free_mb=900, threads=None)
    assert strictest([one, other]) == Health(cpu_percent=50, memory_mb=300, disk_free_mb=900, threads=9)
    assert strictest([Health()]) == Health()


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (span(0), "0 s"),
        (span(0.42), "0.4 s"),
        (span(75), "75 s"),
        (span(119), "119 s"),
        (span(120), "2 min"),
        (span(12_600), "3.5 h"),
        (span(400_000), "4.6 days"),
        (size(0), "0.0 MB"),
        (size(412 * MB), "412 MB"),
        (size(1_234 * MB), "1.2 GB"),
        (size(2.5e12), "2.5 TB"),
        (many(1, "thread"), "1 thread"),
        (many(1_200, "thread"), "1,200 threads"),
        (many(2, "batch", "batches"), "2 batches"),
    ],
)
def test_figures_are_written_for_people(told: str, text: str) -> None:
    assert told == text
