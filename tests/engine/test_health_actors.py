"""Who is there, who comes to its messages, who hangs; and who was restarted."""

from __future__ import annotations

import pytest

from engine.health.findings import Finding
from engine.health.mailboxes import ActorsHealth
from engine.health.restarts import RestartsHealth, told
from engine.messages.vitals import ActorRestarted, Level, Mailbox
from engine.settings.model import Health
from tests.engine.watched import NAME, ROOT, everybody, mailbox, watched

OK, WARNING, CRITICAL, UNKNOWN = Level.OK, Level.WARNING, Level.CRITICAL, Level.UNKNOWN
LEVEL, CORE, MANAGER = f"{NAME}/level/0", f"{NAME}/core", f"{NAME}/order_manager"


def looks(*of: list[Mailbox], every: float = 60.0) -> dict[str, Finding]:
    """Give the findings of the last of several looks, by name."""
    actors = ActorsHealth([watched()], Health(), ROOT)
    findings: list[Finding] = []
    for look, mailboxes in enumerate(of):
        findings = actors.findings(look * every, mailboxes)
    return {finding.name: finding for finding in findings}


def waits(address: str, waited: float, depth: int = 3, handled: int = 100) -> Mailbox:
    return mailbox(address, waited, depth=depth, handled=handled, is_answered=False)


def test_everybody_answers() -> None:
    found = looks(everybody())
    assert {name: (finding.level, finding.grid) for name, finding in found.items()} == {
        "actors": (OK, None),
        "supervisor": (OK, None),
    }
    assert found["actors"].text == "16 actors answer, the slowest after 0 s; 0 messages in their mailboxes"
    assert found["supervisor"].text == "2 supervisors answer, the slowest after 0 s"


def test_actor_that_was_late_is_told() -> None:
    found = looks(everybody(mailbox(LEVEL, 6.0)))["actors"]
    assert (found.level, found.text, found.number) == (
        WARNING,
        f"{LEVEL} was late: a message has waited for 6 s",
        6.0,
    )


def test_actor_whose_message_waits_is_told() -> None:
    found = looks(everybody(waits(LEVEL, 6.0)))["actors"]
    text = f"{LEVEL} is late: its oldest message has waited for 6 s, 3 messages in its mailbox"
    assert (found.level, found.text) == (WARNING, text)


def test_actor_that_does_nothing_for_long_while_messages_wait_hangs() -> None:
    found = looks(everybody(waits(LEVEL, 1.0)), everybody(waits(LEVEL, 61.0)))["actors"]
    text = f"{LEVEL} hangs: it has not come to its next message for 61 s, 3 messages in its mailbox"
    assert (found.level, found.text) == (CRITICAL, text)


def test_actor_that_goes_on_through_a_long_queue_is_late_and_does_not_hang() -> None:
    found = looks(everybody(waits(LEVEL, 1.0, handled=100)), everybody(waits(LEVEL, 61.0, handled=150)))["actors"]
    assert (found.level, "is late" in found.text) == (WARNING, True)


@pytest.mark.parametrize("address", [f"{NAME}/caller/0", f"{NAME}/reconciler", ROOT, CORE, "notifier"])
def test_those_who_wait_for_others_may_be_late(address: str) -> None:
    found = looks(everybody(waits(address, 20.0)))
    assert {name: finding.level for name, finding in found.items()} == {"actors": OK, "supervisor": OK}


@pytest.mark.parametrize(
    ("address", "check"),
    [(f"{NAME}/caller/0", "actors"), (ROOT, "supervisor"), (CORE, "supervisor"), ("notifier", "notifier")],
)
def test_whoever_hangs_is_told_where_it_belongs(address: str, check: str) -> None:
    found = looks(everybody(waits(address, 1.0)), everybody(waits(address, 61.0)))[check]
    assert (found.level, found.text.startswith(f"{address} hangs")) == (CRITICAL, True)


