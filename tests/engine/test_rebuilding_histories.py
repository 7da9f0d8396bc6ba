"""Histories written by hand: what is made of each, and which ones make no grid."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from attrs import define, evolve, field

from engine.addresses import GridAddresses
from engine.calls import FoundOrder, TradeReport
from engine.journal.memory import GridMemory
from engine.journal.memory_store import MemoryStore
from engine.journal.rows import Batch, GridRow
from engine.recovery.rebuilding import CannotRebuild, Rebuilt, rebuild
from engine.values import ZERO, Kind, Market, Side
from tests.engine.samples import BUY, SELL, D, Number, grid_rules

PREFIX, RUN = "ga0123abcd", "k2"
ADDRESSES = GridAddresses("SOL/USDT", is_journalled=True)
# Armed at 125 with 1000: 4 bought, 1.6 for each level, of which 0, 1 and 2 buy, and 3 sells.
RULES = grid_rules(market=Market("SOL", "USDT", price_tick=D("0.01"), amount_step=D("0.1"), min_cost=D(5)))


@define
class History:
    """Write down orders and their trades, one after the other."""

    orders: list[FoundOrder] = field(factory=list)
    trades: list[TradeReport] = field(factory=list)

    def order(
        self,
        name: str,
        price: Number,
        quantity: Number = "1.6",
        *,
        at: int,
        run: str = RUN,
        is_open: bool = True,
        changed_at: int | None = None,
        side: Side | None = None,
    ) -> None:
        said = BUY if "b" in name.rsplit("-", 1)[-1] else SELL
        self.orders.append(
            FoundOrder(
                f"{PREFIX}{run}-{name}",
                str(len(self.orders) + 1),
                side or said,
                Kind.LIMIT,
                D(price),
                D(quantity),
                ZERO,
                is_open,
                at,
                changed_at or at,
            )
        )

    def trade(self, name: str, quantity: Number, *, at: int, price: Number | None = None, run: str = RUN) -> None:
        """Fill some of an order, which ends with the last of it."""
        place, order = next(
            (place, order)
            for place, order in enumerate(self.orders)
            if order.client_order_id == f"{PREFIX}{run}-{name}"
        )
        at_price = order.price if price is None else D(price)
        self.trades.append(
            TradeReport(str(len(self.trades) + 1), order.order_id, at_price, D(quantity), ZERO, "USDT", at)
        )
        filled = order.filled + D(quantity)
        is_open = order.is_open and filled < order.quantity
        self.orders[place] = evolve(order, filled=filled, is_open=is_open, changed_at=max(at, order.changed_at))

    def rebuilt(self, **more: Any) -> Rebuilt:
        return rebuild(RULES, ADDRESSES, PREFIX, self.orders, self.trades, D(1000), **more)


def bought() -> History:
    history = History()
    history.order("grid-0b0", 125, 4, at=1000)
    history.trade("grid-0b0", 4, at=1000)
    return history


def armed() -> History:
    """Arm: there is no money for level 0."""
    history = bought()
    for name, price, at in (("2-0b0", 120, 1010), ("1-0b0", 110, 1011), ("3-0s0", 140, 1012)):
        history.order(name, price, at=at)
    return history


def live(rebuilt: Rebuilt) -> set[str]:
    return {name.removeprefix(f"{PREFIX}{RUN}-") for name in rebuilt.memory.live_orders}


def free(rebuilt: Rebuilt) -> dict[str, tuple[Decimal, Decimal]]:
    return {row.asset: (row.free, row.reserved) for row in rebuilt.memory.stored().balances}


# --- grids -------------------------------------------------------------------------------------------


def test_armed_grid_is_known_again() -> None:
    rebuilt = armed().rebuilt()
    grid = rebuilt.memory.grid
    assert live(rebuilt) == {"2-0b0", "1-0b0", "3-0s0"}
    assert free(rebuilt) == {"USDT": (D(132), D(368)), "SOL": (D("2.4"), D("1.6"))}
    assert (grid.capital_quote, grid.capital_base, grid.run, grid.armed_at) == (D(1000), ZERO, RUN, 1000)
    assert grid.plan is not None
    assert (grid.plan.price, grid.plan.purchase, len(grid.plan.levels)) == (D(125), D(4), 4)
    assert (grid.initial_purchase_done, grid.grid_orders_initialized) == (True, True)
    assert (grid.purchased, grid.market_orders, grid.last_price) == (D(4), 1, D(125))


def test_everything_is_written_of_a_journal_that_was_lost() -> None:
    history = armed()
    history.trade("2-0b0", "0.6", at=1100)
    memory = history.rebuilt().memory
    store = MemoryStore()
    store.write(memory.take_changes())
    assert store.load() == memory.stored()
    assert len(store.booked) == len(history.trades)
    assert len(store.orders) == len(history.orders)


def test_events_are_told_with_the_times_of_the_exchange() -> None:
    history = armed()
    history.order("2-0s0", 130, at=1200)
    history.trade("2-0b0", "1.6", at=1150)
    first, *events = history.rebuilt().memory.take_changes().events
    assert (first.kind, first.time) == ("rebuilt", 1200)
    assert dict(first.details) == {"run": RUN, "orders": "5", "trades": "2", "ended": "0"}
    assert [(event.kind, event.time) for event in events if event.kind != "order_accepted"] == [
        ("grid_armed", 1000),
        ("order_intended", 1000),
        ("trade_booked", 1000),
        ("initial_purchase_done", 1000),
        ("grid_orders_initialized", 1010),
        ("order_intended", 1010),
        ("order_intended", 1011),
        ("order_intended", 1012),
        ("trade_booked", 1150),
        ("order_intended", 1200),
    ]


def test_what_others_do_with_the_account_counts_for_nothing_but_how_far_it_is_known() -> None:
    history = armed()
    alone = history.rebuilt().memory.stored()
    others = [evolve(history.orders[1], client_order_id=name, order_id=name) for name in ("web_1", "ga0123abce-2-1b0")]
    history.orders += others
    history.trades.append(TradeReport("900", "web_1", D(120), D(1), ZERO, "USDT", 2000))
    rebuilt = history.rebuilt()
    assert rebuilt.cancel == ()
    assert rebuilt.memory.stored() == evolve(alone, grid=evolve(alone.grid, caught_up="900"))


def test_the_newest_run_counts_and_open_orders_of_others_are_to_be_cancelled() -> None:
    old = History()
    old.order("2-0b0", 120, 3, at=500, run="k1")
    old.order("3-0s0", 140, 3, at=501, run="k1", is_open=False)
    history = armed()
    alone = history.rebuilt().memory.stored()
    orders = [*old.orders, *(evolve(order, order_id=f"9{order.order_id}") for order in history.orders)]
    trades = [evolve(trade, order_id=f"9{trade.order_id}") for trade in history.trades]
    rebuilt = rebuild(RULES, ADDRESSES, PREFIX, orders, trades, D(1000))
    assert rebuilt.cancel == (f"{PREFIX}k1-2-0b0",)
    assert rebuilt.memory.grid == alone.grid
    assert rebuilt.memory.live_orders.keys() == {row.client_order_id for row in alone.live_orders}


def test_purchase_that_is_complete_is_done_though_nothing_followed() -> None:
    grid = bought().rebuilt().memory.grid
    assert (grid.initial_purchase_done, grid.grid_orders_initialized, grid.market_orders) == (True, False, 1)


def test_purchase_that_ended_early_is_not_done_and_may_be_tried_again() -> None:
    history = History()
    history.order("grid-0b0", 125, 4, at=1000, is_open=False)
    history.trade("grid-0b0", "1.5", at=1000, price=124)
    rebuilt = history.rebuilt()
    grid = rebuilt.memory.grid
    assert (grid.initial_purchase_done, grid.grid_orders_initialized, grid.market_orders) == (False, False, 1)
    assert grid.purchased == D("1.5")
    assert free(rebuilt) == {"USDT": (D(814), ZERO), "SOL": (D("1.5"), ZERO)}


def test_grid_that_sold_everything_was_being_liquidated() -> None:
    history = armed()
    history.orders = [evolve(order, is_open=False, changed_at=1500) for order in history.orders]
    history.order("grid-1s0", 0, 4, at=1501)
    history.trade("grid-1s0", 4, at=1501, price=99)
    rebuilt = history.rebuilt()
    grid = rebuilt.memory.grid
    assert (grid.liquidation, grid.liquidation_price, grid.stop_reason) == ("liquidation", D(99), None)
    assert live(rebuilt) == set()
    assert free(rebuilt) == {"USDT": (D(896), ZERO), "SOL": (ZERO, ZERO)}


def test_what_happens_in_one_millisecond_is_told_in_the_order_in_which_it_can_be() -> None:
    history = armed()
    history.trade("2-0b0", "1.6", at=1100)
    history.order("2-0s0", 130, at=1100)
    history.trade("2-0s0", "1.6", at=1100)
    history.order("2-1b0", 120, at=1100)
    history.trade("2-1b0", "0.6", at=1100)
    rebuilt = history.rebuilt()
    assert live(rebuilt) == {"1-0b0", "3-0s0", "2-1b0"}
    assert [trade.trade_id for trade in rebuilt.memory.take_changes().trades] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("changed_at", [1010, 1100, 1400], ids=["not told", "told", "told late"])
def test_order_that_ended_gives_way_to_the_next_one(changed_at: int) -> None:
    history = armed()
    history.orders[1] = evolve(history.orders[1], is_open=False, changed_at=changed_at)
    history.order("2-0b1", 120, at=1200)
    rebuilt = history.rebuilt()
    assert live(rebuilt) == {"2-0b1", "1-0b0", "3-0s0"}
    (level,) = (row for row in rebuilt.memory.levels() if row.slot == "2")
    assert (level.buying.attempt, level.buying.failures, level.buying.carried) == (1, 1, ZERO)


def test_trade_that_is_timed_before_its_order_is_still_of_that_order() -> None:
    history = armed()
    history.trade("1-0b0", 1, at=1005)
    assert history.rebuilt().memory.live_orders[f"{PREFIX}{RUN}-1-0b0"].filled == 1


def test_what_may_be_on_its_way_to_the_exchange_is_wished_again_by_the_same_name() -> None:
    history = armed()
    history.trade("2-0b0", "1.6", at=1100)
    rows = {row.slot: row for row in history.rebuilt().memory.levels()}
    for half in (rows["0"].buying, rows["2"].selling):
        assert (half.is_taken, half.is_ordered, half.quantity) == (True, False, D("1.6"))
        assert (half.cycle, half.attempt) == (0, 0)


def test_trade_that_is_told_twice_counts_once() -> None:
    history = armed()
    history.trade("2-0b0", "0.6", at=1100)
    history.trades.append(history.trades[-1])
    assert history.rebuilt().memory.live_orders[f"{PREFIX}{RUN}-2-0b0"].filled == D("0.6")


def test_first_order_that_was_refused_says_nothing_and_the_next_one_says_the_same() -> None:
    history = History()
    history.order("grid-1b0", 125, 4, at=1000)
    history.trade("grid-1b0", 4, at=1000)
    history.order("3-0s2", 140, at=1010)
    history.order("2-0b1", 120, at=1011)
    grid = history.rebuilt().memory.grid
    assert grid.plan is not None
    assert (grid.plan.price, grid.market_orders) == (D(125), 2)


# --- no grids ----------------------------------------------------------------------------------------


def nothing() -> History:
    return History()


def traded_more_than_told() -> History:
    history = armed()
    history.orders[1] = evolve(history.orders[1], filled=D(1))
    return history


def traded_more_than_asked_for() -> History:
    history = armed()
    history.trade("2-0b0", "1.7", at=1100)
    return history


def two_live_orders_of_one_side() -> History:
    history = armed()
    history.order("2-0b1", 120, "0.1", at=1200)
    return history


def two_orders_of_one_name() -> History:
    history = armed()
    history.orders[1] = evolve(history.orders[1], is_open=False)
    history.order("2-0b0", 120, at=1200)
    return history


def spent_what_was_not_there() -> History:
    history = armed()
    history.order("0-0b0", 100, at=1013)
    return history


def of_a_level_that_is_not_there() -> History:
    history = armed()
    history.order("7-1b0", 80, at=1200)
    return history


def at_a_price_that_is_not_its_own() -> History:
    history = bought()
    history.order("2-0b0", 119, at=1010)
    return history


def of_another_side_than_its_name_says() -> History:
    history = armed()
    history.order("0-0b0", 100, "0.1", at=1200, side=SELL)
    return history


def of_a_size_that_the_money_is_not_for() -> History:
    history = bought()
    history.order("2-0b0", 120, "1.9", at=1010)
    return history


@pytest.mark.parametrize(
    ("history", "why"),
    [
        (nothing, "knows no order whose client order id begins with ga0123abcd"),
        (traded_more_than_told, "k2-2-0b0 has filled 1 of 1.6, and its trades come to 0"),
        (traded_more_than_asked_for, "k2-2-0b0 has filled 1.7 of 1.6, and its trades come to 1.7"),
        (two_live_orders_of_one_side, "k2-2-0b1: slot 2 has a live buy order already"),
        (two_orders_of_one_name, "two orders called ga0123abcdk2-2-0b0"),
        (spent_what_was_not_there, "k2-0-0b0: slot 0 needs 160"),
        (of_a_level_that_is_not_there, "k2-7-1b0 is of level 7, which the grid does not have"),
        (at_a_price_that_is_not_its_own, "k2-2-0b0 is at 119, and its level orders at 120"),
        (of_another_side_than_its_name_says, "k2-0-0b0 is a sell order, and its name says that it is not"),
        (of_a_size_that_the_money_is_not_for, "no grid of this configuration begins with 1000 USDT and 0 SOL"),
    ],
)
def test_history_that_makes_no_grid_is_refused_with_the_reason(history: Callable[[], History], why: str) -> None:
    with pytest.raises(CannotRebuild) as refused:
        history().rebuilt()
    assert why in str(refused.value)


# --- a journal that is behind --------------------------------------------------------------------------


def journal_of(history: History) -> dict[str, Any]:
    """Give what a journal has that was there all along, as `rebuild` takes it."""
    store = MemoryStore()
    store.write(history.rebuilt().memory.take_changes())
    return {
        "known": store.load(),
        "known_names": frozenset(store.orders),
        "known_trades": frozenset(store.booked),
    }


def test_journal_that_lacks_nothing_is_left_alone() -> None:
    history = armed()
    history.trade("2-0b0", "0.6", at=1100)
    rebuilt = history.rebuilt(**journal_of(history))
    assert rebuilt.memory.take_changes() == Batch()
    assert rebuilt.cancel == ()


def test_journal_that_is_behind_hears_of_what_it_lacks_alone() -> None:
    history = armed()
    history.trade("2-0b0", "0.6", at=1100)
    journal = journal_of(history)
    older = len(history.trades)
    history.trade("2-0b0", 1, at=1200)
    history.order("2-0s0", 130, at=1201)
    history.orders[2] = evolve(history.orders[2], is_open=False, changed_at=1300)
    history.trades = history.trades[older:]  # what came before it is caught up need not be asked for
    rebuilt = history.rebuilt(**journal)
    assert live(rebuilt) == {"2-0s0", "3-0s0"}
    changes = rebuilt.memory.take_changes()
    assert [event.kind for event in changes.events] == [
        "rebuilt",
        "trade_booked",
        "order_intended",
        "order_accepted",
        "order_ended",
    ]
    assert [trade.trade_id for trade in changes.trades] == ["3"]
    assert rebuilt.memory.grid.caught_up == "3"
    assert free(rebuilt) == {"USDT": (D(308), ZERO), "SOL": (D("2.4"), D("3.2"))}


def test_order_that_ended_keeps_the_trade_that_the_journal_knew() -> None:
    history = armed()
    history.trade("2-0b0", "0.6", at=1100)
    journal = journal_of(history)
    history.orders[1] = evolve(history.orders[1], is_open=False, changed_at=1300)
    rebuilt = history.rebuilt(**journal)
    assert live(rebuilt) == {"1-0b0", "3-0s0"}
    (level,) = (row for row in rebuilt.memory.levels() if row.slot == "2")
    assert (level.selling.quantity, level.selling.answers) == (D("0.6"), "2")


def test_what_an_ended_order_filled_is_answered_as_of_its_last_trade() -> None:
    history = armed()
    history.trade("2-0b0", "0.6", at=1100)
    history.trade("2-0b0", "0.3", at=1200)
    history.orders[1] = evolve(history.orders[1], is_open=False, changed_at=1300)
    (level,) = (row for row in history.rebuilt().memory.levels() if row.slot == "2")
    assert (level.selling.quantity, level.selling.answers) == (D("0.9"), "3")


def test_journal_from_before_the_grid_armed_goes_through_all_of_it() -> None:
    history = armed()
    begun = GridMemory(RULES, ADDRESSES, GridRow(capital_quote=D(1000), capital_base=ZERO, run=RUN)).stored()
    assert history.rebuilt(known=begun).memory.stored() == history.rebuilt().memory.stored()


def test_order_that_is_over_to_the_journal_and_open_at_the_exchange_is_to_be_cancelled() -> None:
    history = armed()
    was_open = history.orders[1]
    history.orders[1] = evolve(was_open, is_open=False)
    journal = journal_of(history)
    history.orders[1] = was_open
    rebuilt = history.rebuilt(**journal)
    assert rebuilt.cancel == (was_open.client_order_id,)
    assert live(rebuilt) == {"1-0b0", "3-0s0"}


def test_order_that_traded_after_it_was_over_to_the_journal_is_refused() -> None:
    history = armed()
    was_open = history.orders[1]
    history.orders[1] = evolve(was_open, is_open=False)
    journal = journal_of(history)
    history.orders[1] = was_open
    history.trade("2-0b0", 1, at=1400)
    with pytest.raises(CannotRebuild, match="k2-2-0b0 has traded since it was over to the journal"):
        history.rebuilt(**journal)


def test_order_that_the_exchange_knows_by_another_id_is_refused() -> None:
    history = armed()
    journal = journal_of(history)
    history.orders[1] = evolve(history.orders[1], order_id="77")
    with pytest.raises(CannotRebuild, match="knows order ga0123abcdk2-2-0b0 as 2, the exchange as 77"):
        history.rebuilt(**journal)


def test_journal_of_an_older_run_is_refused() -> None:
    history = armed()
    journal = journal_of(history)
    history.order("2-0b0", 120, at=3000, run="k3")
    with pytest.raises(CannotRebuild, match="of run k2, and there are orders of a newer one, k3"):
        history.rebuilt(**journal)


def test_orders_of_a_run_before_the_journal_are_to_be_cancelled() -> None:
    history = armed()
    journal = journal_of(history)
    history.order("2-0b0", 120, at=3000, run="k1")
    rebuilt = history.rebuilt(**journal)
    assert rebuilt.cancel == (f"{PREFIX}k1-2-0b0",)
    assert rebuilt.memory.take_changes() == Batch()


def test_order_that_never_arrived_is_left_to_be_asked_for() -> None:
    history = armed()
    journal = journal_of(history)
    del history.orders[1]
    assert live(history.rebuilt(**journal)) == {"2-0b0", "1-0b0", "3-0s0"}


def test_order_that_nobody_has_heard_of_has_ended_when_the_journal_is_behind() -> None:
    history = armed()
    journal = journal_of(history)
    known = journal["known"]
    unheard_of = [evolve(row, order_id="") if "2-0b0" in row.client_order_id else row for row in known.live_orders]
    journal["known"] = evolve(known, live_orders=tuple(unheard_of))
    del history.orders[1]
    history.order("0-0b0", 100, "1.6", at=1200)  # there is money for it
    rebuilt = history.rebuilt(**journal)
    assert live(rebuilt) == {"1-0b0", "3-0s0", "0-0b0"}
    assert free(rebuilt)["USDT"] == (D(164), D(336))
    kinds = [event.kind for event in rebuilt.memory.take_changes().events]
    assert kinds == ["rebuilt", "order_ended", "order_intended", "order_accepted"]
