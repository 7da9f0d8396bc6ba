"""Commands in words, as the command line and the console both write them."""

from __future__ import annotations

import pytest

from actors.commands.wanted import Part, Wanted, understand
from actors.trading.dialogue import Dialogue, Said
from engine.errors import BadInput
from engine.messages.steering import Command

GRIDS = ("SOL/USDT", "ETH/USDT", "ETH/USDT two")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("status", Wanted(Part.STATUS)),
        ("STATUS all", Wanted(Part.STATUS)),
        ("levels so", Wanted(Part.LEVELS, ("SOL/USDT",))),
        ("orders eth/usdt", Wanted(Part.ORDERS, ("ETH/USDT",))),
        ("trades 5 sol", Wanted(Part.TRADES, ("SOL/USDT",), None, 5)),
        ("pause", Wanted(Command.PAUSE)),
        ("pause for 2h", Wanted(Command.PAUSE, (), 7200)),
        ("pause sol for 90s", Wanted(Command.PAUSE, ("SOL/USDT",), 90)),
        ("pause --for 1m sol SOL/USDT", Wanted(Command.PAUSE, ("SOL/USDT",), 60)),
        ("quit", Wanted(Command.QUIT)),
    ],
)
def test_words_are_understood(line: str, wanted: Wanted) -> None:
    assert understand(line.split(), GRIDS) == wanted


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("pasue", "'pasue' is no command; did you mean pause?; allowed: status, orders, "),
        ("rm -rf", "'rm' is no command; allowed: "),
        ("pause for", "a duration is missing; allowed: 90s"),
        ("pause for ever", "pause for = 'ever': allowed is a duration above 0"),
        ("resume for 2h", "grid 'for' is no grid that runs; allowed: SOL/USDT, "),
        ("pause e", "grid 'e' is the beginning of ETH/USDT, ETH/USDT two; allowed: "),
        ("quit sol", "quit ends the whole process and takes no 'sol'"),
        ("trades 0", "trades 0: allowed is a number from 1 on"),
        ("orders 5", "grid '5' is no grid that runs"),
    ],
)
def test_words_that_mean_nothing_are_bad_input(line: str, told: str) -> None:
    with pytest.raises(BadInput) as refused:
        understand(line.split(), GRIDS)
    assert told in str(refused.value)


# --- the console asks back ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("stop sol", "type yes to stop SOL/USDT, whose position is kept"),
        ("quit", "type yes to stop SOL/USDT, ETH/USDT, ETH/USDT two and end; positions are kept"),
    ],
)
def test_ending_waits_for_a_yes(line: str, question: str) -> None:
    dialogue = Dialogue(GRIDS)

    assert dialogue.entered(line) is None
    assert dialogue.question == question
    assert dialogue.entered("Yes") == understand(line.split(), GRIDS)
    assert dialogue.question is None


@pytest.mark.parametrize("answer", ["", "y", "no", "status"])
def test_anything_but_a_yes_ends_nothing(answer: str) -> None:
    dialogue = Dialogue(GRIDS)
    dialogue.entered("stop")

    assert dialogue.entered(answer) == Said(("nothing was done",))
    assert dialogue.entered("yes") == Said(_refused("yes"), is_error=True)


def test_help_tells_every_command() -> None:
    said = Dialogue(GRIDS).entered("help")
    assert isinstance(said, Said)
    assert [line.split()[0] for line in said.lines[:12]] == [*Part, *Command]


def test_empty_line_is_nothing() -> None:
    assert Dialogue(GRIDS).entered("  ") is None


def _refused(line: str) -> tuple[str, ...]:
    with pytest.raises(BadInput) as refused:
        understand([line], GRIDS)
    return refused.value.problems
