"""A whole tree of actors from outside: start it, wait for its end, stop it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Self, TypeVar

from attrs import frozen

from actors.base import Life, launch
from actors.post import Post
from actors.supervisor import Supervisor
from engine.supervision import SupervisorSpec

log = logging.getLogger(__name__)

T = TypeVar("T")


class SystemFailedError(Exception):
    """Say that the root gave up; raised where somebody waits for things to settle."""


@frozen
class EndReason:
    """Say how a system ended: None when it was asked to stop."""

    failure: str | None


class System:
    """Hold on to the root of a running tree."""

    def __init__(self, root: Life, post: Post) -> None:
        """Use `start`."""
        self._root = root
        self._post = post

    @classmethod
    def start(
        cls,
        spec: SupervisorSpec,
        post: Post,
        on_failure: Callable[[str], None] | None = None,
        on_end: Callable[[str | None], None] | None = None,
    ) -> Self:
        """Start a tree, and return when it is up or has ended instead.

        When its root gives up, `post` fails, `on_failure` is told why while everything else is still alive, and
        all is stopped in order. `on_end` is told at the very end, None when there was no failure. Both are called in
        the root's thread.
        """

        def fail(reason: str) -> None:
            post.fail(SystemFailedError(reason))
            if on_failure is not None:
                on_failure(reason)

        root = Life(
            spec.address,
            lambda life: Supervisor(spec, post, life),
            on_failure=_logged(fail),
            on_end=_logged(on_end) if on_end is not None else None,
            announces=False,
        )
        post.miss_nobody()  # whoever starts later asks for what was sent before
        launch(root, post)
        system = cls(root, post)
        try:
            root.up.wait()
            post.miss_nobody(from_now_on=False)
        except BaseException:  # ^C while it starts
            system.stop()
            raise
        return system

    @property
    def failed(self) -> bool:
        """Tell whether the root has given up, even if not everything has stopped yet."""
        return self._root.failure is not None

    def wait(self, timeout: float | None = None) -> EndReason:
        """Wait until everything has stopped; TimeoutError after `timeout` seconds."""
        if not self._root.join(timeout):
            raise TimeoutError(f"{self._root.address} still runs after {timeout} s")
        return EndReason(self._root.failure)

    def stop(self, timeout: float | None = None) -> EndReason:
        """Stop everything, last started first; what is not done in `timeout` seconds is left behind, a failure."""
        self._root.stop()
        if self._root.join(timeout):
            return EndReason(self._root.failure)
        self._root.abandon(self._post)
        return EndReason(self._root.failure or f"{self._root.address} did not stop within {timeout} s")


def _logged(hook: Callable[[T], None]) -> Callable[[T], None]:
    """Keep a caller's mistake from the thread that has everything to stop."""

    def call(argument: T) -> None:
        try:
            hook(argument)
        except Exception:
            log.exception("%r failed", hook)

    return call
