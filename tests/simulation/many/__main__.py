"""Live through simulated worlds: many of them, or one again.

Without --from the first seed is a fresh one, which is printed. The first world that breaks a law is reduced to the
fewest faults and told. Exits 1 on a violation, 130 when interrupted before one.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import click
from attrs import define, field
from rich.console import Console

from tests.simulation.many.figures import Figures
from tests.simulation.many.running import Report, Wanted, WorkerDied, run
from tests.simulation.many.shrinking import LONGEST, shrink
from tests.simulation.many.telling import (
    Sayer,
    replay_command,
    show_coverage,
    show_failure,
    show_story,
    show_totals,
    world_bar,
    written,
)
from tests.simulation.many.worlds import LIVING, Failure, Told, alarms, expected, load, look

AROUND = 80  # lines of a story
INTERRUPTED = 130  # what shells make of Ctrl-C
_MOST_SHRUNK = 5  # laws of which one world each is reduced and told
_DEFAULT_SEEDS = 1000


@click.command(help=__doc__)
@click.option("--seeds", type=click.IntRange(min=1), help=f"How many worlds ({_DEFAULT_SEEDS}, unless --for is given).")
@click.option("--from", "first", type=click.IntRange(min=0), help="The first seed (fresh).")
@click.option("--for", "seconds", type=click.FloatRange(min=0, min_open=True), help="For how many seconds at most.")
@click.option("--workers", type=click.IntRange(min=1), default=os.cpu_count() or 1, help="Processes (one per core).")
@click.option("--keep-going", is_flag=True, help="Go on after a violation.")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures there.")
@click.option("--replay", type=click.IntRange(min=0), metavar="SEED", help="Tell the story of one world instead.")
@click.option("--only", metavar="FAULTS", help="With --replay: let nothing go wrong but these, a,b,c.")
@click.option("--quiet", is_flag=True, help="With --replay: only the verdict.")
@click.option("--tail", type=click.IntRange(min=1), metavar="N", help="With --replay: the last N lines.")
@click.option("--all", "everything", is_flag=True, help=f"With --replay: all lines, not {AROUND} of them.")
@click.option("--world", default=LIVING, hidden=True, help="The module that has `live`.")
def simulate(
    *,
    seeds: int | None,
    first: int | None,
    seconds: float | None,
    workers: int,
    keep_going: bool,
    path: Path | None,
    replay: int | None,
    only: str | None,
    quiet: bool,
    tail: int | None,
    everything: bool,
    world: str,
) -> None:
    """Choose between many worlds and one."""
    if replay is None and (only is not None or quiet or tail or everything):
        raise click.UsageError("--only, --quiet, --tail and --all go with --replay")
    if replay is not None:
        faults = None if only is None else frozenset(name.strip() for name in only.split(",") if name.strip())
        sys.exit(tell_again(world, replay, faults, quiet=quiet, most=None if everything else tail or AROUND, end=tail))
    if seeds is None and seconds is None:
        seeds = _DEFAULT_SEEDS
    begun = time.time_ns() // 1_000_000 % 10**10 if first is None else first
    wanted = Wanted(begun, seeds, seconds, min(workers, seeds or workers), keep_going, world)
    sys.exit(Many(wanted, path).run())


@define
class Many:
    """Run many worlds and print what they come to."""

    wanted: Wanted
    path: Path | None
    figures: Figures = field(factory=Figures)
    failures: list[Failure] = field(factory=list)
    console: Console = field(factory=Console)

    def run(self) -> int:
        """Give the exit code; Ctrl-C ends it with the figures so far."""
        wanted, say = self.wanted, Sayer(self.console)
        say(f"seeds from {wanted.first}, on {wanted.workers} cores (again: --from {wanted.first})")
        began, trouble, code = time.monotonic(), "", 0
        try:
            with world_bar(wanted.number) as show:
                run(wanted, lambda report: show(self._taken(report)))
        except KeyboardInterrupt:
            trouble, code = "interrupted", INTERRUPTED
        except WorkerDied as died:
            trouble, code = str(died), 1
        seconds = time.monotonic() - began
        known = expected(wanted.world)
        show_coverage(self.console, self.figures, known)
        self._show_failures()
        show_totals(self.console, self.figures, seconds)
        if trouble:
            say(trouble)
        if self.path is not None:
            all_of_it = written(self.figures, self.failures, known, wanted.first, seconds)
            self.path.write_text(json.dumps(all_of_it, indent=1), encoding="utf-8")
        return 1 if self.failures else code

    def _taken(self, report: Report) -> Figures:
        self.figures.add(report.figures)
        self.failures += report.failures
        return self.figures

    def _show_failures(self) -> None:
        """Tell how often each law was broken; reduce and tell one world of each."""
        say = Sayer(self.console)
        by_law: dict[str, list[Failure]] = {}
        for failure in self.failures:
            by_law.setdefault(failure.law, []).append(failure)
        for place, (law, failures) in enumerate(by_law.items()):
            if len(failures) > 1:
                seeds = ", ".join(str(failure.seed) for failure in failures[:10])
                say(f"{len(failures)} worlds: {law} (seeds {seeds}{', …' if len(failures) > 10 else ''})")
            if place < _MOST_SHRUNK:
                try:
                    self._shrink(min(failures, key=lambda failure: len(failure.faults or ())))
                except KeyboardInterrupt:
                    say("interrupted")
                    return

    def _shrink(self, failure: Failure) -> None:
        say, live = Sayer(self.console), load(self.wanted.world)
        with alarms():
            repeated = look(live, failure.seed, longest=LONGEST).failure
            if repeated is None or repeated.law != failure.law:
                show_failure(self.console, failure)
                say("  NOT REPEATED by the same seed in another process: its world is not decided by the seed alone")
                return
            again, shrunk = shrink(live, failure)
        show_failure(self.console, again)
        before = len(failure.faults or ())
        least = "" if shrunk.is_least else ", perhaps not the fewest: the tries were used up"
        say(f"  reduced from {before} faults to {len(again.faults or ())} in {shrunk.runs} runs{least}")
        told: list[Told] = []
        with alarms():
            only = None if again.faults is None else frozenset(again.faults)
            look(live, again.seed, only, told.append, LONGEST)
        show_story(self.console, told, again, AROUND)
        say(f"\n{replay_command(again.seed, again.faults)}\n")


def tell_again(
    world: str, seed: int, only: frozenset[str] | None, *, quiet: bool, most: int | None, end: int | None
) -> int:
    """Live through one world and tell it; `end` asks for its last lines. Give the exit code."""
    console = Console()
    say = Sayer(console)
    told: list[Told] = []
    with alarms():
        seen = look(load(world), seed, only, None if quiet else told.append)
    if not quiet:
        told_of = None if end is not None and seen.failure is None else seen.failure
        show_story(console, told, told_of, most)
    if seen.failure is not None:
        show_failure(console, seen.failure)
        return 1
    verdict = seen.verdict
    assert verdict is not None
    say(
        f"the world of seed {seed} is well: {verdict.messages:,} messages, {verdict.seconds:.3f} s, "
        f"faults: {', '.join(verdict.faults) or 'none'}"
    )
    return 0


if __name__ == "__main__":
    simulate()
