"""A post that delivers nothing and remembers everything, and shells on it that have no thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from typing import Any

from attrs import define, field

from actors.base import ChildFailed, ChildStarted, Life, Shell
from actors.mail import Answer, Asker, AskError, Entry, Question
from actors.post import Post
from engine.effects import Address, After, Effect, Reply, Send, Stop
from engine.supervision import ChildSpec

ABOVE: Address[Any] = Address("above")  # where the supervisor would live


@define(eq=False)
class FakePost(Post):
    """Stand where the post does for the shells of one test, with what they call of it."""

    sent: list[Send] = field(factory=list)
    timers: list[After] = field(factory=list)
    last_words: list[Any] = field(factory=list)

    def register(self, address: Address[Any], put: Callable[[Any], None], parent: Entry | None = None) -> Entry:
        return Entry(address, 1, put, parent)

    def perform(self, entry: Entry, effects: Iterable[Effect], asker: Asker | None = None) -> Stop | None:
        assert entry.alive, "a shell performs nothing once it is retired"
        effects = tuple(effects)
        assert all(isinstance(effect, Send | After | Reply | Stop) for effect in effects)
        self.sent += [effect for effect in effects if isinstance(effect, Send)]
        self.timers += [effect for effect in effects if isinstance(effect, After)]
        if asker is not None:
            asker.put(Answer(next((effect.value for effect in effects if isinstance(effect, Reply)), None)))
        return next((effect for effect in effects if isinstance(effect, Stop)), None)

    def retire(self, entry: Entry, last_words: Send | None = None, cause: BaseException | None = None) -> bool:
        was_alive, entry.alive = entry.alive, False
        if was_alive and last_words is not None:
            assert last_words.to == ABOVE
            self.last_words.append(last_words.message)
        for asker in entry.askers:
            asker.put(Answer(error=AskError(repr(cause))))
        return was_alive


@define(eq=False)
class Hosted:
    """Build the shell of one child spec, start it by hand, and hand it messages."""

    spec: ChildSpec
    post: FakePost = field(factory=FakePost)
    life: Life = field(init=False)
    shell: Shell = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.life = Life(self.spec.address, lambda _: self.spec.factory(), reports_to=ABOVE)
        self.shell = Shell(self.life, self.post)
        name = threading.current_thread().name
        self.shell.on_start()
        threading.current_thread().name = name  # the shell took the thread for its own
        assert self.post.sent.pop() == Send(
            ABOVE, ChildStarted(self.spec.address, 1)
        )  # what it says itself comes first

    def tell(self, message: Any) -> list[Send]:
        """Hand it a message, and give what it sent because of it."""
        before = len(self.post.sent)
        self.shell.on_receive(message)
        return self.post.sent[before:]

    def ask(self, message: Any) -> Any:
        """Put it a question; give the answer."""
        asker: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self.life.entry.askers.add(asker)
        self.shell.on_receive(Question(message, asker))
        answer = asker.get_nowait()
        if answer.error is not None:
            raise answer.error
        return answer.value

    @property
    def failure(self) -> ChildFailed:
        """Give the one crash that was reported."""
        (report,) = self.post.last_words
        assert isinstance(report, ChildFailed)
        return report
