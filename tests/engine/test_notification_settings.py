"""The `[notifications]` section."""

from __future__ import annotations

import pytest

from engine.messages.alerting import AlertKind
from tests.engine.configurations import changed, load, refusals

ALLOWED = ", ".join(AlertKind)


def test_everything_is_told_by_default_but_orders_that_are_placed_or_cancelled() -> None:
    notifications = load().notifications

    assert frozenset(AlertKind) - notifications.kinds == {AlertKind.ORDER_PLACED, AlertKind.ORDER_CANCELLED}
    assert (notifications.per_minute, notifications.digest_interval) == (10, 300)
    assert notifications.daily_summary == "00:00"


@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("all", frozenset(AlertKind)),
        (["stop_loss", "order_filled", "stop_loss"], {AlertKind.STOP_LOSS, AlertKind.ORDER_FILLED}),
        ([], frozenset()),
    ],
)
def test_kinds_are_all_or_a_list(written: object, kinds: frozenset[AlertKind]) -> None:
    assert load(("notifications.kinds", written)).notifications.kinds == kinds


@pytest.mark.parametrize(
    ("path", "value", "demand"),
    [
        ("kinds", ["order_fill"], '"order_fill" is no kind of alert; did you mean order_filled?'),
        ("kinds", ["error", "stoploss"], '"stoploss" is no kind of alert; did you mean stop_loss?'),
        ("kinds", ["xyzzy"], f'"xyzzy" is no kind of alert; allowed: {ALLOWED}'),
        ("kinds", [3], f"3 is no kind of alert; allowed: {ALLOWED}"),
        (
            "kinds",
            "error",
            'must be "all" or a list of alert kinds, such as ["order_filled", "error"], not text in quotes',
        ),
        ("per_minute", 0, "must be at least 1 and at most 600"),
        ("digest_interval", 0, "must be above 0 and at most 86400"),
        ("daily_summary", "24:00", 'must be a time of day in UTC such as "07:30", or "off"'),
        ("daily_summary", "7:30", 'must be a time of day in UTC such as "07:30", or "off"'),
        ("daily_summary", False, "must be text in quotes, not true or false"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(path: str, value: object, demand: str) -> None:
    (problem,) = refusals(changed((f"notifications.{path}", value)))

    assert problem.startswith(f"notifications.{path} = ")
    assert problem.endswith(f": {demand}")


def test_what_is_told_does_not_make_it_another_grid() -> None:
    assert load(("notifications.kinds", "all")).fingerprint() == load().fingerprint()
