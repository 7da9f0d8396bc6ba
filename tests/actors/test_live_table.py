"""The live picture: everything is there, nothing is wider or taller than the terminal, and lines stand in elsewhere."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from attrs import evolve
from rich.console import Console
from rich.text import Text

from actors.display.live_lines import LiveLines
from actors.display.live_screen import draw_screen
from actors.display.live_table import live_table
from engine.live_view import GridAnswers, GridWatch, LiveGrid
from engine.messages import OpenOrder
from engine.reporter import Pause
from engine.values import ZERO, Kind, Side
from tests.actors.live_views import BUDGET, NOW, SECOND, Desk, rules, view
from tests.engine.samples import D, market_wish

SIZES = [(80, 24), (60, 16), (40, 10), (120, 30), (200, 60), (20, 3)]


def drawn(*grids: LiveGrid, width: int = 80, height: int = 24, notices: tuple[str, ...] = ()) -> list[str]:
    lines = [line.plain for line in draw_screen(view(grids), width, height, notices)]
    assert len(lines) == height
    assert max(map(len, lines)) <= width
    return [line.rstrip() for line in lines]


def text(*grids: LiveGrid, width: int = 80, height: int = 24) -> str:
    return "\n".join(drawn(*grids, width=width, height=height))


def row(lines: list[str], *words: str) -> str:
    """Find the one line that begins with these words."""
    (found,) = [line for line in lines if line.split()[: len(words)] == list(words)]
    return found


def unarmed() -> LiveGrid:
    return GridWatch("SOL/USDT", "live", rules(), BUDGET).look(GridAnswers())


def traded() -> Desk:
    desk = Desk()
    desk.look()
    desk.move(163, NOW + 5 * SECOND)
    desk.move(149, NOW + 65 * SECOND)
    return desk


# --- one grid ----------------------------------------------------------------------------------------


def test_picture_of_one_grid_at_80_by_24_to_the_letter() -> None:
    desk = traded()
    desk.troubles["2"] = "waits for funds"
    desk.partly["4"] = D("0.2392")
    lines = drawn(desk.look(), notices=("12:03:11  refused",))

    assert lines == [
        " SOL/USDT   149.00 ▼ -1.97 % since start                paper trading   running",
        " grid profit +4.60 USDT   unrealised -9.17   fees 0.69 USDT   1 cycle",
        " free 218.27 USDT, 0.299 SOL   reserved 287.04 USDT, 2.990 SOL   value 995.43",
        "",
        " level  side   price  quantity  filled  state               open: 4 buy, 5 sell",
        "     9  sell  200.00     0.598          waiting for fill",
        "     8  sell  190.00     0.598          waiting for fill",
        "     7  sell  180.00     0.598          waiting for fill",
        "     6  sell  170.00     0.598          waiting for fill",
        "     5  sell  160.00     0.598          waiting for fill",
        "───────────── 149.00 " + "─" * 59,
        "     4  buy   140.00     0.598   0.239  40 % filled",
        "     3  buy   130.00     0.598          waiting for fill",
        "     2  buy   120.00     0.598          empty: waits for funds",
        "     1  buy   110.00     0.598          waiting for fill",
        "     0  buy   100.00     0.598          waiting for fill",
        "",
        " last fills",
        " 09:01:05  buy   0.598 at 150.00  level 5  fee 0.0897 USDT",
        " 09:00:05  sell  0.598 at 160.00  level 5  fee 0.0957 USDT",
        " 09:00:00  buy   3.289 at 152.00  market   fee 0.50 USDT",
        "",
        " 12:03:11  refused",
        " up 2 h 13 min                                      Ctrl-C stops   11:13:20 UTC",
    ]


@pytest.mark.parametrize("prices", [2, 11, 101])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_picture_fits_any_terminal(width: int, height: int, prices: int) -> None:
    desk = Desk(of=rules(prices=prices))
    desk.troubles["0"] = "a reason that is far too long for any terminal " * 9
    drawn(desk.look(), width=width, height=height, notices=("n" * 300, "m"))
    drawn(unarmed(), width=width, height=height)


def test_ladder_of_a_hundred_levels_shrinks_to_what_is_around_the_price() -> None:
    desk = Desk(start="150.30", of=rules(prices=101))
    desk.troubles["7"] = "waits for funds"
    lines = drawn(desk.look())

    place = lines.index(next(line for line in lines if line.startswith("───")))
    assert [line.split()[2] for line in lines[place - 2 : place]] == ["152.00", "151.00"]
    assert [line.split()[2] for line in lines[place + 1 : place + 3]] == ["149.00", "148.00"]
    above, below = [line.strip() for line in lines if " more " in line]
    assert above.endswith("more above, to 200.00")
    assert below.endswith("more below, to 100.00, 1 of them empty")
    shown = sum(line.split()[1:2] in (["buy"], ["sell"]) and "waiting" in line for line in lines)
    assert shown + sum(int(told.split()[0]) for told in (above, below)) == 100


def test_price_at_the_end_of_the_range_leaves_the_room_to_the_other_side() -> None:
    desk = Desk(start=101, of=rules(prices=101))
    lines = drawn(desk.look())

    assert sum("sell" in line for line in lines) > 10
    assert sum(line.startswith("───") for line in lines) == 1


def test_columns_stay_where_they_are_when_other_levels_come_into_sight() -> None:
    desk = Desk(start=105, of=rules(bottom=90, top=1100, prices=102))
    before = drawn(desk.look())[4]
    desk.move(1050)
    assert drawn(desk.look())[4].split("open:")[0] == before.split("open:")[0]


def test_wide_terminal_lists_open_orders_beside_the_ladder_the_nearest_first() -> None:
    desk = traded()
    desk.look()
    lines = drawn(desk.look(), width=140, height=30)

    place = next(index for index, line in enumerate(lines) if "open orders" in line)
    column = lines[place].index("open orders")
    assert [line[column:].split()[:4] for line in lines[place + 1 : place + 3]] == [
        ["buy", "0.598", "at", "140.00"],
        ["sell", "0.598", "at", "160.00"],
    ]
    assert "6.04 % away" in lines[place + 1]
    assert "last fills" in text(desk.look(), width=140, height=30)


def test_order_that_is_under_way_says_so() -> None:
    desk = Desk()
    wish = market_wish(Side.BUY, 152, 3)
    waiting = OpenOrder("a", wish, ZERO, is_accepted=False)
    grid = desk.look(orders=(waiting,), levels=())
    lines = drawn(grid)

    assert row(lines, "buy", "3").split()[4:] == ["market", "not", "confirmed", "yet"]
    assert "arming" in lines[0]


def test_hedged_level_shows_both_of_its_orders() -> None:
    grid = Desk().look()
    rung = next(rung for rung in grid.rungs if rung.slot == "4")
    both = (evolve(rung, slot="4b", side=Side.SELL, price=D(150)), *grid.rungs)
    lines = drawn(evolve(grid, rungs=tuple(sorted(both, key=lambda rung: -rung.price))))

    assert row(lines, "4b", "sell")
    assert row(lines, "4", "buy")


@pytest.mark.parametrize("width", [80, 60, 140])
def test_feed_trouble_takes_the_place_of_the_mode(width: int) -> None:
    assert "prices: no news" in drawn(Desk().look(trouble="no news for 12 s"), width=width)[0]


def test_grid_that_is_not_armed_tells_what_it_waits_for() -> None:
    lines = drawn(unarmed())

    assert lines[0].endswith("not armed yet")
    assert lines[1] == " it arms when the price is within 100.00 to 200.00, with 1,000.00 USDT"


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_stop_that_takes_its_time_is_told_at_the_foot(width: int, height: int) -> None:
    stopping = evolve(view([traded().look()]), is_stopping=True)
    foot = [line.plain for line in draw_screen(stopping, width, height)][-1]

    assert len(foot) <= width
    assert "stopping" in foot or width < 40


def test_lines_tell_a_stop_once_and_trouble_from_the_beginning() -> None:
    told: list[str] = []
    lines = LiveLines(told.append)
    waiting = view([evolve(unarmed(), feed_trouble="no connection: no such host")])
    lines.show(waiting)
    for _ in range(2):
        lines.show(evolve(waiting, is_stopping=True))

    assert [line.partition(" ")[2] for line in told] == [
        "SOL/USDT: no price yet, not armed: waits for 100 to 200, up 2 h 13 min, prices: no connection: no such host",
        "stopping: orders are taken down",
    ]


def test_stopped_grid_tells_why_and_keeps_its_figures() -> None:
    lines = drawn(traded().look(stop_reason="take_profit"))

    assert lines[0].endswith("stopped: take-profit")
    assert "grid profit +4.60 USDT" in lines[1]
    assert not [line for line in lines if line.startswith("───")]


def test_fees_in_other_assets_stand_beside_those_in_quote() -> None:
    grid = evolve(traded().look(), other_fees=(("BNB", D("0.00120")),))

    assert "fees 0.69 USDT + 0.0012 BNB" in text(grid)
    assert "fees 0.0012 BNB" in text(evolve(grid, total_fees=ZERO))


@pytest.mark.parametrize("name", ["SOL/USDT [bold]", "SOL/USDT :dog:", "[/]"])
def test_names_are_shown_as_they_are(name: str) -> None:
    assert name in drawn(evolve(Desk().look(), name=name))[0]


@pytest.mark.parametrize(
    ("pair", "bottom", "top", "start", "shown"),
    [
        ("BTC/USDT", 58000, 66000, "61234.56", "61,234.56"),
        ("SHIB/USDT", "0.00001", "0.00003", "0.00001234", "0.00001234"),
        ("ETH/BTC", "0.03", "0.05", "0.041235", "0.041235"),
    ],
)
def test_prices_of_any_size_are_readable(pair: str, bottom: str, top: str, start: str, shown: str) -> None:
    of = rules(pair, bottom, top)
    tick = D("0.01") if D(start) > 1 else D("0.00000001")
    grid = Desk(pair, start, evolve(of, market=evolve(of.market, price_tick=tick))).look()

    assert f" {shown} " in drawn(grid)[0] + " "


# --- several grids -----------------------------------------------------------------------------------


def grids(count: int) -> list[LiveGrid]:
    desks = [Desk(f"SOL/USDT {letter}") for letter in "abcdefghijklmnopqrstuvwxyz"[:count]]
    for desk in desks:
        desk.look()
        desk.move(163, NOW + SECOND)
    return [desk.look() for desk in desks]


@pytest.mark.parametrize("count", [2, 3, 7, 26])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_several_grids_fit_any_terminal(width: int, height: int, count: int) -> None:
    drawn(*grids(count), width=width, height=height, notices=("one", "two"))


def test_two_grids_share_a_small_terminal_each_with_its_ladder() -> None:
    lines = drawn(*grids(2))

    assert sum(line.startswith("───") for line in lines) == 2
    assert sum("grid profit" in line for line in lines) == 2
    assert sum("more above" in line for line in lines) == 2


def test_two_grids_stand_side_by_side_where_there_is_room() -> None:
    (title,) = [line for line in drawn(*grids(2), width=160) if "since start" in line]
    assert title.count("since start") == 2


def test_many_grids_become_rows_over_the_last_fills_of_all() -> None:
    seven = grids(7)
    seven[2] = evolve(seven[2], feed_trouble="no news for 9 s")
    lines = drawn(*seven)

    assert row(lines, "SOL/USDT", "b").split()[2:] == ["163.00", "+7.24", "%", "+4.60", "+29.20", "10", "running"]
    assert row(lines, "SOL/USDT", "c").endswith("no news for 9 s")
    assert sum(" at 160.00 " in line for line in lines) == 7


def test_more_grids_than_lines_are_counted() -> None:
    assert "more grids; a larger terminal shows them" in text(*grids(26))


# --- a terminal --------------------------------------------------------------------------------------


class Screen(StringIO):
    """A terminal's mouth."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def logged() -> Iterator[Screen]:
    screen, root = Screen(), logging.getLogger()
    handler = logging.StreamHandler(screen)
    root.addHandler(handler)
    yield screen
    root.removeHandler(handler)


