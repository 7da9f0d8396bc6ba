"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import localcontext

import pytest

from actors.log_lines import secrets


@pytest.fixture(autouse=True)
def own_arithmetic() -> Iterator[None]:
    """Give each test its own way of rounding: clients of other makes change it for the thread that they run in."""
    with localcontext():
        yield


@pytest.fixture(autouse=True)
def own_secrets() -> Iterator[None]:
    """Have what a test calls a secret be an ordinary word in the next one."""
    known = secrets._OF_THIS_PROCESS._forms
    yield
    secrets._OF_THIS_PROCESS._forms = known
