"""The `gridactors` command."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from engine.errors import BadInput

_FILE = click.Path(path_type=Path)
_FAILED, _BAD_INPUT = 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gridactors", prog_name="gridactors")
def gridactors() -> None:
    """Trade grids with supervised actors, and test them on history first."""


@gridactors.command()
@click.argument("configs", metavar="CONFIG...", nargs=-1, required=True, type=_FILE)
@click.option("--results", type=_FILE, metavar="PATH", help="Write the results as JSON.")
@click.option("--report", type=_FILE, metavar="PATH", help="Write the report here [default: data/reports/NAME.html].")
@click.option("--no-report", is_flag=True, help="Write no report.")
@click.option("--threads", is_flag=True, help="Run every actor on a thread of its own; the result is the same.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON instead of the summary.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but warnings and errors.")
def start(**options: Any) -> None:
    """Run the grid of each CONFIG (TOML or JSON), several side by side."""
    from actors.start import StartOptions, start_grids

    sys.exit(_guarded(lambda: start_grids(StartOptions(**options))))


@gridactors.command(short_help="Show what each CONFIG would do with its money.")
@click.argument("configs", metavar="CONFIG...", nargs=-1, required=True, type=_FILE)
@click.option("--price", metavar="PRICE", help="Arm at this price [default: the first close inside the range].")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(configs: tuple[Path, ...], price: str | None, *, as_json: bool) -> None:
    """Show what each CONFIG would do with its money: ladder, costs, worst cases, warnings."""
    from actors.check import check_grids

    sys.exit(_guarded(lambda: check_grids(configs, price, as_json=as_json)))


def _guarded(run: Callable[[], None]) -> int:
    """Run a command and give its exit code: 2 for what the user can mend, 1 for what failed while running."""
    try:
        run()
    except BadInput as error:
        for problem in error.problems:
            click.echo(f"error: {problem}", err=True)
        return _BAD_INPUT
    except KeyboardInterrupt as interrupt:
        click.echo(f"interrupted; {', '.join(interrupt.args) or 'nothing'} was written", err=True)
        return _FAILED
    except Exception as error:
        import logging

        logging.getLogger(__name__).debug("failed", exc_info=True)
        click.echo(f"failed: {type(error).__name__}: {error}", err=True)
        return _FAILED
    return 0


def main() -> None:
    """Run the command line."""
    gridactors(prog_name="gridactors")
