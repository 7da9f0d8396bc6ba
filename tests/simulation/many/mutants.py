"""Make one deliberate mistake after the other in a copy of the code, and see whether the simulated worlds notice.

Each mutant lives through the worlds of seeds from 1 on until one of them breaks a law; so does the code as it is, as
many of them as the longest-lived mutant needed. Exits 1 when a mutant survives.
"""

from __future__ import annotations

import importlib
import os
import selectors
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from attrs import define, field, frozen
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.simulation.many.mutant import UNCHANGED, DoesNotApply, Mutant, prepare
from tests.simulation.many.running import Report, Worker, WorkerDied
from tests.simulation.many.telling import Sayer
from tests.simulation.many.worlds import LIVING

_LONGEST = 20  # seconds that one world may take


@frozen
class Outcome:
    """Tell how a mutant fared: caught in the `worlds`-th world by `law`, survived (`law` None), or in `trouble`."""

    mutant: Mutant
    worlds: int
    law: str | None = None
    trouble: str | None = None

    @property
    def is_caught(self) -> bool:
        """Tell whether a law was broken."""
        return self.law is not None


@define
class Trial:
    """Have one mutant live until it is caught or has lived through `seeds`."""

    mutant: Mutant
    seeds: int
    folder: tempfile.TemporaryDirectory[str]
    worker: Worker
    outcome: Outcome | None = None
    _worlds: int = field(default=0, init=False)

    @classmethod
    def begin(cls, mutant: Mutant, seeds: int, world: str) -> Trial:
        """Start it; raise `DoesNotApply` when it cannot be."""
        folder = tempfile.TemporaryDirectory(prefix="mutant-")
        try:
            prepare(mutant, Path(folder.name))
            worker = Worker(world, Path(folder.name), _LONGEST)
        except BaseException:
            folder.cleanup()
            raise
        trial = cls(mutant, seeds, folder, worker)
        worker.live(range(1, seeds + 1), keep_going=False)
        return trial

    def go_on(self) -> None:
        """Take what it reports."""
        try:
            for report in self.worker.reports():
                self._take(report)
            code = self.worker.code
            if code is not None and not code.is_relative_to(Path(self.folder.name).resolve()):
                self.outcome = Outcome(self.mutant, 0, trouble=f"not the copy is run, but {code}")
        except WorkerDied as died:
            self.outcome = Outcome(self.mutant, self._worlds, trouble=str(died))

    def _take(self, report: Report) -> None:
        self._worlds += report.figures.worlds
        if report.failures:
            self.outcome = Outcome(self.mutant, self._worlds, report.failures[0].law)
        elif report.done:
            self.outcome = Outcome(self.mutant, self._worlds)

    def end(self) -> None:
        """Leave nothing behind."""
        self.worker.close()
        self.folder.cleanup()


def try_all(
    mutants: Sequence[Mutant], seeds: int, workers: int, world: str, tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """Try mutants, some at a time; give what became of them, in their order."""
    outcomes: dict[str, Outcome] = {}
    waiting, trials = iter(mutants), list[Trial]()
    with selectors.DefaultSelector() as selector:
        try:
            while len(outcomes) < len(mutants):
                while len(trials) < workers and (mutant := next(waiting, None)) is not None:
                    try:
                        trials.append(trial := Trial.begin(mutant, seeds, world))
                        selector.register(trial.worker.fileno(), selectors.EVENT_READ, trial)
                    except (DoesNotApply, WorkerDied) as trouble:
                        outcomes[mutant.name] = Outcome(mutant, 0, trouble=str(trouble))
                        tell(outcomes[mutant.name])
                for key, _ in selector.select() if trials else ():
                    trial = key.data
                    trial.go_on()
                    if trial.outcome is not None:
                        selector.unregister(key.fd)
                        trials.remove(trial)
                        trial.end()
                        outcomes[trial.mutant.name] = trial.outcome
                        tell(trial.outcome)
        finally:
            for trial in trials:
                trial.end()
    return [outcomes[mutant.name] for mutant in mutants]


def table(outcomes: Sequence[Outcome]) -> list[str]:
    """Write what became of them in Markdown."""
    rows = ["| mistake | in | seen after | by |", "|---|---|---|---|"]
    for outcome in outcomes:
        mutant = outcome.mutant
        if outcome.trouble is not None:
            seen, by = "does not run", outcome.trouble.splitlines()[-1].replace("|", "\\|")
        elif outcome.law is not None:
            seen, by = f"{outcome.worlds:,} world{'s' if outcome.worlds > 1 else ''}", outcome.law
        else:
            seen, by = "**survives**", f"{outcome.worlds:,} worlds"
        rows.append(f"| {mutant.name} | `{mutant.file}` | {seen} | {by} |")
    return rows


@contextmanager
def mutant_bar(number: int) -> Iterator[Callable[[Outcome], None]]:
    """Show how many mutants have been tried, on stderr; gone at the end."""
    columns = (
        TextColumn("mutants"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[newest]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("mutants", total=number, newest="")

        def on_progress(outcome: Outcome) -> None:
            how = "caught" if outcome.is_caught else "does not run" if outcome.trouble else "SURVIVES"
            bars.update(task, advance=1, newest=f"{outcome.mutant.name}: {how}")

        yield on_progress


@click.command(help=__doc__)
@click.option("--seeds", type=click.IntRange(min=1), default=3000, show_default=True, help="Worlds for each at most.")
@click.option("--only", multiple=True, metavar="NAME", help="Those only whose name has this in it; may be repeated.")
@click.option("--workers", type=click.IntRange(min=1), default=os.cpu_count() or 1, help="Processes (one per core).")
@click.option("--world", default=LIVING, hidden=True, help="The module that has `live`.")
@click.option("--list", "mutant_list", default="tests.simulation.many.mutant_list", hidden=True)
def main(*, seeds: int, only: tuple[str, ...], workers: int, world: str, mutant_list: str) -> None:
    """Try those that are wanted, then the code as it is."""
    everything: Sequence[Mutant] = importlib.import_module(mutant_list).MUTANTS
    mutants = [mutant for mutant in everything if not only or any(part in mutant.name for part in only)]
    if not mutants:
        raise click.UsageError(f"no mutant is called {' or '.join(only)}")
    say = Sayer(Console())
    try:
        with mutant_bar(len(mutants) + 1) as tell:
            outcomes = try_all(mutants, seeds, workers, world, tell)
            longest = max((outcome.worlds for outcome in outcomes), default=0)
            unchanged = try_all([UNCHANGED], max(longest, 1), 1, world, tell)[0]
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
    for line in table(outcomes):
        say(line)
    caught = sum(outcome.is_caught for outcome in outcomes)
    say(f"\n{caught} of {len(outcomes)} were seen, at most after {longest:,} worlds")
    say(f"the code as it is: {as_it_is(unchanged)}")
    is_well = not unchanged.is_caught and unchanged.trouble is None
    sys.exit(0 if caught == len(outcomes) and is_well else 1)


def as_it_is(unchanged: Outcome) -> str:
    """Say how the code without a mistake fared: if it broke a law, nothing counts from that world on."""
    if unchanged.trouble is not None:
        return unchanged.trouble
    if unchanged.law is None:
        return f"{unchanged.worlds:,} worlds without a violation"
    return f"VIOLATED in the world of seed {unchanged.worlds}, so that nothing counts from there on: {unchanged.law}"


if __name__ == "__main__":
    main()
