"""A command from another terminal: find the process, ask or steer it, and print what it says."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import click
from attrs import frozen

from actors.commands.answering import Json
from actors.commands.carrying_out import answer_to, as_json, drawn, undone
from actors.commands.ending import wait_for_end
from actors.commands.printing import show
from actors.commands.process import RunningProcess, find_process, other_version
from actors.commands.wanted import Part, Wanted, understand
from actors.durations import seconds_of
from actors.state_dir import STATE_DIR
from engine.errors import RunFailed
from engine.messages.steering import Command

WAIT = "60s"
_ASKED: Mapping[Command, str] = MappingProxyType(
    {
        Command.STOP: "Stop {grids}? All orders are taken down and it ends; its position is kept",
        Command.QUIT: "Stop {grids} and end process {pid}? All orders are taken down; positions are kept",
    }
)


@frozen(kw_only=True)
class ClientOptions:
    """Hold what the command line asks for; `words` are the command and what is behind it."""

    words: tuple[str, ...]
    state_dir: Path = STATE_DIR
    as_json: bool = False
    wait: str = WAIT
    yes: bool = False


def run_command(options: ClientOptions) -> None:
    """Look at a running process or steer it; `RunFailed` when nothing runs, or not everything was done."""
    wait = waited(options.wait)
    running = find_process(options.state_dir)
    wanted = understand(options.words, running.grids)
    if (warning := other_version(running)) is not None:
        click.echo(f"warning: {warning}", err=True)
    if not options.yes:
        _confirm(wanted, running.grids, running.pid)
    with RunningProcess(running, options.state_dir) as process:
        try:
            answer = answer_to(wanted, process, wait)
            _print(wanted, answer, is_json=options.as_json)
            if wanted.what is Command.QUIT:
                wait_for_end(running.pid, wait)
        except KeyboardInterrupt:
            raise _interrupted(wanted) from None
    if wanted.what is Command.QUIT:
        if not options.as_json:
            click.echo(f"process {running.pid} has ended")
    elif (left := undone(wanted, answer)) is not None:
        raise RunFailed(left)


def waited(written: str) -> float:
    """Give how long to wait, in seconds; ``0`` does not wait at all."""
    return 0.0 if written.strip() in {"0", "0s"} else seconds_of(written, "--wait") or 0.0


def _print(wanted: Wanted, answer: Json, *, is_json: bool) -> None:
    if is_json:
        click.echo(as_json(answer))
    else:
        show(drawn(wanted, answer))


def _confirm(wanted: Wanted, running: Sequence[str], pid: int) -> None:
    """Ask before something ends, if somebody is there to answer."""
    if not isinstance(wanted.what, Command) or wanted.what not in _ASKED or not sys.stdin.isatty():
        return
    question = _ASKED[wanted.what].format(grids=", ".join(wanted.grids or running), pid=pid)
    try:
        is_sure = click.confirm(question, err=True)
    except click.Abort:
        is_sure = False
    if not is_sure:
        raise RunFailed("nothing was done")


def _interrupted(wanted: Wanted) -> RunFailed:
    if isinstance(wanted.what, Part):
        return RunFailed("interrupted")
    return RunFailed(f"not waited for any longer; {wanted} goes on: `gridactors status` tells how it stands")
