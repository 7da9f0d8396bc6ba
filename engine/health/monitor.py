"""The health monitor: what was seen and answered becomes checks, and what is news among them is told."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field

from engine.addresses import NOTIFIER
from engine.effects import Effect, Send
from engine.health.alarms import Alarms
from engine.health.asked import AskedCheck
from engine.health.feeds import OrderStreamCheck, PricesCheck
from engine.health.findings import Finding
from engine.health.mailboxes import ActorsHealth
from engine.health.notifier import NotifierCheck
from engine.health.process import ProcessHealth, Vitals
from engine.health.restarts import RestartsHealth, told
from engine.health.thresholds import WatchedGrid, strictest
from engine.health.trading import ClockCheck, DatabaseCheck, ExchangeCheck, ReconciliationCheck
from engine.messages.alerting import AlertKind, Notify
from engine.messages.questions import Answered
from engine.messages.vitals import ActorRestarted, Check, ClockCompared, HealthDescribed, Level, Mailbox

_SHOWN = 60  # looks that a trend shows
_ORDER = (Level.OK, Level.UNKNOWN, Level.WARNING, Level.CRITICAL)


@define
class _Standing:
    """Remember how a check stands: since when (epoch ms), and what its number was."""

    level: Level
    since: int
    numbers: deque[float] = field(factory=lambda: deque(maxlen=_SHOWN))


class HealthMonitor:
    """Judge the process and its grids, look after look.

    Durations are told apart from times: `now` is in seconds of a monotonic clock, `time` in epoch milliseconds.
    """

    def __init__(self, grids: Sequence[WatchedGrid], root: str, now: float) -> None:
        """Begin with nothing known of `grids` and the supervisor at `root`."""
        health = strictest(grid.health for grid in grids)
        self._names = sorted((grid.name for grid in grids), key=len, reverse=True)
        self._process = ProcessHealth(health)
        self._actors = ActorsHealth(grids, health, root)
        self._restarts = RestartsHealth()
        self._asked: dict[str, list[AskedCheck[Any]]] = {grid.name: _asked(grid, now) for grid in grids}
        self._clocks = {grid.name: ClockCheck(grid) for grid in grids if grid.is_live}
        self._notifier = NotifierCheck(health)
        asked = [check for checks in self._asked.values() for check in checks]
        self._by_address: dict[str, AskedCheck[Any]] = {check.address: check for check in (self._notifier, *asked)}
        self._open: set[str] = set()  # the addresses that owe an answer
        self._alarms = Alarms(health.alert_cooldown)
        self._standings: dict[tuple[str, str | None], _Standing] = {}
        self._described = HealthDescribed(0, Level.UNKNOWN, ())

    @property
    def described(self) -> HealthDescribed:
        """Give what the last look came to."""
        return self._described

    @property
    def price_troubles(self) -> Mapping[str, str]:
        """Say, by grid, why there are no prices to act on; as of the last look."""
        prices = [check for check in self._described.checks if check.name == PricesCheck.name]
        return {str(check.grid): check.text for check in prices if check.level is not Level.OK}

    # --- what comes in -------------------------------------------------------------------------------

    def questions(self, now: float) -> list[tuple[str, object]]:
        """Give what is to be asked now, by address; not of those who still owe an answer."""
        for check in self._by_address.values():
            check.asked(now)
        due = [(address, check.question) for address, check in self._by_address.items() if address not in self._open]
        self._open.update(address for address, _ in due)
        return due

    def answered(self, now: float, answered: Answered) -> None:
        """Take an answer."""
        self._open.discard(answered.by)
        if (check := self._by_address.get(answered.by)) is not None:
            check.heard(now, answered.value)

    def clock_compared(self, now: float, compared: ClockCompared) -> None:
        """Take how far the clocks of this computer and of a grid's exchange are apart."""
        if (clock := self._clocks.get(compared.grid)) is not None:
            clock.compared(now, compared.ahead_ms)

    def restarted(self, now: float, restart: ActorRestarted) -> list[Effect]:
        """Count a restart, and tell people of it."""
        self._restarts.restarted(now, restart)
        return [Send(NOTIFIER, Notify(AlertKind.RESTART, self._grid_of(restart.address), told(restart)))]

    def _grid_of(self, address: str) -> str | None:
        return next((name for name in self._names if address.startswith(f"{name}/")), None)

    # --- what comes of it ----------------------------------------------------------------------------

    def judge(self, now: float, time: int, vitals: Vitals, mailboxes: Collection[Mailbox]) -> list[Effect]:
        """Make the checks of a look, and tell people what is news."""
        findings = [
            *self._process.findings(now, vitals),
            *self._actors_found(now, mailboxes),
            self._restarts.finding(now),
            *(finding for name in self._asked for finding in self._findings_of(name, now)),
        ]
        checks = tuple(self._check(time, finding) for finding in findings)
        worst = max((check.level for check in checks), key=_ORDER.index)
        self._described = HealthDescribed(time, worst, checks)
        news = ((finding.grid, self._alarms.news(now, finding)) for finding in findings)
        return [Send(NOTIFIER, Notify(AlertKind.HEALTH, grid, text)) for grid, text in news if text is not None]

    def _actors_found(self, now: float, mailboxes: Collection[Mailbox]) -> list[Finding]:
        found = self._actors.findings(now, mailboxes)
        if all(finding.name != NotifierCheck.name for finding in found):
            found.append(self._notifier.finding(now))
        return found

    def _findings_of(self, name: str, now: float) -> Iterable[Finding]:
        yield from (check.finding(now) for check in self._asked[name])
        if name in self._clocks:
            yield self._clocks[name].finding(now)

    def _check(self, time: int, finding: Finding) -> Check:
        key = (finding.name, finding.grid)
        standing = self._standings.get(key)
        if standing is None:
            standing = self._standings[key] = _Standing(finding.level, time)
        elif standing.level is not finding.level:
            standing.level, standing.since = finding.level, time
        if finding.number is not None:
            standing.numbers.append(finding.number)
        return Check(
            finding.name,
            finding.grid,
            finding.level,
            finding.text,
            standing.since,
            finding.number,
            finding.unit,
            tuple(standing.numbers),
        )


def _asked(grid: WatchedGrid, now: float) -> list[AskedCheck[Any]]:
    """Make the checks that a grid's actors answer for; on paper there is no real exchange."""
    if not grid.is_live:
        return [PricesCheck(grid, now), DatabaseCheck(grid)]
    return [
        PricesCheck(grid, now),
        OrderStreamCheck(grid),
        ExchangeCheck(grid),
        DatabaseCheck(grid),
        ReconciliationCheck(grid, now),
    ]
