"""The progress bars: on stderr, one for each grid, and gone at the end."""

from __future__ import annotations

import pytest

from actors.display.progress import progress_bars


def test_bars_show_how_far_each_grid_is_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")

    with progress_bars({"SOL/USDT a [old]": 400, "ETH/USDT": 30_000}) as on_progress:
        on_progress("SOL/USDT a [old]", 123)

    printed = capsys.readouterr()
    assert printed.out == ""
    for figure in ("SOL/USDT a [old]", "123/400", "ETH/USDT", "0/30000"):
        assert figure in printed.err


def test_bars_are_silent_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bars({"SOL/USDT": 400}) as on_progress:
        on_progress("SOL/USDT", 400)

    assert "SOL" not in capsys.readouterr().err
