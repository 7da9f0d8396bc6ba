from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.gateway.breaker import Breaker, BreakerState


def breaker(threshold: int = 3, trials: int = 2, *, failures: int = 0) -> Breaker:
    one = Breaker(threshold, trials)
    for _ in range(failures):
        one.failed()
    return one


def half_open() -> Breaker:
    one = breaker(failures=3)
    one.recover()
    return one


def test_it_opens_at_the_threshold_and_says_so_once() -> None:
    one = breaker()
    assert [one.failed() for _ in range(5)] == [False, False, True, False, False]
    assert (one.state, one.admits) == (BreakerState.OPEN, False)


def test_a_success_between_failures_starts_the_count_anew() -> None:
    one = breaker(failures=2)
    one.succeeded()
    assert [one.failed() for _ in range(3)] == [False, False, True]


def test_recovered_it_lets_a_few_through_on_trial() -> None:
    one = half_open()
    assert [one.admits and one.let_through() for _ in range(3)] == [True, True, False]
    assert one.state is BreakerState.HALF_OPEN


def test_a_success_on_trial_closes_it() -> None:
    one = half_open()
    one.let_through()
    one.succeeded()
    assert (one.state, one.admits, one.let_through()) == (BreakerState.CLOSED, True, False)
    assert not one.failed()


def test_one_failure_on_trial_opens_it_again_with_all_trials_to_come() -> None:
    one = half_open()
    one.let_through()
    assert (one.failed(), one.admits) == (True, False)
    one.recover()
    assert [one.admits and one.let_through() for _ in range(3)] == [True, True, False]


def test_a_trial_taken_back_is_another_calls() -> None:
    one = half_open()
    one.let_through()
    one.let_through()
    one.take_back()
    assert one.admits


def test_recovery_of_one_that_is_not_open_changes_nothing() -> None:
    one = breaker()
    one.recover()
    assert one.state is BreakerState.CLOSED


@given(st.integers(1, 5), st.integers(1, 3), st.lists(st.sampled_from(["call", "fail", "succeed", "recover", "back"])))
def test_no_more_than_its_trials_pass_before_an_answer(threshold: int, trials: int, events: list[str]) -> None:
    one = Breaker(threshold, trials)
    on_trial = 0
    for event in events:
        match event:
            case "call" if one.admits:
                on_trial += one.let_through()
            case "fail" if one.failed():
                on_trial = 0
            case "succeed":
                one.succeeded()
                on_trial = 0
            case "recover":
                one.recover()
            case "back" if on_trial:
                one.take_back()
                on_trial -= 1
        assert on_trial <= trials
        assert one.admits or one.state is not BreakerState.CLOSED
