"""Which grid it is that a store keeps."""

from __future__ import annotations

from attrs import frozen


@frozen
class GridKey:
    """Name a grid: one with the same fingerprint, pair, exchange and mode is the same one, wherever its file has gone.

    `fingerprint` is the sha256 (hex) of what makes it the grid it is, `source` the absolute path of its configuration,
    `exchange` says which account, ``"binance https://…"``, `mode` is ``"live"`` or ``"paper_trading"``, `name` is for
    people.
    """

    fingerprint: str
    source: str
    pair: str
    exchange: str
    mode: str
    name: str
