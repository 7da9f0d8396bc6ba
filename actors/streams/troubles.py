"""A feed's troubles, logged as they come and go."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


class Troubles:
    """Log each change once, however often it is looked at."""

    def __init__(self, name: str) -> None:
        """Begin with none; `name` says whose they are."""
        self._name = name
        self._trouble: str | None = None

    def note(self, trouble: str | None) -> None:
        """Take what is wrong now, None for nothing."""
        if trouble == self._trouble:
            return
        self._trouble = trouble
        if trouble is None:
            log.info("%s is well again", self._name)
        else:
            log.warning("%s: %s", self._name, trouble)
