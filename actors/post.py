"""Who is alive at which address: sends, questions, timers, dead letters, and what is still in flight."""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from time import monotonic
from types import TracebackType
from typing import Any, Self, TypeVar

from actors.mail import Answer, Asker, AskError, Control, Entry, Knock, Letter, Question
from actors.timers import Timers
from engine.effects import Address, After, Effect, Reply, Send, Stop
from engine.messages.questions import Answered
from engine.messages.vitals import Mailbox

log = logging.getLogger(__name__)

M = TypeVar("M")


class OrphanError(Exception):
    """Refuse a child of an incarnation that is no longer alive."""


class Post:
    """Bring messages to whoever is alive.

    A message is in flight from its sending until it has been handled and its effects performed. An incarnation that
    is retired takes what it had in flight with it, and nothing that it does later is sent or counted. Timers are not
    in flight until they are due. All of this happens under one lock, which is never held while anybody's code runs.
    """

    def __init__(self) -> None:
        """Open with nobody alive."""
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self._live: dict[str, Entry] = {}
        self._generations: Counter[str] = Counter()
        self._in_flight = 0
        self._failure: Exception | None = None
        self._dead_letters: Counter[tuple[str, str]] = Counter()
        self._timers = Timers()
        self._misses_nobody = False

    # --- what anybody may do -------------------------------------------------------------------------

    def send(self, to: Address[M], message: M) -> None:
        """Tell `message` to whoever lives at `to`; a dead letter when nobody does."""
        with self._lock:
            entry = self._live.get(to)
            if entry is not None:
                self._put(entry, message)
                return
        self._bury([Send(to, message)])

    def after(self, delay: float, to: Address[M], message: M) -> None:
        """Tell `message` to whoever lives at `to` in `delay` seconds."""
        self._timers.add(delay, partial(self.send, to, message))

    def ask(self, to: Address[M], message: M, timeout: float) -> Any:
        """Wait for the answer (None when there is none to give), or for AskError; at most `timeout` seconds."""
        with self._question(to, message) as asker:
            return _answered(asker, to, timeout)

    def ask_settled(self, to: Address[M], message: M, timeout: float) -> Any:
        """Ask, and wait until nothing is in flight: one wake-up for both. Raises like `ask` and `wait_settled`."""
        with self._question(to, message) as asker:
            self.wait_settled(timeout)
            return _answered(asker, to, 0.0)

    def inquire(self, to: Address[M], message: M, reply_to: Address[Answered]) -> None:
        """Ask without waiting: the answer comes to `reply_to` as an `Answered`, of None when there is none."""
        with self._lock:
            entry = self._live.get(to)
            if entry is None:
                self._tell_answer(to, reply_to, Answer())
                return
            asker = _Inquirer(self._tell_answer, entry, reply_to)
            entry.askers.add(asker)
            self._put(entry, Question(message, asker))

    @contextmanager
    def _question(self, to: Address[M], message: M) -> Iterator[queue.SimpleQueue[Answer]]:
        """Put a question, and forget who asked it afterwards."""
        asker: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        with self._lock:
            entry = self._live.get(to)
            if entry is None:
                raise AskError(f"nobody lives at {to}")
            entry.askers.add(asker)
            self._put(entry, Question(message, asker))
        try:
            yield asker
        finally:
            with self._lock:
                entry.askers.discard(asker)

    def wait_settled(self, timeout: float | None = None) -> None:
        """Wait until nothing is in flight; raise what `fail` was called with, or TimeoutError."""
        with self._settled:
            self._settled.wait_for(lambda: self._failure is not None or not self._in_flight, timeout)
            if self._failure is not None:
                raise self._failure
            if self._in_flight:
                raise TimeoutError(f"{self._in_flight} messages still in flight after {timeout} s")

    def fail(self, error: Exception) -> None:
        """Wake whoever waits for things to settle, now or later, with `error`; the first one stands."""
        with self._settled:
            if self._failure is None:
                self._failure = error
            self._settled.notify_all()

    def miss_nobody(self, *, from_now_on: bool = True) -> None:
        """Only count dead letters, or log them again: while all are started or stopped, one after the other."""
        self._misses_nobody = from_now_on

    def close(self) -> None:
        """Drop all timers and end their thread."""
        self._timers.close()

    def __enter__(self) -> Self:
        """Give the post itself."""
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    @property
    def in_flight(self) -> int:
        """Count the messages waiting or being handled."""
        return self._in_flight

    @property
    def dead_letters(self) -> dict[tuple[str, str], int]:
        """Count the messages to nobody, by address and type of message."""
        with self._lock:
            return dict(self._dead_letters)

    @property
    def restarts(self) -> dict[str, int]:
        """Count how often each address has been lived at anew, for whatever reason."""
        with self._lock:
            return {str(address): lives - 1 for address, lives in self._generations.items()}

    def is_alive(self, address: Address[Any]) -> bool:
        """Tell whether anybody lives there."""
        return address in self._live

    def knock(self) -> None:
        """Knock at every door behind which something is to be done, and at supervisors'; `mailboxes` has the answers.

        Not where a knock still waits for its answer, nor where nothing else waits: six hundred threads that wake up
        for nothing would keep all others from running for 30 ms, and their supervisors ping them anyway.
        """
        with self._lock:
            entries = [entry for entry in self._live.values() if entry.hears_knocks and entry.knocked_at is None]
        for entry in entries:
            if entry.outstanding or entry.is_supervisor:
                entry.knocked_at = monotonic()
                self.put_control(entry, Knock())
            else:
                entry.waited = 0.0

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """Tell how every actor that is alive gets on with its mailbox."""
        with self._lock:
            entries = [entry for entry in self._live.values() if entry.hears_knocks]
        return tuple([entry.mailbox() for entry in entries])

    def mailbox(self, address: Address[Any]) -> Mailbox | None:
        """Tell how the actor at `address` gets on with its mailbox; None when there is none."""
        entry = self._live.get(address)
        return entry.mailbox() if entry is not None and entry.hears_knocks else None

    def generation(self, address: Address[Any]) -> int:
        """Count the incarnations that have lived there."""
        with self._lock:
            return self._generations[address]

    # --- what shells and supervisors do --------------------------------------------------------------

    def register(self, address: Address[Any], put: Callable[[Any], None], parent: Entry | None = None) -> Entry:
        """Let a new incarnation live at `address`; its start is in flight until `perform` has been called for it.

        ValueError while another one lives there; OrphanError when `parent` does not live any more.
        """
        with self._lock:
            if address in self._live:
                raise ValueError(f"somebody lives at {address}")
            if parent is not None and not parent.alive:
                raise OrphanError(f"{parent.address}, above {address}, is no longer alive")
            self._generations[address] += 1
            entry = Entry(address, self._generations[address], put, parent)
            self._live[address] = entry
            self._in_flight += 1
            return entry

    def perform(self, entry: Entry, effects: Iterable[Effect], asker: Asker | None = None) -> Stop | None:
        """Do what a behaviour decided on one message, and count that message as handled.

        A `Stop` is given back instead, its message still in flight: `retire` follows. From an incarnation that is
        not alive, nothing is done.
        """
        letters: list[tuple[Entry, Letter]] = []
        dead: list[Send] = []
        others: list[Effect] = []
        stop: Stop | None = None
        with self._lock:
            if not entry.alive:
                return None
            for effect in effects:
                if type(effect) is Send:
                    target = self._live.get(effect.to)
                    if target is None:
                        dead.append(effect)
                    else:
                        letters.append((target, Letter(effect.message)))
                else:
                    others.append(effect)
            if others or asker is not None:
                stop = self._perform_others(entry, others, asker)
            self._in_flight += len(letters)
            if stop is None:
                entry.handled += 1
                entry.outstanding -= 1
                self._count_down(1)
            # Last of all: a receiver that wakes while this thread still works can only wait for the GIL.
            for target, letter in letters:
                target.outstanding += 1
                target.put(letter)
        if dead:
            self._bury(dead)
        return stop

    def put_control(self, entry: Entry, message: Control) -> None:
        """Bring a message to a shell, not counted as in flight."""
        entry.put(Letter(message))

    def retire(self, entry: Entry, last_words: Send | None = None, cause: BaseException | None = None) -> bool:
        """End an incarnation: drop what it has in flight, fail the questions to it, send its last words.

        Give whether it was alive; one that was not has no last words.
        """
        with self._lock:
            if not entry.alive:
                return False
            # Said before anything is counted down: a failure that nobody has dealt with yet is not settled.
            if last_words is not None and (target := self._live.get(last_words.to)) is not None:
                self._put(target, last_words.message)
            self._retire(entry, cause)
            return True

    def abandon(self, entry: Entry) -> None:
        """Retire an incarnation and all below it, whatever they are doing."""
        with self._lock:
            for below in [other for other in self._live.values() if other.descends_from(entry)]:
                self._retire(below, None)
            if entry.alive:
                self._retire(entry, None)

    # --- under the lock ------------------------------------------------------------------------------

    def _perform_others(self, entry: Entry, effects: list[Effect], asker: Asker | None) -> Stop | None:
        answer = stop = None
        for effect in effects:
            match effect:
                case After():
                    self._timers.add(effect.delay, partial(self._ring, entry, effect.message))
                case Reply():
                    answer = effect.value
                case Stop():
                    stop = effect
                case _:
                    raise TypeError(f"not an effect: {effect!r}")
        if asker is not None:
            asker.put(Answer(answer))
        return stop

    def _put(self, entry: Entry, message: Any) -> None:
        entry.outstanding += 1
        self._in_flight += 1
        entry.put(Letter(message))

    def _count_down(self, messages: int) -> None:
        self._in_flight -= messages
        if not self._in_flight:
            self._settled.notify_all()

    def _retire(self, entry: Entry, cause: BaseException | None) -> None:
        entry.alive = False
        del self._live[entry.address]
        for asker in tuple(entry.askers):  # one that does not wait leaves when it is told
            error = AskError(f"{entry.address} ended without an answer" + (f": {cause!r}" if cause else ""))
            error.__cause__ = cause
            asker.put(Answer(error=error))
        self._count_down(entry.outstanding)
        entry.outstanding = 0

    def _tell_answer(self, by: Address[Any], reply_to: Address[Answered], answer: Answer) -> None:
        target = self._live.get(reply_to)
        if target is not None:
            self._put(target, Answered(str(by), answer.value))

    # --- outside the lock ----------------------------------------------------------------------------

    def _bury(self, letters: Iterable[Send]) -> None:
        """Count dead letters, and log the first of each kind."""
        for to, message in letters:
            kind = (str(to), type(message).__name__)
            with self._lock:
                self._dead_letters[kind] += 1
                first = self._dead_letters[kind] == 1
            if first and not self._misses_nobody:
                log.warning("nobody lives at %s: %s dropped, and more of these are only counted", *kind)

    def _ring(self, entry: Entry, message: Any) -> None:
        """Deliver a timer that is due; what an incarnation asked for dies with it."""
        with self._lock:
            if entry.alive:
                self._put(entry, message)


class _Inquirer:
    """Send an answer on as a message; told under the post's lock, like everyone who asked."""

    def __init__(
        self,
        tell: Callable[[Address[Any], Address[Answered], Answer], None],
        entry: Entry,
        reply_to: Address[Answered],
    ) -> None:
        """Ask `entry` on behalf of whoever lives at `reply_to`."""
        self._tell, self._entry, self._reply_to = tell, entry, reply_to

    def put(self, item: Answer, /) -> None:
        """Tell it, and forget the question."""
        self._entry.askers.discard(self)
        self._tell(self._entry.address, self._reply_to, item)


def _answered(asker: queue.SimpleQueue[Answer], to: Address[Any], timeout: float) -> Any:
    """Take the answer to a question, or raise its error; AskError when it does not come in time."""
    try:
        answer = asker.get(timeout=timeout)
    except queue.Empty:
        raise AskError(f"no answer from {to} within {timeout:g} s") from None
    if answer.error is not None:
        raise answer.error
    return answer.value
