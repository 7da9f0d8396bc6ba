"""When people are told: once, again when it has become worse, and when it is well again."""

from __future__ import annotations

from attrs import define

from engine.health.findings import Finding
from engine.health.words import span
from engine.messages.vitals import Level

_LONGEST = 86_400.0  # seconds between two reminders of what stays as it is
_WEIGHTS = {Level.WARNING: 1, Level.CRITICAL: 2}


@define
class _Alarm:
    """Remember what was told of one check, and when (seconds, monotonic)."""

    weight: int
    told_at: float
    began: float
    quiet: float  # seconds until it may be told again
    is_open: bool = True


class Alarms:
    """Decide for each check whether its finding is news.

    Nothing is told twice within `cooldown` seconds, unless it has become worse; what stays as it is comes again after
    one, two, four … of these, and every day in the end.
    """

    def __init__(self, cooldown: float) -> None:
        """Begin with nothing told."""
        self._cooldown = cooldown
        self._alarms: dict[tuple[str, str | None], _Alarm] = {}

    def news(self, now: float, finding: Finding) -> str | None:
        """Give what is to be told of a finding, None for nothing."""
        key = (finding.name, finding.grid)
        alarm, weight = self._alarms.get(key), _WEIGHTS.get(finding.level, 0)
        if weight and finding.tells:
            return self._bad_news(now, key, finding, weight)
        if finding.level is Level.OK and alarm is not None and alarm.is_open:
            alarm.is_open, alarm.quiet = False, self._cooldown
            return f"{finding.name}: well again after {span(now - alarm.began)}: {finding.text}"
        return None

    def _bad_news(self, now: float, key: tuple[str, str | None], finding: Finding, weight: int) -> str | None:
        alarm = self._alarms.get(key)
        if alarm is None:
            self._alarms[key] = _Alarm(weight, now, now, self._cooldown)
            return _bad(finding)
        is_worse, is_over = weight > alarm.weight, now - alarm.told_at >= alarm.quiet
        if not (is_worse or is_over):
            return None
        if not alarm.is_open:
            self._alarms[key] = _Alarm(weight, now, now, self._cooldown)
            return _bad(finding)
        if not is_worse:
            alarm.quiet = max(self._cooldown, min(2 * alarm.quiet, _LONGEST))
        began = alarm.began
        alarm.weight, alarm.told_at = weight, now
        return _bad(finding) if is_worse else f"{_bad(finding)} (told for the first time {span(now - began)} ago)"


def _bad(finding: Finding) -> str:
    return f"{finding.name}{', critical' if finding.level is Level.CRITICAL else ''}: {finding.text}"
