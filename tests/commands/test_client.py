"""Commands from another terminal: what they send, what they print, how they fail."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from actors.commands import following
from tests.commands.answers import BALANCE, HEALTH, grid, order, outcome, rows, status
from tests.commands.api import SOON, TOKEN, Asked
from tests.commands.conftest import Terminal

PARTS = {
    "status": status(),
    "orders": rows("orders", order("4", "buy", "140")),
    "balance": BALANCE,
    "levels": rows("levels"),
    "events": rows("events"),
    "health": HEALTH,
}
PAUSED = outcome(("SOL/USDT", True, "paused", ""))
STILL = outcome(("SOL/USDT", False, "pausing", "4 orders are still open"))


# --- looking -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_asked_for_and_printed_as_it_came_with_json(terminal: Terminal, part: str) -> None:
    terminal.plays(f"GET /api/{part}", PARTS[part])

    assert terminal.json(part) == PARTS[part]
    assert terminal.last.headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_a_table_for_people_without_colours_in_a_pipe(terminal: Terminal, part: str) -> None:
    terminal.plays(f"GET /api/{part}", PARTS[part])
    result = terminal.run(part)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.strip()
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (("orders",), ()),
        (("orders", "sol"), (("grid", "SOL/USDT"),)),
        (("orders", "eth/e", "SOL/USDT", "sol"), (("grid", "ETH/EUR"), ("grid", "SOL/USDT"))),
        (("events", "--limit", "7"), (("limit", "7"),)),
        (("events", "SOL"), (("grid", "SOL/USDT"), ("limit", "20"))),
    ],
)
def test_grids_are_asked_for_by_their_full_names(
    terminal: Terminal, words: tuple[str, ...], asked: tuple[tuple[str, str], ...]
) -> None:
    terminal.plays("GET /api/orders", rows("orders"))
    terminal.plays("GET /api/events", rows("events"))

    assert terminal.run(*words).exit_code == 0
    assert terminal.last.query == asked


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("XRP", "grid 'XRP' is no grid that runs; allowed: SOL/USDT, ETH/USDT, ETH/EUR"),
        ("eth", "grid 'eth' is the beginning of ETH/USDT, ETH/EUR; allowed: SOL/USDT, ETH/USDT, ETH/EUR"),
        ("", "grid '' is no grid that runs"),
        ("\x1b[2J", r"grid '\x1b[2J' is no grid that runs"),
    ],
)
@pytest.mark.parametrize("command", ["orders", "pause", "stop"])
def test_grid_that_nobody_runs_is_bad_input_and_nothing_is_sent(
    terminal: Terminal, command: str, written: str, told: str
) -> None:
    result = terminal.run(command, written)

    assert result.exit_code == 2
    assert told in result.stderr
    assert terminal.api.asked == []


# --- steering ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (("pause",), {"wait": 60}),
        (("pause", "sol", "--for", "2h"), {"wait": 60, "grids": ["SOL/USDT"], "seconds": 7200}),
        (("pause", "--wait", "5s"), {"wait": 5}),
        (("resume", "SOL"), {"wait": 60, "grids": ["SOL/USDT"]}),
        (("restart",), {"wait": 60}),
        (("stop", "sol", "--yes"), {"wait": 60, "grids": ["SOL/USDT"]}),
    ],
)
def test_command_is_sent_once_and_what_came_of_it_is_told(
    terminal: Terminal, words: tuple[str, ...], body: dict[str, object]
) -> None:
    terminal.plays(f"POST /api/{words[0]}", PAUSED)
    result = terminal.run(*words)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.split() == ["grid", "standing", "SOL/USDT", "done", "paused"]
    assert [(asked.path, asked.body) for asked in terminal.api.asked] == [(f"/api/{words[0]}", body)]


def test_command_that_was_not_done_in_time_fails_and_says_where_it_stands(terminal: Terminal) -> None:
    terminal.plays("POST /api/pause", STILL, 202)
    result = terminal.run("pause", "--wait", "0")

    assert result.exit_code == 1
    assert "SOL/USDT  not done  pausing   4 orders are still open" in result.stdout
    assert result.stderr == "failed: pause is not done: SOL/USDT is pausing\n"
    assert terminal.last.body == {"wait": 0}


def test_command_that_takes_longer_is_not_sent_again_but_looked_after(terminal: Terminal) -> None:
    terminal.plays("POST /api/pause", STILL, 202)
    terminal.plays("GET /api/status", status(grid(standing="paused")))
    result = terminal.run("pause", "sol")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.split() == ["grid", "standing", "SOL/USDT", "done", "paused"]
    assert [asked.path for asked in terminal.api.asked] == ["/api/pause", "/api/status"]
    assert terminal.last.query == (("grid", "SOL/USDT"),)


@pytest.mark.parametrize(
    ("command", "standings"),
    [
        ("restart", ("running", "pausing", "running")),
        ("pause", ("paused", "running", "pausing", "paused")),
    ],
)
def test_where_a_grid_stood_before_counts_only_when_it_was_seen_elsewhere_meanwhile(
    command: str, standings: tuple[str, ...], terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_LOOK_EVERY", 0.001)
    terminal.plays(f"POST /api/{command}", outcome(("SOL/USDT", False, standings[0], "")), 202)
    terminal.plays_in_turn("GET /api/status", *((200, status(grid(standing=one))) for one in standings))
    result = terminal.run(command, "sol")

    assert result.exit_code == 0, result.output
    assert [asked.path for asked in terminal.api.asked] == [f"/api/{command}", *["/api/status"] * len(standings)]


def test_command_that_a_grid_refuses_is_not_waited_for(terminal: Terminal) -> None:
    refused = outcome(("SOL/USDT", False, "running", "is running; there is nothing to resume"))
    refused["grids"][0]["refused"] = True
    terminal.plays("POST /api/resume", refused | {"error": "SOL/USDT is running"}, 409)
    result = terminal.run("resume")

    assert result.exit_code == 1
    assert "there is nothing to resume" in result.stdout
    assert len(terminal.api.asked) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("pause", "--for", "soon"), "pause for = 'soon': allowed is a duration above 0"),
        (("pause", "--wait", "1h30m"), "--wait = '1h30m': allowed is a duration above 0"),
    ],
)
def test_duration_that_is_none_is_bad_input(terminal: Terminal, words: tuple[str, ...], told: str) -> None:
    result = terminal.run(*words)

    assert result.exit_code == 2
    assert told in result.stderr
    assert terminal.api.asked == []


def test_process_that_refuses_says_why(terminal: Terminal) -> None:
    terminal.plays("POST /api/pause", {"error": "too many requests"}, 429)
    result = terminal.run("pause")

    assert result.exit_code == 1
    assert result.stderr.endswith(": too many requests (429)\n")


# --- confirmation ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["stop", "quit"])
@pytest.mark.parametrize("keys", ["n\n", "\n", ""])
def test_ending_is_asked_for_at_a_terminal_and_a_no_sends_nothing(
    terminal: Terminal, at_a_terminal: Callable[[], None], command: str, keys: str
) -> None:
    at_a_terminal()
    result = terminal.run(command, keys=keys)

    assert result.exit_code == 1
    assert "kept [y/N]" in result.stderr
    assert result.stderr.endswith("failed: nothing was done\n")
    assert terminal.api.asked == []


def test_ending_is_sent_after_a_yes(terminal: Terminal, at_a_terminal: Callable[[], None]) -> None:
    at_a_terminal()
    terminal.plays("POST /api/stop", PAUSED)
    result = terminal.run("stop", "sol", keys="y\n")

    assert result.exit_code == 0, result.output
    assert "Stop SOL/USDT? All orders are taken down and it ends; its position is kept [y/N]" in result.stderr
    assert len(terminal.api.asked) == 1


@pytest.mark.parametrize("options", [("--yes",), ()], ids=["with --yes", "without a terminal"])
def test_ending_is_not_asked_for_otherwise(terminal: Terminal, options: tuple[str, ...]) -> None:
    terminal.plays("POST /api/stop", PAUSED)
    result = terminal.run("stop", *options)

    assert (result.exit_code, result.stderr) == (0, "")


def test_quit_waits_until_the_process_is_gone(terminal: Terminal) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        terminal.api.runs(terminal.state_dir, pid=process.pid)

        def end(_asked: Asked) -> tuple[int, object]:
            process.kill()
            return 200, PAUSED

        terminal.api.replies["POST /api/quit"] = end
        result = terminal.run("quit")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith(f"process {process.pid} has ended\n")
    assert terminal.last.body == {}


def test_quit_of_a_process_that_stays_fails_in_time(terminal: Terminal) -> None:
    terminal.plays("POST /api/quit", PAUSED)
    result = terminal.run("quit", "--wait", "0")

    assert result.exit_code == 1
    assert f"process {os.getpid()} has not ended within 0 s" in result.stderr


# --- nobody there ------------------------------------------------------------------------------------


def test_nothing_that_runs_is_told_with_what_to_do(terminal: Terminal) -> None:
    (terminal.state_dir / "run.json").unlink()
    result = terminal.run("status")

    assert result.exit_code == 1
    start = f"`gridactors start CONFIG --state-dir {terminal.state_dir}`"
    assert result.stderr == (f"failed: nothing runs with --state-dir {terminal.state_dir}; start a grid with {start}\n")


def test_file_that_a_dead_process_left_is_told(terminal: Terminal) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait(SOON)
    terminal.api.runs(terminal.state_dir, pid=process.pid)
    result = terminal.run("status")

    assert result.exit_code == 1
    assert f"{terminal.state_dir / 'run.json'} was left by a process that is gone" in result.stderr


def test_file_that_is_none_is_bad_input(terminal: Terminal) -> None:
    (terminal.state_dir / "run.json").write_text("{", encoding="utf-8")
    result = terminal.run("status")

    assert result.exit_code == 2
    assert "run.json: is not what a running process writes" in result.stderr


def test_process_that_does_not_listen_is_told(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    terminal.api.runs(terminal.state_dir, url=f"http://127.0.0.1:{port}")
    result = terminal.run("status")

    assert result.exit_code == 1
    assert f"process {os.getpid()} does not answer at http://127.0.0.1:{port}: no connection" in result.stderr


def test_token_that_does_not_fit_is_told_and_shown_nowhere(terminal: Terminal) -> None:
    terminal.api.runs(terminal.state_dir, token="of-another-run")  # noqa: S106
    result = terminal.run("status")

    assert result.exit_code == 1
    assert f"does not know the token in {terminal.state_dir / 'run.json'}" in result.stderr
    assert "of-another-run" not in result.output


@pytest.mark.parametrize(
    ("code", "told"),
    [(200, b"<html>"), (200, b"[]"), (302, b""), (500, b"oh")],
    ids=["page", "list", "moved", "broken"],
)
def test_what_answers_as_no_process_of_ours_would_is_told(terminal: Terminal, code: int, told: bytes) -> None:
    terminal.plays("GET /api/status", told, code)
    result = terminal.run("status")

    assert result.exit_code == 1
    assert "what answers there says what no gridactors says" in result.stderr
    assert len(terminal.api.asked) == 1, "a redirection was followed"


def test_answer_that_cannot_be_understood_is_a_failure_not_a_traceback(terminal: Terminal) -> None:
    terminal.plays("GET /api/status", {"grids": [{}]})
    result = terminal.run("status")

    assert result.exit_code == 1
    assert "the answer to status cannot be understood" in result.stderr


def test_another_version_is_warned_of_and_asked_all_the_same(terminal: Terminal) -> None:
    terminal.api.runs(terminal.state_dir, version="9.9")
    terminal.plays("GET /api/status", status())
    result = terminal.run("status")

    assert result.exit_code == 0
    assert result.stderr.startswith("warning: the process is gridactors 9.9, this command ")


def test_no_proxy_and_no_password_of_the_environment_is_used(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    terminal.plays("GET /api/status", status())

    assert terminal.run("status").exit_code == 0
    assert terminal.last.headers["Authorization"] == f"Bearer {TOKEN}"
