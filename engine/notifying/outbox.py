"""What one service has yet to be told: in order, again when it did not take it, and never without end."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator

from attrs import define, frozen

from engine.messages.alerting import AlertKind
from engine.notifying.letters import MANNERS, Letter, Tone
from engine.plain import moment

MOST_WAITING = 300  # letters of a lane; what is beyond is counted
KEPT_FOR = 6 * 3_600_000  # ms
_FIRST_DELAY, _LONGEST_DELAY = 5.0, 120.0  # seconds until a service that failed is tried again
_MOST_REFUSALS = 3  # of one letter, by a service that will have nothing of it
_OVERDUE = 60_000  # ms


@frozen
class Deliver:
    """Have a service sent a letter; how that went is told as `Delivered` or `DeliveryFailed`."""

    service: int
    number: int
    letter: Letter


@define
class _Waiting:
    letter: Letter
    refusals: int = 0


class Outbox:
    """Keep the letters of one service, and hand them out one at a time; times are epoch milliseconds.

    What cannot wait goes first, the rest in its order. The oldest letters of a service that takes nothing are given
    up when there are too many or they are too old; how many that were is told once it takes letters again.
    """

    def __init__(self, service: int, name: str, numbers: Iterator[int]) -> None:
        """Begin empty; `numbers` are never handed out twice, whoever takes from them."""
        self._service, self._name, self._numbers = service, name, numbers
        self._urgent: deque[_Waiting] = deque()
        self._ordinary: deque[_Waiting] = deque()
        self._current: _Waiting | None = None
        self._number, self._sent_at = 0, 0
        self._failures = 0  # in a row
        self._failing_since, self._reason = 0, ""
        self._is_resting = False
        self._lost: Counter[AlertKind | None] = Counter()
        self.sent = self.failed = 0

    @property
    def waiting(self) -> int:
        """Count the letters that are not delivered yet."""
        return len(self._urgent) + len(self._ordinary) + (self._current is not None)

    @property
    def lost(self) -> int:
        """Count the letters that were given up and not told of yet."""
        return self._lost.total()

    def trouble(self, now: int) -> str | None:
        """Say what is wrong with the service, None when nothing is known to be."""
        if self._failures:
            return f"{self._name} has taken nothing since {_minute(self._failing_since)}: {self._reason}"
        if self._current is not None and now - self._sent_at > _OVERDUE:
            return f"{self._name} has not answered since {_minute(self._sent_at)}"
        return None

    def put(self, letter: Letter) -> None:
        """Take one more letter, in the place of the oldest if there are too many."""
        lane = self._lane(letter)
        lane.append(_Waiting(letter))
        if len(lane) > MOST_WAITING:
            self._give_up(lane.popleft())

    def next(self, now: int) -> Deliver | None:
        """Give what is to be sent now, if anything is."""
        if self._current is not None or self._is_resting:
            return None
        for lane in (self._urgent, self._ordinary):
            while lane and now - lane[0].letter.written_at > KEPT_FOR:
                self._give_up(lane.popleft())
        lane = self._urgent or self._ordinary
        if not lane:
            return None
        self._current, self._number, self._sent_at = lane.popleft(), next(self._numbers), now
        return Deliver(self._service, self._number, self._current.letter)

    def delivered(self, number: int, now: int) -> None:
        """Note that the service has taken what it was sent, and have it told of what it missed."""
        if self._taken_back(number) is None:
            return
        self.sent += 1
        self._failures = 0
        if self._lost:
            self._ordinary.append(_Waiting(self._notice(now)))  # in nobody's place
            self._lost.clear()

    def failed_to(self, number: int, reason: str, now: int, *, is_refused: bool) -> float | None:
        """Note that it has not; give the seconds after which it is to be tried again, None for an old report."""
        letter = self._taken_back(number)
        if letter is None:
            return None
        letter.refusals += is_refused
        if letter.refusals < _MOST_REFUSALS:
            self._lane(letter.letter).appendleft(letter)
        else:
            self._give_up(letter)
        if not self._failures:
            self._failing_since = now
        self.failed += 1
        self._failures += 1
        self._reason, self._is_resting = reason, True
        return float(min(_FIRST_DELAY * 2.0 ** min(self._failures - 1, 10), _LONGEST_DELAY))

    def rested(self) -> None:
        """Note that the service may be tried again."""
        self._is_resting = False

    def take_all(self) -> list[Letter]:
        """Give up waiting: hand out all that has not been sent, what cannot wait first."""
        letters = [waiting.letter for lane in (self._urgent, self._ordinary) for waiting in lane]
        self._urgent.clear()
        self._ordinary.clear()
        return letters

    def _lane(self, letter: Letter) -> deque[_Waiting]:
        return self._urgent if letter.is_urgent else self._ordinary

    def _taken_back(self, number: int) -> _Waiting | None:
        """Take back what was sent under a number; None when that was not the last one."""
        if self._current is None or number != self._number:
            return None
        current, self._current = self._current, None
        return current

    def _give_up(self, waiting: _Waiting) -> None:
        self._lost[waiting.letter.kind] += 1

    def _notice(self, now: int) -> Letter:
        words = [_counted(kind, number) for kind, number in self._lost.items()]
        text = f"not told because {self._name} did not take it: {', '.join(words)}"
        return Letter("Left out", text, Tone.WARNING, is_urgent=False, written_at=now)


def _counted(kind: AlertKind | None, number: int) -> str:
    if kind is None:
        return f"{number} digest{'' if number == 1 else 's'}"
    return MANNERS[kind].counted(number)


def _minute(time: int) -> str:
    return moment(time - time % 1000)
