from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.gateway.pending_calls import PendingCalls, Rank, Turn


def pending(*waiting: tuple[str, Rank]) -> PendingCalls[str]:
    calls: PendingCalls[str] = PendingCalls()
    for who, rank in waiting:
        calls.add(who, rank)
    return calls


def anybody(_: Rank) -> bool:
    return True


def in_turn(calls: PendingCalls[str]) -> str:
    """Take out everybody."""
    served = ""
    while (taken := calls.take(anybody)) is not None:
        served += taken[0]
    return served


def test_the_most_urgent_is_served_first_and_equals_in_the_order_they_came() -> None:
    calls = pending(
        ("a", Rank.CATCH_UP),
        ("b", Rank.ENTRY),
        ("c", Rank.EXIT),
        ("d", Rank.QUESTION),
        ("e", Rank.EXIT),
        ("f", Rank.ENTRY),
    )
    assert len(calls) == 6
    assert in_turn(calls) == "cedbfa"
    assert len(calls) == 0


def test_a_rank_that_is_not_admitted_waits_and_lower_ones_pass() -> None:
    calls = pending(("a", Rank.EXIT), ("b", Rank.CATCH_UP))
    assert calls.take(lambda rank: rank is not Rank.EXIT) == ("b", Turn(Rank.CATCH_UP, 2))
    assert calls.take(lambda rank: rank is not Rank.EXIT) is None
    assert in_turn(calls) == "a"


def test_one_that_waits_already_keeps_its_turn() -> None:
    calls = pending(("a", Rank.ENTRY), ("b", Rank.ENTRY), ("a", Rank.ENTRY))
    assert in_turn(calls) == "ab"


def test_one_that_became_more_urgent_is_served_in_its_new_rank_only() -> None:
    calls = pending(("a", Rank.ENTRY), ("b", Rank.EXIT), ("c", Rank.ENTRY))
    calls.add("c", Rank.EXIT)
    assert len(calls) == 3
    assert in_turn(calls) == "bca"


def test_one_that_is_removed_is_not_served() -> None:
    calls = pending(("a", Rank.ENTRY), ("b", Rank.ENTRY))
    calls.remove("a")
    calls.remove("nobody")
    assert in_turn(calls) == "b"


def test_one_that_comes_back_with_its_number_is_served_before_those_behind_it() -> None:
    calls = pending(("a", Rank.ENTRY), ("b", Rank.ENTRY))
    assert calls.take(anybody) == ("a", Turn(Rank.ENTRY, 1))
    calls.add("c", Rank.ENTRY)
    calls.add("a", Rank.ENTRY, 1)
    assert in_turn(calls) == "abc"


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from([*Rank, None]))))
def test_everybody_is_served_once_in_the_rank_they_have(steps: list[tuple[str, Rank | None]]) -> None:
    calls = pending()
    expected: dict[str, tuple[Rank, int]] = {}
    for number, (who, rank) in enumerate(steps):
        if rank is None:
            calls.remove(who)
            expected.pop(who, None)
        else:
            calls.add(who, rank)
            expected[who] = (rank, expected[who][1] if who in expected else number)
    assert in_turn(calls) == "".join(sorted(expected, key=lambda who: expected[who]))
