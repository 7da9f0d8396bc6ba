"""`gridactors start`: from configurations to a summary, results and a report."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import frozen

from actors import backtests, logs
from actors.candles.sources import candle_file
from actors.gateways.files import ensure_writable, is_special
from actors.loading import each, load_configurations, set_up_grids
from actors.state_dir import STATE_DIR
from engine.errors import BadInput
from engine.grid_setup import BacktestSetup
from engine.plain import moment, plain
from engine.results import GridRun
from engine.settings import Settings
from engine.settings.choices import TradingMode

if TYPE_CHECKING:
    from actors.control.door import Door
    from actors.trading.stop_signals import StopSignals

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
    state_dir: Path = STATE_DIR
    seconds: float | None = None
    keep: bool = False
    fresh: bool = False
    detach: bool = False
    listen: str | None = None
    certificate: Path | None = None
    key: Path | None = None
    without_tls: bool = False
    no_control: bool = False


def start_grids(options: StartOptions) -> None:
    """Run every configuration to its end; raise `BadInput` before anything has started."""
    if options.detach:
        from actors.detaching import start_detached

        start_detached(options.configs, options.state_dir, sys.argv[1:], as_json=options.as_json)
        return
    configurations = load_configurations(options.configs)
    is_backtest = _all_backtests(configurations)
    candle_paths = each(configurations, candle_file) if is_backtest else []
    report = _report_path(options, configurations)
    _check_outputs({"--results": options.results, "--report": report}, [*options.configs, *filter(None, candle_paths)])
    if is_backtest:
        _finish(options, report, _backtest(options, configurations))
    else:
        _trade(options, report, configurations)


def _all_backtests(configurations: Sequence[Settings]) -> bool:
    """Tell whether all are backtests, or none is; raise `BadInput` for a mixture."""
    live = [one for one in configurations if one.exchange.trading_mode is not TradingMode.BACKTEST]
    if live and len(live) < len(configurations):
        past = next(one for one in configurations if one.exchange.trading_mode is TradingMode.BACKTEST)
        raise BadInput(
            f'{live[0].source}: exchange.trading_mode = "{live[0].exchange.trading_mode}" cannot be started together '
            f"with the backtest of {past.source}; allowed: only backtests, or none"
        )
    return not live


def _backtest(options: StartOptions, configurations: Sequence[Settings]) -> list[GridRun]:
    if options.seconds is not None:
        raise BadInput("--for bounds a run on live prices, and this is a backtest; allowed: trading_settings.period")
    grids, warnings = set_up_grids(configurations, options.state_dir, quiet=options.quiet)
    _set_up_logs(options, configurations)
    for warning in warnings:
        _log.warning("%s", warning)
    run = backtests.run_threaded if options.threads else backtests.run_stepped
    with _progress(grids, quiet=options.quiet) as on_progress:
        return run(grids, on_progress)


def _finish(options: StartOptions, report: Path | None, runs: Sequence[GridRun]) -> None:
    """Tell what came of the runs, if there were any."""
    for finished in runs:
        _log_run(finished)
    if runs:
        _write(options, report, runs)


def _trade(options: StartOptions, report: Path | None, configurations: Sequence[Settings]) -> None:
    from actors.trading.run import TradingFailedError
    from actors.trading.stop_signals import StoppedEarly, StopSignals

    if options.threads:
        raise BadInput("--threads chooses how a backtest runs; live prices are always traded on threads; leave it out")
    try:
        with StopSignals() as signals:
            runs = _open_and_trade(options, configurations, signals)
    except StoppedEarly as stopped:
        click.echo(f"stopped by {stopped} before anything was started", err=True)
    except TradingFailedError as failed:
        _finish(options, report, failed.runs)
        raise
    else:
        _finish(options, report, runs)


def _open_and_trade(options: StartOptions, configurations: Sequence[Settings], signals: StopSignals) -> list[GridRun]:
    from actors.attendants import Attendance
    from actors.display.live_table import live_table
    from actors.gateways.apprise_service import load_services
    from actors.opening.earlier import bring_places_up_to_date
    from actors.opening.one_writer import sole_writers
    from actors.opening.opening import open_grids
    from actors.opening.states import find_states
    from actors.trading.beginning_anew import look_back
    from actors.trading.recovering import recover, refuse_beginnings, tell_who_rests
    from actors.trading.run import trade

    show_nothing = options.quiet or options.as_json
    services = load_services(settings.source for settings in configurations)
    bring_places_up_to_date(configurations, options.state_dir)
    states = find_states(configurations, options.state_dir)
    beginnings = look_back(configurations, states, options.state_dir, keep=options.keep, afresh=options.fresh)
    with closing(open_grids(configurations, beginnings.states)) as opened:
        _set_up_logs(options, configurations)
        for warning in opened.warnings:
            _log.warning("%s", warning)
        refuse_beginnings(opened)
        with sole_writers(configurations, options.state_dir), _door(options) as door:
            attendance = Attendance(services, door, options.state_dir)
            beginnings.let_go(opened)
            recover(opened)
            tell_who_rests(opened)
            with nullcontext(None) if show_nothing else live_table(door=door.url if door else None) as screen:
                return trade(opened, attendance, screen, options.seconds, signals)


@contextmanager
def _door(options: StartOptions) -> Iterator[Door | None]:
    """Open the door for those who look and steer, unless nobody is to."""
    if options.no_control:
        yield None
        return
    from actors.control.door import Door
    from actors.control.options import ControlOptions

    control = ControlOptions(
        listen=options.listen,
        certificate=options.certificate,
        key=options.key,
        without_tls=options.without_tls,
        state_dir=options.state_dir,
    )
    with closing(Door.open(control)) as door:
        yield door


def _check_outputs(outputs: Mapping[str, Path | None], inputs: Iterable[Path]) -> None:
    """Raise `BadInput` for an output that cannot be written, or that would take the place of something of this run."""
    taken = {path.resolve(): f"{path} is read by this run and would be lost" for path in inputs}
    for name, path in outputs.items():
        if path is None:
            continue
        ensure_writable(path, name)
        if (trouble := taken.get(path.resolve())) is not None and not is_special(path):
            raise BadInput(f"{name} = {str(path)!r}: {trouble}; allowed: another file")
        taken[path.resolve()] = f"{name} writes this file too"


def _report_path(options: StartOptions, configurations: Sequence[Settings]) -> Path | None:
    if options.no_report:
        if options.report is not None:
            raise BadInput("--report and --no-report exclude each other; give one of them")
        return None
    if options.report is not None:
        return options.report
    names = dict.fromkeys(settings.name for settings in configurations)
    several = "+".join(names)
    return options.state_dir / "reports" / f"{several if len(several) <= 100 else f'{len(names)}-grids'}.html"


def _set_up_logs(options: StartOptions, configurations: Sequence[Settings]) -> None:
    """Log at the most talkative level asked for; to a file when any configuration wants one."""
    levels = [logging.getLevelNamesMapping()[settings.logging.log_level] for settings in configurations]
    to_file = any(settings.logging.log_to_file for settings in configurations)
    file = options.state_dir / "logs" / "gridactors.jsonl" if to_file else None
    logs.set_up(min(levels), file, quiet=options.quiet)


def _progress(grids: Sequence[BacktestSetup], *, quiet: bool) -> AbstractContextManager[backtests.Progress]:
    candles = sum(len(grid.candles) for grid in grids)
    if quiet or candles < _LONG_RUN or not sys.stderr.isatty():
        return nullcontext(_no_progress)
    from actors.display.progress import progress_bars

    return progress_bars({grid.name: len(grid.candles) for grid in grids})


def _no_progress(_name: str, _index: int) -> None:
    pass


def _log_run(run: GridRun) -> None:
    result, base = run.result, run.settings.pair.base_currency
    armed = "never armed" if run.armed_at is None else f"armed at {moment(run.armed_at)}"
    span = f"{result.candles} candles from {moment(result.start)} to {moment(result.end)}"
    _log.info("%s (%s): %s, %s", run.name, run.settings.source, span, armed)
    for trade in result.trades if _log.isEnabledFor(logging.DEBUG) else ():
        _log.debug(
            "%s: %s %s %s %s at %s, fee %s %s, order %s",
            *(run.name, moment(trade.time), trade.side, plain(trade.quantity), base, plain(trade.price)),
            *(plain(trade.fee), trade.fee_asset, trade.client_order_id),
        )
    _log.info(
        "%s: ended with %s, from %s; %d cycles; %s",
        *(run.name, plain(result.final_value), plain(result.initial_value), result.cycles),
        f"stopped by {result.stop_reason}" if result.stop_reason else "ran to the last candle",
    )


def _write(options: StartOptions, report: Path | None, runs: Sequence[GridRun]) -> None:
    written: dict[str, Path] = {}
    try:
        if options.results is not None:
            from actors.gateways.results_json import write_results

            write_results(options.results, runs)
            written["Results"] = options.results
        _print(options, runs)
        if report is not None:
            from actors.gateways.plotly_report import write_report

            write_report(report, runs)
            written["Report"] = report
    except KeyboardInterrupt:
        raise KeyboardInterrupt(*map(str, written.values())) from None
    except BadInput as error:  # the disk is full by now, say; the input was good
        raise OSError(str(error)) from error
    if not options.as_json and not options.quiet:
        for label, path in written.items():
            click.echo(f"{label}: {path}")


def _print(options: StartOptions, runs: Sequence[GridRun]) -> None:
    if options.as_json:
        from actors.gateways.results_json import as_text

        click.echo(as_text(runs), nl=False)
    elif not options.quiet:
        from rich.console import Console

        from actors.display.summary import print_summary

        print_summary(Console(), runs)
