"""What came of one simulated world."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen(kw_only=True)
class Violation:
    """Say which law was broken, how (one sentence with the values), and when (virtual seconds)."""

    law: str
    what: str
    at: float


@frozen(kw_only=True)
class Verdict:
    """Say how a world went: which of its `faults` happened, in order, and what was `reached` how often.

    A fault is named by its kind and the number of its opportunity within that kind: ``kill@3``. `messages` were
    delivered in so many virtual `seconds`.
    """

    seed: int
    violation: Violation | None
    faults: tuple[str, ...]
    reached: Mapping[str, int]
    messages: int
    seconds: float


class LawBroken(Exception):
    """A law of the world was broken: the run ends here."""

    def __init__(self, law: str, what: str) -> None:
        super().__init__(f"{law}: {what}")
        self.law, self.what = law, what
