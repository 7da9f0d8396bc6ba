"""A progress bar for each grid of a long run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def progress_bars(candles: Mapping[str, int]) -> Iterator[Callable[[str, int], None]]:
    """Show how far each grid is in its candles, on stderr; gone when the run ends."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {name: bars.add_task(name, total=total) for name, total in candles.items()}

        def on_progress(name: str, index: int) -> None:
            bars.update(tasks[name], completed=index)

        yield on_progress