def terminal(width: int = 80) -> tuple[Console, Screen]:
    screen = Screen()
    return Console(file=screen, width=width, height=24, force_terminal=True, _environ={"TERM": "xterm"}), screen


def show_and_interrupt(console: Console) -> None:
    with live_table(console) as shown:
        shown.show(view([Desk().look()]))
        raise KeyboardInterrupt


def test_terminal_gets_its_old_content_and_its_cursor_back() -> None:
    console, screen = terminal()
    with pytest.raises(KeyboardInterrupt):
        show_and_interrupt(console)

    written = screen.getvalue()
    assert "SOL/USDT" in written
    assert (written.count("\x1b[?1049h"), written.count("\x1b[?1049l")) == (1, 1)
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")


def test_each_picture_is_written_over_the_last_without_clearing_the_screen() -> None:
    console, screen = terminal()
    with live_table(console) as shown:
        shown.show(view([Desk().look()]))
        screen.seek(0)
        screen.truncate()
        shown.show(view([Desk().look()], up=9_000 * SECOND))
        again = screen.getvalue()

    assert again.startswith("\x1b[H")
    assert "\x1b[2J" not in again
    assert "up 2 h 30 min" in again


def test_what_is_logged_meanwhile_is_in_the_picture_and_written_out_at_the_end(logged: Screen) -> None:
    console, screen = terminal()
    with live_table(console) as shown:
        logging.getLogger("actors").warning("order refused\nwith a second line")
        shown.show(view([Desk().look()]))
        assert logged.getvalue() == ""

    assert "order refused" in screen.getvalue()
    assert logged.getvalue() == "order refused\nwith a second line\n"
    logging.getLogger("actors").warning("afterwards")
    assert logged.getvalue().endswith("afterwards\n")


