"""An older copy of a grid's database in the place of its own: what is taken in, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from actors.opening.links import LiveLink
from actors.opening.states import GridState
from actors.sandbox.options import Pair
from engine.errors import BadInput
from engine.settings import Settings
from engine.values import Side
from tests.e2e.live_desk import LiveDesk, grid_document
from tests.e2e.reply_faults import PLACE

D = Decimal
OUT_OF_RANGE = Pair("SOL", "USDT", D(130))  # the grid arms from 80 to 120
SOON_LOST = 0.1  # seconds after which an order that has been dropped is believed to be
STOP_LOSS = ("risk_management.stop_loss", {"enabled": True, "threshold": 85})

Ladder = set[tuple[str, Side, Decimal | None, Decimal]]


class CopyDesk(LiveDesk):
    """Copy a grid's database, put the copy back, lose it.

    No recovery takes its time, `waited` has the seconds of each: of what a sandbox drops nothing arrives later. The
    n-th life that begins is called ``run``n.
    """

    def __init__(self, folder: Path, *changes: tuple[str, object], **options: Any) -> None:
        super().__init__(folder / "desk", grid_document(*changes), **options)
        self._copy = folder / "copy"
        self._lives = 0
        self.waited: list[float] = []
        self.window = 0.0  # seconds that a request may be on its way, as the grid's rules were for the recovery
        self.let_pass = self.waited.append

    def copy(self) -> None:
        """Copy the database, while no grid is running."""
        shutil.copytree(self.folder, self._copy)

    def put_back(self) -> None:
        """Put the copy in the place of the present database."""
        self.lose()
        shutil.copytree(self._copy, self.folder)

    def lose(self) -> None:
        """Remove the database."""
        shutil.rmtree(self.folder)

    def names(self) -> list[str]:
        """Name every order that the exchange ever had, oldest first."""
        return [order.client_order_id for order in self.all_exchange_orders()]

    def open_names(self) -> set[str]:
        """Name the orders that are open on the exchange."""
        return {order.client_order_id for order in self.exchange_orders()}

    def ladder(self) -> Ladder:
        """Give our open orders, whatever they are called."""
        wishes = (order.wish for order in self.orders())
        return {(wish.owner.slot, wish.side, wish.price, wish.quantity) for wish in wishes}

    def trade_ids(self) -> list[int]:
        """Number the trades that are booked, as the exchange does."""
        return sorted(int(trade.trade_id) for trade in self.trades())

    def exchange_trade_ids(self) -> list[int]:
        """Number the trades of the exchange."""
        return [trade.trade_id for trade in self.exchange_trades()]

    def _states(self, configurations: Sequence[Settings]) -> list[GridState]:
        (state,) = super()._states(configurations)
        if state.stored is not None:
            return [state]
        self._lives += 1
        return [evolve(state, begun=evolve(state.begun, run=f"run{self._lives}"))]

    def _recovered(self) -> None:
        (link,) = self._opened.links
        assert isinstance(link, LiveLink)
        self.window = link.rules.answer_window
        self._opened.links = [evolve(link, rules=evolve(link.rules, answer_window=SOON_LOST))]


# --- a copy from before the first order ----------------------------------------------------------------


def copied_before_any_order(desk: CopyDesk) -> None:
    desk.wait_quiet()
    assert not desk.names()
    desk.end_grids()
    desk.copy()


def test_copy_from_before_any_order_takes_in_all_that_followed(tmp_path: Path) -> None:
    with CopyDesk(tmp_path, pairs=[OUT_OF_RANGE]) as desk:
        copied_before_any_order(desk)
        desk.start_grids()
        desk.travel(["100", "93", "107", "99"])
        orders, names = desk.open_names(), desk.names()
        desk.end_grids()
        desk.put_back()

        desk.start_grids()
        desk.wait_quiet()

        assert desk.names() == names
        assert desk.open_names() == orders
        assert desk.trade_ids() == desk.exchange_trade_ids()
        desk.travel(["107", "93"])
        assert desk.trade_ids() == desk.exchange_trade_ids()


def test_copy_from_before_any_order_does_not_begin_again_when_none_is_open(tmp_path: Path) -> None:
    with CopyDesk(tmp_path, pairs=[OUT_OF_RANGE]) as desk:
        copied_before_any_order(desk)
        desk.start_grids()
        desk.travel(["100", "93", "107", "99"])
        ladder, names, trades = desk.ladder(), desk.names(), desk.exchange_trade_ids()
        desk.stop()
        desk.end_grids()
        desk.put_back()

        desk.start_grids()
        desk.wait_quiet()

        assert desk.trade_ids() == desk.exchange_trade_ids() == trades  # without another purchase
        assert desk.ladder() == ladder
        assert len(desk.names()) == len(set(desk.names())) == len(names) + len(ladder)


def test_copy_from_before_any_order_does_not_begin_again_when_all_is_sold(tmp_path: Path) -> None:
    with CopyDesk(tmp_path, STOP_LOSS, pairs=[OUT_OF_RANGE]) as desk:
        copied_before_any_order(desk)
        desk.start_grids()
        desk.travel(["100"])
        desk.move(84)
        desk.wait_stopped()
        desk.end_grids()
        names, account = desk.names(), desk.account()
        desk.put_back()

        desk.start_grids()
        desk.wait_stopped()

        assert desk.names() == names
        assert desk.account() == account
        desk.assert_agrees()


# --- a copy of an earlier run --------------------------------------------------------------------------


def test_copy_of_an_earlier_run_is_refused_and_nothing_is_touched(tmp_path: Path) -> None:
    with CopyDesk(tmp_path, pairs=[OUT_OF_RANGE]) as desk:
        copied_before_any_order(desk)
        desk.lose()
        desk.start_grids()
        desk.travel(["100", "93"])
        desk.end_grids()
        orders = desk.all_exchange_orders()
        desk.put_back()

        with pytest.raises(BadInput) as refused:
            desk.start_grids()

        assert str(refused.value) == (
            f"{desk.folder / 'grid.json'}: its database is an old copy: it is of run run1, and the exchange has orders "
            "of a newer one, run2; allowed: the newest copy, or none (then it is rebuilt from the exchange)"
        )
        assert desk.all_exchange_orders() == orders
        desk.lose()  # as is allowed
        desk.start_grids()
        desk.wait_quiet()
        assert desk.all_exchange_orders() == orders
        assert desk.trade_ids() == desk.exchange_trade_ids()


# --- a copy with an order that never arrived -----------------------------------------------------------


def test_order_that_never_arrived_is_over_in_a_copy_that_is_put_back(tmp_path: Path) -> None:
    with CopyDesk(tmp_path) as desk:
        desk.wait_quiet()
        desk.arm_fault({"route": PLACE, "action": "drop"})  # the first one tells that it has been met
        desk.arm_fault({"route": PLACE, "action": "drop", "times": 0})
        desk.move(93)
        desk.wait_until(lambda: len(desk.sandbox.hall.faults.armed()) == 1, "an order was sent and dropped")
        lost = desk.order_at(100).client_order_id
        desk.end_grids()
        desk.copy()
        desk.start_grids()
        desk.stop()  # gives up on it
        desk.end_grids()
        desk.clear_faults()
        desk.start_grids()
        desk.travel(["94", "107", "99"])
        orders, names = desk.open_names(), desk.names()
        assert lost not in names
        desk.end_grids()
        desk.put_back()

        desk.start_grids()
        desk.wait_quiet()

        assert desk.names() == names
        assert desk.open_names() == orders
        assert desk.trade_ids() == desk.exchange_trade_ids()
        desk.travel(["107", "93"])
        assert desk.trade_ids() == desk.exchange_trade_ids()


# --- waiting for what is on its way --------------------------------------------------------------------


def as_it_is(desk: CopyDesk) -> None:
    """Leave the database alone."""


@pytest.mark.parametrize(
    ("change", "waits"),
    [(as_it_is, 0), (CopyDesk.lose, 1), (CopyDesk.put_back, 1)],
    ids=["none after an ordinary end", "one when the journal is lost", "one when the journal is behind"],
)
def test_recovery_waits(change: Callable[[CopyDesk], None], waits: int, tmp_path: Path) -> None:
    """Wait for as long as a request may be on its way, once, when the journal does not tell what was sent."""
    with CopyDesk(tmp_path) as desk:
        desk.wait_quiet()
        desk.end_grids()
        desk.copy()
        desk.start_grids()
        desk.travel(["93"])
        desk.end_grids()
        assert not desk.waited  # it began, and went on from its own journal
        change(desk)

        desk.start_grids()

        assert desk.waited == [desk.window] * waits


def test_order_that_arrives_while_a_lost_journal_is_looked_into_is_taken_down_with_the_others(tmp_path: Path) -> None:
    with CopyDesk(tmp_path, pairs=[OUT_OF_RANGE]) as desk:
        desk.wait_quiet()
        prefix = f"{desk.grids[0].prefix}run1"
        desk.end_grids()
        desk.place_outside(f"{prefix}-7-0b0", "BUY", 100, "0.5")  # of no level of the grid
        desk.place_outside("web", "BUY", 100, "0.5")
        desk.lose()
        desk.let_pass = lambda _: desk.place_outside(f"{prefix}-8-0b0", "BUY", 99, "0.5")

        desk.start_grids()
        desk.wait_quiet()

        assert desk.open_names() == {"web"}
