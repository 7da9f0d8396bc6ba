"""What a user can get wrong."""

from __future__ import annotations

from collections.abc import Iterable


class BadInput(Exception):
    """Report problems that the user caused and can mend, each one line that is ready to print.

    A line names the file, the key, the value and what is allowed. All problems of a file come at once. `details` are
    lines to show below them.
    """

    def __init__(self, *problems: str, details: Iterable[str] = ()) -> None:
        self.problems = tuple(_printable(problem) for problem in problems)
        self.details = tuple(_printable(detail) for detail in details)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)


class RunFailed(Exception):
    """Report what went wrong while running that is nobody's mistake here: one line that is ready to print."""


def _printable(text: str) -> str:
    """Escape what a terminal would obey or could not show: what is quoted in a message may hold anything."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
