"""What somebody wants to know about which grids, and whether there can be an answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from actors.history.since import parse_since
from actors.loading import each, load_configurations
from actors.opening.earlier import places_of
from actors.opening.states import keeps_nothing, key_of, place_of
from actors.state_dir import STATE_DIR
from actors.store.grid_key import GridKey
from actors.store.places import Place
from engine.errors import BadInput
from engine.settings import SANDBOX, Settings
from engine.settings.choices import TradingMode


@frozen(kw_only=True)
class HistoryOptions:
    """Hold what the command line asks for; `every` life of a grid, or only the one that goes on."""

    configs: tuple[Path, ...]
    state_dir: Path = STATE_DIR
    since: str | None = None
    every: bool = False
    as_json: bool = False
    as_csv: bool = False


@frozen
class AskedGrid:
    """Name a grid, its settings and where its state would be."""

    settings: Settings
    place: Place
    key: GridKey
    others: tuple[Place, ...] = ()  # where the same file may have kept what it made before


@frozen
class Asked:
    """Hold which grids to tell about, each once, and from when on (epoch ms, None for all)."""

    grids: tuple[AskedGrid, ...]
    since: int | None
    every: bool


def understand(options: HistoryOptions) -> Asked:
    """Load the configurations; raise `BadInput` for all that cannot be answered."""
    if options.as_json and options.as_csv:
        raise BadInput("--json and --csv exclude each other; give one of them")
    since = None if options.since is None else parse_since(options.since, time.time_ns() // 1_000_000)
    grids = each(load_configurations(options.configs), lambda settings: _asked(settings, options.state_dir))
    return Asked(_each_once(grids), since, options.every)


def _asked(settings: Settings, state_dir: Path) -> AskedGrid:
    if settings.exchange.trading_mode is TradingMode.BACKTEST:
        raise BadInput(
            f'{settings.source}: exchange.trading_mode = "backtest": a backtest keeps no history; allowed: "live" or '
            '"paper_trading" (what a backtest traded is in the file of `gridactors start --results`)'
        )
    if settings.exchange.name == SANDBOX:
        raise BadInput(
            f'{settings.source}: exchange.name = "{SANDBOX}": nothing is kept of a grid whose exchange ends with it; '
            "allowed: an exchange that stays"
        )
    if keeps_nothing(settings):
        raise BadInput(
            f"{settings.source}: persistence.enabled = false: nothing is kept of this grid; allowed: true, "
            "from the grid's start on"
        )
    place = place_of(settings, state_dir)
    others = tuple(other for other in places_of(settings, state_dir) if other != place)
    return AskedGrid(settings, place, key_of(settings), others)


def _each_once(grids: Sequence[AskedGrid]) -> tuple[AskedGrid, ...]:
    """Leave out what was named twice: trades that stand twice in a report would be counted twice."""
    named: dict[tuple[str, ...], AskedGrid] = {}
    for grid in grids:
        key = grid.key
        named.setdefault((key.fingerprint, key.pair, key.exchange, key.mode, str(grid.place)), grid)
    return tuple(named.values())
