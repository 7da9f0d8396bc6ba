"""Whether this process should be restarted, or left alone for a while: for whoever asks from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from types import MappingProxyType

from actors.post import Post
from engine.effects import Address
from engine.grid_setup import GridSetup
from engine.health.thresholds import strictest
from engine.health.words import span

ROOT: Address[object] = Address("supervisor")
_LOOKS, _GRACE = 3, 30.0  # looks that may be missed, and seconds beyond


class Liveness:
    """Tell whether the process lives and whether it trades; from any thread, at once, and without asking an actor.

    The health monitor says when it has looked; the supervisor above all is seen by the knock at its door.
    """

    def __init__(self, grids: Sequence[GridSetup], post: Post) -> None:
        """Begin as if somebody had just looked."""
        self._grids, self._post = tuple(grids), post
        self._interval = min(grid.settings.execution.health_check_interval for grid in grids)
        self._hangs = strictest(grid.settings.health for grid in grids).actor_hangs
        self._looked_at = monotonic()
        self._price_troubles: Mapping[str, str] | None = None

    def looked(self, price_troubles: Mapping[str, str]) -> None:
        """Note, as the health monitor, that it has looked, and which grids have no prices to act on, and why."""
        self._price_troubles = MappingProxyType(dict(price_troubles))
        self._looked_at = monotonic()

    def deadly(self) -> str | None:
        """Say why the process should be restarted, None when it is well."""
        ago = monotonic() - self._looked_at
        if ago > _LOOKS * self._interval + _GRACE:
            return f"the health monitor has not looked for {span(ago)}"
        root = self._post.mailbox(ROOT)
        if root is not None and not root.is_answered and root.waited >= self._hangs:
            return f"{root.address} has not come to its next message for {span(root.waited)}"
        return None

    def unready(self) -> str | None:
        """Say why not every grid can trade now, None when all can."""
        for grid in self._grids:
            for address in (grid.addresses.order_manager, grid.addresses.grid_manager):
                if not self._post.is_alive(address):
                    return f"{address} is not there"
        if self._price_troubles is None:
            return "nobody has looked at the prices yet"
        return next((f"{grid}: {text}" for grid, text in self._price_troubles.items()), None)
