from __future__ import annotations

import pytest

from actors.durations import seconds_of
from engine.errors import BadInput


@pytest.mark.parametrize(
    ("written", "seconds"), [("90s", 90), ("90", 90), ("15m", 900), ("8h", 28_800), ("2d", 172_800), (" 0.5s ", 0.5)]
)
def test_a_duration_is_a_number_with_or_without_a_unit(written: str, seconds: float) -> None:
    assert seconds_of(written, "--for") == seconds


def test_no_duration_is_none() -> None:
    assert seconds_of(None, "--for") is None


@pytest.mark.parametrize("written", ["", "0", "0s", "-5s", "5 minutes", "1h30m", "soon", "1e3", "٣s"])
def test_what_is_no_duration_is_refused_by_option_and_value(written: str) -> None:
    with pytest.raises(BadInput, match="--for = ") as refused:
        seconds_of(written, "--for")
    assert "allowed is a duration above 0" in str(refused.value)
