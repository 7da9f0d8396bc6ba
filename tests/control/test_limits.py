from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.control.limits import Bucket, Buckets
from actors.control.refusals import RefusalLog, cleaned


@given(st.lists(st.floats(0, 0.5), max_size=80))
def test_no_more_pass_than_the_burst_and_the_rate(gaps: list[float]) -> None:
    bucket, now, passed = Bucket(5, 3), 100.0, 0
    for gap in gaps:
        now += gap
        passed += not bucket.take(now)
        assert passed <= 3 + 5 * (now - 100) + 1e-6


def test_whoever_waits_as_long_as_told_may_pass() -> None:
    bucket = Bucket(0.5, 1)
    assert bucket.take(10) == 0
    assert bucket.take(10) == 2
    assert bucket.take(12) == 0


def test_each_has_a_bucket_of_its_own() -> None:
    buckets = Buckets(1, 1)
    assert [buckets.take(who, 0) for who in "abab"] == [0, 0, 1, 1]


def test_a_thousand_strangers_are_remembered_and_no_more() -> None:
    buckets = Buckets(1, 1)
    for who in range(5000):
        buckets.take(who, 0)
    assert len(buckets._buckets) == 1000


def test_a_kind_of_refusal_is_logged_once_and_then_counted(caplog: pytest.LogCaptureFixture) -> None:
    refusals = RefusalLog()
    with caplog.at_level(logging.WARNING):
        for _ in range(500):
            refusals.note("a wrong token", "127.0.0.1")
        refusals.note("no token", "127.0.0.1")
        assert len(caplog.records) == 2
        refusals.tell()
        refusals.tell()
    assert caplog.messages == [
        "refused at the door: a wrong token (127.0.0.1)",
        "refused at the door: no token (127.0.0.1)",
        "refused at the door: a wrong token, 499 more times",
    ]


def test_what_somebody_else_wrote_is_cut_and_cleaned() -> None:
    assert cleaned("a\x1b[31m\nb") == "a?[31m?b"
    assert len(cleaned("x" * 10_000)) < 80
