"""Everything behind an open door, put together and taken down."""

from __future__ import annotations

import logging
import os
from typing import Self

from attrs import frozen

from actors.control.answers import Answers
from actors.control.app import make_app
from actors.control.assets import Assets
from actors.control.door import Door
from actors.control.doors import Doors
from actors.control.entrance import Entrance
from actors.control.inside import Inside
from actors.control.refusals import RefusalLog
from actors.control.run_file import Running, read_run, remove_run, write_run
from actors.control.server import Server
from actors.control.sessions import Sessions
from actors.control.streams import Hub
from engine.addresses import CONTROLLER
from engine.errors import BadInput

log = logging.getLogger(__name__)


@frozen(eq=False)
class House:
    """Hold a server that runs, and what it is to leave behind in order."""

    door: Door
    server: Server
    hub: Hub
    refusals: RefusalLog

    @classmethod
    def open(cls, door: Door, answers: Answers) -> Self:
        """Serve at the door, and tell where in ``run.json``."""
        refusals, sessions, assets = RefusalLog(), Sessions(door.token), Assets.read()
        doors = Doors(door.token, door.hosts, sessions, assets.open_paths)
        hub = Hub(answers, f"{CONTROLLER}/streams")
        app = make_app(Inside(answers, assets, doors, sessions, hub, refusals, door.url))
        server = Server(door.listener, door.tls, Entrance(app.wsgi_app, doors, refusals), refusals)
        server.prepare()
        house = cls(door, server, hub, refusals)
        try:
            _tell(door, answers)
        except BaseException:
            house.close()
            raise
        log.info("the dashboard and the API are at %s", door.url)
        return house

    def close(self) -> None:
        """Serve no longer, and take back what was told."""
        remove_run(self.door.state_dir, os.getpid())
        self.hub.close()
        self.server.stop()
        self.refusals.tell()


def _tell(door: Door, answers: Answers) -> None:
    running = Running(
        pid=os.getpid(),
        url=door.url,
        token=door.token,
        version=answers.version,
        grids=answers.names,
        started_at=door.opened_at,
        certificate=None if door.certificate is None else str(door.certificate.resolve()),
    )
    try:
        other = read_run(door.state_dir)
    except BadInput:
        other = None  # not what we write: it is written anew
    if other is not None and other.pid != running.pid:
        log.warning(
            "process %d runs with the state directory %s too, and commands reach that one; this one is at %s",
            *(other.pid, door.state_dir, door.url),
        )
        return
    write_run(door.state_dir, running)
