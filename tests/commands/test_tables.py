"""What a running process answers, drawn for people, to the letter."""

from __future__ import annotations

from typing import Any

import pytest

from actors.display.running_tables import draw_outcome, draw_part
from tests.commands.answers import (
    BALANCE,
    HEALTH,
    NOW,
    check,
    event,
    grid,
    level,
    order,
    outcome,
    rows,
    status,
    trade,
)


def drawn(part: str, answer: Any) -> list[str]:
    return [line.plain for line in draw_part(part, answer)]


def test_status_tells_profit_made_and_held_apart_and_where_each_grid_stands() -> None:
    other = grid(
        "ETH/EUR x",
        standing="paused",
        why="its owner wants it",
        paused_until=NOW + 3_600_000,
        change_percent="0.82",
        other_fees={"BNB": "0.00123"},
        empty_levels=0,
        cycles=1234,
    )
    waiting = grid("BTC/USDT", standing="waiting", price=None, feed_trouble="no news for 12 s")

    assert drawn("status", status(grid(), other, waiting, health=HEALTH)) == [
        "gridactors 0.1.0, process 4711, up 2 h 13 min, health warning: `health` tells more",
        "",
        "SOL/USDT   149.00 -1.97 % ▼   paper trading   running",
        " grid profit +4.60 USDT   unrealised -9.17   fees 0.69 USDT   1 cycle   3 trades",
        " value 995.43 of 1,000.00 USDT   open 4 buy, 5 sell   1 empty   range 100.00 to 200.00",
        "",
        "ETH/EUR x   149.00 +0.82 % ▲   paper trading   paused until 12:13:20 UTC: its owner wants it",
        " grid profit +4.60 EUR   unrealised -9.17   fees 0.69 EUR + 0.00123 BNB   1,234 cycles   3 trades",
        " value 995.43 of 1,000.00 EUR   open 4 buy, 5 sell   range 100.00 to 200.00",
        "",
        "BTC/USDT   paper trading   not armed yet",
        " prices: no news for 12 s",
        " it arms when the price is within 100.00 to 200.00, with 1,000.00 USDT",
    ]


def test_status_of_a_process_that_ends_says_so() -> None:
    assert drawn("status", status(is_stopping=True))[1] == "stopping: orders are taken down"


def test_orders_stand_by_their_decimal_points() -> None:
    answer = rows(
        "orders",
        order("9", "sell", "1200.5"),
        order("4", "buy", "140", filled="0.2392"),
        order("grid", "buy", "152", kind="market", is_accepted=False, quantity="12"),
    )
    assert drawn("orders", answer) == [
        "SOL/USDT",
        " level  side    price  quantity  filled  kind                       client order id",
        " 9      sell  1,200.5     0.598                                     ga-9",
        " 4      buy     140.0     0.598  0.2392                             ga-4",
        " grid   buy     152.0    12.000          market  not confirmed yet  ga-grid",
    ]


def test_levels_say_what_they_earned_and_why_they_are_empty() -> None:
    answer = rows(
        "levels",
        level("9", "sell", "200"),
        level("4", "buy", "140", profit="-1.234", cycles=12),
        level("3", "buy", "130", why="needs 83.8 USDT, 20 free", profit="0.5", cycles=1),
        level("0", None, "100", quantity="0", why="not armed yet"),
    )
    assert drawn("levels", answer) == [
        "SOL/USDT",
        " level  side  price  quantity  cycles  profit  state",
        " 9      sell    200     0.598                  waiting for fill",
        " 4      buy     140     0.598      12   -1.23  waiting for fill",
        " 3      buy     130     0.598       1   +0.50  empty: needs 83.8 USDT, 20 free",
        " 0              100                            not armed yet",
    ]


def test_profits_that_are_all_small_keep_their_digits() -> None:
    answer = rows("levels", level("1", "buy", "1", profit="0.00001234"), level("2", "buy", "2", profit="-0.000001"))
    assert [line.split()[4] for line in drawn("levels", answer)[2:]] == ["+0.0000123", "-0.0000010"]


