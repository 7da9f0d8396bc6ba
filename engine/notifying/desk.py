"""What becomes of one grid's alerts: told at once, counted for a digest, or left alone."""

from __future__ import annotations

from attrs import frozen

from engine.messages.alerting import AlertKind
from engine.notifying.digest import Digest
from engine.notifying.letters import MANNERS, Alert, Letter
from engine.notifying.pace import Pace
from engine.settings.model import Notifications
from engine.values import Market

_EXITS = frozenset({AlertKind.TAKE_PROFIT, AlertKind.STOP_LOSS})  # there is no end of these to be afraid of
_MOST_RECENT = 300  # texts that are known again
_MINUTE = 60  # seconds


@frozen
class Choice:
    """Say which kinds are told, how many at once within a minute, and after how many seconds the rest together."""

    kinds: frozenset[AlertKind]
    per_minute: int
    digest_interval: float

    @classmethod
    def of(cls, settings: Notifications) -> Choice:
        """Take it from a grid's configuration."""
        return cls(settings.kinds, settings.per_minute, settings.digest_interval)

    @classmethod
    def of_all(cls, choices: list[Choice]) -> Choice:
        """Give what holds for the whole process: whatever any grid wants, as soon as any wants it."""
        return cls(
            frozenset(kind for choice in choices for kind in choice.kinds),
            max((choice.per_minute for choice in choices), default=1),
            min((choice.digest_interval for choice in choices), default=float(_MINUTE)),
        )


@frozen
class Topic:
    """Name a grid that people are told of; `daily_summary` is ``HH:MM`` in UTC, None for no summary."""

    grid: str
    market: Market
    choice: Choice
    daily_summary: str | None

    @classmethod
    def of(cls, grid: str, market: Market, settings: Notifications) -> Topic:
        """Take it from a grid's configuration."""
        at = settings.daily_summary
        return cls(grid, market, Choice.of(settings), None if at == "off" else at)


class Desk:
    """Decide on one alert after the other, in their order; times are epoch milliseconds.

    What cannot wait has a pace of its own for each kind, so that nothing else is in its way, and an exit none at all;
    but the same text is told once between two digests. Once an alert is left to a digest, so are all of its kind until
    then: no kind is told out of its order.
    """

    def __init__(self, name: str, choice: Choice) -> None:
        """Begin with nothing told; `name` stands over the digests."""
        self._name, self._choice = name, choice
        self._paces: dict[AlertKind | None, Pace] = {}  # None is that of all that can wait
        self._recent: set[tuple[AlertKind, str]] = set()
        self._urgent, self._ordinary = Digest(), Digest()

    @property
    def digest_interval(self) -> float:
        """Give the seconds until a digest."""
        return self._choice.digest_interval

    @property
    def is_waiting(self) -> bool:
        """Tell whether there is anything to tell, or to forget, when it is time for a digest."""
        return bool(self._recent) or not (self._urgent.is_empty and self._ordinary.is_empty)

    def alert(self, alert: Alert, now: int) -> Letter | None:
        """Decide on an alert; None when nothing is told now."""
        kind = alert.kind
        if kind not in self._choice.kinds:
            return None
        is_urgent = MANNERS[kind].is_urgent
        if is_urgent:
            if (kind, alert.text) in self._recent:
                self._urgent.repeat(alert)
                return None
            if len(self._recent) < _MOST_RECENT:
                self._recent.add((kind, alert.text))
        digest = self._urgent if is_urgent else self._ordinary
        if not digest.holds(kind) and (kind in _EXITS or self._pace(kind if is_urgent else None).admits(now)):
            return Letter.of(alert, now)
        digest.add(alert)
        return None

    def digests(self, now: int) -> list[Letter]:
        """Tell what has been counted, and begin to count anew: what cannot wait comes first and by itself."""
        letters = [
            self._letter(digest, now, is_urgent=digest is self._urgent)
            for digest in (self._urgent, self._ordinary)
            if not digest.is_empty
        ]
        self._urgent, self._ordinary = Digest(), Digest()
        self._recent.clear()
        return letters

    def _pace(self, kind: AlertKind | None) -> Pace:
        return self._paces.setdefault(kind, Pace(self._choice.per_minute))

    def _letter(self, digest: Digest, now: int, *, is_urgent: bool) -> Letter:
        text = "\n".join((f"{self._name}, since the last message of this kind:", *digest.lines()))
        return Letter("Digest", text, digest.tone, is_urgent, now)
