"""The shell: a Pykka actor that runs a behaviour, performs its effects and reports its end."""

from __future__ import annotations

import logging
import queue
import threading
import traceback
from collections.abc import Callable
from time import monotonic
from typing import Any

import pykka
from attrs import define, field, frozen

from actors.log_lines.secrets import redacted
from actors.mail import Control, Entry, Knock, Question
from actors.post import Post
from engine.effects import Address, Behaviour, Effect, Send, Stop

log = logging.getLogger(__name__)


@frozen
class ChildStarted:
    """Report that an incarnation is up."""

    address: Address[Any]
    generation: int


@frozen
class ChildFailed:
    """Report that an incarnation crashed: `error` in one line, `trace` in full."""

    address: Address[Any]
    generation: int
    error: str
    trace: str


@frozen
class ChildEnded:
    """Report that an incarnation stopped itself."""

    address: Address[Any]
    generation: int
    reason: str


class EscalationError(Exception):
    """Fail upward: the trouble is below, has been logged there, and needs no traceback of its own."""


class Ping(Control):
    """Ask a shell to show that its thread is alive."""

    __slots__ = ()


@define(eq=False)
class Life:
    """Describe one incarnation to its shell, and follow it from outside.

    `build` makes the behaviour, in the actor's thread. Its end is reported to the supervisor at `reports_to`; with
    nobody above, a failure goes to `on_failure` before anything is stopped, and any end to `on_end` (None when it
    was no failure) after everything has been; both in its thread. `announces` is off for one that says by itself
    when it is up.
    """

    address: Address[Any]
    build: Callable[[Life], Behaviour]
    parent: Entry | None = None
    reports_to: Address[Any] | None = None
    on_failure: Callable[[str], None] | None = None
    on_end: Callable[[str | None], None] | None = None
    announces: bool = True
    ponged: bool = True
    failure: str | None = None
    entry: Entry = field(init=False)
    ref: pykka.ActorRef[Shell] = field(init=False)
    thread: threading.Thread = field(init=False)
    born: threading.Event = field(init=False, factory=threading.Event)
    up: threading.Event = field(init=False, factory=threading.Event)  # or has ended instead

    @property
    def generation(self) -> int:
        """Tell which incarnation at its address this is, from 1."""
        return self.entry.generation

    def stop(self) -> None:
        """Ask it to end after what is already in its inbox."""
        self.ref.stop(block=False)

    def join(self, timeout: float | None) -> bool:
        """Wait for its thread to end; give whether it did within `timeout` seconds."""
        deadline = None if timeout is None else monotonic() + timeout
        if not self.born.wait(timeout):
            return False
        self.thread.join(None if deadline is None else max(0.0, deadline - monotonic()))
        return not self.thread.is_alive()

    def abandon(self, post: Post) -> None:
        """Leave its thread behind: nothing that it or anyone below it does counts from now on."""
        post.abandon(self.entry)
        self.stop()  # should it ever come back
        pykka.ActorRegistry.unregister(self.ref)


def launch(life: Life, post: Post) -> None:
    """Start the thread of a new incarnation; it reports the rest itself.

    Raises what `Post.register` raises, and RuntimeError when there is no thread to be had.
    """
    try:
        Shell.start(life, post)
    except RuntimeError:
        life.abandon(post)
        raise


class Shell(pykka.ThreadingActor):
    """Run one incarnation of a behaviour."""

    use_daemon_thread = True  # one that hangs must not keep the process alive

    def __init__(self, life: Life, post: Post) -> None:
        """Register at the post, so that messages wait from now on; the behaviour is built in `on_start`."""
        super().__init__()
        self._life = life
        self._post = post
        self._perform = post.perform
        self._behaviour: Behaviour | None = None
        self._entry = life.entry = post.register(life.address, self.actor_inbox.put, life.parent)
        self._entry.is_supervisor = not life.announces
        self._entry.hears_knocks = True
        life.ref = self.actor_ref

    @staticmethod
    def _create_actor_inbox() -> queue.SimpleQueue[Any]:
        return queue.SimpleQueue()

    def on_start(self) -> None:
        """Build the behaviour, perform the effects of its `start`, report that it is up."""
        self._life.thread = threading.current_thread()
        self._life.thread.name = self._life.address
        self._life.born.set()
        try:
            self._behaviour = self._life.build(self._life)
            self._handle = self._behaviour.handle
            start = getattr(self._behaviour, "start", None)
            effects: list[Effect] = list(start()) if start is not None else []
            if self._life.announces:
                effects += self._report(ChildStarted(self._life.address, self._entry.generation))
            self._end_if_told(self._perform(self._entry, effects))
        except BaseException as error:  # noqa: BLE001 SystemExit too: it would end the thread in silence
            self._fail(error)

    def on_receive(self, message: Any) -> None:
        """Let the behaviour decide and perform what it decided; all of it counts, or none."""
        if not self._entry.alive:
            return
        try:
            if isinstance(message, Control):
                self._control(message)
                return
            stop = self._perform(self._entry, self._handle(message))
            if stop is not None:
                self._end_if_told(stop)
        except BaseException as error:  # noqa: BLE001 SystemExit too: Pykka would stop every actor
            self._fail(error)

    def on_stop(self) -> None:
        """Let go of what the behaviour holds, before a successor may want it."""
        self._post.retire(self._entry)
        close = getattr(self._behaviour, "close", None)
        try:
            if close is not None:
                close()
        except BaseException:
            log.exception("%s failed to close", self._life.address)
        self._life.up.set()
        if self._life.on_end is not None:
            self._life.on_end(self._life.failure)

    def _control(self, message: Control) -> None:
        if isinstance(message, Question):
            self._end_if_told(self._perform(self._entry, self._handle(message.message), message.asker))
        elif isinstance(message, Ping):
            self._life.ponged = True
        elif isinstance(message, Knock):
            self._entry.answer_knock()

    def _end_if_told(self, stop: Stop | None) -> None:
        if stop is None:
            return
        log.debug("%s stops: %s", self._life.address, stop.reason)
        self._end(ChildEnded(self._life.address, self._entry.generation, stop.reason))

    def _fail(self, error: BaseException) -> None:
        if not self._entry.alive:
            return
        life = self._life
        told = str(error) if isinstance(error, EscalationError) else "".join(traceback.format_exception_only(error))
        line = redacted(told.strip())  # it is told to people, too
        trace = line if isinstance(error, EscalationError) else "".join(traceback.format_exception(error))
        log.error("%s failed: %s", life.address, trace)
        life.failure = line
        if life.on_failure is not None:
            life.on_failure(line)
        self._end(ChildFailed(life.address, self._entry.generation, line, trace), error)

    def _end(self, report: ChildEnded | ChildFailed, cause: BaseException | None = None) -> None:
        self._post.retire(self._entry, next(iter(self._report(report)), None), cause)
        self.stop()  # what is left in the inbox is skipped on the way there

    def _report(self, report: Any) -> list[Send]:
        return [] if self._life.reports_to is None else [Send(self._life.reports_to, report)]
