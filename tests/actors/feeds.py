"""A feed without a thread: its streams are real, and a test brings it what they say, message by message."""

from __future__ import annotations

import queue
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from attrs import define, field

from actors.mail import Letter
from actors.post import Post
from engine.addresses import REPORTER
from engine.effects import Send
from engine.feeds.connection import Patience
from engine.grid_setup import GridSetup
from engine.supervision import ChildSpec
from tests.actors.fake_post import Hosted
from tests.actors.grids import grid
from tests.actors.loopback import SOON

QUICK = Patience(first_delay=0.0, longest_delay=0.0, jitter=0.0)


def live_grid(url: str, *changes: tuple[str, object], name: str = "binance", mode: str = "live") -> GridSetup:
    """Give a grid that trades on the streams at `url`, or knows of none."""
    urls = (("exchange.stream_url", url), ("exchange.ws_api_url", url)) if url else ()
    return grid(("exchange.name", name), ("exchange.trading_mode", mode), *urls, *changes)


@define(eq=False)
class HostedFeed:
    """Host the feed that `make` describes."""

    make: Callable[[Post], ChildSpec]
    post: Post = field(factory=Post)
    inbox: queue.SimpleQueue[Letter] = field(factory=queue.SimpleQueue)
    hosted: Hosted = field(init=False)

    def __enter__(self) -> Self:
        spec = self.make(self.post)
        self.post.register(spec.address, self.inbox.put)
        self.hosted = Hosted(spec)
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hosted.shell.on_stop()
        self.post.close()

    def brings(self, kind: type) -> list[Send]:
        """Bring it what its streams say, up to the first message of a kind; give what it sent because of that one."""
        while True:
            message = self.inbox.get(timeout=SOON).message
            sent = self.hosted.tell(message)
            if isinstance(message, kind):
                return sent

    def rings(self, purpose: str) -> list[Send]:
        """Let the latest of its timers ring that has this purpose."""
        timer = next(timer for timer in reversed(self.hosted.post.timers) if timer.message.purpose == purpose)
        return self.hosted.tell(timer.message)

    @property
    def has_said_all(self) -> bool:
        return self.inbox.empty()


def told(sent: list[Send]) -> list[Any]:
    """Give what was told to others than the reporter."""
    return [one.message for one in sent if one.to != REPORTER]