def test_what_is_typed_stands_below_the_picture() -> None:
    console, screen = terminal()
    with live_table(console) as shown:
        shown.typed = Typing()
        shown.show(view([Desk().look()]))
    lines = [line for line in re.split(r"\x1b\[[0-9;?]*[a-zA-Z]|\n", screen.getvalue()) if line.strip()]
    assert lines[-1].strip() == "> paus"
    assert "Ctrl-C stops" in "".join(lines[-4:-1])


class Typing:
    def lines(self, width: int, most: int = 12) -> list[Text]:
        assert (width, most) == (80, 12)
        return [Text("> paus")]


# --- no terminal -------------------------------------------------------------------------------------


def test_without_a_terminal_there_are_plain_lines_and_no_control_codes() -> None:
    out = StringIO()
    with live_table(Console(file=out, width=40)) as shown:
        shown.show(view([Desk().look()]))

    (line,) = out.getvalue().splitlines()
    assert line.startswith("2024-12-10T11:13:20Z SOL/USDT: price 152, grid profit 0.00 USDT in 0 cycles")
    assert line.endswith("10 orders open, up 2 h 13 min")


def told(*views: list[LiveGrid], every: int = 1_000_000_000) -> list[str]:
    """Give what is told of the later views, at a second each, after that of the first."""
    lines: list[str] = []
    teller = LiveLines(lines.append, every)
    for second, seen in enumerate(views):
        teller.show(view(seen, up=second * SECOND))
    return lines[len(views[0]) :]


