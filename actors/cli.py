"""The `gridactors` command."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from actors.commands.clicks import add_commands
from actors.log_lines.secrets import redacted
from actors.log_lines.uncaught import log_uncaught
from engine.errors import BadInput, RunFailed
from engine.settings.choices import AlertKind

_FILE = click.Path(path_type=Path)
_FAILED, _BAD_INPUT = 1, 2
_STATE_DIR = click.option(
    "--state-dir",
    type=_FILE,
    default="data",
    show_default=True,
    metavar="DIR",
    help="Keep here what is written: reports, logs, candles.",
)
_SINCE = "Begin here: 2026-01-31, 2026-01-31T10:00, or 24h or 7d ago."


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gridactors", prog_name="gridactors")
def gridactors() -> None:
    """Trade grids with supervised actors, and test them on history first."""


@gridactors.command(short_help="Run the grid of each CONFIG, several side by side.")
@click.argument("configs", metavar="CONFIG...", nargs=-1, required=True, type=_FILE)
@click.option("--results", type=_FILE, metavar="PATH", help="Write the results as JSON.")
@click.option("--report", type=_FILE, metavar="PATH", help="Write the report here [default: data/reports/NAME.html].")
@click.option("--no-report", is_flag=True, help="Write no report.")
@click.option("--threads", is_flag=True, help="Run every actor on a thread of its own; the result is the same.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON instead of the summary.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but warnings and errors.")
@click.option("--for", "duration", metavar="TIME", help="Stop after so long, 90s or 15m or 8h (live and paper).")
@click.option("--keep", is_flag=True, help="Refuse to start if a CONFIG is not the grid that it was before.")
@click.option("--fresh", is_flag=True, help="Let go of what each grid was, and begin anew with what it holds.")
@click.option("--detach", is_flag=True, help="Run in the background; it outlives the terminal (live and paper).")
@click.option("--listen", metavar="HOST:PORT", help="Serve dashboard and commands here [default: 127.0.0.1:8420].")
@click.option("--certificate", type=_FILE, metavar="PEM", help="Serve them by TLS, with this certificate ...")
@click.option("--key", type=_FILE, metavar="PEM", help="... and this private key.")
@click.option("--without-tls", is_flag=True, help="Let others than this machine in unencrypted.")
@click.option("--no-control", is_flag=True, help="Let nobody look or steer from outside.")
@_STATE_DIR
def start(duration: str | None, **options: Any) -> None:
    """Run the grid of each CONFIG (TOML or JSON), several side by side.

    A backtest runs to its last candle; live and paper trading until Ctrl-C, or until every grid has stopped.
    """
    from actors.durations import seconds_of
    from actors.start import StartOptions, start_grids

    sys.exit(_guarded(lambda: start_grids(StartOptions(seconds=seconds_of(duration, "--for"), **options))))


@gridactors.command(short_help="Show what each CONFIG would do with its money.")
@click.argument("configs", metavar="CONFIG...", nargs=-1, required=True, type=_FILE)
@click.option("--price", metavar="PRICE", help="Arm at this price [default: the first close inside the range].")
@click.option("--state", is_flag=True, help="Show instead what a start would find of its orders, and do.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_STATE_DIR
def check(configs: tuple[Path, ...], price: str | None, state_dir: Path, *, state: bool, as_json: bool) -> None:
    """Show what each CONFIG would do with its money: ladder, costs, worst cases, warnings; nothing is changed."""
    if state:
        from actors.check_state import check_states

        sys.exit(_guarded(lambda: check_states(configs, state_dir, as_json=as_json)))
    from actors.check import check_grids

    sys.exit(_guarded(lambda: check_grids(configs, price, as_json=as_json)))


@gridactors.command(short_help="Fetch the candles of each CONFIG's period beforehand.")
@click.argument("configs", metavar="CONFIG...", nargs=-1, required=True, type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_STATE_DIR
def fetch(configs: tuple[Path, ...], state_dir: Path, *, as_json: bool) -> None:
    """Fetch what is missing of the candles of each CONFIG's period; a backtest then finds them in the cache."""
    from actors.fetch import fetch_candles

    sys.exit(_guarded(lambda: fetch_candles(configs, state_dir, as_json=as_json)))


