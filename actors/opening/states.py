"""What is kept of each grid, looked at before anything is started, and without leaving a trace."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from attrs import field, frozen

from actors.loading import each
from actors.store.failures import StoreLost
from actors.store.grid_key import GridKey
from actors.store.opening import open_store
from actors.store.places import Place
from actors.store.present import Present, read_present
from engine.errors import BadInput, RunFailed
from engine.grid_setup import grid_names
from engine.journal.memory_store import MemoryStore
from engine.journal.rows import GridRow, Stored
from engine.journal.store import Store, StoreUnavailable
from engine.plain import ending
from engine.settings import SANDBOX, Settings
from engine.values import ZERO

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@frozen(eq=False)
class GridState:
    """Hold what is kept of a grid: `stored` is None when it has not begun, else it began as `begun` says."""

    begun: GridRow
    stored: Stored | None
    open_store: Callable[[], Store] = field(repr=False)
    earlier_runs: frozenset[str] = frozenset()  # of its lives that are history
    is_heir: bool = False  # will begin with what an earlier grid leaves
    is_afresh: bool = False  # begins anew, whatever the exchange knows of it


class StoreOutOfReach(RunFailed):
    """The database does not answer."""


def find_states(configurations: Sequence[Settings], state_dir: Path) -> list[GridState]:
    """Look at all of them; raise `BadInput` with everything that is wrong, or `StoreOutOfReach`."""
    named = list(zip(configurations, grid_names(configurations), strict=True))
    return each(named, lambda one: _find(*one, state_dir))


def fresh_row(settings: Settings) -> GridRow:
    """Give where a grid stands that begins now, with its budget."""
    budget = settings.trading_settings.initial_balance
    return GridRow(capital_quote=budget, capital_base=ZERO, run=_run_name(time.time_ns()))


def refuse_finished(settings: Settings, state: GridState) -> None:
    """Refuse to go on with a grid that has sold everything: whether to buy again is for its owner to say."""
    if state.stored is not None and (reason := state.stored.grid.stop_reason) is not None:
        raise BadInput(
            f"{settings.source}: this grid has ended, by {ending(reason)}; "
            "allowed: to begin anew with what it holds, by --fresh"
        )


def key_of(settings: Settings) -> GridKey:
    """Say which grid this is."""
    exchange = settings.exchange
    return GridKey(
        settings.fingerprint(),
        str(Path(settings.source).absolute()),
        settings.market_rules().pair,
        f"{exchange.name} {exchange.base_url or ''}".strip(),
        str(exchange.trading_mode),
        settings.name,
    )


def place_of(settings: Settings, state_dir: Path) -> Place:
    """Say where the state of a grid is kept."""
    kept, pair = settings.persistence, settings.pair
    if kept.url is not None:
        return Place(url=kept.url, told_by=f"{settings.source}: persistence.url")
    if kept.db_path is not None and "://" in kept.db_path:  # where others write it; a password must not become a file
        return Place(url=kept.db_path, told_by=f"{settings.source}: persistence.db_path")
    if kept.db_path is not None:
        told_by = f"{settings.source}: persistence.db_path = {kept.db_path!r}"
        return Place(path=Path(kept.db_path).expanduser(), told_by=told_by)
    folder = state_dir / f"{pair.base_currency}_{pair.quote_currency}"
    return Place(path=folder / f"state_{settings.fingerprint()[:8]}.db", told_by=f"--state-dir = {str(state_dir)!r}")


def keeps_nothing(settings: Settings) -> bool:
    """Tell whether nothing is to be kept: nobody wants it, or the exchange itself is gone afterwards."""
    return settings.exchange.name == SANDBOX or not settings.persistence.enabled


def _find(settings: Settings, name: str, state_dir: Path) -> GridState:
    fresh = fresh_row(settings)
    if keeps_nothing(settings):
        memory = MemoryStore()
        return GridState(fresh, None, lambda: memory)
    place, key = place_of(settings, state_dir), key_of(settings)
    try:
        present = read_present(place, key)
    except StoreUnavailable as error:
        raise StoreOutOfReach(f"{settings.source}: {error}") from error
    except BadInput as error:
        if not isinstance(error.__cause__, StoreLost):
            raise
        present = Present()  # it is damaged: whoever opens it to write will set it aside
    stored = present.stored
    begun = fresh if stored is None else stored.grid
    return GridState(begun, stored, lambda: open_store(place, key, name), present.earlier_runs)


def _run_name(now_ns: int) -> str:
    """Name a life of a grid by its time, in tenths of a second, short enough for client order ids."""
    number, name = now_ns // 100_000_000, ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        name = _DIGITS[digit] + name
    return name
