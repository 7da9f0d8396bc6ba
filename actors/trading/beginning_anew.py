"""What comes before a grid goes on: what it was before its configuration changed is let go, or what it was at all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import attrs
from attrs import frozen

from actors.opening.earlier import EarlierGrid, as_it_was, earlier_grids, refuse_changes
from actors.opening.one_writer import sole_writer_of_earlier
from actors.opening.opening import Link, Opened, open_grids
from actors.opening.states import GridState, fresh_row, key_of, place_of, refuse_finished
from actors.store.opening import open_store
from actors.trading.retiring import begun_with, retire
from engine.settings import Settings
from engine.values import ZERO

_CHANGED = "its configuration was changed"
_AFRESH = "it begins anew"


@frozen
class Beginnings:
    """Know what each configuration was before, and what is to be done about it."""

    configurations: Sequence[Settings]
    states: Sequence[GridState]
    earlier: Sequence[Sequence[EarlierGrid]]
    afresh: bool
    state_dir: Path

    def let_go(self, opened: Opened) -> None:
        """Retire what is not to go on, and begin with what it held; raise `CannotRetire`, `BadInput`."""
        for place, (settings, before) in enumerate(zip(self.configurations, self.earlier, strict=True)):
            link = opened.links[place]
            for one in before:
                link = self._change(link, settings, one)
            if self.afresh:
                link = self._renew(link, settings)
            opened.links[place] = link

    def _change(self, link: Link, settings: Settings, earlier: EarlierGrid) -> Link:
        was = as_it_was(settings, earlier)
        state = GridState(fresh_row(was), None, earlier.open_store)
        with (
            sole_writer_of_earlier(was, earlier.key.fingerprint, self.state_dir),
            closing(open_grids([was], [state])) as opened,
        ):
            (old,) = opened.links
            quote, base = retire(old, earlier.open_store, earlier.key.fingerprint, _CHANGED)
        is_same_market = earlier.key.pair == key_of(settings).pair
        return _beginning_with(link, quote, base) if is_same_market and link.state.stored is None else link

    def _renew(self, link: Link, settings: Settings) -> Link:
        held: tuple[Decimal, Decimal] | None = None
        if link.state.stored is not None:
            place, key = place_of(settings, self.state_dir), key_of(settings)
            held = retire(link, lambda: open_store(place, key), link.grid.fingerprint, _AFRESH)
        begun = fresh_row(settings)
        state = GridState(begun, None, link.state.open_store, is_afresh=True)
        link = attrs.evolve(link, state=state, grid=attrs.evolve(link.grid, run=begun.run))
        return link if held is None else _beginning_with(link, *held)


def look_back(
    configurations: Sequence[Settings], states: Sequence[GridState], state_dir: Path, *, keep: bool, afresh: bool
) -> Beginnings:
    """See what there was; raise `BadInput` for what is not to be let go, or has ended for good."""
    earlier = [earlier_grids(settings, state_dir) for settings in configurations]
    for settings, state, before in zip(configurations, states, earlier, strict=True):
        if keep:
            refuse_changes(settings, before)
        if not afresh:
            refuse_finished(settings, state)
    heirs = [
        attrs.evolve(state, is_heir=bool(before) or (afresh and state.stored is not None))
        for state, before in zip(states, earlier, strict=True)
    ]
    return Beginnings(configurations, heirs, earlier, afresh, state_dir)


def _beginning_with(link: Link, quote: Decimal, base: Decimal) -> Link:
    """Begin with what was held; nothing at all is no beginning, and leaves the budget as it is."""
    if quote <= ZERO and base <= ZERO:
        return link
    state = attrs.evolve(link.state, begun=begun_with(link.state.begun, quote, base))
    return attrs.evolve(link, state=state)
