"""What has been counted instead of being told, in one message."""

from __future__ import annotations

from collections import Counter

from attrs import define, field

from engine.messages.alerting import AlertKind
from engine.notifying.letters import MANNERS, Alert, Tone, worst
from engine.values import Side

_MOST_REPEATS = 20  # different texts that are quoted


@define
class _Count:
    """Count the alerts of one kind; `text` is the latest."""

    number: int = 0
    buys: int = 0
    sells: int = 0
    text: str = ""


@define
class Digest:
    """Count alerts by kind, and texts that came again; its size does not depend on how many there are."""

    _counts: dict[AlertKind, _Count] = field(factory=dict)
    _repeats: Counter[tuple[AlertKind, str]] = field(factory=Counter)

    def add(self, alert: Alert) -> None:
        """Count one that is not told by itself."""
        count = self._counts.setdefault(alert.kind, _Count())
        count.number += 1
        count.buys += alert.side is Side.BUY
        count.sells += alert.side is Side.SELL
        count.text = alert.text

    def repeat(self, alert: Alert) -> None:
        """Count one that says what has been told already."""
        self._repeats[alert.kind, alert.text] += 1

    def holds(self, kind: AlertKind) -> bool:
        """Tell whether an alert of this kind is counted here: what comes later must not be told before it."""
        return kind in self._counts

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to say."""
        return not self._counts and not self._repeats

    @property
    def tone(self) -> Tone:
        """Give the gravest tone of what is in it."""
        return worst([MANNERS[kind].tone for kind in (*self._counts, *(kind for kind, _ in self._repeats))])

    def lines(self) -> list[str]:
        """Write a line for each kind, and one for each text that came again."""
        lines = [_line(kind, count) for kind, count in self._counts.items()]
        for (_, text), times in self._repeats.most_common(_MOST_REPEATS):
            lines.append(f"{'once' if times == 1 else f'{times} times'} more: {text}")
        if (rest := len(self._repeats) - _MOST_REPEATS) > 0:
            lines.append(f"and {rest} other texts again")
        return lines


def _line(kind: AlertKind, count: _Count) -> str:
    counted = MANNERS[kind].counted(count.number)
    if kind is AlertKind.ORDER_FILLED and count.buys + count.sells:
        sides = ((count.buys, "buy", "buys"), (count.sells, "sell", "sells"))
        return f"{counted}: {', '.join(f'{n} {one if n == 1 else many}' for n, one, many in sides if n)}"
    if kind in (AlertKind.ORDER_PLACED, AlertKind.ORDER_CANCELLED):
        return counted
    return f"{counted}: {count.text}" if count.number == 1 else f"{counted}, the last: {count.text}"
