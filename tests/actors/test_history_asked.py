"""What somebody may ask of a history, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from actors.history.since import parse_since
from engine.errors import BadInput
from tests.e2e.desk import Desk, document
from tests.e2e.live_desk import grid_document

D = Decimal
START = 1_767_225_600_000  # 2026-01-01
LIVE = ("exchange.trading_mode", "live")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path)


@pytest.mark.parametrize("command", ["trades", "journal"])
@pytest.mark.parametrize(("options", "out"), [((), ""), (("--json",), "[]\n"), (("--csv",), None)])
def test_grid_of_which_nothing_is_stored_is_no_failure(
    desk: Desk, command: str, options: tuple[str, ...], out: str | None
) -> None:
    desk.write("grid.json", json.dumps(grid_document(), default=float))
    before = desk.files()

    outcome = desk.run(command, "grid.json", *options)
    assert outcome.code == 0
    assert outcome.err.startswith("grid.json: nothing is stored of this grid yet: there is no data/SOL_USDT/state_")
    assert outcome.out == out if out is not None else outcome.out.count("\n") == 1
    assert desk.files() == before


REFUSED: dict[str, tuple[tuple[tuple[str, object], ...], tuple[str, ...], tuple[str, ...]]] = {
    "backtest": ((), (), ('exchange.trading_mode = "backtest"', 'allowed: "live" or "paper_trading"')),
    "sandbox": ((LIVE, ("exchange.name", "sandbox")), (), ('exchange.name = "sandbox"', "nothing is kept")),
    "switched off": ((LIVE, ("persistence.enabled", False)), (), ("persistence.enabled = false", "allowed: true")),
    "two formats": ((LIVE,), ("--json", "--csv"), ("--json and --csv", "give one")),
    "no time": ((LIVE,), ("--since", "yesterday"), ("--since = 'yesterday'", "2026-01-31", "24h")),
    "no folder": ((LIVE,), ("--state-dir", "grid.json"), ("--state-dir = 'grid.json'", "cannot be read")),
}


@pytest.mark.parametrize("command", ["trades", "journal"])
@pytest.mark.parametrize(("changes", "options", "parts"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_answered_is_refused(
    desk: Desk, command: str, changes: Sequence[tuple[str, object]], options: Sequence[str], parts: Sequence[str]
) -> None:
    desk.write("grid.json", json.dumps(document(*changes), default=float))
    before = desk.files()

    outcome = desk.run(command, "grid.json", *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: ")
    assert all(part in outcome.err for part in parts), outcome.err
    assert desk.files() == before


# --- moments --------------------------------------------------------------------------------------------

NOW = START + 86_400_000


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-01-01", START),
        ("2026-01-01T10:00", START + 36_000_000),
        ("2026-01-01 10:00:00.5", START + 36_000_500),
        ("2026-01-01T00:00:00Z", START),
        ("2026-01-01T02:00:00+02:00", START),
        ("24h", START),
        ("1d", START),
        ("90m", NOW - 5_400_000),
        ("1.5s", NOW - 1_500),
    ],
)
def test_moment_is_read_as_people_write_it(written: str, moment: int) -> None:
    assert parse_since(written, NOW) == moment


@pytest.mark.parametrize("written", ["", "7", "-7d", "0h", "20260101", "1767225600", "2026-13-01", "d", "01.02.2026"])
def test_moment_that_may_mean_anything_is_refused(written: str) -> None:
    with pytest.raises(BadInput, match="--since"):
        parse_since(written, NOW)
