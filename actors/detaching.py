"""`gridactors start --detach`: the same command in a process of its own, which outlives the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic

import click

from actors.commands.process import RunningProcess
from actors.control.run_file import Running, read_run
from actors.detached import OUTPUT
from actors.loading import load_configurations
from actors.state_dir import STATE_DIR
from engine.errors import BadInput, RunFailed
from engine.settings.choices import TradingMode

OPTION = "--detach"
UP_WITHIN = 120.0  # seconds; an exchange that is asked for all that happened meanwhile may be slow
_LOOK_EVERY = 0.1  # seconds
_ENDS_WITHIN = 15.0  # seconds
_MOST_SHOWN = 20_000  # bytes of what it said


def start_detached(configs: Sequence[Path], state_dir: Path, arguments: Sequence[str], *, as_json: bool) -> None:
    """Start the command of these arguments again, detached; raise `BadInput` for what makes no sense so."""
    for settings in load_configurations(configs):
        if settings.exchange.trading_mode is TradingMode.BACKTEST:
            raise BadInput(
                f'{settings.source}: exchange.trading_mode = "backtest" with {OPTION}: '
                f"a backtest ends by itself; allowed: paper_trading, live, or no {OPTION}"
            )
    if as_json:
        raise BadInput(f"--json with {OPTION}: nobody would see it; allowed: --results PATH, or no {OPTION}")
    other = read_run(state_dir)
    if other is not None:
        raise BadInput(
            f"--state-dir = {str(state_dir)!r} with {OPTION}: process {other.pid} runs there already, and commands "
            f"reach one; allowed: another directory, or no {OPTION}"
        )
    path_taken = sys.path[:1] in ([""], [str(Path.cwd())])  # by `python -m`; a script's own folder is no path of ours
    command = [sys.executable, *([] if path_taken else ["-P"]), "-m", "actors.detached"]
    detach([*command, *(word for word in arguments if word != OPTION)], state_dir)


def detach(command: Sequence[str], state_dir: Path, up_within: float = UP_WITHIN) -> None:
    """Start a command in a session of its own, wait until it is up, and tell how to look at it and to end it.

    When it ends before that, what it said is shown, and `SystemExit` has its exit code. What it was given as
    environment is ours: secrets stand in no command line.
    """
    output = state_dir / "logs" / "detached.log"
    said = _size(output)
    process = _start(command, output)
    try:
        running = _up(process, state_dir, monotonic() + up_within)
    except KeyboardInterrupt:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_ENDS_WITHIN)
        raise RunFailed(
            f"interrupted; process {process.pid} was told to end; it says what it does in {output}"
        ) from None
    if running is None and process.returncode is None:
        state = f"process {process.pid} is not up after {up_within:g} s, and goes on trying"
        raise RunFailed(f"{state}; see {output}; end it with `kill {process.pid}`")
    if running is None:
        click.echo(_since(output, said), err=True, nl=False)
        sys.exit(process.returncode if process.returncode >= 0 else 1)
    _tell(running, state_dir, output)


def _start(command: Sequence[str], output: Path) -> subprocess.Popen[bytes]:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadInput(f"{output}: cannot be written: {error.strerror or error}") from error
    try:
        return subprocess.Popen(  # noqa: S603 this program itself
            command,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            env={**os.environ, OUTPUT: str(output.resolve())},
            start_new_session=True,
        )
    finally:
        os.close(handle)


def _up(process: subprocess.Popen[bytes], state_dir: Path, end: float) -> Running | None:
    """Wait until the process answers; None when it has ended, or is not there in time."""
    while monotonic() < end:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_EVERY)
            return None
        with suppress(BadInput, RunFailed):
            running = read_run(state_dir)
            if running is not None and running.pid == process.pid:
                with RunningProcess(running, state_dir) as speaking:
                    if speaking.probe("/livez").get("ok") is True:
                        return running
    return None


def _tell(running: Running, state_dir: Path, output: Path) -> None:
    at = "" if state_dir == STATE_DIR else f" --state-dir {state_dir}"
    click.echo(f"Process {running.pid} trades {', '.join(running.grids)}; it outlives this terminal.")
    for label, text in (
        ("Look", f"gridactors status{at}, or gridactors dashboard{at}"),
        ("End", f"gridactors quit{at}, or kill {running.pid}"),
        ("Output", str(output)),
    ):
        click.echo(f"{label + ':':<8}{text}")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _since(path: Path, size: int) -> str:
    """Give what was written to a file since it was so large."""
    try:
        with path.open("rb") as file:
            file.seek(max(size, _size(path) - _MOST_SHOWN))
            return file.read(_MOST_SHOWN).decode("utf-8", "replace")
    except OSError:
        return ""