@gridactors.command(short_help="Show the last trades of running grids, or all of a CONFIG's.")
@click.argument("configs", metavar="[CONFIG]...", nargs=-1, type=_FILE)
@click.option("--grid", "grids", multiple=True, metavar="GRID", help="Show this running grid; may be repeated.")
@click.option("--limit", type=click.IntRange(1, 1000), metavar="N", help="Show so many of each running grid [20].")
@click.option("--since", metavar="TIME", help=_SINCE)
@click.option("--all", "every", is_flag=True, help="Tell of the grid's archived lives, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@_STATE_DIR
def trades(**options: Any) -> None:
    """Show every trade of each CONFIG's grid, oldest first, with what it realized and what all add up to.

    Reads what is stored, whether the grid runs or not. CSV and JSON have the ids of trades and orders and exact
    amounts; profits are reckoned from the grid's beginning, whatever --since leaves out. Without a CONFIG it asks the
    running process for its last trades, the newest first.
    """
    from actors.commands.trades import TradesOptions
    from actors.commands.trades import trades as show

    sys.exit(_guarded(lambda: show(TradesOptions(**options))))


@gridactors.command(short_help="Show what happened to each CONFIG's grid, event by event.")
@click.argument("configs", metavar="CONFIG...", nargs=-1, required=True, type=_FILE)
@click.option("--since", metavar="TIME", help=_SINCE)
@click.option("--all", "every", is_flag=True, help="Tell of the grid's archived lives, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@_STATE_DIR
def journal(**options: Any) -> None:
    """Show every event in the journal of each CONFIG's grid, oldest first; whether the grid runs or not."""
    from actors.history.asked import HistoryOptions
    from actors.history.journal import show_journal

    sys.exit(_guarded(lambda: show_journal(HistoryOptions(**options))))


@gridactors.command("notify-test", short_help="Send a test message to every service that is set.")
@click.argument("configs", metavar="[CONFIG]...", nargs=-1, type=_FILE)
@click.option("--kind", metavar="KIND", type=click.Choice(["all", *AlertKind]), help="Send an example of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def notify_test(configs: tuple[Path, ...], kind: str | None, *, as_json: bool) -> None:
    """Send a message to every service of APPRISE_NOTIFICATION_URLS, and tell which of them took it.

    The variable is looked for in the environment, in a .env here, and in one beside each CONFIG.
    """
    from actors.notify_test import send_tests

    sys.exit(_guarded(lambda: send_tests(configs, kind, as_json=as_json)))


@gridactors.command(short_help="Run a local exchange that speaks Binance Spot.")
@click.option("--pair", "pairs", multiple=True, metavar="BASE/QUOTE", help="Trade this; may be repeated [SOL/USDT].")
@click.option("--price", "prices", multiple=True, metavar="PRICE", help="Begin here, in the order of the pairs [100].")
@click.option("--seed", type=int, help="Make the same market again [default: another one each time].")
@click.option("--volatility", default="0.05", show_default=True, help="Move so much in a market day, a share.")
@click.option("--speed", default="60", show_default=True, help="Let so many market seconds pass in a second.")
@click.option("--script", type=_FILE, metavar="FILE", help="Follow this CSV of seconds,price with the first pair.")
@click.option("--port", type=int, default=0, help="Listen here, streams on the next one [default: any that is free].")
@click.option("--balance", "balances", multiple=True, metavar="ASSET=AMOUNT", help="Own this; may be repeated.")
@click.option("--fee", default="0.001", show_default=True, help="Charge this share of every trade.")
def sandbox(**options: Any) -> None:
    """Run a local exchange that speaks Binance Spot: REST, market streams and the WebSocket API, on loopback.

    Prints one line of JSON when it is ready, with its addresses and the keys of its account, and runs until Ctrl-C.
    """
    from actors.sandbox.command import run_sandbox
    from actors.sandbox.command_options import SandboxCommand

    sys.exit(_guarded(lambda: run_sandbox(SandboxCommand(**options))))


def _guarded(run: Callable[[], None]) -> int:
    """Run a command and give its exit code: 2 for what the user can mend, 1 for what failed while running."""
    try:
        run()
    except BadInput as error:
        for problem in error.problems:
            click.echo(redacted(f"error: {problem}"), err=True)
        for detail in error.details:
            click.echo(redacted(detail), err=True)
        return _BAD_INPUT
    except KeyboardInterrupt as interrupt:
        click.echo(f"interrupted; {', '.join(interrupt.args) or 'nothing'} was written", err=True)
        return _FAILED
    except Exception as error:
        import logging

        logging.getLogger(__name__).debug("failed", exc_info=True)
        kind = "" if isinstance(error, RunFailed) else f"{type(error).__name__}: "
        click.echo(redacted(f"failed: {kind}{error}"), err=True)
        return _FAILED
    return 0


add_commands(gridactors, _guarded)


def main() -> None:
    """Run the command line."""
    log_uncaught()
    gridactors(prog_name="gridactors")