def test_each_event_is_told_once() -> None:
    desk = Desk()
    first = desk.look()
    desk.move(163, NOW + 5 * SECOND)
    stopped = desk.look(stop_reason="stop_loss")
    profits = "grid profit 4.60 USDT in 1 cycle, unrealised 29.20, fees 0.60, value 1,033.79"
    assert told([first], [desk.look()], [desk.look()], [stopped], [stopped]) == [
        "2024-12-10T09:00:05Z SOL/USDT: sold 0.598 SOL at 160, level 5, fee 0.09568 USDT",
        f"2024-12-10T09:00:03Z SOL/USDT: stopped: stop-loss; {profits}",
    ]


def test_a_part_of_an_order_and_a_market_order_are_told_as_such() -> None:
    desk = Desk()
    purchase = desk.trades.pop()
    empty = desk.look(history=None)
    desk.trades.append(purchase)
    part = evolve(purchase, owner=desk._wish(desk.plan.levels[0]).owner, kind=Kind.LIMIT, complete=False)
    desk.trades.append(evolve(part, quantity=D("0.1"), fee=D("0.00001"), fee_asset="BNB"))

    lines = told([evolve(empty, trades=(), armed_at=None)], [desk.look()])
    assert [line.split(": ")[1] for line in lines] == [
        "armed",
        "bought 3.2894 SOL at 152, at market, fee 0.4999888 USDT",
        f"bought 0.1 SOL at 152, level {part.owner.slot}, a part of its order, fee 0.00001 BNB",
    ]


def test_trouble_with_prices_is_told_when_it_comes_and_when_it_goes() -> None:
    desk = Desk()
    fine, lost = desk.look(), desk.look(trouble="no news for 9 s")
    assert [line.split(": ", 1)[1] for line in told([fine], [lost], [lost], [fine])] == [
        "prices: no news for 9 s",
        "prices: fine again",
    ]


def test_status_is_told_now_and_then_of_every_grid() -> None:
    two = grids(2)
    two[1] = evolve(two[1], feed_trouble="no news for 9 s", rungs=(evolve(two[1].rungs[0], why="waits"),))
    lines = told(two, two, two, two, two, every=2 * SECOND)

    assert len(lines) == 4
    assert lines[0].startswith("2024-12-10T09:00:02Z SOL/USDT a: price 163, grid profit 4.60 USDT in 1 cycle,")
    assert lines[3].endswith("10 orders open and 1 level without one, up 4 s, prices: no news for 9 s")


def test_status_of_a_grid_that_waits_for_its_range_names_it() -> None:
    (line,) = told([], [unarmed()], every=0)
    assert line.endswith("SOL/USDT: no price yet, not armed: waits for 100 to 200, up 1 s")


def test_a_pause_is_told_with_its_end_and_so_is_what_follows_it() -> None:
    desk = traded()
    running = desk.look()
    resting = evolve(desk.history(), pause=Pause("asked to", NOW + 3_600_000, is_resting=True))
    paused = desk.look(history=resting, orders=())
    lines = told([running], [paused], [running])
    assert [line.split(": ", 1)[1] for line in lines] == [
        "paused until 2024-12-10T10:00:00Z: asked to; no order is open",
        "running again, 10 orders open",
    ]
