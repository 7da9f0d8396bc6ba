from __future__ import annotations

import pytest

from engine.venue.events import BalancesChanged, BalanceTransferred, OrderChanged
from engine.venue.values import Balance, Refused
from engine.venue.venue import Venue
from tests.engine.venues import BNB, NOW, SOL, D, a_venue, holds, place, request

DAY = 86_400_000


def five_orders() -> Venue:
    """Place five market orders, one a second."""
    venue = a_venue()
    for index in range(5):
        place(venue, request("BUY", 1, name=f"order-{index + 1}"), now=NOW + 1000 * index)
    return venue


# --- cancels -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", [{"order_id": 1}, {"client_order_id": "mine"}])
def test_a_cancel_frees_what_was_locked_and_names_its_own_request(by: dict[str, int | str]) -> None:
    venue = a_venue()
    place(venue, request("BUY", 1, 90, name="mine"))
    order, events = venue.cancel("ann", SOL, NOW + 1, cancel_id="stop-it", **by)  # type: ignore[arg-type] # both kinds
    assert (order.status, order.client_order_id, order.update_time) == ("CANCELED", "mine", NOW + 1)
    changed, balances, _ = events
    assert isinstance(changed, OrderChanged)
    assert (changed.execution, changed.cancel_id, changed.order) == ("CANCELED", "stop-it", order)
    assert isinstance(balances, BalancesChanged)
    assert holds(venue, "USDT") == (10_000, 0)
    assert venue.open_orders("ann") == ()


def test_a_cancel_without_an_id_gets_one() -> None:
    venue = a_venue()
    place(venue, request("BUY", 1, 90, name="mine"))
    _, (changed, *_) = venue.cancel("ann", SOL, NOW, order_id=1)
    assert isinstance(changed, OrderChanged)
    assert changed.cancel_id not in {None, "", "mine"}


def test_what_is_not_open_cannot_be_cancelled() -> None:
    venue = a_venue()
    place(venue, request("BUY", 1, name="filled"))
    place(venue, request("BUY", 1, 90, name="bobs"), "bob")
    for number, name in ((1, None), (None, "filled"), (2, None), (99, None)):
        with pytest.raises(Refused) as refused:
            venue.cancel("ann", SOL, NOW, order_id=number, client_order_id=name)
        assert (refused.value.code, refused.value.message) == (-2011, "Unknown order sent.")
    assert len(venue.open_orders("bob")) == 1


# --- orders ------------------------------------------------------------------------------------------


def test_an_order_is_found_by_either_id_or_by_both() -> None:
    venue = five_orders()
    found = {
        venue.find("ann", SOL, order_id=3),
        venue.find("ann", SOL, client_order_id="order-3"),
        venue.find("ann", SOL, order_id=3, client_order_id="order-3"),
    }
    assert [order.order_id for order in found] == [3]


@pytest.mark.parametrize(
    ("account", "symbol", "ids", "code"),
    [
        ("ann", SOL, {"order_id": 99}, -2013),
        ("ann", SOL, {"client_order_id": "none"}, -2013),
        ("bob", SOL, {"order_id": 3}, -2013),
        ("ann", BNB, {"order_id": 3}, -2013),
        ("ann", SOL, {"order_id": 3, "client_order_id": "order-4"}, -2039),
        ("ann", SOL, {}, -1102),
        ("ann", "NOSUCH", {"order_id": 3}, -1121),
    ],
)
def test_an_order_that_is_not_there_is_refused(account: str, symbol: str, ids: dict[str, int | str], code: int) -> None:
    with pytest.raises(Refused) as refused:
        five_orders().find(account, symbol, **ids)  # type: ignore[arg-type] # both kinds
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("window", "ids"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"limit": 2}, [4, 5]),
        ({"from_id": 2, "limit": 2}, [2, 3]),
        ({"start": NOW + 1000, "limit": 2}, [2, 3]),
        ({"end": NOW + 2000, "limit": 2}, [2, 3]),
        ({"start": NOW + 1000, "end": NOW + 2000}, [2, 3]),
        ({"start": NOW, "end": NOW + DAY}, [1, 2, 3, 4, 5]),
        ({"start": NOW + 5000}, []),
    ],
)
def test_orders_and_trades_are_listed_oldest_first(window: dict[str, int], ids: list[int]) -> None:
    venue = five_orders()
    assert [order.order_id for order in venue.all_orders("ann", SOL, **window)] == ids
    if "from_id" in window:
        window = window | {"from_id": venue.my_trades("ann", SOL)[window["from_id"] - 1].trade_id}
    assert [trade.order_id for trade in venue.my_trades("ann", SOL, **window)] == ids
    assert venue.all_orders("bob", SOL) == ()
    assert venue.my_trades("bob", SOL) == ()


def test_the_trades_of_one_order_can_be_asked_for() -> None:
    assert [trade.order_id for trade in five_orders().my_trades("ann", SOL, order_id=4)] == [4]


def test_a_window_of_more_than_a_day_is_refused() -> None:
    venue = five_orders()
    for listing in (venue.all_orders, venue.my_trades):
        with pytest.raises(Refused) as refused:
            listing("ann", SOL, start=NOW, end=NOW + DAY + 1)
        assert refused.value.code == -1127


# --- money -------------------------------------------------------------------------------------------


def test_balances_show_every_asset_that_is_traded() -> None:
    balances = a_venue().balances("ann")
    assert balances == (Balance("BNB", D(0), D(0)), Balance("SOL", D(100), D(0)), Balance("USDT", D(10_000), D(0)))


def test_a_transfer_changes_what_is_free_and_is_told() -> None:
    venue = a_venue()
    events = venue.transfer("ann", "USDT", D("-2.5"), NOW)
    assert events == [
        BalanceTransferred("ann", "USDT", D("-2.5"), NOW),
        BalancesChanged("ann", NOW, (Balance("USDT", D("9997.5"), D(0)),)),
    ]


def test_what_is_locked_cannot_be_withdrawn() -> None:
    venue = a_venue()
    place(venue, request("BUY", 50, 90))
    with pytest.raises(Refused, match="insufficient balance"):
        venue.transfer("ann", "USDT", D(-5501), NOW)
    venue.transfer("ann", "USDT", D(-5500), NOW)
    assert holds(venue, "USDT") == (0, 4500)


def test_an_account_is_opened_once() -> None:
    venue = a_venue()
    with pytest.raises(ValueError, match="ann"):
        venue.open_account("ann", {})
