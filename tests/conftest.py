"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import localcontext

import pytest


@pytest.fixture(autouse=True)
def own_arithmetic() -> Iterator[None]:
    """Give each test its own way of rounding: clients of other makes change it for the thread that they run in."""
    with localcontext():
        yield
