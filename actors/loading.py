"""Load what the commands work on, and tell everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from actors.candles.sources import candle_file, candles_for
from actors.gateways import config_files
from actors.state_dir import STATE_DIR
from engine.errors import BadInput
from engine.grid_setup import BacktestSetup, grid_names, grid_rules
from engine.settings import Settings

_Item = TypeVar("_Item")
_Loaded = TypeVar("_Loaded")


def load_configurations(paths: Sequence[Path]) -> list[Settings]:
    """Load every configuration; raise `BadInput` with the problems of all of them."""
    return each(paths, _load)


def set_up_grids(
    configurations: Sequence[Settings], state_dir: Path = STATE_DIR, *, quiet: bool = False
) -> tuple[list[BacktestSetup], list[str]]:
    """Load the candles of every grid, and what about them deserves a warning; raise `BadInput` for all of them."""
    each(configurations, candle_file)  # before any is fetched, which may take long
    loaded = each(configurations, lambda settings: candles_for(settings, state_dir, quiet=quiet))
    names = grid_names(configurations)
    grids = [
        BacktestSetup.of(name, settings, candles)
        for name, settings, (candles, _) in zip(names, configurations, loaded, strict=True)
    ]
    return grids, list(dict.fromkeys(warning for _, warnings in loaded for warning in warnings))


def each(items: Iterable[_Item], load: Callable[[_Item], _Loaded]) -> list[_Loaded]:
    """Load every one; raise `BadInput` with the problems of all, each once."""
    loaded: list[_Loaded] = []
    problems: list[str] = []
    details: list[str] = []
    for item in items:
        try:
            loaded.append(load(item))
        except BadInput as error:
            problems.extend(error.problems)
            details.extend(error.details)
    if problems:
        raise BadInput(*dict.fromkeys(problems), details=details)
    return loaded


def _load(path: Path) -> Settings:
    settings = config_files.load(path)
    grid_rules(settings)
    return settings
