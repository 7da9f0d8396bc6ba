"""What is told at once, what in a digest, what again: the notifier as a behaviour."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.effects import After, Reply
from engine.messages.alerting import AlertKind, CycleEarned, Notify
from engine.messages.notifying import (
    Delivered,
    DeliveryFailed,
    DescribeNotifier,
    DigestDue,
    NotifierDescribed,
    NotifierInbox,
    RedeliveryDue,
    SummaryDue,
)
from engine.notifying.letters import MANNERS
from engine.notifying.notifier import Notifier
from engine.notifying.outbox import KEPT_FOR, MOST_WAITING
from engine.values import Side
from tests.engine.alerts import EVERYTHING, GRID, NOON, Played, fills, notify, told, topic, trade

URGENT = [kind for kind in AlertKind if MANNERS[kind].is_urgent]
PACED = sorted(set(URGENT) - {AlertKind.TAKE_PROFIT, AlertKind.STOP_LOSS})
MINUTE = 60_000


# --- what is told at all -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", AlertKind)
def test_kind_that_is_wanted_is_told_with_its_title_and_any_other_is_not(kind: AlertKind) -> None:
    wanted, unwanted = Played.of(topic(kinds=frozenset({kind}))), Played.of(topic(kinds=EVERYTHING - {kind}))

    assert wanted.tell(notify(kind, "it happened")) == [f"{GRID}: it happened"]
    assert (wanted.letters[0][0].kind, wanted.letters[0][0].title) == (kind, MANNERS[kind].title)
    assert unwanted.tell(notify(kind)) == []


def test_alert_of_the_whole_process_is_told_if_any_grid_wants_its_kind() -> None:
    deaf, keen = topic("A/B", kinds=frozenset()), topic("C/D", kinds=frozenset({AlertKind.HEALTH}))
    played = Played.of(deaf, keen)

    assert played.tell(notify(AlertKind.HEALTH, "the disk is full", None)) == ["the disk is full"]
    assert played.tell(notify(AlertKind.ERROR, "an error", None)) == []
    assert played.tell(notify(AlertKind.HEALTH, "no price", "A/B")) == []
    assert played.tell(notify(AlertKind.HEALTH, "no price", "C/D")) == ["C/D: no price"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (f"{GRID}: armed", f"{GRID}: armed"),
        ("armed", f"{GRID}: armed"),
        (" a\x1b[31m\tb\nc ", f"{GRID}: a [31m b\nc"),
        ("", f"{GRID}: (nothing was said)"),
        ("x" * 5_000, f"{GRID}: " + "x" * (1_000 - len(GRID) - 2)),
    ],
)
def test_text_begins_with_its_grid_and_is_printable_and_bounded(text: str, read: str) -> None:
    assert Played.of().tell(notify(AlertKind.GRID_STATE, text)) == [read]


def test_every_service_is_told() -> None:
    played = Played.of(services=3)
    played.tell(notify(AlertKind.GRID_STATE, "armed"))

    assert {index: [letter.text for letter in letters] for index, letters in played.letters.items()} == {
        index: [f"{GRID}: armed"] for index in range(3)
    }


def test_without_services_it_takes_everything_and_does_nothing() -> None:
    notifier = Notifier([topic(daily_summary="00:00")], [], count(1))

    assert notifier.start(NOON) == []
    messages: list[NotifierInbox] = [*fills(1), notify(AlertKind.ERROR), DigestDue(GRID), SummaryDue(GRID)]
    for message in messages:
        assert notifier.handle(message, NOON) == []
    assert notifier.handle(DescribeNotifier(), NOON) == [Reply(NotifierDescribed(0, None, 0, 0, 0))]
    assert notifier.last_words(NOON) == []


# --- rate and digests --------------------------------------------------------------------------------


def test_what_goes_beyond_the_rate_is_told_in_one_digest_by_kind() -> None:
    played = Played.of(topic(per_minute=2, digest_interval=300))
    at_once = played.tell(*fills(9), *fills(5, 10, Side.SELL), notify(AlertKind.ORDER_CANCELLED, "x"))

    assert len(at_once) == 2
    assert [timer for timer in played.timers if isinstance(timer.message, DigestDue)] == [After(300, DigestDue(GRID))]
    assert played.ring(DigestDue) == [
        f"{GRID}, since the last message of this kind:\n12 fills: 7 buys, 5 sells\n1 order cancelled"
    ]


def test_digest_quotes_the_only_or_the_last_of_what_is_rare() -> None:
    played = Played.of(topic(per_minute=1))
    played.tell(*fills(1), notify(AlertKind.REGRID, "up"), notify(AlertKind.DRIFT, "a"), notify(AlertKind.DRIFT, "b"))

    (digest,) = played.ring(DigestDue)
    assert digest.splitlines()[1:] == [f"1 regrid: {GRID}: up", f"2 drifts, the last: {GRID}: b"]


def test_kind_that_is_in_a_digest_stays_there_until_it_is_told() -> None:
    played = Played.of(topic(per_minute=1))
    played.tell(*fills(2))
    played.now += MINUTE

    assert played.tell(*fills(1, 3)) == []
    assert played.tell(notify(AlertKind.REGRID, "up")) == [f"{GRID}: up"]
    assert played.ring(DigestDue) == [f"{GRID}, since the last message of this kind:\n2 fills: 2 buys"]
    played.now += MINUTE
    assert len(played.tell(*fills(1, 4))) == 1


@pytest.mark.parametrize("kind", URGENT)
def test_what_cannot_wait_is_told_behind_any_number_of_fills(kind: AlertKind) -> None:
    played = Played.of(topic(per_minute=1))
    played.tell(*fills(1_000))

    assert played.tell(notify(kind, "now")) == [f"{GRID}: now"]


@pytest.mark.parametrize("kind", URGENT)
def test_the_same_text_is_told_once_and_then_counted(kind: AlertKind) -> None:
    played = Played.of()

    assert played.tell(*[notify(kind, "again")] * 38) == [f"{GRID}: again"]
    assert played.ring(DigestDue) == [f"{GRID}, since the last message of this kind:\n37 times more: {GRID}: again"]
    assert played.tell(notify(kind, "again")) == [f"{GRID}: again"]


def test_text_that_did_not_come_again_makes_no_digest() -> None:
    played = Played.of()
    played.tell(notify(AlertKind.ERROR, "once"))

    assert played.ring(DigestDue) == []


@pytest.mark.parametrize("kind", PACED)
def test_a_storm_of_different_alerts_that_cannot_wait_is_bounded_too_and_holds_nothing_else_up(kind: AlertKind) -> None:
    played = Played.of(topic(per_minute=5))

    assert len(played.tell(*(notify(kind, f"number {n}") for n in range(100)))) == 5
    assert played.tell(notify(AlertKind.STOP_LOSS, "out")) == [f"{GRID}: out"]
    (digest,) = played.ring(DigestDue)
    assert digest.endswith(f"95 {MANNERS[kind].many}, the last: {GRID}: number 99")


def test_clock_that_is_set_back_does_not_silence_anything() -> None:
    played = Played.of(topic(per_minute=1))
    played.tell(*fills(1))
    played.now -= 24 * 60 * MINUTE

    assert len(played.tell(*fills(1, 2))) == 1


# --- a day -------------------------------------------------------------------------------------------


def test_summary_tells_what_the_day_brought_at_its_time_and_the_next_day_begins_with_nothing() -> None:
    played = Played.of(topic(daily_summary="13:30"))
    (timer,) = played.timers
    assert timer == After(3_600.0, SummaryDue(GRID))  # it looks again: the clock may be set meanwhile
    played.tell(told(trades=[trade(1), trade(2, Side.SELL, price="170", fee="0.5", fee_asset="USDT")]))
    played.tell(notify(AlertKind.ORDER_FAILED, "no"))
    for profit in ("3.5", "-0.25"):
        played.tell(CycleEarned(GRID, Decimal(profit)))
    played.tell(CycleEarned("A/B", Decimal(7)))
    played.now += 60 * MINUTE
    assert played.ring(SummaryDue) == []
    played.now += 30 * MINUTE
    (summary,) = played.ring(SummaryDue)

    assert summary == (
        f"{GRID}: from 2026-11-22T12:00Z to 2026-11-22T13:30Z: grid profit 3.25 USDT in 2 cycles, "
        "1 buy of 2.943 SOL for 493.75 USDT, "
        "1 sell of 2.943 SOL for 500.31 USDT, fees 0.00294 SOL and 0.5 USDT, 1 order failed"
    )
    played.now += 24 * 60 * MINUTE
    (summary,) = played.ring(SummaryDue)
    assert summary == f"{GRID}: from 2026-11-22T13:30Z to 2026-11-23T13:30Z: nothing was bought or sold"


@pytest.mark.parametrize("settings", [{"daily_summary": "off"}, {"kinds": EVERYTHING - {AlertKind.SUMMARY}}])
def test_summary_that_nobody_wants_sets_no_timer(settings: dict[str, Any]) -> None:
    assert Played.of(topic(**{"daily_summary": "00:00", **settings})).timers == []


# --- services that do not take it --------------------------------------------------------------------


def test_service_that_is_down_is_tried_again_later_and_later_and_gets_everything_in_order() -> None:
    played = Played.of()
    played.down = {0}
    played.tell(notify(AlertKind.GRID_STATE, "one"), notify(AlertKind.REGRID, "two"))
    delays = []
    for _ in range(7):
        delays += [timer.delay for timer in played.timers if isinstance(timer.message, RedeliveryDue)]
        assert played.ring(RedeliveryDue) == []
    assert delays == [5, 10, 20, 40, 80, 120, 120]
    played.down = set()

    assert played.ring(RedeliveryDue) == [f"{GRID}: one", f"{GRID}: two"]


def test_service_that_is_down_does_not_keep_the_others_from_hearing() -> None:
    played = Played.of(services=2)
    played.down = {0}
    played.tell(notify(AlertKind.GRID_STATE, "one"), notify(AlertKind.GRID_STATE, "two"))

    assert [letter.text for letter in played.letters[1]] == [f"{GRID}: one", f"{GRID}: two"]
    assert 0 not in played.letters


def test_what_cannot_wait_overtakes_what_waits_for_a_service() -> None:
    played = Played.of()
    played.down = {0}
    played.tell(notify(AlertKind.GRID_STATE, "armed"), notify(AlertKind.STOP_LOSS, "out"))
    played.down = set()

    assert played.ring(RedeliveryDue) == [f"{GRID}: out", f"{GRID}: armed"]


def test_service_that_was_down_for_an_hour_gets_every_urgent_alert_and_the_number_of_others() -> None:
    played = Played.of(topic(per_minute=600))
    played.down = {0}
    for minute in range(60):
        played.now = NOON + minute * MINUTE
        played.tell(*fills(10, minute * 10), notify(AlertKind.HEALTH, f"minute {minute}"))
        played.ring(DigestDue)
        played.ring(RedeliveryDue)
    played.down = set()
    texts = played.ring(RedeliveryDue)

    health = [text for text in texts if "minute" in text]
    assert health == [f"{GRID}: minute {minute}" for minute in range(60)]
    told_fills = sum("bought" in text for text in texts)
    assert told_fills == MOST_WAITING
    (notice,) = [text for text in texts if text.startswith("not told")]
    assert notice == f"not told because service 1 did not take it: {600 - told_fills} fills"


def test_what_is_too_old_to_be_of_use_is_counted_instead() -> None:
    played = Played.of()
    played.down = {0}
    played.tell(notify(AlertKind.GRID_STATE, "armed"))
    played.now += KEPT_FOR + 1
    played.tell(notify(AlertKind.STOP_LOSS, "out"))
    played.down = set()

    assert played.ring(RedeliveryDue) == [
        f"{GRID}: out",
        "not told because service 1 did not take it: 1 change of state",
    ]


def test_letter_that_a_service_will_never_take_does_not_block_the_others() -> None:
    notifier = Notifier([topic()], ["service 1"], count(1))
    notifier.start(NOON)
    notifier.handle(notify(AlertKind.GRID_STATE, "bad"), NOON)
    notifier.handle(notify(AlertKind.GRID_STATE, "good"), NOON)
    for number in (1, 2, 3):
        notifier.handle(DeliveryFailed(0, number, "error=400", is_refused=True), NOON)
        (delivery,) = notifier.handle(RedeliveryDue(0), NOON)

    assert delivery.letter.text == f"{GRID}: good"  # type: ignore[union-attr]


def test_outcome_that_an_earlier_notifier_waited_for_is_ignored() -> None:
    notifier = Notifier([topic()], ["service 1"], count(8))
    notifier.start(NOON)
    notifier.handle(notify(AlertKind.GRID_STATE, "one"), NOON)
    notifier.handle(notify(AlertKind.GRID_STATE, "two"), NOON)

    assert notifier.handle(Delivered(0, 7), NOON) == []
    assert notifier.handle(DeliveryFailed(0, 7, "late"), NOON) == []
    assert len(notifier.handle(Delivered(0, 8), NOON)) == 1


def test_description_counts_and_names_the_first_service_in_trouble() -> None:
    played = Played.of(services=2)
    played.tell(notify(AlertKind.GRID_STATE, "one"))
    played.down = {1}
    played.tell(notify(AlertKind.GRID_STATE, "two"), DescribeNotifier())

    trouble = "service 2 has taken nothing since 2026-11-22T12:00:00Z: it is down"
    assert played.replies == [NotifierDescribed(2, trouble, waiting=1, sent=3, failed=1)]


def test_service_that_does_not_answer_is_trouble_after_a_minute() -> None:
    notifier = Notifier([topic()], ["service 1"], count(1))
    notifier.start(NOON)
    notifier.handle(notify(AlertKind.GRID_STATE), NOON)

    assert notifier.trouble(NOON + MINUTE) is None
    assert notifier.trouble(NOON + MINUTE + 1) == "service 1 has not answered since 2026-11-22T12:00:00Z"


def test_last_words_are_one_letter_with_all_that_waits_and_all_that_was_counted() -> None:
    played = Played.of(topic(per_minute=1))
    played.down = {0}
    played.tell(*fills(3), notify(AlertKind.STOP_LOSS, "out"))
    (letter,) = played.notifier.last_words(NOON)

    assert letter is not None
    assert letter.text.splitlines() == [
        f"{GRID}: out",
        f"{GRID}: bought 2.943 SOL at 167.77 USDT (level 9), fee 0.00294 SOL",
        f"{GRID}, since the last message of this kind:",
        "2 fills: 2 buys",
    ]
    assert Played.of().notifier.last_words(NOON) == [None]


# --- whatever happens --------------------------------------------------------------------------------

_KINDS = st.sampled_from([AlertKind.ORDER_FAILED, AlertKind.REGRID, AlertKind.ERROR, AlertKind.MISMATCH])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("alert"), _KINDS),
        st.tuples(st.just("wait"), st.integers(0, 90_000)),
        st.tuples(st.sampled_from(["digest", "retry", "down", "up"]), st.none()),
    ),
    max_size=120,
)


@given(_STEPS, st.integers(1, 4))
def test_nothing_is_lost_out_of_order_or_too_fast_whatever_happens(
    steps: list[tuple[str, AlertKind | int | None]], per_minute: int
) -> None:
    played = Played.of(topic(per_minute=per_minute, digest_interval=3_600))
    given_texts: dict[AlertKind, list[str]] = {}
    for number, (step, value) in enumerate(steps):
        if isinstance(value, AlertKind):
            text = f"{GRID}: number {number:04}"
            given_texts.setdefault(value, []).append(text)
            played.tell(Notify(value, GRID, text))
        elif isinstance(value, int):
            played.now += value
        elif step == "digest":
            played.ring(DigestDue)
        elif step == "retry":
            played.ring(RedeliveryDue)
        else:
            played.down = {0} if step == "down" else set()
    played.down = set()
    played.ring(DigestDue)
    played.ring(RedeliveryDue)

    letters = played.letters.get(0, [])
    for kind, texts in given_texts.items():
        alone = [letter for letter in letters if letter.kind is kind]
        assert [letter.text for letter in alone] == [text for text in texts if text in {one.text for one in alone}]
        assert len(alone) + _counted(kind, [letter.text for letter in letters if letter.kind is None]) == len(texts)
    for is_urgent in (True, False):
        times = [one.written_at for one in letters if one.kind is not None and one.is_urgent is is_urgent]
        lanes = (
            [times]
            if not is_urgent
            else [
                [one.written_at for one in letters if one.kind is kind]
                for kind in (AlertKind.ERROR, AlertKind.MISMATCH)
            ]
        )
        for lane in lanes:
            assert all(later - earlier >= MINUTE for earlier, later in zip(lane, lane[per_minute:], strict=False))


def _counted(kind: AlertKind, digests: list[str]) -> int:
    manner = MANNERS[kind]
    lines = [line for digest in digests for line in digest.splitlines()]
    words = (f" {manner.one}:", f" {manner.many},")
    return sum(
        int(line.split()[0]) for line in lines if any(line.partition(" ")[2].startswith(w.strip()) for w in words)
    )
