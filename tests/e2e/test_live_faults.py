"""Whatever goes wrong between a grid and its exchange: afterwards all is as if nothing had."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.expected_fills import expected_fills
from tests.e2e.live_desk import grid_document
from tests.e2e.quick_desk import Ending, QuickDesk
from tests.e2e.reply_faults import (
    CANCEL,
    CLIENT_WAITS,
    LIST_ORDERS,
    LIST_TRADES,
    LOOK_UP,
    PLACE,
    QUERIES,
    armed,
    in_sets,
)

PATH = ("100", "93", "108", "91")  # one order, two, and three on the way
DOCUMENT = grid_document(("execution.order_polling_interval", 0.1))
FILLS = expected_fills(DOCUMENT, PATH)
HEALED = 30.0  # seconds that no fault takes to be overcome unless something is broken

Faults = Sequence[dict[str, Any]]
LOST_TRADE = {"route": "user", "action": "lose", "execution": "TRADE"}


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> list[Ending]:
    """Go the path without any fault; give how it looks after each move."""
    endings = []
    with QuickDesk(tmp_path_factory.mktemp("calm"), DOCUMENT) as desk:
        desk.wait_quiet()
        for price, fills in zip(PATH[1:], FILLS, strict=True):
            assert desk.travel([price]) == [fills]
            endings.append(desk.ending())
    return endings


@pytest.mark.parametrize("names", in_sets(len(FILLS)), ids=", ".join)
def test_faulty_replies_change_nothing_in_the_end(names: tuple[str, ...], tmp_path: Path, calm: list[Ending]) -> None:
    """Meet one while the grid is set up, one in each move, and all while the grid is taken down.

    In a move the trade's event is lost too, so that only the faulty questions can tell of it.
    """
    with QuickDesk(tmp_path, DOCUMENT, faults=armed(names[-1], (PLACE, *QUERIES))) as desk:
        desk.wait_quiet(HEALED)
        for name, price, fills in zip(names, PATH[1:], FILLS, strict=False):
            before = len(desk.trades())
            desk.arm(*armed(name, (PLACE, *QUERIES)), LOST_TRADE)
            desk.move(price)
            desk.wait_quiet(HEALED)
            assert desk.fills(before) == fills
            assert not desk.unmet() & {PLACE, LIST_TRADES, LIST_ORDERS}
        assert desk.ending() == calm[len(names) - 1]
        desk.arm(*(fault for name in names for fault in armed(name, (CANCEL, LOOK_UP))))
        desk.stop(timeout=HEALED)
        desk.assert_agrees()
        assert not desk.exchange_orders()
        assert desk.fills() == [fill for fills in FILLS[: len(names)] for fill in fills]


def test_an_order_that_arrives_late_and_fills_at_once_is_not_placed_twice(tmp_path: Path) -> None:
    """Say first that there is no such order, then take it, and fill it: from then on its id could be used again."""
    with QuickDesk(tmp_path, DOCUMENT) as desk:
        desk.wait_quiet()
        for seconds in (CLIENT_WAITS + 0.1, 0.2):  # the second one would meet an order that is sent again too soon
            desk.arm({"route": PLACE, "action": "delay", "seconds": seconds})
        desk.move("93")
        desk.move("97")
        sell = desk.wait_for_order("100")
        assert desk.outcomes["LookUp", "NotFound"]
        assert PLACE in desk.unmet()
        desk.fill_part(sell, "1")
        desk.wait_quiet(HEALED)
        assert [int(fill.price) for fill in desk.fills()] == [95, 100]


# --- the exchange as a whole -------------------------------------------------------------------------

SWITCHES: dict[str, Faults] = {
    "the clock is behind": ({"route": "clock", "skew_ms": -5000},),
    "the clock is ahead": ({"route": "clock", "skew_ms": 5000},),
    "the address is banned": ({"route": "limits", "action": "ban", "seconds": 1},),
    "the keys do not work": ({"route": "keys", "action": "revoke"},),
    "nothing is answered": ({"route": "* /api/v3/*", "action": "drop", "times": 0},),
    "nothing is answered, and all is done": ({"route": "* /api/v3/*", "action": "drop", "when": "after", "times": 0},),
    "everything takes too long": ({"route": "* /api/v3/*", "action": "delay", "seconds": 0.5, "times": 0},),
    "all connections are gone": (
        {"route": "* /api/v3/*", "action": "drop", "times": 0},
        *({"route": route, "action": "refuse", "times": 0} for route in ("user", "stream")),
        *({"route": route, "action": "drop"} for route in ("user", "stream")),
    ),
}


@pytest.mark.parametrize("faults", SWITCHES.values(), ids=SWITCHES)
def test_a_time_of_trouble_is_outlived(faults: Faults, tmp_path: Path, calm: list[Ending]) -> None:
    """Let each move meet it, and put things right when a few calls have."""
    with QuickDesk(tmp_path, DOCUMENT) as desk:
        desk.wait_quiet()
        for price, fills in zip(PATH[1:3], FILLS[:2], strict=True):
            before, wait_for_calls = len(desk.trades()), desk.wait_for_more(desk.outcomes.total, 4)
            desk.arm(*faults)
            desk.move(price)
            wait_for_calls()
            desk.clear_faults()
            desk.wait_quiet(HEALED)
            assert desk.fills(before) == fills
        assert desk.ending() == calm[1]
        desk.stop(timeout=HEALED)
        desk.assert_agrees()
        assert not desk.exchange_orders()


def test_a_market_that_is_halted_gets_its_orders_when_it_trades_again(tmp_path: Path, calm: list[Ending]) -> None:
    with QuickDesk(tmp_path, DOCUMENT) as desk:
        desk.wait_quiet()
        for price, fills in zip(PATH[1:3], FILLS[:2], strict=True):
            before = len(desk.trades())
            wait_for_refusal = desk.wait_for_more(lambda: desk.outcomes["Place", "Refused"])
            with desk.sandbox.hall.lock:
                desk.move(price)
                desk.arm({"route": "market", "action": "halt"})
            wait_for_refusal()
            desk.clear_faults()
            desk.wait_quiet(HEALED)
            assert desk.fills(before) == fills
        assert desk.ending() == calm[1]


def test_an_order_that_the_exchange_ends_is_placed_again(tmp_path: Path) -> None:
    with QuickDesk(tmp_path, DOCUMENT) as desk:
        desk.wait_quiet()
        before = desk.ending()
        for price, action in (("95", "cancel"), ("105", "expire")):
            desk.arm({"route": "orders", "action": action, "client_order_id": desk.order_at(price).client_order_id})
        desk.wait_until(lambda: len(desk.orders()) == len(before.orders) - 2, "both orders gone")
        desk.wait_quiet(HEALED)
        assert desk.ending() == before
