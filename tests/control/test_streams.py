from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import requests
from attrs import evolve

from actors.control import streams
from actors.control.answers import PARTS
from actors.control.streams import MOST_STREAMS, Hub, Listener, pieces
from engine.messages import PricesDescribed
from engine.messages.steering import Command
from tests.control.town import Town, played
from tests.engine.samples import D

SOON = 5.0


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_EVERY", 0.1)


def events(answer: requests.Response) -> Iterator[tuple[str, Any]]:
    """Read a stream, event by event; a comment is one without a name."""
    name = ""
    for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))
        elif line.startswith(":"):
            yield "", line


def opened(town: Town, owner: requests.Session, query: str = "") -> requests.Response:
    answer = owner.get(f"{town.door.url}/api/stream{query}", stream=True, timeout=SOON, headers={"Connection": "close"})
    assert answer.status_code == 200, answer.text
    return answer


def test_a_stream_begins_with_every_part(town: Town, owner: requests.Session) -> None:
    with opened(town, owner) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        told = events(stream)
        first = [next(told) for _ in PARTS]
    assert [name for name, _ in first] == list(PARTS)
    assert dict(first)["levels"] == town.answers.get("levels")
    assert dict(first)["trades"] == town.answers.get("trades")


def test_what_changes_is_told_and_what_does_not_is_not(town: Town, owner: requests.Session) -> None:
    with opened(town, owner) as stream:
        told = events(stream)
        for _ in PARTS:
            next(told)
        town.grid.answers = evolve(town.grid.answers, prices=PricesDescribed(D(133), 1, None))
        names = set()
        for name, part in told:
            names.add(name)
            if name == "balance" and part["grids"][0]["value"]:
                break
        price = next(part["grids"][0]["price"] for name, part in told if name == "status")
    assert price == "133"
    assert names == {"status", "balance"}


def test_steering_shows_in_the_stream(town: Town, owner: requests.Session) -> None:
    with opened(town, owner) as stream:
        told = events(stream)
        next(told)
        town.answers.steer(Command.PAUSE)
        assert any(name == "status" and part["grids"][0]["standing"] == "paused" for name, part in told)


def test_a_stream_may_be_of_one_grid(tmp_path: Path) -> None:
    with Town(tmp_path, [played("SOL/USDT"), played("ETH/USDT")]) as town, requests.Session() as owner:
        owner.headers["Authorization"] = f"Bearer {town.door.token}"
        with opened(town, owner, "?grid=ETH/USDT") as stream:
            _, status = next(events(stream))
            assert [grid["name"] for grid in status["grids"]] == ["ETH/USDT"]
        answer = owner.get(f"{town.door.url}/api/stream?grid=DOGE", timeout=SOON)
        assert answer.status_code == 404


def test_so_many_streams_and_no_more_and_others_are_served_meanwhile(town: Town, owner: requests.Session) -> None:
    opened_streams = [opened(town, owner) for _ in range(MOST_STREAMS)]
    told = [events(stream) for stream in opened_streams]  # dropping one would close its stream
    try:
        assert [next(one)[0] for one in told] == ["status"] * MOST_STREAMS
        refused = owner.get(f"{town.door.url}/api/stream", timeout=SOON, stream=True)
        assert refused.status_code == 503
        assert "8 streams are open already" in refused.json()["error"]
        assert owner.get(f"{town.door.url}/api/status", timeout=SOON).status_code == 200
    finally:
        for stream in opened_streams:
            stream.close()
    deadline = monotonic() + SOON
    while monotonic() < deadline:  # each place is free when its worker has found nobody there
        answer = owner.get(f"{town.door.url}/api/stream", stream=True, timeout=SOON)
        answer.close()
        if answer.status_code == 200:
            return
    raise AssertionError("no place became free")


def test_silence_is_broken_by_a_comment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_SILENCE", 0.01)
    told = pieces(Listener(()))
    assert [next(told), next(told), next(told)] == ["retry: 2000\n\n", ": still here\n\n", ": still here\n\n"]


def test_streams_end_with_the_server(tmp_path: Path) -> None:
    ended = threading.Event()
    with Town(tmp_path) as town, requests.Session() as owner:
        owner.headers["Authorization"] = f"Bearer {town.door.token}"
        stream = opened(town, owner)
        told = events(stream)
        next(told)

        def listen() -> None:
            try:
                for _ in told:
                    pass
            except requests.RequestException:
                pass
            ended.set()

        threading.Thread(target=listen, daemon=True).start()
    assert ended.wait(SOON)
    stream.close()


def test_who_is_slow_is_sent_the_newest_of_each_part_alone() -> None:
    listener = Listener(())
    for number in range(1000):
        listener.tell("status", str(number))
        listener.tell("orders", "same")
    assert listener.take(0) == {"status": "999", "orders": "same"}
    listener.close()
    assert listener.take(0) is None


def test_nothing_is_made_while_nobody_looks_on() -> None:
    asked: list[str] = []

    class Counted:
        def get(self, part: str, *_: Any) -> dict[str, Any]:
            asked.append(part)
            return {}

    counted: Any = Counted()
    hub = Hub(counted, "hub")
    listener = hub.join(())
    assert listener.take(SOON)
    hub.leave(listener)
    hub.close()
    assert set(asked) == set(PARTS)
    made = len(asked)
    idle = Hub(counted, "idle")
    idle.close()
    assert len(asked) == made
