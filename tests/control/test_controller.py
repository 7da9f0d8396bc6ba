from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest
import requests

from actors import controller
from actors.control.answers import Answers
from actors.control.questions import NobodyAnswers, Steer
from actors.control.run_file import read_run
from actors.post import Post
from engine.addresses import CONTROLLER
from engine.effects import Send
from engine.messages import TradeBooked
from engine.messages.steering import Command
from tests.control.town import Town, played

SOON = 5.0


def test_who_runs_is_told_while_it_runs_and_no_longer(tmp_path: Path) -> None:
    with Town(tmp_path) as town:
        running = read_run(tmp_path)
        assert running is not None
        assert (running.pid, running.url, running.token, running.grids) == (
            *(os.getpid(), town.door.url, town.door.token),
            ("SOL/USDT",),
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["control.token"]


def test_the_door_is_shut_when_the_system_stops(tmp_path: Path) -> None:
    with Town(tmp_path) as town:
        pass
    with pytest.raises(requests.ConnectionError):
        requests.get(town.door.url, timeout=SOON)


def test_a_controller_that_failed_comes_back_at_the_same_door(town: Town, owner: requests.Session) -> None:
    url = f"{town.door.url}/api/status"
    assert owner.get(url, timeout=SOON).status_code == 200
    nonsense: TradeBooked = object()  # type: ignore[assignment]
    town.post.send(CONTROLLER, nonsense)
    deadline = monotonic() + SOON
    while monotonic() < deadline and town.post.generation(CONTROLLER) < 2:
        with suppress(requests.ConnectionError):  # of the one that is just being closed
            owner.get(url, timeout=SOON)
    # Whoever comes before it is up waits at the door, and is served when it is.
    assert owner.get(url, timeout=SOON).status_code == 200
    assert read_run(town.door.state_dir) is not None


def test_two_that_share_a_directory_keep_the_first_one_s_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Town(tmp_path) as first:
        path = tmp_path / "run.json"
        path.write_text(path.read_text().replace(f'"pid": {os.getpid()}', f'"pid": {os.getppid()}'))
        before = path.read_text()
        with Town(tmp_path, [played("ETH/USDT")]) as second:
            assert second.door.token == first.door.token
            assert path.read_text() == before
        assert path.read_text() == before
    assert f"process {os.getppid()} runs with the state directory" in caplog.text


def test_a_process_without_a_door_is_steered_from_within() -> None:
    with Post() as post:
        spec = controller.spec(Answers([], post), None)
        behaviour = spec.factory()
        assert isinstance(behaviour, controller.Controller)
        assert behaviour.start() == []
        effects = behaviour.handle(Steer(Command.QUIT, (), None, "enough"))
        assert [effect.to for effect in effects if isinstance(effect, Send)] == ["console"]
        behaviour.close()


def test_without_a_controller_nobody_answers() -> None:
    with Post() as post, pytest.raises(NobodyAnswers, match="nobody lives at controller"):
        Answers([], post).get("status")


def test_nothing_is_left_running_after_a_town(tmp_path: Path) -> None:
    with Town(tmp_path):
        names = {thread.name for thread in threading.enumerate()}
        assert {"controller/reception", "controller/streams", "controller/worker/0"} <= names
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("controller")]
