"""Commands against the real API of a controller, and the console against what is behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from actors.commands.carrying_out import answer_to, drawn
from actors.commands.process import RunningProcess
from actors.commands.wanted import Part, Wanted, understand
from actors.control.run_file import read_run
from engine.messages import StopGrid
from engine.messages.steering import Command, PauseGrid, QuitAsked, ResumeGrid
from tests.commands.api import SOON, PlayedApi
from tests.commands.conftest import Terminal
from tests.control.town import Town, played, waiting

_WAITS = 5.0


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Town(tmp_path, [played("SOL/USDT", 180, 130), waiting("ETH/USDT")]) as town:
        yield town


@pytest.fixture
def door(town: Town, tmp_path: Path) -> Terminal:
    assert town.door.url
    return Terminal(PlayedApi(), tmp_path)


@pytest.mark.parametrize("part", Part)
def test_every_part_is_answered_and_drawn_alike_from_outside_and_inside(
    door: Terminal, town: Town, tmp_path: Path, part: Part
) -> None:
    result = door.run(part) if part is not Part.TRADES else None  # which is a command of histories, too
    if result is not None:
        assert (result.exit_code, result.stderr) == (0, "")
        assert "SOL/USDT" in result.stdout or part is Part.HEALTH
    running = read_run(tmp_path)
    assert running is not None
    with RunningProcess(running, tmp_path) as process:
        outside = answer_to(Wanted(part, ("SOL/USDT",)), process, _WAITS)
    inside = answer_to(Wanted(part, ("SOL/USDT",)), town.answers, _WAITS)
    assert outside.keys() == inside.keys()
    assert drawn(Wanted(part), outside)


def test_grid_is_paused_resumed_and_stopped(door: Terminal, town: Town) -> None:
    assert door.run("pause", "sol", "--for", "2h").exit_code == 0
    assert "paused until" in door.run("status", "sol").stdout
    assert door.run("resume", "SOL/USDT").exit_code == 0
    assert door.run("stop", "sol").exit_code == 0

    assert [type(told) for told in town.grids["SOL/USDT"].told] == [PauseGrid, ResumeGrid, StopGrid]
    assert town.grids["ETH/USDT"].told == []


def test_refusal_of_a_grid_is_told_and_fails(door: Terminal) -> None:
    result = door.run("resume", "sol")

    assert result.exit_code == 1
    assert "there is nothing to resume" in result.stdout
    assert result.stderr == "failed: resume is not done: SOL/USDT is running\n"


def test_quit_reaches_whoever_started_it(door: Terminal, town: Town) -> None:
    result = door.run("quit", "--wait", "0")

    assert town.heard.wait(SOON)
    assert isinstance(town.console[0], QuitAsked)
    assert "has not ended within 0 s" in result.stderr  # as this process goes on with its tests


def test_link_lets_a_browser_in_once(door: Terminal) -> None:
    link = door.json("dashboard")["url"]
    with requests.Session() as browser, requests.Session() as another:
        browser.trust_env = another.trust_env = False
        first, second = browser.get(link, allow_redirects=False), another.get(link, allow_redirects=False)
        assert (first.ok, second.ok) == (True, False)
        assert browser.cookies
        assert not another.cookies


def test_ping_of_a_process_that_is_up(door: Terminal) -> None:
    assert door.run("ping").exit_code == 0
    assert door.run("ping", "--ready").exit_code == 1, "one grid has not seen a price"


def test_console_steers_from_other_threads(town: Town) -> None:
    wanted = understand(["pause", "sol", "for", "2h"], town.answers.names)
    told: list[object] = []
    thread = threading.Thread(target=lambda: told.append(answer_to(wanted, town.answers, _WAITS)))
    thread.start()
    thread.join(SOON)

    assert isinstance(told[0], dict)
    assert told[0]["grids"][0]["done"] is True
    assert wanted.what is Command.PAUSE
