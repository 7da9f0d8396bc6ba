from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from actors.gateways.plotly_report import write_report
from engine.candles import Candle, Candles
from engine.effects import Address
from engine.errors import BadInput
from engine.messages import Owner, TradeBooked
from engine.results import Cycle, GridResult, GridRun, OtherFees
from engine.values import Kind, Side
from tests.engine.configurations import load

START = 1_722_470_400_000  # 2024-08-01
MINUTE = 60_000
HOSTILE = "</script><img src=x onerror=alert(1)>&$plotly<!--"
ENABLED_STOP = ("risk_management", {"stop_loss": {"enabled": True, "threshold": Decimal(125)}})

Write = Callable[..., "Page"]


class Page(HTMLParser):
    """Read a report as a browser does: tags, attributes, text, scripts."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(path.read_text("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.text += data

    @property
    def charts(self) -> dict[str, Any]:
        charts: dict[str, Any] = json.loads(self.scripts[0])
        return charts

    @property
    def classes(self) -> list[str | None]:
        return [attributes.get("class") for _, attributes in self.tags]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(*runs: GridRun) -> Page:
        path = tmp_path / "report.html"
        write_report(path, runs)
        return Page(path)

    return written


def run_of(
    count: int = 300, trades: int = 40, name: str = "sol", changes: tuple[tuple[str, object], ...] = ()
) -> GridRun:
    """Make a run of `count` minutes on a ladder of 5: market buy first, then buys and sells in turn."""
    close = 165 + 20 * np.sin(np.arange(count) / 17)
    times = START + MINUTE * np.arange(count, dtype=np.int64)

    def exact(index: int) -> Candle:
        raise AssertionError(index)

    ladder = tuple(Decimal(price) for price in ("130", "147.5", "165", "182.5", "200"))
    settings = load(*changes)
    booked = tuple(_trade(index, int(times[index * count // trades])) for index in range(trades))
    cycles = tuple(
        Cycle(trade.time, "1", 1, trade.quantity, Decimal("147.5"), trade.price, Decimal("0.25"))
        for trade in booked
        if trade.side is Side.SELL
    )
    equity = 1000 + close - close[0]
    return GridRun(
        name=name,
        settings=settings,
        candles=Candles(times, close, close + 1, close - 1, close, exact),
        ladder=ladder,
        armed_at=START if trades else None,
        cycles=cycles,
        equity=equity,
        result=_result(times, equity, booked, cycles),
    )


def _trade(index: int, time: int) -> TradeBooked:
    level = None if index == 0 else 1
    side = Side.SELL if index % 2 else Side.BUY
    owner = Owner("g", "1", level, Address("g/level"))
    return TradeBooked(
        trade_id=str(index),
        client_order_id=str(index),
        owner=owner,
        time=time,
        side=side,
        kind=Kind.MARKET if level is None else Kind.LIMIT,
        price=Decimal(165),
        quantity=Decimal("0.5"),
        fee=Decimal("0.0825"),
        fee_asset="USDT",
        complete=True,
    )


def _result(
    times: np.typing.NDArray[np.int64],
    equity: np.typing.NDArray[np.float64],
    trades: tuple[TradeBooked, ...],
    cycles: tuple[Cycle, ...],
) -> GridResult:
    return GridResult(
        pair="SOL/USDT",
        mode="backtest",
        start=int(times[0]),
        end=int(times[-1]),
        candles=len(times),
        armed=bool(trades),
        stop_reason=None,
        initial_value=Decimal(1000),
        final_value=Decimal(str(equity[-1])),
        final_quote=Decimal(500),
        final_base=Decimal(3),
        total_fees=Decimal("3.3"),
        grid_profit=Decimal("0.25") * len(cycles),
        unrealized_profit=Decimal("-12.345"),
        roi_percent=Decimal("-1.234"),
        buy_and_hold_percent=Decimal("-5.5"),
        max_drawdown_percent=Decimal("4.2"),
        max_runup_percent=Decimal("6.1"),
        time_in_profit_percent=Decimal(40),
        time_in_loss_percent=Decimal(60),
        sharpe=None,
        sortino=Decimal("1.5"),
        buys=sum(trade.side is Side.BUY for trade in trades),
        sells=sum(trade.side is Side.SELL for trade in trades),
        cycles=len(cycles),
        open_orders=3,
        waiting_levels=1,
        trades=trades,
    )


def _stopped() -> GridRun:
    run = run_of(changes=(ENABLED_STOP,))
    sale = attrs.evolve(run.result.trades[1], kind=Kind.MARKET, price=Decimal("124.75"), time=START + 200 * MINUTE)
    result = attrs.evolve(run.result, stop_reason="stop_loss", trades=(*run.result.trades[:20], sale), open_orders=0)
    return attrs.evolve(run, result=result)


def _never_armed() -> GridRun:
    return run_of(trades=0)


@pytest.fixture(params=[run_of, _stopped, _never_armed, lambda: run_of(1, 1), lambda: run_of(1, 0)])
def any_run(request: pytest.FixtureRequest) -> GridRun:
    run: GridRun = request.param()
    return run


def test_report_refers_to_nothing_outside_itself(write: Write, any_run: GridRun) -> None:
    page = write(any_run, any_run)

    links = [attributes[key] for _, attributes in page.tags for key in ("src", "href") if key in attributes]
    own = [script for script in page.scripts if not script.startswith("/**\n* plotly.js")]
    policy = [attributes["content"] for tag, attributes in page.tags if tag == "meta" and "http-equiv" in attributes]
    assert links
    assert all(link is not None and link.startswith("#grid-") for link in links)
    assert len(own) == len(page.scripts) - 1
    assert not [script for script in own if "http" in script or "//cdn" in script]
    assert policy
    assert (policy[0] or "").startswith("default-src 'none';")


def test_fees_in_other_assets_are_told_apart(write: Write) -> None:
    run = run_of()
    fees = (OtherFees("BNB", Decimal("0.0123"), Decimal("7.5")), OtherFees("<GT>", Decimal(2)))
    page = write(attrs.evolve(run, result=attrs.evolve(run.result, other_fees=fees)))

    assert "0.0123 BNB" in page.text
    assert "worth 7.50 USDT" in page.text
    assert "2 <GT>" in page.text
    assert "Fees in" not in write(run).text


def test_every_chart_on_the_page_has_its_figure(write: Write, any_run: GridRun) -> None:
    page = write(any_run, any_run)

    drawn = {attributes["id"] for _, attributes in page.tags if (attributes.get("class") or "").startswith("chart ")}
    assert drawn == page.charts.keys()
    assert {"comparison", "grid-1-price", "grid-2-equity", "grid-2-drawdown"} <= drawn


def test_charts_use_only_colours_that_both_themes_define(write: Write) -> None:
    page = write(_stopped(), run_of())
    style = (files("actors.gateways") / "report.css").read_text("utf-8")

    light, dark = (set(re.findall(r"(--[\w-]+):", theme)) for theme in style.split("@media screen")[:2])
    used = set(re.findall(r"var\((--[\w-]+)\)", page.scripts[0] + style))
    assert used <= light
    assert light == dark


def test_names_from_a_user_are_shown_and_never_obeyed(write: Write) -> None:
    run = run_of(name=HOSTILE)
    pair = attrs.evolve(run.settings.pair, base_currency="<b>SOL", quote_currency=HOSTILE)
    settings = attrs.evolve(run.settings, pair=pair, source=f"{HOSTILE}.toml")
    run = attrs.evolve(run, settings=settings, result=attrs.evolve(run.result, pair=f"<b>SOL/{HOSTILE}"))

    page = write(run, run)

    assert not {"img", "b"} & {tag for tag, _ in page.tags}
    assert len(page.scripts) == 3
    assert HOSTILE in page.text
    assert page.charts["comparison"]["data"][0]["name"] == HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(
        ">", "&gt;"
    )


def test_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        write_report(tmp_path / name, [run_of(), _stopped()])

    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_long_run_is_thinned_and_says_so(write: Write) -> None:
    run = run_of(20_000, 9_000)

    page = write(run)

    candles, *marks = page.charts["grid-1-price"]["data"]
    fills = [detail[0] for mark in marks for detail in mark["customdata"]]
    assert len(candles["x"]) <= 2_000
    assert max(candles["high"]) == pytest.approx(run.candles.high.max())
    assert min(candles["low"]) == pytest.approx(run.candles.low.min())
    assert len(fills) <= 1_500
    assert sum(fills) == 9_000
    assert "20,000 candles are drawn as 10-minute ones." in page.text
    assert "9,000 fills are gathered" in page.text
    for line in (*page.charts["grid-1-equity"]["data"], *page.charts["grid-1-drawdown"]["data"]):
        assert len(line["x"]) == len(line["y"]) <= 3_000
    assert page.classes.count("skip") == 1
    assert "The first 200 and the last 200 of 9,000 trades." in page.text
    assert sum(len(script) for script in page.scripts if "plotly.js v" not in script[:100]) < 600_000


def test_short_run_is_drawn_in_full(write: Write) -> None:
    page = write(run_of(300, 40))

    candles, *marks = page.charts["grid-1-price"]["data"]
    assert len(candles["x"]) == 300
    assert {mark["name"]: len(mark["x"]) for mark in marks} == {"buys": 19, "sells": 20, "market buys": 1}
    assert "gathered" not in page.text
    assert "drawn as" not in page.text


def test_value_starts_at_the_initial_value_and_so_does_buy_and_hold(write: Write) -> None:
    held, grid = write(run_of()).charts["grid-1-equity"]["data"]

    assert held["y"][0] == grid["y"][0] == 1000
    assert held["x"] == grid["x"]
    assert grid["x"][:2] == [START, START + MINUTE]


def test_headline_tells_pair_period_grid_and_figures(write: Write) -> None:
    text = write(run_of()).text

    for told in (
        "SOL/USDT",
        "2024-08-01 00:00 \N{EN DASH} 2024-08-01 04:59 UTC",
        "1h candles",
        "5 prices, arithmetic, 130 to 200",
        "0.10 % fee",
        "\N{MINUS SIGN}1.23 %",
        "4.27 points ahead of buy and hold, which made \N{MINUS SIGN}5.50 %",
        "At the end: 3 orders still open and 1 level waiting for funds.",
        "Armed on 2024-08-01 00:00 UTC.",
    ):
        assert told in text


def test_grid_that_never_armed_says_why_nothing_happened(write: Write) -> None:
    page = write(_never_armed())

    assert "the price never closed inside the range 130 to 200, so nothing was traded" in page.text
    assert "No trade was made." in page.text
    assert "grid-1-levels" not in page.charts


def test_stopped_grid_tells_what_stopped_it_when_and_at_what_price(write: Write) -> None:
    page = write(_stopped())

    assert "Stopped by stop-loss on 2024-08-01 03:20 UTC: everything was sold at 124.75." in page.text
    labels = [note["text"] for note in page.charts["grid-1-price"]["layout"]["annotations"]]
    assert labels == ["armed", "stop-loss", "stop-loss"]


def test_several_grids_are_compared_with_a_row_and_a_tab_for_each(write: Write) -> None:
    runs = [run_of(name="first"), run_of(name="second"), attrs.evolve(_never_armed(), name="third")]

    page = write(*runs)

    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == ["#grid-1", "#grid-2", "#grid-3"] * 2
    assert "3 grids compared" in page.text
    assert [line["name"] for line in page.charts["comparison"]["data"]] == ["first", "second", "third"]


def test_single_grid_is_not_compared(write: Write) -> None:
    page = write(run_of())

    assert "comparison" not in page.charts
    assert not [tag for tag, _ in page.tags if tag == "nav"]


def test_folders_of_the_report_are_made(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "august" / "sol.html"

    write_report(path, [run_of()])

    assert [file.name for file in path.parent.iterdir()] == ["sol.html"]


def test_report_that_cannot_be_written_names_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / "file" / "report.html"

    with pytest.raises(BadInput, match=re.escape(str(path))):
        write_report(path, [run_of()])
