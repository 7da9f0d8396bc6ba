"""Which version of this program runs."""

from __future__ import annotations

import importlib.metadata


def version() -> str:
    """Give the version that is installed."""
    return importlib.metadata.version("gridactors")
