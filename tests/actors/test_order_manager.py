"""The order manager as an actor: the names of its orders, and whom it tells."""

from __future__ import annotations

from decimal import Decimal

from actors import order_manager
from engine.effects import Send
from engine.messages import (
    CancelAllOrders,
    CancelOrder,
    DescribeOrders,
    OpenOrder,
    OrderEnded,
    OrderFilled,
    OrderReported,
    SubmitOrder,
    TradeBooked,
)
from engine.values import ZERO, Kind, Side
from tests.actors.fake_post import Hosted
from tests.actors.grids import START, grid, level_owner, wish

SETUP = grid()
WISH = wish(level_owner(SETUP, "0"), Side.BUY, 100, 2)
NAME = f"{SETUP.tag}-0-0b0"
FILL = OrderFilled(NAME, "17", Decimal(100), Decimal(2), Decimal("0.2"), "USDT", START)


def manager(*told: object) -> Hosted:
    hosted = Hosted(order_manager.spec(SETUP))
    for message in told:
        hosted.tell(message)
    return hosted


def test_order_manager_lives_in_its_grid() -> None:
    assert order_manager.spec(SETUP).address == "SOL/USDT/order_manager"


def test_wish_becomes_an_order_under_the_name_of_its_grid() -> None:
    assert manager().tell(WISH) == [
        Send(SETUP.addresses.exchange, SubmitOrder(NAME, Side.BUY, Kind.LIMIT, Decimal(100), Decimal(2)))
    ]


def test_wish_told_twice_is_one_order() -> None:
    assert manager(WISH).tell(WISH) == []


def test_fill_is_told_to_the_reporter_and_to_the_ledger_before_its_owner() -> None:
    trade = TradeBooked(
        "17",
        NAME,
        WISH.owner,
        START,
        Side.BUY,
        Kind.LIMIT,
        Decimal(100),
        Decimal(2),
        Decimal("0.2"),
        "USDT",
        complete=True,
    )
    receivers = (SETUP.addresses.reporter, SETUP.addresses.balance_tracker, SETUP.addresses.level("0"))

    assert manager(WISH).tell(FILL) == [Send(to, trade) for to in receivers]


def test_fill_told_twice_counts_once() -> None:
    assert manager(WISH, FILL).tell(FILL) == []


def test_open_orders_are_described_until_they_are_filled() -> None:
    hosted = manager(WISH)

    assert hosted.ask(DescribeOrders()) == (OpenOrder(NAME, WISH, ZERO, is_accepted=False),)
    hosted.tell(FILL)
    assert hosted.ask(DescribeOrders()) == ()


def test_cancel_goes_to_the_exchange_and_its_end_to_the_ledger() -> None:
    hosted = manager(WISH)

    assert hosted.tell(CancelAllOrders()) == [Send(SETUP.addresses.exchange, CancelOrder(NAME))]
    assert hosted.tell(OrderReported(NAME, ZERO, is_open=False)) == [
        Send(to, OrderEnded(WISH.owner, WISH.side, ZERO, ""))
        for to in (SETUP.addresses.balance_tracker, WISH.owner.address)
    ]


def test_fill_of_more_than_was_ordered_is_a_crash_that_tells_nobody() -> None:
    hosted = manager(WISH)

    assert hosted.tell(OrderFilled(NAME, "17", Decimal(100), Decimal(3), Decimal("0.3"), "USDT", START)) == []
    assert "OverFilled" in hosted.failure.error