def test_worst_is_named_first_and_the_others_are_counted() -> None:
    late = [mailbox(f"{NAME}/level/{place}", 6.0 + place) for place in range(1, 6)]
    hung = waits(MANAGER, 61.0)
    found = looks(everybody(waits(MANAGER, 1.0)), everybody(hung, *late))["actors"]
    assert found.level is CRITICAL
    assert found.text.startswith(f"{MANAGER} hangs")
    assert found.text.endswith("; and 3 more")
    assert f"{NAME}/level/5 was late" in found.text


def test_actor_that_has_left_is_told_when_it_does_not_come_back() -> None:
    gone = everybody(without=(MANAGER,))
    levels = [looks(everybody(), *[gone] * look, every=10.0)["actors"].level for look in range(1, 9)]
    assert levels == [OK, *[WARNING] * 5, *[CRITICAL] * 2]
    assert looks(everybody(), gone, gone)["actors"].text == f"{MANAGER} has not been there for 60 s"


def test_actor_that_is_restarted_between_two_looks_is_not_missed() -> None:
    assert looks(everybody(), everybody(mailbox(MANAGER, generation=2, handled=1)))["actors"].level is OK


def test_actors_that_start_may_take_their_time() -> None:
    empty = everybody(without=tuple(one.address for one in everybody() if one.address.startswith(NAME)))
    levels = [looks(*[empty] * look, every=10.0)["actors"].level for look in range(1, 9)]
    assert levels == [*[OK] * 6, *[CRITICAL] * 2]


def test_levels_come_and_go() -> None:
    assert looks(everybody(), *[everybody(without=(LEVEL,))] * 5)["actors"].level is OK


@pytest.mark.parametrize(
    ("before", "level", "text"),
    [((), CRITICAL, "it is not there any more"), (("notifier",), OK, "there is none: nobody is told of anything")],
)
def test_notifier_that_has_left_is_told_and_one_that_never_was_is_not(
    before: tuple[str, ...], level: Level, text: str
) -> None:
    found = looks(everybody(without=before), everybody(without=("notifier",)))["notifier"]
    assert (found.level, found.text.startswith(text)) == (level, True)


def test_root_that_is_not_there_is_unknown() -> None:
    found = looks(everybody(without=(ROOT,)))["supervisor"]
    assert (found.level, found.text) == (UNKNOWN, "nobody lives at supervisor")


# --- restarts ----------------------------------------------------------------------------------------


def restart(address: str = MANAGER, others: tuple[str, ...] = ()) -> ActorRestarted:
    return ActorRestarted(address, others, "ValueError: no", 0.05, CORE)


def test_no_restart_is_well() -> None:
    found = RestartsHealth().finding(1_000.0)
    assert (found.level, found.number, found.text) == (OK, 0, "no actor had to be restarted")


def test_restarts_are_counted_and_show_for_a_while() -> None:
    restarts = RestartsHealth()
    for now, address in ((0.0, LEVEL), (10.0, MANAGER), (20.0, MANAGER)):
        restarts.restarted(now, restart(address))
    found = restarts.finding(140.0)
    assert (found.level, found.number, found.tells) == (WARNING, 3, False)
    assert found.text == (
        f"3 restarts, the last one 2 min ago: {MANAGER}, after ValueError: no; most often: {MANAGER} 2, {LEVEL} 1"
    )
    assert restarts.finding(621.0).level is OK
    assert restarts.counts == {MANAGER: 2, LEVEL: 1}


@pytest.mark.parametrize(
    ("others", "text"),
    [
        ((), f"{MANAGER} restarted by {CORE}, in 0.1 s: ValueError: no"),
        (("a", "b"), f"{MANAGER} and 2 others with it restarted by {CORE}, in 0.1 s: ValueError: no"),
    ],
)
def test_restart_is_told_with_its_reason(others: tuple[str, ...], text: str) -> None:
    assert told(restart(others=others)) == text
