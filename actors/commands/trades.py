"""`gridactors trades`: the last ones of running grids, or all that is stored of a configuration's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

from actors.state_dir import STATE_DIR
from engine.errors import BadInput

_USUAL = 20


@frozen(kw_only=True)
class TradesOptions:
    """Hold what the command line asks for; without `configs` it is about the running process."""

    configs: tuple[Path, ...] = ()
    grids: tuple[str, ...] = ()
    limit: int | None = None
    since: str | None = None
    every: bool = False
    as_json: bool = False
    as_csv: bool = False
    state_dir: Path = STATE_DIR


def trades(options: TradesOptions) -> None:
    """Show trades; raise `BadInput` for options that belong to the other half of the command."""
    if options.configs:
        _refuse({"--grid": options.grids, "--limit": options.limit}, "is about the running process", "no CONFIG")
        _stored(options)
    else:
        stored = {"--since": options.since, "--all": options.every, "--csv": options.as_csv}
        _refuse(stored, "is about what is stored of a CONFIG", "a CONFIG")
        _running(options)


def _refuse(options: Mapping[str, object], why: str, allowed: str) -> None:
    given = [name for name, value in options.items() if value]
    if given:
        raise BadInput(*(f"{name} {why}; allowed with it: {allowed}" for name in given))


def _stored(options: TradesOptions) -> None:
    from actors.history.asked import HistoryOptions
    from actors.history.trades import show_trades

    show_trades(
        HistoryOptions(
            configs=options.configs,
            state_dir=options.state_dir,
            since=options.since,
            every=options.every,
            as_json=options.as_json,
            as_csv=options.as_csv,
        )
    )


def _running(options: TradesOptions) -> None:
    from actors.commands.client import ClientOptions, run_command

    words = ("trades", *options.grids, str(options.limit or _USUAL))
    run_command(ClientOptions(words=words, state_dir=options.state_dir, as_json=options.as_json))
