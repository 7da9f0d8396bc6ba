"""What the grid believes to have, and what its account has: told once, when it is certain."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from engine.effects import After, Effect, Reply
from engine.messages import BalancesDiffered, FundsTold, OrdersUnobserved, ReconcileDue, TellFunds
from engine.messages.questions import DescribeReconciliation, ReconciliationDescribed
from engine.reconciler import Account, Reconciler
from tests.engine.journalled import JOURNALLED
from tests.engine.samples import MARKET, D, Number, messages, told

EVERY, AGAIN, FIRST, UNANSWERED = 300.0, 3.0, 2.0, 10.0


class Desk:
    """A reconciler between a ledger that says what it is told to say, and an account."""

    def __init__(self, *, is_alone: bool = True, tolerance: Number = 0, tokens: Iterator[int] | None = None) -> None:
        self.account: Account | None = {"USDT": D(1000), "SOL": D(5)}
        self.ours = {"USDT": D(1000), "SOL": D(5)}
        self.trades = 0
        self.fetched = 0
        self.told: list[BalancesDiffered] = []
        self.delays: list[float] = []
        self._reconciler = Reconciler(
            self._fetch, MARKET, JOURNALLED, EVERY, D(tolerance), is_alone=is_alone, tokens=tokens
        )
        self.due: Any = self._next(self._reconciler.start())

    def has(self, **amounts: Number) -> Desk:
        """Change what the account has."""
        assert self.account is not None
        self.account = {**self.account, **{asset: D(amount) for asset, amount in amounts.items()}}
        return self

    def holds(self, **amounts: Number) -> Desk:
        """Change what the grid believes to hold."""
        self.ours.update((asset, D(amount)) for asset, amount in amounts.items())
        return self

    def compares(self, times: int = 1, *, busy: bool = False) -> list[str]:
        """Let it be time so many times; give which assets it told of."""
        before = len(self.told)
        for _ in range(times):
            effects = self._reconciler.handle(self.due)
            assert told(effects, JOURNALLED.order_manager) == [OrdersUnobserved()]
            while questions := told(effects, JOURNALLED.balance_tracker):
                effects = self.answer(*questions)
                self.trades += busy
            self.told += told(effects, str(JOURNALLED.journal))
            self.due = self._next(effects)
        return [one.asset for one in self.told[before:]]

    def reminded(self, due: ReconcileDue) -> list[Effect]:
        return self._reconciler.handle(due)

    def answer(self, question: TellFunds) -> list[Effect]:
        return self._reconciler.handle(FundsTold(self.ours["USDT"], self.ours["SOL"], self.trades, question.token))

    @property
    def described(self) -> ReconciliationDescribed:
        (reply,) = self._reconciler.handle(DescribeReconciliation())
        assert isinstance(reply, Reply)
        assert isinstance(reply.value, ReconciliationDescribed)
        return reply.value

    def _next(self, effects: Any) -> Any:
        (due,) = [effect for effect in effects if isinstance(effect, After)]
        self.delays.append(due.delay)
        assert isinstance(due.message, ReconcileDue)
        assert not [one for one in messages(effects) if isinstance(one, ReconcileDue)]
        return due.message

    def _fetch(self) -> Account | None:
        self.fetched += 1
        return self.account


@pytest.mark.parametrize("is_alone", [True, False])
def test_what_agrees_is_nobodys_business(is_alone: bool) -> None:  # noqa: FBT001 - a table's column
    desk = Desk(is_alone=is_alone)
    assert desk.compares(3) == []
    assert desk.delays == [FIRST, EVERY, EVERY, EVERY]
    assert desk.fetched == 3


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_lack_is_told_when_it_shows_twice_and_not_again_while_it_stays(is_alone: bool) -> None:  # noqa: FBT001
    desk = Desk(is_alone=is_alone).has(SOL=4)
    assert desk.compares() == []
    assert desk.compares() == ["SOL"]
    assert desk.told == [BalancesDiffered("SOL", D(5), D(4), "the account has 4 SOL, the grid holds 5")]
    assert desk.delays == [FIRST, AGAIN, EVERY]
    assert desk.compares(4) == []


def test_a_lack_that_has_changed_is_told_again() -> None:
    desk = Desk().has(SOL=4)
    desk.compares(2)
    desk.has(SOL=3)
    assert desk.compares() == []
    assert desk.compares() == ["SOL"]


def test_a_lack_that_was_made_good_and_comes_back_is_told_again() -> None:
    desk = Desk(is_alone=False).has(SOL=4)
    desk.compares(2)
    assert desk.has(SOL=5).compares(2) == []
    assert desk.has(SOL=4).compares(2) == ["SOL"]


def test_a_lack_that_does_not_show_again_is_not_told() -> None:
    desk = Desk().has(SOL=4)
    assert desk.compares() == []
    assert desk.has(SOL=5).compares(3) == []


def test_a_trade_that_the_account_knows_first_is_not_told() -> None:
    desk = Desk().has(SOL=6, USDT=900)
    assert desk.compares() == []
    assert desk.holds(SOL=6, USDT=900).compares(2) == []


def test_both_assets_are_told_each_for_itself() -> None:
    assert Desk().has(SOL=4, USDT=10).compares(2) == ["SOL", "USDT"]


def test_an_asset_that_an_account_does_not_mention_is_not_there() -> None:
    desk = Desk()
    desk.account = {"USDT": D(1000)}
    assert desk.compares(2) == ["SOL"]
    assert desk.told[0].account == 0


def test_in_a_market_that_does_not_stand_still_it_gives_up_for_now() -> None:
    desk = Desk().has(SOL=4)
    assert desk.compares(5, busy=True) == []
    assert desk.delays == [FIRST, AGAIN, AGAIN, AGAIN, AGAIN, EVERY]
    assert desk.compares(2) == ["SOL"]


def test_tries_are_counted_anew_each_time() -> None:
    desk = Desk()
    desk.compares(10, busy=True)
    assert desk.delays[1:] == [AGAIN, AGAIN, AGAIN, AGAIN, EVERY] * 2


def test_an_account_that_does_not_answer_is_asked_next_time() -> None:
    desk = Desk()
    answer, desk.account = desk.account, None
    assert desk.compares(2) == []
    assert desk.delays == [FIRST, EVERY, EVERY]
    desk.account = answer
    assert desk.has(SOL=4).compares(2) == ["SOL"]


@pytest.mark.parametrize(("lack", "is_told"), [("0.05", False), ("0.0501", True)])
def test_up_to_a_share_of_what_is_ours_differences_are_let_pass(lack: str, is_told: bool) -> None:  # noqa: FBT001
    desk = Desk(tolerance="0.01").has(SOL=D(5) - D(lack))
    assert desk.compares(2) == (["SOL"] if is_told else [])


def test_what_an_account_has_beside_the_grids_from_the_beginning_is_nobodys_business() -> None:
    assert Desk().has(SOL=50, USDT=77777, BNB=3).compares(3) == []


def test_on_a_shared_account_other_peoples_money_is_nobodys_business() -> None:
    desk = Desk(is_alone=False).has(SOL=50)
    assert desk.compares(2) == []
    for amount in (20, 70, 5):
        assert desk.has(SOL=amount, BNB=amount).compares(2) == []
    assert desk.has(SOL="4.99").compares(2) == ["SOL"]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (20, "the account has 30 SOL less than before, by nothing that the grid did"),
        (51, "the account has 1 SOL more than before, by nothing that the grid did"),
        (4, "the account has 4 SOL, the grid holds 5"),
    ],
)
def test_on_the_grids_own_account_any_change_that_is_not_the_grids_is_told_once(amount: int, text: str) -> None:
    desk = Desk().has(SOL=50)
    desk.compares()
    assert desk.has(SOL=amount).compares() == []
    assert desk.compares() == ["SOL"]
    assert desk.told[0].text == text
    assert desk.compares(3) == []


def test_what_the_grid_trades_changes_nothing_beside_it() -> None:
    desk = Desk().has(SOL=50)
    desk.compares()
    assert desk.has(SOL=51, USDT=880).holds(SOL=6, USDT=880).compares(3) == []


# --- how it goes -------------------------------------------------------------------------------------


def test_comparisons_are_counted_and_what_is_lacking_is_described_until_it_is_made_good() -> None:
    desk = Desk(is_alone=False)
    assert desk.described == ReconciliationDescribed(0, ())
    desk.compares()
    assert desk.described == ReconciliationDescribed(1, ())
    desk.has(SOL="4.5", USDT=900).compares(2)
    lacking = (
        "the account has 0.5 SOL less than the grid holds",
        "the account has 100 USDT less than the grid holds",
    )
    assert desk.described == ReconciliationDescribed(3, lacking)
    desk.has(SOL=5, USDT=1000).compares()
    assert desk.described == ReconciliationDescribed(4, ())


def test_account_that_was_not_told_is_not_compared() -> None:
    desk = Desk()
    desk.account = None
    desk.compares(3)
    assert desk.described == ReconciliationDescribed(0, ())


def test_market_that_does_not_stand_still_is_not_compared() -> None:
    desk = Desk()
    desk.compares(3, busy=True)
    assert desk.described == ReconciliationDescribed(0, ())


def test_a_ledger_that_never_answers_is_asked_again_and_what_it_says_late_counts_no_more() -> None:
    desk = Desk().has(USDT=900)
    first = desk.reminded(desk.due)
    (unheard,) = told(first, JOURNALLED.balance_tracker)
    (again,) = [effect for effect in first if isinstance(effect, After)]
    assert again.delay == UNANSWERED

    second = desk.reminded(again.message)
    (question,) = told(second, JOURNALLED.balance_tracker)
    assert question != unheard
    assert desk.answer(unheard) == []
    assert desk.fetched == 0
    (confirming,) = told(desk.answer(question), JOURNALLED.balance_tracker)
    assert desk.fetched == 1
    assert desk.reminded(again.message) == []  # overtaken
    assert desk.answer(confirming)


def test_an_answer_to_an_earlier_incarnation_is_none_to_this_one() -> None:
    tokens = count(1)
    earlier, this = Desk(tokens=tokens), Desk(tokens=tokens)
    this.account = None  # nobody says what it has
    (stale,) = told(earlier.reminded(earlier.due), JOURNALLED.balance_tracker)
    (own,) = told(this.reminded(this.due), JOURNALLED.balance_tracker)
    assert this.answer(stale) == []
    assert this.fetched == 0
    this.answer(own)
    assert this.fetched == 1
