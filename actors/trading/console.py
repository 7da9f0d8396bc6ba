"""What whoever started a run has to be told: grids that stopped, a signal, the end of the system."""

from __future__ import annotations

import queue

from attrs import define, field

from actors.mail import Letter
from engine.messages import GridStopped
from engine.messages.steering import GridResumed, QuitAsked


@define
class Console:
    """Hear of what ends a run, in one thread, from any other; `running` are the grids that have not stopped."""

    running: set[str]
    inbox: queue.SimpleQueue[Letter | str | None] = field(factory=queue.SimpleQueue)
    stop_reason: str | None = None
    failure: str | None = None

    def hear(self, timeout: float) -> None:
        """Take what comes within `timeout` seconds, and all that is there then."""
        try:
            self._take(self.inbox.get(timeout=max(timeout, 0.0)))
            while True:
                self._take(self.inbox.get_nowait())
        except queue.Empty:
            pass

    def stop(self, reason: str) -> None:
        """Learn, from a signal's handler too, that the run is to end."""
        self.inbox.put(reason)

    def glance(self) -> None:
        """Learn, from any thread, that there is something new to be seen."""
        self.inbox.put(None)

    def failed(self, reason: str) -> None:
        """Learn, from any thread, that the system gave up."""
        self.failure = self.failure or reason
        self.inbox.put("failed")

    def _take(self, news: Letter | str | None) -> None:
        if news is None:
            return
        if isinstance(news, str):
            self.stop_reason = self.stop_reason or news
            return
        match news.message:
            case GridStopped():
                self.running.discard(news.message.grid)
            case GridResumed():
                self.running.add(news.message.grid)
            case QuitAsked():
                self.stop_reason = self.stop_reason or news.message.reason
