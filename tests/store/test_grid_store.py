from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from actors.store import Place, StoreLost, read_history, stored_grids
from engine.journal.rows import BalanceRow, Batch, Stored
from engine.orders import OrderState
from engine.values import ZERO
from tests.store.conftest import Databases
from tests.store.samples import BASE, GRID, KEY, QUOTE, batch, event, level, order, trade

FIRST = Batch(
    grid=GRID,
    balances=(QUOTE, BASE),
    orders=(order("ga-1-0b0"), order("ga-0b-0b0", slot="0b")),
    levels=(level("1"), level("0b")),
    trades=(trade("41", "ga-grid-0b0", slot="grid"), trade("42")),
    events=(event("armed"), event("filled")),
)
FIRST_STORED = Stored(
    grid=GRID, balances=FIRST.balances, live_orders=FIRST.orders, levels=FIRST.levels, live_trades=(trade("42"),)
)
OVER = (OrderState.FILLED, OrderState.ENDED, OrderState.REJECTED)


def test_a_store_that_nothing_was_written_to_loads_nothing(database: Databases) -> None:
    store = database.open()
    assert store.load() is None
    assert store.trades() == ()
    assert store.set_aside is None


def test_what_was_written_is_loaded_by_the_next_to_open_it(database: Databases) -> None:
    database.open().write(FIRST)
    again = database.open()
    assert again.load() == FIRST_STORED
    assert again.trades() == FIRST.trades
    assert again.order_names() == {"ga-1-0b0", "ga-0b-0b0"}


def test_decimals_keep_their_zeros_and_exponents(database: Databases) -> None:
    store = database.open()
    store.write(FIRST)
    assert repr(store.load()) == repr(FIRST_STORED)


def test_of_rows_that_come_again_the_newest_hold(database: Databases) -> None:
    store = database.open()
    store.write(FIRST)
    part = evolve(FIRST.orders[0], filled=Decimal("0.25"), state=OrderState.PARTLY_FILLED)
    richer = BalanceRow("USDT", Decimal(7), ZERO)
    stopped = evolve(GRID, stop_reason="take_profit", plan=None)
    store.write(Batch(grid=stopped, orders=(part,), balances=(richer,), levels=(level("0b", cycle=4),)))
    assert database.open().load() == evolve(
        FIRST_STORED,
        grid=stopped,
        balances=(richer, BASE),
        live_orders=(part, FIRST.orders[1]),
        levels=(level("1"), level("0b", cycle=4)),
    )


def test_a_row_that_is_twice_in_a_batch_stands_as_it_is_told_last(database: Databases) -> None:
    store = database.open()
    orders = [order(f"ga-{index}-0b0") for index in range(40)]
    filled = [evolve(row, state=OrderState.FILLED) for row in orders[:39]]
    store.write(Batch(grid=GRID, orders=(*orders, *filled), balances=(QUOTE, BASE, evolve(QUOTE, free=ZERO))))
    stored = store.load()
    assert stored is not None
    assert stored.live_orders == (orders[39],)
    assert stored.balances == (evolve(QUOTE, free=ZERO), BASE)


@pytest.mark.parametrize("over", OVER)
def test_an_order_that_is_over_is_not_loaded_nor_are_its_trades(database: Databases, over: OrderState) -> None:
    store = database.open()
    store.write(FIRST)
    store.write(Batch(orders=(evolve(FIRST.orders[0], state=over, ended_at=5, text="expired"),)))
    stored = store.load()
    assert stored is not None
    assert stored.live_orders == FIRST.orders[1:]
    assert stored.live_trades == ()
    assert store.trades() == FIRST.trades
    assert store.order_names() == {row.client_order_id for row in FIRST.orders}


def test_a_batch_that_comes_again_changes_nothing(database: Databases) -> None:
    store = database.open()
    store.write(FIRST)
    before = store.trades()
    store.write(evolve(FIRST, events=()))
    assert store.trades() == before
    assert store.load() == FIRST_STORED


def test_both_sides_of_a_trade_between_two_levels_of_one_grid_are_kept(database: Databases) -> None:
    store = database.open()
    both = (trade("42", "ga-1-0b0"), trade("42", "ga-0-0s0", slot="0"))
    store.write(Batch(grid=GRID, trades=both))
    assert store.trades() == both


def test_many_rows_in_one_batch_are_all_there_in_their_order(database: Databases) -> None:
    store = database.open()
    many = Batch(
        grid=GRID,
        orders=tuple(order(f"ga-{index}-0b0") for index in range(167)),
        levels=tuple(level(str(index)) for index in range(167)),
        trades=tuple(trade(str(index)) for index in range(167)),
        events=tuple(event(f"event {index}") for index in range(167)),
    )
    store.write(many)
    (history,) = read_history(database.place, KEY, None)
    assert (history.orders, history.levels, history.trades, history.events) == (
        many.orders,
        many.levels,
        many.trades,
        many.events,
    )


