"""Carry out a command on whoever answers, and say what came of it."""

from __future__ import annotations

import json

from rich.text import Text

from actors.commands.answering import Answers, Json
from actors.commands.following import steer
from actors.commands.wanted import Part, Wanted
from actors.display.running_tables import draw_outcome, draw_part
from engine.errors import RunFailed


def answer_to(wanted: Wanted, answers: Answers, wait: float) -> Json:
    """Look, or have something done and wait for it up to `wait` seconds."""
    if isinstance(wanted.what, Part):
        return answers.get(wanted.what, wanted.grids, wanted.limit)
    return steer(wanted, answers, wait)


def drawn(wanted: Wanted, answer: Json) -> list[Text]:
    """Draw an answer for people; raise `RunFailed` for one that cannot be understood."""
    try:
        return draw_part(wanted.what, answer) if isinstance(wanted.what, Part) else draw_outcome(answer)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise RunFailed(f"the answer to {wanted.what} cannot be understood: {type(error).__name__}: {error}") from error


def as_json(answer: Json) -> str:
    """Write an answer as it came."""
    return json.dumps(answer, indent=2)


def undone(wanted: Wanted, answer: Json) -> str | None:
    """Say what a command has not brought about, None when it has, or was not to."""
    if isinstance(wanted.what, Part):
        return None
    left = [f"{grid['name']} is {grid['standing'] or 'not heard of'}" for grid in answer["grids"] if not grid["done"]]
    return f"{wanted.what} is not done: {', '.join(left)}" if left else None
