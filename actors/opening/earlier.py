"""What a grid was before its configuration was changed: the states that the same file has left behind."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs
from attrs import field, frozen

from actors.opening.states import StoreOutOfReach, keeps_nothing, key_of, place_of
from actors.store.grid_key import GridKey
from actors.store.grid_store import GridStore
from actors.store.history import stored_grids
from actors.store.opening import bring_up_to_date, open_store
from actors.store.places import Place
from engine.candles.times import show_time
from engine.errors import BadInput
from engine.journal.store import StoreUnavailable
from engine.settings import Settings
from engine.settings.model import Pair

log = logging.getLogger(__name__)


@frozen(eq=False)
class EarlierGrid:
    """Hold on to a grid that goes on as far as its store knows, though its configuration is another one by now."""

    key: GridKey
    began_at: int
    live_orders: int
    place: Place
    open_store: Callable[[], GridStore] = field(repr=False)


def earlier_grids(settings: Settings, state_dir: Path) -> list[EarlierGrid]:
    """Give what the same file, account and mode made before, oldest first; raise `StoreOutOfReach`."""
    if keeps_nothing(settings):
        return []
    own = key_of(settings)
    try:
        return [one for place in places_of(settings, state_dir) for one in _in(place, own)]
    except StoreUnavailable as error:
        raise StoreOutOfReach(f"{settings.source}: {error}") from error


def bring_places_up_to_date(configurations: Sequence[Settings], state_dir: Path) -> None:
    """See to it that what earlier versions of this program left behind can be read; raise `StoreOutOfReach`."""
    for settings in configurations:
        if keeps_nothing(settings):
            continue
        try:
            for place in places_of(settings, state_dir):
                bring_up_to_date(place)
        except StoreUnavailable as error:
            raise StoreOutOfReach(f"{settings.source}: {error}") from error


def refuse_changes(settings: Settings, earlier: Sequence[EarlierGrid]) -> None:
    """Refuse to let go of what a grid was before it was changed."""
    if earlier:
        one = earlier[-1]
        raise BadInput(
            f"{settings.source}: this is another grid than the file made before: that of {one.key.pair}, which began "
            f"{show_time(one.began_at)}, has {one.live_orders} orders open as {one.place} knows; "
            "allowed with --keep: exchange, pair, grid, timeframe and risk as they were"
        )


def as_it_was(settings: Settings, earlier: EarlierGrid) -> Settings:
    """Give settings by which the earlier grid's market is reached."""
    base, quote = earlier.key.pair.split("/")
    return attrs.evolve(settings, pair=Pair(base_currency=base, quote_currency=quote))


def places_of(settings: Settings, state_dir: Path) -> Iterator[Place]:
    """Look where the grid's own state would be, and, unless that is one database for all, beside that."""
    own = place_of(settings, state_dir)
    yield own
    if own.path is not None and settings.persistence.db_path is None:
        for path in sorted(state_dir.glob("*/state_*.db")):
            if path != own.path:
                yield Place(path=path, told_by=own.told_by)


def _in(place: Place, own: GridKey) -> Iterator[EarlierGrid]:
    try:
        found = stored_grids(place)
    except BadInput as damaged:
        log.warning("%s", damaged)
        return
    for stored in found:
        key = stored.key
        is_of_this_file = (key.source, key.exchange, key.mode) == (own.source, own.exchange, own.mode)
        if is_of_this_file and key.fingerprint != own.fingerprint and stored.archived_at is None:
            yield EarlierGrid(key, stored.began_at, stored.live_orders, place, _opener(place, key))


def _opener(place: Place, key: GridKey) -> Callable[[], GridStore]:
    return lambda: open_store(place, key)
