"""What happens on the exchange while a grid's process is down is booked once and answered at the next start."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from engine.values import Side
from tests.e2e.killing.answers import wrong_answers
from tests.e2e.killing.kill_desk import KillDesk
from tests.e2e.killing.processes import Zygote
from tests.e2e.killing.seeded import Run
from tests.e2e.killing.stored import live_orders
from tests.e2e.other_side import Price

D = Decimal
FEE = D("0.001")


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Give what processes are forked from."""
    with Zygote() as zygote:
        yield zygote


@pytest.fixture
def desk(tmp_path: Path, zygote: Zygote) -> Iterator[KillDesk]:
    """Give a desk whose grid of 80 to 120 in steps of 2 stands around 100, and is down."""
    with Run().desk(tmp_path, zygote) as desk:
        desk.start()
        desk.wait_quiet()
        desk.kill_running()
        yield desk


def come_back(desk: KillDesk) -> None:
    """Start, and see that all is booked and answered."""
    desk.start()
    desk.wait_quiet()
    assert_answered(desk)


def assert_answered(desk: KillDesk) -> None:
    wrong = wrong_answers(desk.rows(), desk.settings.market_rules(), FEE)
    assert not wrong, "\n".join(wrong)


def stand(desk: KillDesk, slot: str) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    """Give the live orders of a slot: side, price, quantity, what of it is filled."""
    rows = desk.rows()
    assert rows is not None
    live = [row for row in live_orders(rows) if row.slot == slot]
    return [(row.side.value, row.price, row.quantity, row.filled) for row in live]


@pytest.mark.parametrize(
    ("path", "fills"),
    [
        (("79.5", "121"), 20),  # all buys, then the sells above the start; their answers are marketable by then
        (("121", "79.5"), 20),
        (("89", "101"), 5),
        (("111", "99"), 5),
        (("85", "115", "95"), 7 + 7),
    ],
    ids=lambda path: " ".join(path) if isinstance(path, tuple) else "",
)
def test_fills_while_down_are_booked_once_and_answered(desk: KillDesk, path: Sequence[Price], fills: int) -> None:
    before = len(desk.exchange_trades())
    for price in path:
        desk.move(price)
    assert len(desk.exchange_trades()) - before == fills
    come_back(desk)

    desk.move(D(path[-1]) + (D("4.5") if D(path[-1]) < D(100) else D("-4.5")))
    desk.wait_quiet()
    assert_answered(desk)


def test_fills_of_several_absences_are_booked_once_and_answered(desk: KillDesk) -> None:
    for price in ("93", "97", "91", "105", "99"):
        desk.move(price)
        come_back(desk)
        desk.kill_running()


def test_parts_that_fill_while_down_are_answered_when_their_orders_are_complete(desk: KillDesk) -> None:
    for price, share in (("98", "0.4"), ("96", "0.5"), ("102", "0.3"), ("102", "0.5")):
        (name,) = desk.names_at(price)
        desk.fill_part(name, share)
    come_back(desk)
    (buy,), (sell,) = stand(desk, "9"), stand(desk, "10")
    assert (buy[3] > 0, sell[3] > 0) == (True, True)

    desk.kill_running()
    desk.move("97")
    come_back(desk)
    assert [order[:2] for order in stand(desk, "9")] == [("sell", D(100))]

    desk.move("95")
    desk.wait_quiet()
    desk.move("103")
    desk.wait_quiet()
    assert_answered(desk)


ENDS: dict[str, Callable[[KillDesk, str], None]] = {"cancelled": KillDesk.cancel_outside, "expired": KillDesk.expire}


@pytest.mark.parametrize("end", ENDS)
def test_order_that_ends_while_down_is_wished_again(desk: KillDesk, end: str) -> None:
    (buy,), (sell,) = stand(desk, "8"), stand(desk, "12")
    for price in ("96", "106"):
        (name,) = desk.names_at(price)
        ENDS[end](desk, name)
    assert not desk.names_at("96") + desk.names_at("106")
    come_back(desk)

    assert (stand(desk, "8"), stand(desk, "12")) == ([buy], [sell])


@pytest.mark.parametrize("end", ENDS)
def test_order_that_ends_in_part_while_down_is_answered_and_wished_again(desk: KillDesk, end: str) -> None:
    desk.move("97")  # so that a sell at 98 rests
    (name,) = desk.names_at("96")
    (order,) = (order for order in desk.exchange_orders() if order.client_order_id == name)
    desk.fill_part(name, "0.6")
    ENDS[end](desk, name)
    (part,) = (trade for trade in desk.exchange_trades() if trade.client_order_id == name)
    desk.start()
    desk.wait_quiet()

    rest = order.quantity - part.quantity
    sold = desk.settings.market_rules().floor_amount(part.quantity - part.commission)
    assert sorted(stand(desk, "8")) == [("buy", D(96), rest, D(0)), ("sell", D(98), sold, D(0))]


def test_every_order_that_ends_while_down_is_wished_again(desk: KillDesk) -> None:
    before = terms(desk)
    for order in desk.exchange_orders():
        desk.cancel_outside(order.client_order_id)
    come_back(desk)

    assert terms(desk) == before


def terms(desk: KillDesk) -> list[tuple[Side, Decimal, Decimal]]:
    rows = desk.rows()
    assert rows is not None
    return sorted((row.side, row.price, row.quantity) for row in live_orders(rows))
