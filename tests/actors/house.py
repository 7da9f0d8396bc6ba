"""A system that a test runs: actors that do what they are told, a diary of what they did, a desk they write to."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from attrs import define, field

from actors.post import Post
from actors.system import System
from engine.effects import Address, Effect, Send
from engine.supervision import ChildSpec, Intensity, Restart, Strategy, SupervisorSpec

Act = Callable[[], list[Effect]]
DESK: Address[Any] = Address("desk")
SOON = 5.0  # seconds that nothing here takes unless it is broken
QUICK = Intensity(first_delay=0.001, longest_delay=0.002, jitter=0.0)
NEVER = Intensity(max_restarts=0)


def boom() -> list[Effect]:
    raise ZeroDivisionError("boom")


def in_turn(*acts: Act) -> Act:
    """Do these one after the other, and from then on nothing."""
    left = iter(acts)

    def act() -> list[Effect]:
        return next(left, list)()

    return act


def address(name: str) -> Address[Any]:
    return Address(name)


@define
class Diary:
    """Read, in order, what actors noted."""

    notes: queue.SimpleQueue[str] = field(factory=queue.SimpleQueue)

    def note(self, text: str) -> None:
        self.notes.put(text)

    def expect(self, *texts: str) -> None:
        assert [self.notes.get(timeout=SOON) for _ in texts] == list(texts)

    def read_out(self) -> list[str]:
        """Give what has been noted by now."""
        return [self.notes.get_nowait() for _ in range(self.notes.qsize())]

    @property
    def is_read(self) -> bool:
        return self.notes.empty()


class Doer:
    """Do what each message says, and note when it starts and closes."""

    def __init__(self, name: str, diary: Diary, on_start: Act = list, on_close: Callable[[], object] = list) -> None:
        self.name = name
        self.diary = diary
        self.on_start = on_start
        self.on_close = on_close

    def start(self) -> list[Effect]:
        self.diary.note(f"start {self.name}")
        return self.on_start()

    def handle(self, act: Act, /) -> list[Effect]:
        return act()

    def close(self) -> None:
        self.diary.note(f"close {self.name}")
        self.on_close()


@define
class House:
    """Run one system, and a desk whose mail the test reads."""

    post: Post = field(factory=Post)
    diary: Diary = field(factory=Diary)
    desk: queue.SimpleQueue[Any] = field(factory=queue.SimpleQueue)
    releases: list[threading.Event] = field(factory=list)
    threads: list[threading.Thread] = field(factory=list)
    system: System | None = None

    def __attrs_post_init__(self) -> None:
        self.post.perform(self.post.register(DESK, self.desk.put), [])

    def child(
        self,
        name: str,
        restart: Restart = Restart.PERMANENT,
        *,
        start_timeout: float = SOON,
        shutdown_timeout: float = SOON,
        on_start: Act = list,
        on_close: Callable[[], object] = list,
    ) -> ChildSpec:
        def factory() -> Doer:
            return Doer(name, self.diary, on_start, on_close)

        return ChildSpec(address(name), factory, restart, start_timeout, shutdown_timeout)

    def run(
        self,
        *children: ChildSpec | SupervisorSpec,
        strategy: Strategy = Strategy.ONE_FOR_ONE,
        intensity: Intensity = QUICK,
        ping_interval: float | None = None,
        ping_timeout: float = SOON,
    ) -> System:
        spec = SupervisorSpec(
            address("root"), strategy, children, intensity, ping_interval=ping_interval, ping_timeout=ping_timeout
        )
        self.system = System.start(spec, self.post)
        return self.system

    def tell(self, name: str, act: Act) -> None:
        self.post.send(address(name), act)

    def speaks(self, name: str) -> Any:
        """Have an actor write to the desk."""
        self.tell(name, lambda: [Send(DESK, f"{name} speaks")])
        return self.read()

    def read(self) -> Any:
        return self.desk.get(timeout=SOON).message

    def hang(self, *late: str) -> Act:
        """Make a handler that hangs until the test is over, or until `let_go`; it then sends `late`."""
        release = threading.Event()
        self.releases.append(release)

        def act() -> list[Effect]:
            self.threads.append(threading.current_thread())
            self.diary.note("hangs")
            release.wait()
            return [Send(DESK, word) for word in late]

        return act

    def let_go(self) -> None:
        """Release all that hang, and wait for their threads to end."""
        for release in self.releases:
            release.set()
        for thread in self.threads:
            thread.join(SOON)
            assert not thread.is_alive()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.system is not None:
            self.system.stop(SOON)
        self.let_go()
        self.post.close()
