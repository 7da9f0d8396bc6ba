"""The commands to a running process, as the command line knows them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

Guarded = Callable[[Callable[[], None]], int]  # runs a command, tells its errors, and gives its exit code
Run = Callable[..., None]  # runs the words of a command, with the options that it was given

_RUNS_THERE = click.option(
    "--state-dir",
    type=click.Path(path_type=Path),
    default="data",
    show_default=True,
    metavar="DIR",
    help="Find the running process here.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_GRIDS = click.argument("grids", metavar="[GRID...]", nargs=-1)
_WAIT = click.option("--wait", metavar="TIME", default="60s", show_default=True, help="Wait for it so long.")
_YES = click.option("--yes", "-y", is_flag=True, help="Do not ask.")
_LOOKING: Final = {
    "status": "Show how running grids stand, and what they earned.",
    "orders": "Show the open orders of running grids.",
    "balance": "Show what running grids have, free and reserved.",
    "levels": "Show every level of running grids, and why it is empty.",
    "health": "Show how the running process is.",
}
_RESUMING: Final = {
    "resume": "Put the ladder back, of paused or stopped grids.",
    "restart": "Take all orders down, and put the ladder back.",
}
_GRID_HELP = "GRID is a name such as SOL/USDT, or the beginning of one; without any it is all grids."


def add_commands(group: click.Group, guarded: Guarded) -> None:
    """Add every command to a running process; `guarded` runs what they do."""

    def run(words: tuple[str, ...], **options: Any) -> None:
        from actors.commands.client import ClientOptions, run_command

        sys.exit(guarded(lambda: run_command(ClientOptions(words=words, **options))))

    for name, text in _LOOKING.items():
        group.add_command(_looking(name, text, run))
    for name, text in _RESUMING.items():
        group.add_command(_resuming(name, text, run))
    for add in (_add_events, _add_pause, _add_ending):
        add(group, run)
    _add_doors(group, guarded)


def _looking(name: str, text: str, run: Run) -> click.Command:
    @click.command(name, help=f"{text}\n\n{_GRID_HELP}", short_help=text)
    @_GRIDS
    @_JSON
    @_RUNS_THERE
    def look(grids: tuple[str, ...], **options: Any) -> None:
        run((name, *grids), **options)

    return look


def _add_events(group: click.Group, run: Run) -> None:
    @group.command(short_help="Show what happened last in running grids.")
    @_GRIDS
    @click.option(
        "--limit", type=click.IntRange(1, 1000), metavar="N", default=20, show_default=True, help="Show so many."
    )
    @_JSON
    @_RUNS_THERE
    def events(grids: tuple[str, ...], limit: int, **options: Any) -> None:
        """Show what happened last in running grids, the newest first; `journal CONFIG` tells everything."""
        run(("events", *grids, str(limit)), **options)


def _add_pause(group: click.Group, run: Run) -> None:
    @group.command(short_help="Take the orders of running grids down, and have them rest.")
    @_GRIDS
    @click.option("--for", "duration", metavar="TIME", help="Go on by itself after so long, 90s or 15m or 8h.")
    @_WAIT
    @_JSON
    @_RUNS_THERE
    def pause(grids: tuple[str, ...], duration: str | None, **options: Any) -> None:
        """Take all orders of running grids down and have them rest; take-profit and stop-loss are still watched.

        GRID is a name such as SOL/USDT, or the beginning of one; without any it is all grids.
        """
        run(("pause", *grids, *(() if duration is None else ("--for", duration))), **options)


def _resuming(name: str, text: str, run: Run) -> click.Command:
    @click.command(name, help=f"{text}\n\n{_GRID_HELP}", short_help=text)
    @_GRIDS
    @_WAIT
    @_JSON
    @_RUNS_THERE
    def steer(grids: tuple[str, ...], **options: Any) -> None:
        run((name, *grids), **options)

    return steer


def _add_ending(group: click.Group, run: Run) -> None:
    @group.command(short_help="Take the orders of running grids down, and end them.")
    @_GRIDS
    @_YES
    @_WAIT
    @_JSON
    @_RUNS_THERE
    def stop(grids: tuple[str, ...], **options: Any) -> None:
        """Take all orders of running grids down and end them; what they hold is kept.

        GRID is a name such as SOL/USDT, or the beginning of one; without any it is all grids.
        """
        run(("stop", *grids), **options)

    @group.command(name="quit", short_help="Stop every grid, and end the running process.")
    @_YES
    @_WAIT
    @_JSON
    @_RUNS_THERE
    def end(**options: Any) -> None:
        """Take all orders of every grid down and end the running process; what grids hold is kept."""
        run(("quit",), **options)


def _add_doors(group: click.Group, guarded: Guarded) -> None:
    @group.command(short_help="Print a link that opens the dashboard in a browser.")
    @click.option("--open", "in_browser", is_flag=True, help="Open it in this machine's browser instead.")
    @_JSON
    @_RUNS_THERE
    def dashboard(state_dir: Path, *, in_browser: bool, as_json: bool) -> None:
        """Print a link that lets one browser into the dashboard of the running process, once."""
        from actors.commands.doors import open_dashboard

        sys.exit(guarded(lambda: open_dashboard(state_dir, in_browser=in_browser, is_json=as_json)))

    @group.command(name="ping", short_help="Tell by the exit code whether the process lives.")
    @click.option("--ready", "is_ready", is_flag=True, help="Ask whether it is ready to trade.")
    @_JSON
    @_RUNS_THERE
    def probe(state_dir: Path, *, is_ready: bool, as_json: bool) -> None:
        """Tell by the exit code whether the running process lives: 0 if it does, 1 if not."""
        from actors.commands.doors import ping

        sys.exit(guarded(lambda: ping(state_dir, is_ready=is_ready, is_json=as_json)))
