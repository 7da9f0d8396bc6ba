"""What the routes are made of."""

from __future__ import annotations

from attrs import frozen

from actors.control.answers import Answers
from actors.control.assets import Assets
from actors.control.doors import Doors
from actors.control.refusals import RefusalLog
from actors.control.sessions import Sessions
from actors.control.streams import Hub


@frozen(eq=False)
class Inside:
    """Hold what the routes are made of; `url` is that of the door."""

    answers: Answers
    assets: Assets
    doors: Doors
    sessions: Sessions
    hub: Hub
    refusals: RefusalLog
    url: str
