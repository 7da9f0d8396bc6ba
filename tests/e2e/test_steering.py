"""Every command to a live process: from another terminal, at its own console, under load, after a crash."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest
from attrs import define, field

from actors.control.run_file import RUN_FILE, read_run
from tests.e2e.attended import ENDS_WITHIN, AttendedDesk, attended_document

D = Decimal
BOTH = ("SOL/USDT", "ETH/USDT")
LOOKING = ("status", "orders", "balance", "levels", "trades", "events", "health")
STEERING = ("pause", "resume", "restart", "stop", "quit")
DOORS = ("ping", "dashboard")
MANY = 10


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AttendedDesk]:
    """Give two grids of one account for as long as the tests of this module take."""
    small = attended_document(("grid_strategy.num_grids", 5))
    with AttendedDesk(tmp_path_factory.mktemp("attended"), attended_document(), small, spare={"USDT": "50"}) as desk:
        yield desk


@pytest.fixture
def desk(house: AttendedDesk) -> AttendedDesk:
    """Give them as they run, with every ladder in its place."""
    if not house.is_up:
        house.process = None
        house.start()
    house.wait_until(lambda: not {"waiting", "arming", "pausing"} & {*house.standings()}, "they have begun")
    for name, standing in zip(BOTH, house.standings(), strict=True):
        if standing != "running":
            house.run_here("resume", name)
    house.wait_standing("running", "running")
    house.wait_quiet()
    return house


@pytest.fixture
def resting(house: AttendedDesk) -> AttendedDesk:
    """Give them with no process that runs them."""
    if house.is_up:
        house.run_here("quit")
        house.ended()
    return house


def standings(answer: Any) -> dict[str, str]:
    return {grid["name"]: grid["standing"] for grid in answer["grids"]}


# --- nothing runs ------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", [*LOOKING, *STEERING, *DOORS])
def test_command_says_that_nothing_runs(tmp_path: Path, word: str) -> None:
    nowhere = AttendedDesk(tmp_path, attended_document())
    told = nowhere.run_here(word, code=1)

    assert told.out == ""
    assert told.err.startswith(f"failed: nothing runs with --state-dir {nowhere.state_dir}; start a grid with ")
    assert not nowhere.state_dir.exists()


# --- looking -----------------------------------------------------------------------------------------


def test_every_look_is_printed_for_people(desk: AttendedDesk) -> None:
    outcomes = dict(zip(LOOKING, desk.run_all([(word,) for word in LOOKING]), strict=True))

    assert {(one.code, one.err) for one in outcomes.values()} == {(0, "")}
    assert all(name in one.out for one in outcomes.values() for name in BOTH)
    for word, text in (
        ("status", "live   running"),
        ("orders", desk.exchange_orders()[0].client_order_id),
        ("balance", "reserved"),
        ("levels", "waiting for fill"),
        ("trades", "market"),
        ("events", "order accepted"),
        ("health", "order stream"),
    ):
        assert text in outcomes[word].out


def test_every_look_is_json_that_says_what_the_exchange_says(desk: AttendedDesk) -> None:
    told = {word: desk.asked(word) for word in LOOKING}

    assert standings(told["status"]) == dict.fromkeys(BOTH, "running")
    assert {check["grid"] for check in told["health"]["checks"]} == {None, *BOTH}
    for place, placed in enumerate(desk.grids):
        of = {word: told[word]["grids"][place] for word in LOOKING if word != "health"}
        theirs = {one.client_order_id: one for one in desk.exchange_orders(placed.pair.symbol)}
        ours = {one["client_order_id"]: one for one in of["orders"]["orders"]}
        assert ours.keys() == theirs.keys()
        assert {name: (D(one["price"]), D(one["quantity"])) for name, one in ours.items()} == {
            name: (one.price, one.quantity) for name, one in theirs.items()
        }
        assert of["status"]["open_buys"] + of["status"]["open_sells"] == len(theirs)
        assert sum(level["state"].startswith("WAITING") for level in of["levels"]["levels"]) == len(theirs)
        trades = desk.exchange_trades(placed.pair.symbol)
        assert {trade["trade_id"] for trade in of["trades"]["trades"]} <= {str(trade.trade_id) for trade in trades}
        held = {asset["asset"]: D(asset["total"]) for asset in of["balance"]["assets"]}
        assert held[placed.pair.base] == desk.holds(placed.pair.base)
        assert of["events"]["events"][0]["time"] >= of["events"]["events"][-1]["time"]


def test_life_and_a_way_in_are_told(desk: AttendedDesk) -> None:
    alive, ready, way_in = desk.run_all([("ping",), ("ping", "--ready"), ("dashboard",)])
    pid, url = desk.running.pid, desk.running.url

    assert (alive.code, alive.out, alive.err) == (0, f"process {pid} is alive\n", "")
    assert (ready.code, ready.out, ready.err) == (0, f"process {pid} is ready\n", "")
    assert way_in.code == 0
    assert way_in.out.startswith(f"{url}/login?code=")
    assert desk.running.token not in way_in.out
    assert desk.asked("ping") == {"ok": True, "why": None}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("pause", "btc"), "error: grid 'btc' is no grid that runs; allowed: SOL/USDT, ETH/USDT\n"),
        (("pause", "--for", "soon"), "error: pause for = 'soon': allowed is a duration above 0"),
        (("events", "--limit", "0"), "Invalid value for '--limit'"),
    ],
)
def test_command_that_makes_no_sense_says_what_does(desk: AttendedDesk, words: tuple[str, ...], told: str) -> None:
    assert told in desk.run_here(*words, code=2).err
    assert desk.standings() == ("running", "running")


# --- pause and resume --------------------------------------------------------------------------------


def test_pause_takes_the_orders_down_outlives_a_kill_and_resume_puts_the_ladder_back(desk: AttendedDesk) -> None:
    others, ladder = desk.open_ids(1), {order.price for order in desk.exchange_orders()}
    paused = desk.run("pause", "sol")
    assert "SOL/USDT  done  paused    rests, with no order left" in paused.out
    assert desk.open_ids() == set()
    assert desk.account()["SOL"][1] == 0
    assert desk.open_ids(1) == others

    desk.kill()
    gone = desk.run("status", code=1)
    assert gone.out == ""
    assert gone.err.startswith(f"failed: nothing runs with --state-dir {desk.state_dir}: ")
    assert "was left by a process that is gone" in gone.err
    desk.start()
    desk.wait_standing("paused", "running")
    desk.wait_agrees()
    desk.move("95")  # a buy order would be filled here
    desk.move("100")
    desk.wait_agrees()
    assert (desk.open_ids(), desk.open_ids(1)) == (set(), others)
    assert "paused until somebody resumes it" in desk.hears("SOL/USDT", "paused")

    resumed = desk.asked("resume", "SOL/USDT")
    assert [(one["name"], one["done"], one["standing"]) for one in resumed["grids"]] == [("SOL/USDT", True, "running")]
    desk.wait_quiet()
    assert {order.price for order in desk.exchange_orders()} == ladder
    assert desk.open_ids(1) == others


def test_pause_that_has_an_end_ends_by_itself(desk: AttendedDesk) -> None:
    desk.run_here("pause", "--for", "1s")
    told = desk.asked("status")["grids"]
    assert [(grid["standing"], grid["paused_until"] is None) for grid in told] == [("paused", False)] * 2
    desk.wait_standing("running", "running")
    desk.wait_quiet()


def test_restart_takes_every_order_down_and_places_it_anew(desk: AttendedDesk) -> None:
    before, ladder = desk.open_ids(), {order.price for order in desk.exchange_orders()}
    desk.run("restart", "SOL/USDT")
    desk.wait_quiet()

    assert {order.price for order in desk.exchange_orders()} == ladder
    assert not before & desk.open_ids()


def test_pauses_and_restarts_again_and_again_under_load_leave_books_that_agree(desk: AttendedDesk) -> None:
    with desk.moving(seed=7):
        for number in range(MANY):
            until_now = len(desk.exchange_trades())
            for command in (("pause",), ("resume",), ("restart",), ("pause", "--for", "0.1s")):
                told = desk.asked(*command)["grids"]
                assert [grid["done"] for grid in told] == [True, True], f"round {number}: {command}: {told}"
            _wait_for_fill(desk, until_now)
    desk.wait_standing("running", "running")
    desk.wait_quiet()

    assert desk.hears("SOL/USDT: goes on")
    assert desk.asked("health")["level"] in ("ok", "warning")
    assert {check["text"] for check in desk.asked("health")["checks"] if check["name"] == "restarts"} == {
        "no actor had to be restarted"
    }


def _wait_for_fill(desk: AttendedDesk, until_now: int) -> None:
    desk.wait_until(lambda: len(desk.exchange_trades()) > until_now, "an order is filled")


# --- stop, and the end -------------------------------------------------------------------------------


def test_one_of_two_is_stopped_while_the_other_trades_on_and_begins_again(desk: AttendedDesk) -> None:
    held = desk.holds("SOL")
    stopped = desk.run("stop", "sol", "--yes")
    assert "SOL/USDT  done  stopped" in stopped.out
    assert desk.open_ids() == set()
    assert desk.account()["SOL"] == (held, D(0))
    assert standings(desk.asked("status")) == {"SOL/USDT": "stopped", "ETH/USDT": "running"}

    fills = len(desk.exchange_trades("ETHUSDT"))
    desk.move("89", "ETHUSDT")
    desk.move("100", "ETHUSDT")
    desk.wait_quiet(1)
    assert len(desk.exchange_trades("ETHUSDT")) > fills
    assert desk.open_ids() == set()

    again = desk.asked("resume", "sol")
    assert again["grids"][0]["done"]
    desk.wait_standing("running", "running")
    desk.wait_quiet()
    assert desk.open_ids()


def test_quit_ends_the_process_in_order(desk: AttendedDesk) -> None:
    pid = desk.running.pid
    told = desk.run("quit", "--yes")

    assert told.out.endswith(f"process {pid} has ended\n")
    assert told.err == ""
    assert desk.ended() == 0
    assert desk.open_ids() == desk.open_ids(1) == set()
    assert not (desk.state_dir / RUN_FILE).exists()
    desk.wait_agrees()


# --- other ways to start -----------------------------------------------------------------------------


@define(eq=False)
class Screen:
    """A terminal that a process has been given, and all that it shows."""

    keys: int
    shown: bytearray = field(factory=bytearray)
    thread: threading.Thread = field(init=False)

    def read(self) -> None:
        with suppress(OSError):  # nobody has the terminal any more
            while piece := os.read(self.keys, 65_536):
                self.shown += piece

    def types(self, keys: str) -> int:
        """Type, and give how much had been shown by then."""
        before = len(self.shown)
        os.write(self.keys, keys.encode())
        return before

    def since(self, place: int) -> str:
        return self.shown[place:].decode("utf-8", "replace")


@contextmanager
def at_terminal(desk: AttendedDesk) -> Iterator[tuple[subprocess.Popen[bytes], Screen, int]]:
    """Start the grids in the foreground of a terminal of their own."""
    keys, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (50, 140))
    process = subprocess.Popen(  # noqa: S603 the program itself
        [sys.executable, "-c", _AT_TERMINAL, *desk.start_words, "--listen", "127.0.0.1:0"],
        cwd=desk.folder,
        env={**os.environ, **desk.env, "TERM": "xterm-256color"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    screen = Screen(keys)
    screen.thread = threading.Thread(target=screen.read, name="screen")
    screen.thread.start()
    try:
        yield process, screen, terminal
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
        screen.thread.join(ENDS_WITHIN)
        os.close(keys)


_AT_TERMINAL = (
    "import fcntl, runpy, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "sys.argv[0] = 'gridactors'; runpy.run_module('actors', run_name='__main__', alter_sys=False)"
)


def test_console_of_a_foreground_start_steers_and_leaves_the_terminal_as_it_was(resting: AttendedDesk) -> None:
    desk = resting
    with at_terminal(desk) as (process, screen, terminal):
        before = termios.tcgetattr(terminal)
        desk.wait_until(lambda: read_run(desk.state_dir) is not None, "it is up")
        desk.wait_quiet()
        desk.wait_until(lambda: termios.tcgetattr(terminal) != before, "the console listens key by key")

        place = screen.types("pause\r")
        desk.wait_until(lambda: "rests" in screen.since(place), "the pause is told")  # the next answer takes its place
        assert not desk.open_ids() | desk.open_ids(1)
        place = screen.types("wrong\r")
        desk.wait_until(lambda: "'wrong' is no command" in screen.since(place), "a wrong word is told")
        place = screen.types("status\r")
        desk.wait_until(lambda: "paused: its owner wants it" in screen.since(place), "the status is shown")
        screen.types("resume\r")
        desk.wait_quiet()
        place = screen.types("quit\r")
        desk.wait_until(lambda: "type yes" in screen.since(place), "it asks")
        assert desk.open_ids()
        screen.types("yes\r")

        assert process.wait(ENDS_WITHIN) == 0
        assert termios.tcgetattr(terminal) == before
    assert desk.open_ids() == desk.open_ids(1) == set()
    assert "Traceback" not in screen.since(0)


def test_detached_start_is_told_about_looked_at_and_ended(resting: AttendedDesk) -> None:
    desk = resting
    words = [word for word in desk.start_words if word not in ("--state-dir", str(desk.state_dir))]
    told = desk.run(*words, "--detach", "--listen", "127.0.0.1:0")
    try:
        pid = desk.running.pid
        assert told.out.startswith(f"Process {pid} trades SOL/USDT, ETH/USDT; it outlives this terminal.\n")
        assert "gridactors quit --state-dir" in told.out
        desk.wait_quiet()
        assert psutil.Process(pid).terminal() is None
        assert desk.running.token not in " ".join(psutil.Process(pid).cmdline())
        assert desk.run("quit", "--yes").out.endswith(f"process {pid} has ended\n")
        assert desk.open_ids() == set()
    finally:
        left = read_run(desk.state_dir)
        if left is not None:
            psutil.Process(left.pid).kill()
