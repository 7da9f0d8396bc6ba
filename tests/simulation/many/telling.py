"""What is printed of many worlds: a bar while they run, a table of what they reached, the story of one that fails."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import attrs
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.simulation.many.figures import Figures, Group, grouped
from tests.simulation.many.story import cut, folded, lines
from tests.simulation.many.worlds import Failure, Told


@contextmanager
def world_bar(number: int | None) -> Iterator[Callable[[Figures], None]]:
    """Show how many worlds there were, how fast they go by and how many failed, on stderr; gone at the end."""
    columns = (
        SpinnerColumn(),
        TextColumn("worlds"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f} a minute per core, {task.fields[failures]} failed", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("worlds", total=number, rate=0.0, failures=0)

        def on_progress(figures: Figures) -> None:
            bars.update(task, completed=figures.worlds, rate=figures.a_minute, failures=figures.failures)

        yield on_progress


def show_coverage(console: Console, figures: Figures, expected: Iterable[str]) -> None:
    """Print which faults happened and which transitions were reached, and which were not."""
    faults = Table("what went wrong", box=SIMPLE_HEAD)
    faults.add_column("times", justify="right")
    faults.add_column("in worlds", justify="right")
    for kind, times in sorted(figures.faults.items()):
        faults.add_row(kind, f"{times:,}", f"{figures.worlds_with[kind]:,}")
    if figures.faults:
        console.print(faults)
    for group in grouped(figures.reached, expected):
        console.print(_reached(group))


def _reached(group: Group) -> Table:
    missed = f", {len(group.missed)} not reached" if group.missed else ""
    table = Table(f"{group.name}: {len(group.counts) - len(group.missed)} reached{missed}", box=SIMPLE_HEAD)
    table.add_column("times", justify="right")
    for name, times in group.counts:
        table.add_row(name, f"{times:,}" if times else "NEVER", style="" if times else "red")
    return table


def show_totals(console: Console, figures: Figures, seconds: float) -> None:
    """Print how much that was; `seconds` by the clock on the wall."""
    pace = figures.worlds / seconds * 60 if seconds else 0.0
    console.print(
        f"{figures.worlds:,} worlds, {figures.messages:,} messages, {figures.seconds / 3600:,.1f} h of their own time"
        f" in {seconds:,.1f} s: {pace:,.0f} worlds a minute, {figures.a_minute:,.0f} a minute of one core",
        highlight=False,
        soft_wrap=True,
    )


def show_failure(console: Console, failure: Failure) -> None:
    """Print which law was broken, how, and with which faults."""
    at = "" if failure.at is None else f" at {failure.at:.3f} s"
    say = Sayer(console)
    say(f"VIOLATED in the world of seed {failure.seed}{at}: {failure.law}")
    say(f"  {failure.what}")
    if failure.trace:
        say(failure.trace.rstrip())
    if failure.faults is not None:
        say(f"  with {len(failure.faults)} faults: {', '.join(failure.faults) or 'it takes none'}")


def show_story(console: Console, told: Sequence[Told], failure: Failure | None, most: int | None) -> None:
    """Print what happened, at most so many lines of it, around the violation if there is one."""
    at = failure.at if failure is not None else None
    say = Sayer(console)
    for line in cut(folded(lines(told, failure)), most, at):
        say(line.text)


def replay_command(seed: int, faults: Sequence[str] | None) -> str:
    """Say how to see that world again."""
    only = "" if faults is None else f' --only "{",".join(faults)}"'
    return f"scripts/simulate --replay {seed}{only}"


@attrs.frozen
class Sayer:
    """Print a text as it is: no markup, no colours, no wrapping."""

    console: Console

    def __call__(self, text: str) -> None:
        """Print it."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


def written(
    figures: Figures, failures: Sequence[Failure], expected: Iterable[str], first: int, seconds: float
) -> dict[str, Any]:
    """Give all of it for JSON."""
    missed = [f"{group.name}: {name}" for group in grouped(figures.reached, expected) for name in group.missed]
    return {
        "first_seed": first,
        "ended": time.time(),
        "wall_seconds": seconds,
        "worlds_a_minute_per_core": figures.a_minute,
        **figures.written(),
        "missed": missed,
        "violations": [attrs.asdict(failure) for failure in failures],
    }
