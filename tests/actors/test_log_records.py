"""What a line of the log says of who logged it, and of what happens to orders and to what nobody caught."""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from actors import logs
from actors.log_lines import uncaught
from actors.log_lines.told_events import log_events, sentence
from engine.journal.rows import EventRow
from engine.messages.alerting import EventsTold
from engine.orders import client_order_id
from engine.values import Side
from tests.actors.log_files import own_log, records_in

log = logging.getLogger("actors.x")
GRID = "SOL/USDT"
ORDER = client_order_id("ga0123abcdlx9k2f0a", "7b", 12, Side.SELL, 3)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    with own_log():
        logs.set_up(logging.INFO, tmp_path / "x.jsonl", quiet=True)
        yield tmp_path / "x.jsonl"


def in_thread(name: str, act: Callable[[], None]) -> None:
    thread = threading.Thread(target=act, name=name)
    thread.start()
    thread.join(10)


def only(file: Path) -> dict[str, Any]:
    (record,) = records_in(file)
    return record


# --- who ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("thread", "place"),
    [
        ("SOL/USDT/level/7b", {"grid": "SOL/USDT", "level": "7b"}),
        ("SOL/USDT ETH-file #2/order_manager", {"grid": "SOL/USDT ETH-file #2"}),
        ("SOL/USDT/caller/0", {"grid": "SOL/USDT"}),
        ("SOL/USDT/levels", {"grid": "SOL/USDT"}),
        ("reporter", {}),
        ("sandbox/writer", {}),
    ],
)
def test_actor_is_known_by_its_thread(file: Path, thread: str, place: dict[str, str]) -> None:
    in_thread(thread, lambda: log.info("done"))

    record = only(file)
    assert {key: record.get(key) for key in ("actor", "grid", "level", "order")} == {
        "actor": thread,
        "grid": place.get("grid"),
        "level": place.get("level"),
        "order": None,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["time"])


@pytest.mark.parametrize(
    ("log_it", "order"),
    [
        (lambda: log.info("order %s is gone", ORDER), ORDER),
        (lambda: log.info("%s (%s), then ga0123abcd-1-0b0", "gone", ORDER), ORDER),
        (lambda: log.info("gone", extra={"order": "another"}), "another"),
        (lambda: log.info("%s is another's", "x-ga0123abcd"), None),
        (lambda: log.info("again ga01-7-0b0"), None),
    ],
)
def test_order_is_found_in_what_is_said(file: Path, log_it: Callable[[], None], order: str | None) -> None:
    log_it()
    assert only(file).get("order") == order


def test_what_is_said_of_a_record_counts_before_its_thread(file: Path) -> None:
    about = {"grid": "BTC/USDT", "level": 3, "order": None}
    in_thread("SOL/USDT/level/7", lambda: log.info("%s", ORDER, extra=about))

    record = only(file)
    assert (record["grid"], record["level"], record.get("order")) == ("BTC/USDT", "3", None)


def test_trace_is_a_field_of_its_own(file: Path) -> None:
    try:
        raise ValueError("no such price")  # noqa: TRY301 it is to be logged here
    except ValueError:
        log.exception("failed")

    record = only(file)
    assert record["message"] == "failed"
    assert record["trace"].startswith("Traceback (most recent call last):")
    assert record["trace"].endswith("ValueError: no such price")


