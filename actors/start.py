"""`gridactors start`: from configurations to a summary, results and a report."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click
from attrs import frozen

from actors import backtests, logs
from actors.candle_sources import candles_for
from actors.gateways import config_files
from actors.gateways.files import ensure_writable
from engine.errors import BadInput
from engine.grid_setup import GridSetup, grid_names, grid_rules
from engine.plain import moment, plain
from engine.results import GridRun
from engine.settings import Settings

STATE_DIR = Path("data")  # where a process keeps what it writes
_LONG_RUN = 20_000  # candles from which a progress bar is worth looking at

_log = logging.getLogger(__name__)


@frozen(kw_only=True)
class StartOptions:
    """Hold what the command line asks for."""

    configs: tuple[Path, ...]
    results: Path | None = None
    report: Path | None = None
    no_report: bool = False
    threads: bool = False
    as_json: bool = False
    quiet: bool = False


def start_grids(options: StartOptions) -> None:
    """Run every configuration to its end; raise `BadInput` before anything has started."""
    configurations = load_all(options.configs)
    report = _report_path(options, configurations)
    for path in (options.results, report):
        if path is not None:
            ensure_writable(path)
    _set_up_logs(configurations, quiet=options.quiet)
    grids = set_up_grids(configurations)
    run = backtests.run_threaded if options.threads else backtests.run_stepped
    with _progress(grids, quiet=options.quiet) as on_progress:
        runs = run(grids, on_progress)
    for finished in runs:
        _log_run(finished)
    _write(options, report, runs)


def load_all(paths: Sequence[Path]) -> list[Settings]:
    """Load every configuration; raise `BadInput` with the problems of all of them."""
    configurations: list[Settings] = []
    problems: list[str] = []
    for path in paths:
        try:
            settings = config_files.load(path)
            grid_rules(settings)
            configurations.append(settings)
        except BadInput as error:
            problems.extend(error.problems)
    if problems:
        raise BadInput(*problems)
    return configurations


def set_up_grids(configurations: Sequence[Settings]) -> list[GridSetup]:
    """Load the candles of every grid and warn of what is odd about them."""
    grids = []
    for name, settings in zip(grid_names(configurations), configurations, strict=True):
        candles, warnings = candles_for(settings)
        for warning in warnings:
            _log.warning("%s", warning)
        grids.append(GridSetup(name, settings, candles))
    return grids


def _report_path(options: StartOptions, configurations: Sequence[Settings]) -> Path | None:
    if options.no_report:
        if options.report is not None:
            raise BadInput("--report and --no-report exclude each other; give one of them")
        return None
    if options.report is not None:
        return options.report
    names = dict.fromkeys(settings.name for settings in configurations)
    several = "+".join(names)
    return STATE_DIR / "reports" / f"{several if len(several) <= 100 else f'{len(names)}-grids'}.html"


def _set_up_logs(configurations: Sequence[Settings], *, quiet: bool) -> None:
    """Log at the most talkative level asked for; to a file when any configuration wants one."""
    levels = [logging.getLevelNamesMapping()[settings.logging.log_level] for settings in configurations]
    level = max(min(levels), logging.WARNING) if quiet else min(levels)
    to_file = any(settings.logging.log_to_file for settings in configurations)
    logs.set_up(logging.getLevelName(level), STATE_DIR / "logs" / "gridactors.log" if to_file else None)


def _progress(grids: Sequence[GridSetup], *, quiet: bool) -> AbstractContextManager[backtests.Progress]:
    candles = sum(len(grid.candles) for grid in grids)
    if quiet or candles < _LONG_RUN or not sys.stderr.isatty():
        return nullcontext(_no_progress)
    from actors.progress import progress_bars

    return progress_bars({grid.name: len(grid.candles) for grid in grids})


def _no_progress(_name: str, _index: int) -> None:
    pass


def _log_run(run: GridRun) -> None:
    result = run.result
    if run.armed_at is not None:
        _log.debug("%s: armed at %s", run.name, moment(run.armed_at))
    for trade in result.trades if _log.isEnabledFor(logging.DEBUG) else ():
        _log.debug(
            "%s: %s %s %s at %s, fee %s %s, order %s",
            *(moment(trade.time), trade.side, plain(trade.quantity), run.settings.pair.base_currency),
            *(plain(trade.price), plain(trade.fee), trade.fee_asset, trade.client_order_id),
        )


def _write(options: StartOptions, report: Path | None, runs: Sequence[GridRun]) -> None:
    from actors.gateways import results_json

    if options.results is not None:
        results_json.write_results(options.results, runs)
    if report is not None:
        from actors.gateways.plotly_report import write_report

        write_report(report, runs)
    if options.as_json:
        click.echo(results_json.as_text(runs), nl=False)
    elif not options.quiet:
        from rich.console import Console

        from actors.summary import print_summary

        print_summary(Console(), runs)
        for label, path in (("Results", options.results), ("Report", report)):
            if path is not None:
                click.echo(f"{label}: {path}")
