"""The health of the actors: who is there, who comes to its messages, who hangs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from attrs import frozen

from engine.addresses import CONTROLLER, NOTIFIER, REPORTER
from engine.health.findings import Finding, Stretch
from engine.health.thresholds import WatchedGrid
from engine.health.words import many, span
from engine.messages.vitals import Level, Mailbox
from engine.settings.model import Health

_MOST_NAMED = 3


@frozen
class _Trouble:
    """Blame one actor; what is more serious, and then what is longer, comes first."""

    level: Level
    seconds: float
    text: str


class ActorsHealth:
    """Judge how everybody gets on with what is in their mailboxes.

    Whoever calls the exchange, people or a child that stops in its own thread may let others wait for a while: these
    are in trouble only when they hang.
    """

    def __init__(self, grids: Iterable[WatchedGrid], health: Health, root: str) -> None:
        """Expect the actors of `grids` to be there, and the supervisor `root` above all others."""
        self._health, self._root = health, root
        self._shortest = min(health.mailbox_wait, health.actor_hangs)
        grids = tuple(grids)
        self._expected = {str(address): Stretch() for grid in grids for address in _expected(grid)}
        self._slow = {str(NOTIFIER), str(CONTROLLER), *(str(grid.addresses.reconciler) for grid in grids)}
        self._slow_beginnings = tuple(f"{grid.name}/caller/" for grid in grids)
        self._seen: set[str] = set()  # of those, and the notifier
        self._handled: dict[str, tuple[int, int]] = {}  # at the last look: generation and messages, of who is late

    def findings(self, now: float, mailboxes: Collection[Mailbox]) -> list[Finding]:
        """Say how everybody is; of the notifier only what is wrong with its being there."""
        troubles = {mailbox.address: self._judge(mailbox) for mailbox in mailboxes}
        self._handled = {m.address: (m.generation, m.handled) for m in mailboxes if not m.is_answered}
        return [
            self._judge_actors(now, mailboxes, troubles),
            self._judge_supervisors(mailboxes, troubles),
            *self._judge_notifier(troubles),
        ]

    def _judge(self, mailbox: Mailbox) -> _Trouble | None:
        """Say what is wrong with one; somebody who goes on through a long queue does not hang."""
        waited, name = mailbox.waited, mailbox.address
        if waited < self._shortest:
            return None
        waiting = f"{many(mailbox.depth, 'message')} in its mailbox"
        if not mailbox.is_answered and waited >= self._health.actor_hangs and not self._goes_on(mailbox):
            text = f"{name} hangs: it has not come to its next message for {span(waited)}, {waiting}"
            return _Trouble(Level.CRITICAL, waited, text)
        if waited < self._health.mailbox_wait or self._may_be_slow(mailbox):
            return None
        if mailbox.is_answered:
            text = f"{name} was late: a message has waited for {span(waited)}"
        else:
            text = f"{name} is late: its oldest message has waited for {span(waited)}, {waiting}"
        return _Trouble(Level.WARNING, waited, text)

    def _goes_on(self, mailbox: Mailbox) -> bool:
        return self._handled.get(mailbox.address) != (mailbox.generation, mailbox.handled)

    def _may_be_slow(self, mailbox: Mailbox) -> bool:
        name = mailbox.address
        return mailbox.is_supervisor or name in self._slow or name.startswith(self._slow_beginnings)

    # --- everybody -----------------------------------------------------------------------------------

    def _judge_actors(
        self, now: float, mailboxes: Collection[Mailbox], troubles: dict[str, _Trouble | None]
    ) -> Finding:
        others = [one for mailbox in mailboxes if not mailbox.is_supervisor and (one := troubles[mailbox.address])]
        found = self._missing(now, {mailbox.address for mailbox in mailboxes}) + others
        waited = max((mailbox.waited for mailbox in mailboxes), default=0.0)
        if found:
            return Finding("actors", None, *_worst(found), waited, "s")
        depth = sum(mailbox.depth for mailbox in mailboxes)
        text = f"{many(len(mailboxes), 'actor')} answer, the slowest after {span(waited)}"
        return Finding("actors", None, Level.OK, f"{text}; {many(depth, 'message')} in their mailboxes", waited, "s")

    def _missing(self, now: float, alive: Collection[str]) -> list[_Trouble]:
        """Blame who should be there: as a rule somebody who is about to be restarted."""
        troubles = []
        self._seen.update(name for name in self._expected if name in alive)
        for name, stretch in self._expected.items():
            stretch.note(is_so=name not in alive, now=now)
            seconds, too_long = stretch.seconds(now), self._health.actor_hangs
            # Whoever has not started yet may open a large database first.
            if name in alive or seconds < (self._health.mailbox_wait if name in self._seen else too_long):
                continue
            level = Level.CRITICAL if seconds >= too_long else Level.WARNING
            troubles.append(_Trouble(level, seconds, f"{name} has not been there for {span(seconds)}"))
        return troubles

    # --- those above ------------------------------------------------------

    def _judge_supervisors(self, mailboxes: Collection[Mailbox], troubles: dict[str, _Trouble | None]) -> Finding:
        name, supervisors = "supervisor", [mailbox for mailbox in mailboxes if mailbox.is_supervisor]
        waited = max((mailbox.waited for mailbox in supervisors), default=0.0)
        found = [one for mailbox in supervisors if (one := troubles[mailbox.address])]
        if found:
            return Finding(name, None, *_worst(found), waited, "s")
        if all(mailbox.address != self._root for mailbox in supervisors):
            return Finding(name, None, Level.UNKNOWN, f"nobody lives at {self._root}")
        text = f"{many(len(supervisors), 'supervisor')} answer, the slowest after {span(waited)}"
        return Finding(name, None, Level.OK, text, waited, "s")

    def _judge_notifier(self, troubles: dict[str, _Trouble | None]) -> Iterable[Finding]:
        name = "notifier"
        if NOTIFIER in troubles:
            self._seen.add(NOTIFIER)
            if (trouble := troubles[NOTIFIER]) is not None:
                yield Finding(name, None, trouble.level, trouble.text)
        elif NOTIFIER in self._seen:
            yield Finding(name, None, Level.CRITICAL, "it is not there any more: nobody is told of anything")
        else:
            yield Finding(name, None, Level.OK, "there is none: nobody is told of anything")


def _worst(troubles: list[_Trouble]) -> tuple[Level, str]:
    """Name the worst, and count the others."""
    ranked = sorted(troubles, key=lambda one: (one.level is not Level.CRITICAL, -one.seconds))
    named = [one.text for one in ranked[:_MOST_NAMED]]
    if len(ranked) > _MOST_NAMED:
        named.append(f"and {len(ranked) - _MOST_NAMED:,} more")
    return ranked[0].level, "; ".join(named)


def _expected(grid: WatchedGrid) -> Iterable[str]:
    """Name who is there as long as a grid is; levels come and go."""
    addresses = grid.addresses
    names: list[str] = [
        REPORTER,
        addresses.exchange,
        addresses.order_manager,
        addresses.balance_tracker,
        addresses.grid_manager,
        addresses.risk_monitor,
        addresses.price_feed,
    ]
    if addresses.journal is not None:
        names.append(addresses.journal)
    return [*names, addresses.order_feed, addresses.reconciler] if grid.is_live else names
