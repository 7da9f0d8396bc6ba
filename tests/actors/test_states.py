"""Where the state of a grid is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from actors.opening.states import keeps_nothing, place_of
from tests.engine.configurations import load

DATA = Path("data")
SECRET = "s3cr3t"  # noqa: S105 nobody is let in by it


def test_state_is_a_file_named_by_pair_and_fingerprint_below_the_state_dir() -> None:
    settings = load()

    assert place_of(settings, DATA).path == DATA / "SOL_USDT" / f"state_{settings.fingerprint()[:8]}.db"


def test_state_is_where_the_configuration_says() -> None:
    assert place_of(load(("persistence.db_path", "elsewhere/grid.db")), DATA).path == Path("elsewhere/grid.db")


@pytest.mark.parametrize("key", ["url", "db_path"])
def test_database_is_reached_by_its_url_whichever_key_has_it_and_its_password_is_not_told(key: str) -> None:
    url = f"postgresql://me:{SECRET}@db/grids"
    place = place_of(load((f"persistence.{key}", url)), DATA)

    assert (place.path, place.url) == (None, url)
    assert SECRET not in f"{place} {place!r} {place.told_by}"


@pytest.mark.parametrize(
    ("change", "nothing"),
    [
        (("persistence.enabled", False), True),
        (("exchange", {"name": "sandbox", "trading_fee": 0.001, "trading_mode": "live"}), True),
        (("persistence.enabled", True), False),
    ],
)
def test_nothing_is_kept_when_nobody_wants_it_or_the_exchange_ends_with_the_grid(
    change: tuple[str, object],
    nothing: bool,  # noqa: FBT001 a parameter
) -> None:
    assert keeps_nothing(load(change)) is nothing