def test_events_before_a_grid_has_begun_are_kept_though_nothing_is_loaded(database: Databases) -> None:
    store = database.open()
    store.write(Batch(events=(event("waiting"),)))
    assert store.load() is None
    assert stored_grids(database.place) == ()
    store.write(Batch(grid=GRID, events=(event("armed"),)))
    (history,) = read_history(database.place, KEY, None)
    assert [row.kind for row in history.events] == ["waiting", "armed"]


def test_events_go_on_being_added_after_the_store_was_opened_again(database: Databases) -> None:
    for number in range(3):
        store = database.open()
        store.write(batch(number))
        store.close()
    (history,) = read_history(database.place, KEY, None)
    assert [row.kind for row in history.events] == ["fill 0", "fill 1", "fill 2"]


def test_texts_that_no_database_holds_are_kept_as_far_as_they_go(database: Databases) -> None:
    store = database.open()
    half = evolve(level("1").buying, trouble="\0 and \ud800")
    odd = evolve(FIRST.orders[0], text="refused: \0 and \ud800 and ü")
    store.write(Batch(grid=GRID, orders=(odd,), levels=(evolve(level("1"), buying=half),)))
    stored = store.load()
    assert stored is not None
    assert stored.live_orders[0].text == "refused: \N{REPLACEMENT CHARACTER} and ? and ü"
    assert stored.levels[0].buying == half


def test_an_archived_grid_is_kept_and_the_next_write_begins_afresh(database: Databases) -> None:
    store = database.open(clock=iter([10, 20]).__next__)
    store.write(FIRST)
    store.archive(15, "configuration changed")
    assert store.load() is None
    store.write(batch(1))
    loaded = database.open().load()
    assert loaded is not None
    assert loaded.grid.market_orders == 1
    old, new = read_history(database.place, KEY, None)
    assert (old.stored.began_at, old.stored.archived_at, old.stored.archive_reason) == (10, 15, "configuration changed")
    assert (old.grid, old.trades, old.events) == (GRID, FIRST.trades, FIRST.events)
    assert (new.stored.began_at, new.stored.archived_at, new.trades) == (20, None, batch(1).trades)


def test_a_grid_can_be_archived_again_and_again_even_at_one_moment(database: Databases) -> None:
    store = database.open()
    for number in range(3):
        store.write(batch(number))
        store.archive(15, f"reason {number}")
    assert [grid.archive_reason for grid in stored_grids(database.place)] == ["reason 0", "reason 1", "reason 2"]


def test_a_grid_that_has_not_begun_leaves_nothing_in_the_archive(database: Databases) -> None:
    store = database.open()
    store.archive(15, "changed")
    assert stored_grids(database.place) == ()
    store.write(batch(1))
    assert store.load() is not None


@pytest.mark.parametrize("name", ["fingerprint", "pair", "exchange", "mode"])
def test_grids_in_one_database_know_nothing_of_each_other(database: Databases, name: str) -> None:
    one, another = database.open(KEY), database.open(evolve(KEY, **{name: "another"}))
    one.write(batch(1))
    assert another.load() is None
    another.write(batch(2))
    assert (one.trades(), another.trades()) == (batch(1).trades, batch(2).trades)
    one.archive(5, "done")
    assert another.load() is not None


def test_a_grid_is_the_same_one_when_its_file_was_moved_or_renamed(database: Databases) -> None:
    database.open(KEY).write(FIRST)
    moved = evolve(KEY, source="/elsewhere/new.toml", name="new")
    store = database.open(moved)
    assert store.load() is not None
    assert {booked.owner.grid for booked in store.trades()} == {"new"}
    assert {booked.owner.address for booked in store.trades()} == {"new/grid_manager", "new/level/1"}
    assert [grid.key for grid in stored_grids(database.place)] == [moved]


def test_a_store_that_another_took_over_writes_nothing_any_more(database: Databases) -> None:
    old = database.open()
    old.write(batch(1))
    new = database.open()
    for late in (batch(2), Batch(events=(event("late"),))):
        with pytest.raises(StoreLost, match="another store has taken over the grid sol"):
            old.write(late)
    with pytest.raises(StoreLost):
        old.archive(5, "late")
    new.write(batch(3))
    assert [booked.trade_id for booked in new.trades()] == ["1", "3"]


@pytest.mark.parametrize("arguments", [{}, {"url": "sqlite:///x", "path": "x"}])
def test_a_place_is_one_place(arguments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a file or a URL"):
        Place(**arguments)  # type: ignore[arg-type]  # it is refused whatever is in it