def test_trades_tell_fees_in_their_asset() -> None:
    answer = rows(
        "trades", trade(3, "sell"), trade(2, "buy", fee="0.00059", fee_asset="SOL"), trade(1, "buy", level=None)
    )
    assert drawn("trades", answer) == [
        "SOL/USDT",
        " time (UTC)           side  price  quantity      fee        level   trade",
        " 2024-12-10 11:13:17  sell  149.5      0.59  0.08970  USDT  5       3",
        " 2024-12-10 11:13:18  buy   149.5      0.59  0.00059  SOL   5       2",
        " 2024-12-10 11:13:19  buy   149.5      0.59  0.08970  USDT  market  1",
    ]


def test_events_tell_their_details() -> None:
    details = {"side": "buy", "price": "140", "order_id": None}
    answer = rows("events", event("order_intended", level="4", client_order_id="ga-4", details=details))
    assert drawn("events", answer)[2] == " 2024-12-10 11:13:20  4      order intended  side buy, price 140  ga-4"


def test_balance_tells_free_and_reserved() -> None:
    assert drawn("balance", BALANCE) == [
        "SOL/USDT   value 995.4321 of 1000",
        " asset     free  reserved      total",
        " USDT   218.270  1,287.04  1,505.310",
        " SOL      0.299      2.99      3.289",
    ]


def test_health_tells_first_what_is_not_well() -> None:
    assert drawn("health", HEALTH) == [
        "health at 11:13:20 UTC: warning",
        "          check       grid                        since     lately",
        " warning  price feed  SOL/USDT  no news for 12 s  11:13:08",
        " ok       cpu                   3 %                         ▁▂▃█",
    ]


@pytest.mark.parametrize(
    ("trend", "bars"), [([], ""), ([5], ""), ([5, 5, 5], ""), ([0, 1], "▁█"), ([-1, 0.5, 2], "▁▄█"), ([*range(50)], 20)]
)
def test_trend_is_drawn_between_its_least_and_its_most(trend: list[float], bars: str | int) -> None:
    answer = {"time": NOW, "level": "ok", "checks": [check("cpu", trend=trend)]}
    last = drawn("health", answer)[-1].split()[-1]
    assert len(last) == bars if isinstance(bars, int) else last == (bars or "cpu")


@pytest.mark.parametrize("answer", [None, {"time": NOW, "level": "unknown", "checks": []}])
def test_health_that_nobody_knows_is_told(answer: object) -> None:
    assert "known" in "".join(drawn("health", answer))


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("orders", " no open orders"),
        ("levels", " no levels: it has not armed, or has ended"),
        ("trades", " no trades yet"),
    ],
)
def test_what_is_empty_says_so(part: str, told: str) -> None:
    assert drawn(part, rows(part)) == ["SOL/USDT", told]


def test_outcome_tells_each_grid() -> None:
    told = outcome(("SOL/USDT", True, "paused", "rests"), ("ETH/EUR x", False, "pausing", "4 orders are still open"))
    assert [line.plain for line in draw_outcome(told)] == [
        " grid                 standing",
        " SOL/USDT   done      paused    rests",
        " ETH/EUR x  not done  pausing   4 orders are still open",
    ]


def test_what_a_terminal_would_obey_is_escaped() -> None:
    bad = "\x1b[2J\x9b"
    lines = drawn("status", status(grid(why=bad, feed_trouble=bad, mode=bad)))
    lines += drawn("levels", rows("levels", level(bad, "buy", "1", why=bad), name=bad))
    lines += drawn("events", rows("events", event(bad, details={bad: bad})))
    lines += drawn("health", {"time": NOW, "level": bad, "checks": [check(bad, bad, text=bad)]})
    lines += [line.plain for line in draw_outcome(outcome((bad, False, bad, bad)))]
    assert all(line.isprintable() for line in lines)