def test_lines_and_escapes_of_a_stranger_stay_in_their_record(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up(logging.INFO, file)  # on the stderr that is looked at
    log.warning("refused: %s", 'x"\n{"severity":"INFO"}\x1b[2J\r\udcff')

    assert only(file)["message"] == 'refused: x"\n{"severity":"INFO"}\\x1b[2J\\r\\udcff'
    printed = capsys.readouterr().err
    assert "\\x1b[2J" in printed
    assert "\x1b" not in printed


def test_message_that_is_too_long_loses_its_middle(file: Path) -> None:
    log.info("first %s last", "x" * 1_000_000)

    message = only(file)["message"]
    assert len(message) < 21_000
    assert message.startswith("first")
    assert message.endswith("last")
    assert "980011 characters more" in message


# --- the life of orders -------------------------------------------------------------------------------------

TRADE = (("side", "sell"), ("price", "101"), ("quantity", "1.2"), ("fee", "0.1"), ("fee_asset", "USDT"))


def event(kind: str, slot: str | None = "7b", order: str | None = ORDER, /, **details: str) -> EventRow:
    return EventRow(time=1, kind=kind, slot=slot, client_order_id=order, details=tuple(details.items()))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            event("order_intended", side="sell", kind="limit", price="101", quantity="1.2"),
            f"SOL/USDT level 7b: placing a limit order to sell 1.2 at 101 ({ORDER})",
        ),
        (
            event("trade_booked", **dict(TRADE), complete="true"),
            f"SOL/USDT level 7b: sell 1.2 at 101 filled, fee 0.1 USDT ({ORDER})",
        ),
        (
            event("trade_booked", **dict(TRADE), complete="false"),
            f"SOL/USDT level 7b: sell 1.2 at 101 filled, fee 0.1 USDT, a part of the order ({ORDER})",
        ),
        (
            event("order_ended", side="buy", refusal="post_only", text="would take"),
            f"SOL/USDT level 7b: order to buy refused (post_only): would take ({ORDER})",
        ),
        (
            event("order_ended", side="buy", filled="0.5"),
            f"SOL/USDT level 7b: order to buy ended with 0.5 filled ({ORDER})",
        ),
        (event("cancel_asked", "grid"), f"SOL/USDT: taking the order back ({ORDER})"),
        (event("level_waits", "7b", None, side="buy", **{"for": "funds"}), "SOL/USDT level 7b: waiting to buy: funds"),
        (
            event("grid_stopped", None, None, reason="take_profit"),
            "SOL/USDT: stopped: take_profit; ? in quote and ? in base are left",
        ),
        (event("moon_seen", None, None, phase="full", of="may"), "SOL/USDT: moon seen: phase full, of may"),
    ],
)
def test_event_is_told_in_a_sentence(row: EventRow, said: str) -> None:
    assert sentence(GRID, row) == said


def test_events_are_logged_with_what_they_are_about(file: Path) -> None:
    rows = (event("order_accepted"), event("grid_paused", None, None, reason="by hand", quote="1", base="2"))
    in_thread("reporter", lambda: log_events(EventsTold(GRID, rows, (), 2)))

    accepted, paused = records_in(file)
    assert {key: accepted[key] for key in ("severity", "grid", "level", "order", "actor")} == {
        "severity": "INFO",
        "grid": GRID,
        "level": "7b",
        "order": ORDER,
        "actor": "reporter",
    }
    assert paused["message"] == "SOL/USDT: paused: by hand; 1 in quote and 2 in base are held"
    assert "level" not in paused
    assert "order" not in paused


# --- what nobody caught -------------------------------------------------------------------------------------


class Unlucky:
    def __del__(self) -> None:
        raise RuntimeError("Bearer abcdefghijkl")


def fail() -> None:
    raise RuntimeError("Bearer abcdefghijkl")


@pytest.fixture
def own_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Python's own hooks in place of those of the test runner."""
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)


@pytest.mark.usefixtures("own_hooks")
@pytest.mark.parametrize("where", ["process", "thread", "finalizer"])
def test_error_that_nobody_caught_is_logged_without_secrets(
    where: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(logging.INFO, file)  # on the stderr that is looked at
    match where:
        case "process":
            try:
                fail()
            except RuntimeError as error:
                sys.excepthook(type(error), error, error.__traceback__)
        case "thread":
            in_thread("somebody", fail)
        case _:
            Unlucky()

    record, printed = only(file), capsys.readouterr().err
    assert record["severity"] in {"CRITICAL", "ERROR"}
    assert record["trace"].endswith("RuntimeError: Bearer ***")
    assert "RuntimeError: Bearer ***" in printed
    assert "abcdefghijkl" not in printed


def test_hooks_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def theirs(*_: object) -> None:
        """Do what they want."""

    monkeypatch.setattr(sys, "excepthook", theirs)
    monkeypatch.setattr(threading, "excepthook", theirs)
    monkeypatch.setattr(sys, "unraisablehook", theirs)
    uncaught.log_uncaught()

    hooks: list[object] = [sys.excepthook, threading.excepthook, sys.unraisablehook]
    assert hooks == [theirs] * 3
