"""Freeze what is built by the hundred thousand: messages and candles."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from attrs import frozen
else:
    # Frozen to mypy, which reads every line that could change one. At run time attrs freezes by building each value
    # field by field through object.__setattr__: four times the price, and a fifth of a busy backtest.
    frozen = partial(attrs.define, unsafe_hash=True)

__all__ = ["frozen"]
