"""A short soak; `scripts/soak` makes a long one."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.soaking import soak


def test_random_troubles_leave_nothing_doubled_and_nothing_lost(tmp_path: Path) -> None:
    figures = soak(tmp_path, 15.0, 1, 9, print)
    assert figures.quiet_moments > 1
    assert figures.fills
    assert figures.outcomes["Place", "Unknown"]
