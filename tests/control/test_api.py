from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from actors.control.api_routes import _PARTS
from actors.control.extras import Extras
from actors.control.questions import AskedInVain, UnknownGrid
from engine.live_view import GridAnswers, LiveView
from engine.messages import StopGrid
from engine.messages.steering import Command, PauseGrid, QuitAsked, RestartGrid, ResumeGrid
from engine.messages.vitals import HealthDescribed, Level
from tests.control.town import PlayedGrid, Town, played, waiting
from tests.engine.samples import D

SOON = 5.0
Ask = Callable[..., requests.Response]


@pytest.fixture
def get(town: Town, owner: requests.Session) -> Ask:
    return lambda path, **more: owner.get(f"{town.door.url}{path}", timeout=SOON, **more)


@pytest.fixture
def post(town: Town, owner: requests.Session) -> Ask:
    return lambda path, body: owner.post(f"{town.door.url}{path}", json=body, timeout=SOON)


def only_grid(answer: requests.Response) -> dict[str, Any]:
    (grid,) = answer.json()["grids"]
    assert isinstance(grid, dict)
    return grid


# --- looking ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", _PARTS)
def test_every_part_is_given_to_the_owner_and_kept_by_nobody(get: Ask, town: Town, part: str) -> None:
    answer = get(f"/api/{part}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == town.answers.get(part) or part == "status"


def test_one_grid_of_several_is_given_by_its_name(tmp_path: Path) -> None:
    with Town(tmp_path, [played("SOL/USDT", 180), played("ETH/USDT")]) as town:
        assert [grid["name"] for grid in town.answers.get("orders")["grids"]] == ["SOL/USDT", "ETH/USDT"]
        assert [grid["name"] for grid in town.answers.get("orders", ["ETH/USDT"])["grids"]] == ["ETH/USDT"]
        url = f"{town.door.url}/api/trades?grid=ETH/USDT&grid=SOL/USDT&limit=1"
        answer = requests.get(url, headers={"Authorization": f"Bearer {town.door.token}"}, timeout=SOON)
        assert [(grid["name"], len(grid["trades"])) for grid in answer.json()["grids"]] == [
            ("SOL/USDT", 1),
            ("ETH/USDT", 1),
        ]


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("/api/status?grid=DOGE/USDT", 404, "there is no grid 'DOGE/USDT'; allowed: SOL/USDT"),
        ("/api/trades?limit=0", 400, "limit = 0: allowed: 1 to 1000"),
        ("/api/trades?limit=1001", 400, "limit = 1001: allowed: 1 to 1000"),
        ("/api/trades?limit=ten", 400, "limit = 'ten': allowed: a whole number"),
        ("/api/orders?limit=5", 400, "'limit' is no key here; allowed: grid"),
        ("/api/status?verbose=1", 400, "'verbose' is no key here; allowed: grid"),
        ("/api/nothing", 404, "there is nothing here"),
        ("/api/status/", 404, "there is nothing here"),
        ("/api/pause", 405, "this is asked for in another way: GET to look, POST to do"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(get: Ask, path: str, status: int, error: str) -> None:
    answer = get(path)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


def test_candles_are_those_of_the_reporter(get: Ask, town: Town) -> None:
    for minute in range(5):
        town.grid.candles.price(minute * 3_600_000, D(130 + minute))
    candles = only_grid(get("/api/candles?limit=2"))["candles"]
    assert candles == [[3 * 3_600_000, *["133"] * 4], [4 * 3_600_000, *["134"] * 4]]


def test_health_is_what_the_monitor_says(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.health = HealthDescribed(7, Level.WARNING, ())
    with town:
        assert town.answers.get("health") == {"time": 7, "level": "warning", "checks": []}
        assert town.answers.get("status")["health"]["level"] == "warning"


def test_health_is_unknown_before_the_first_look(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.health = HealthDescribed(0, Level.UNKNOWN, ())
    with town:
        health = town.answers.get("health")
        assert (health["time"] > 0, health["level"]) == (True, "unknown")
        assert town.answers.get("status")["health"] is None


def test_health_is_unknown_where_nobody_watches(town: Town) -> None:
    assert town.answers.get("health")["level"] == "unknown"
    assert town.answers.get("status")["health"] is None


def test_metrics_are_those_that_were_brought(tmp_path: Path) -> None:
    def metrics(view: LiveView) -> bytes:
        return f"gridactors_grids {len(view.grids)}\n".encode()

    with Town(tmp_path, extras=Extras(metrics=metrics)) as town:
        headers = {"Authorization": f"Bearer {town.door.token}"}
        answer = requests.get(f"{town.door.url}/metrics", headers=headers, timeout=SOON)
        assert answer.text == "gridactors_grids 1\n"
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")


def test_without_metrics_there_is_no_answer(get: Ask) -> None:
    assert get("/metrics").status_code == 503


@pytest.mark.parametrize(
    ("grids", "extras", "path", "why"),
    [
        (played, Extras(), "/readyz", None),
        (played, Extras(), "/livez", None),
        (waiting, Extras(), "/readyz", "SOL/USDT: its ledger has not been heard of"),
        (waiting, Extras(), "/livez", None),
        (played, Extras(readiness=lambda _: "the disk is full"), "/readyz", "the disk is full"),
        (played, Extras(liveness=lambda _: "the supervisor hangs"), "/livez", "the supervisor hangs"),
    ],
)
def test_a_process_says_whether_it_is_ready_and_alive(
    tmp_path: Path, grids: Callable[[], PlayedGrid], extras: Extras, path: str, why: str | None
) -> None:
    with Town(tmp_path, [grids()], extras) as town:
        headers = {"Authorization": f"Bearer {town.door.token}"}
        answer = requests.get(f"{town.door.url}{path}", headers=headers, timeout=SOON)
    assert (answer.status_code, answer.json()) == (503 if why else 200, {"ok": why is None, "why": why})


def test_a_fault_of_ours_is_told_without_a_word_of_what_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: LiveView) -> bytes:
        raise ZeroDivisionError("a detail of ours")

    with Town(tmp_path, extras=Extras(metrics=broken)) as town:
        headers = {"Authorization": f"Bearer {town.door.token}"}
        answer = requests.get(f"{town.door.url}/metrics", headers=headers, timeout=SOON)
        assert answer.status_code == 500
        assert "detail" not in answer.text
        assert "a detail of ours" in caplog.text
        assert town.answers.get("status")


# --- steering --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "message", "standing"),
    [
        ("/api/pause", {}, PauseGrid, "paused"),
        ("/api/restart", {}, RestartGrid, "running"),
        ("/api/stop", {"grids": ["SOL/USDT"]}, StopGrid, "stopped"),
    ],
)
def test_a_command_reaches_the_grid_and_is_answered_when_it_is_done(
    town: Town, post: Ask, path: str, body: dict[str, Any], message: type[Any], standing: str
) -> None:
    answer = post(path, body)
    assert answer.status_code == 200
    grid = only_grid(answer)
    assert (grid["name"], grid["done"], grid["refused"], grid["standing"]) == ("SOL/USDT", True, False, standing)
    assert [type(told) for told in town.grid.told] == [message]
    assert town.answers.get("status")["grids"][0]["standing"] == standing


def test_a_pause_may_have_an_end(town: Town, post: Ask) -> None:
    post("/api/pause", {"seconds": 90})
    (told,) = town.grid.told
    assert told.seconds == 90
    status = town.answers.get("status")
    assert status["grids"][0]["paused_until"] == told.until
    assert told.until == pytest.approx(status["time"] + 90_000, abs=5_000)


def test_pause_and_resume_work_again_and_again(town: Town, post: Ask) -> None:
    for _ in range(5):
        assert only_grid(post("/api/pause", {}))["standing"] == "paused"
        assert only_grid(post("/api/resume", {}))["standing"] == "running"
    assert [type(told) for told in town.grid.told] == [PauseGrid, ResumeGrid] * 5


def test_what_makes_no_sense_is_refused_and_no_grid_hears_of_it(town: Town, post: Ask) -> None:
    answer = post("/api/resume", {})
    assert answer.status_code == 409
    assert answer.json()["error"] == "SOL/USDT is running; there is nothing to resume"
    assert only_grid(answer)["refused"]
    assert town.grid.told == []


def test_a_grid_that_takes_long_is_told_of_as_going_on(town: Town, post: Ask) -> None:
    town.grid.deaf_to = 100
    answer = post("/api/pause", {"wait": 0.05})
    assert answer.status_code == 202
    assert only_grid(answer)["text"] == "its orders are being taken down"


def test_a_wish_that_came_too_early_is_repeated(town: Town, post: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.controller._REPEAT_EVERY", 0.01)
    town.grid.deaf_to = 3
    assert post("/api/pause", {}).status_code == 200
    assert len(town.grid.told) >= 4


def test_a_wish_that_was_heard_is_not_repeated(town: Town, post: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.controller._REPEAT_EVERY", 0.01)
    post("/api/restart", {})
    town.grid.deaf_to = 2
    post("/api/pause", {})  # takes two repetitions: by then the restart would have been repeated too
    told = [type(one) for one in town.grid.told]
    first = told.index(PauseGrid)
    assert set(told[:first]) == {RestartGrid}
    assert set(told[first:]) == {PauseGrid}
    assert len(told[first:]) >= 3


def test_a_pause_of_a_grid_that_rests_for_a_time_is_done_when_it_was_heard(
    town: Town, post: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.controller._REPEAT_EVERY", 0.01)
    post("/api/pause", {"seconds": 60})
    town.grid.deaf_to = 1_000_000  # it is just going on
    unheard = post("/api/pause", {"wait": 0.05})
    assert (unheard.status_code, only_grid(unheard)["done"]) == (202, False)

    town.grid.deaf_to = 3
    heard = post("/api/pause", {})
    assert (heard.status_code, only_grid(heard)["done"]) == (200, True)
    assert town.answers.get("status")["grids"][0]["paused_until"] is None


def test_only_grids_that_were_named_are_told(tmp_path: Path) -> None:
    with Town(tmp_path, [played("SOL/USDT"), played("ETH/USDT")]) as town:
        town.answers.steer(Command.PAUSE, ["ETH/USDT"])
        assert [len(grid.told) for grid in town.grids.values()] == [0, 1]
        outcomes = town.answers.steer(Command.RESUME)["grids"]
        assert [(one["name"], one["refused"], one["done"]) for one in outcomes] == [
            ("SOL/USDT", True, False),
            ("ETH/USDT", False, True),
        ]


def test_all_grids_are_those_that_it_makes_sense_for(tmp_path: Path) -> None:
    with Town(tmp_path, [played("SOL/USDT"), played("ETH/USDT")]) as town, requests.Session() as owner:
        owner.headers["Authorization"] = f"Bearer {town.door.token}"
        url = f"{town.door.url}/api/resume"
        assert owner.post(url, json={}, timeout=SOON).status_code == 409
        town.answers.steer(Command.PAUSE, ["ETH/USDT"])
        assert owner.post(url, json={}, timeout=SOON).status_code == 200
        town.answers.steer(Command.PAUSE, ["ETH/USDT"])
        answer = owner.post(url, json={"grids": ["SOL/USDT", "ETH/USDT"]}, timeout=SOON)
        assert answer.status_code == 409
        assert [one["done"] for one in answer.json()["grids"]] == [False, True]


def test_quitting_is_asked_of_the_console(town: Town, post: Ask) -> None:
    answer = post("/api/quit", {})
    assert answer.status_code == 200
    assert only_grid(answer)["done"]
    assert town.heard.wait(SOON)
    assert [type(heard) for heard in town.console] == [QuitAsked]
    assert town.answers.get("status")["is_stopping"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/pause", {"grids": ["DOGE/USDT"]}, 404),
        ("/api/pause", {"seconds": 0}, 400),
        ("/api/pause", {"seconds": -1}, 400),
        ("/api/pause", {"seconds": 1e12}, 400),
        ("/api/pause", {"wait": 61}, 400),
        ("/api/pause", {"wait": -1}, 400),
        ("/api/resume", {"seconds": 5}, 400),
        ("/api/quit", {"wait": 5}, 400),
        ("/api/quit?now=1", {}, 400),
        ("/api/status", {}, 405),
    ],
)
def test_a_wish_that_is_none_is_refused(town: Town, post: Ask, path: str, body: dict[str, Any], status: int) -> None:
    assert post(path, body).status_code == status
    assert town.grid.told == []


def test_the_same_answers_serve_a_console_in_process(town: Town) -> None:
    with pytest.raises(UnknownGrid, match="there is no grid 'x'; allowed: SOL/USDT"):
        town.answers.get("status", ["x"])
    with pytest.raises(AskedInVain, match="wait = nan"):
        town.answers.steer(Command.PAUSE, wait=float("nan"))
    with pytest.raises(AskedInVain, match="seconds = nan"):
        town.answers.steer(Command.PAUSE, seconds=float("nan"))
    assert town.answers.steer(Command.STOP)["grids"][0]["done"]


def test_a_grid_whose_actors_know_nothing_now_is_shown_as_last_seen(town: Town, get: Ask) -> None:
    before = only_grid(get("/api/balance"))
    town.grid.answers = GridAnswers()
    town.answers.steer(Command.PAUSE)  # after which it is looked at anew
    assert only_grid(get("/api/balance")) == before
