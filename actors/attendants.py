"""Those who look after running grids for people: who tells them, who watches, who lets them look and steer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from attrs import field, frozen

from actors import logs
from actors.control.answers import Answers
from actors.control.extras import Extras
from actors.liveness import Liveness
from actors.post import Post
from engine.grid_setup import GridSetup
from engine.live_view import LiveView

if TYPE_CHECKING:
    from actors.alerting.sender import Service
    from actors.control.door import Door


@frozen(eq=False)
class Attendance:
    """Say what was opened for people before anything started: services that tell them, a door to come in by."""

    services: Sequence[Service]
    door: Door | None
    state_dir: Path


@frozen(eq=False)
class Attendants:
    """Hold what the attendants of one run are made from; `answers` also serve whoever asks in this process."""

    attendance: Attendance
    liveness: Liveness = field(repr=False)
    answers: Answers = field(repr=False)

    @classmethod
    def of(cls, attendance: Attendance, grids: Sequence[GridSetup], post: Post) -> Self:
        """Prepare those of a run of `grids`."""
        liveness = Liveness(grids, post)
        extras = Extras(
            metrics=_Meter(post).read,
            readiness=lambda _: liveness.unready(),
            liveness=lambda _: liveness.deadly(),
        )
        return cls(attendance, liveness, Answers(grids, post, extras))


@frozen
class _Meter:
    """Write what is measured for Prometheus."""

    post: Post

    def read(self, view: LiveView) -> bytes:
        from actors.control.metrics import render
        from actors.version import version

        post = self.post
        return render(
            view,
            health=view.health,
            mailboxes=post.mailboxes(),
            measures={grid.name: grid.measures for grid in view.grids},
            restarts=post.restarts,
            dead_letters=sum(post.dead_letters.values()),
            records_lost=logs.lost(),
            version=version(),
        )
