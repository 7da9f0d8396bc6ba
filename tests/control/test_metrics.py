"""The text of /metrics, and the dashboard and the scrape configuration that stand on it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

from actors.control.metrics import render
from engine.live_view import LiveView
from engine.measures import LATENCY_BOUNDS, HistogramTold, MeasuresTold
from engine.messages.vitals import Check, HealthDescribed, Level, Mailbox
from tests.actors.live_views import NOW, Desk, rules, view
from tests.engine.samples import D

GRID = "SOL/USDT"
CONFIG = Path(__file__).parents[2] / "config"
HOSTILE = 'x"} 1\ny{z="\\'
HEALTH = HealthDescribed(
    NOW,
    Level.WARNING,
    (
        Check("process.cpu", None, Level.OK, "3 %", number=3.0, unit="%"),
        Check("prices", GRID, Level.WARNING, "silent", number=31.5, unit="s"),
        Check("order_stream", GRID, Level.OK, "connected"),
        Check("clock", GRID, Level.UNKNOWN, "not asked yet"),
    ),
)
MEASURES = MeasuresTold(
    buys=3,
    sells=2,
    placed=9,
    refused=1,
    ended=1,
    events=(("order_intended", 9),),
    fill_latency=HistogramTold((*range(len(LATENCY_BOUNDS)), 17), 2_500),
)


def samples(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Parse, as Prometheus would; no series twice."""
    found = {}
    for family in families(text):
        for sample in family.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            assert key not in found
            found[key] = sample.value
    return found


def families(text: bytes) -> Iterator[Metric]:
    yield from text_string_to_metric_families(text.decode())


def value(text: bytes, name: str, **labels: str) -> float | None:
    return samples(text).get((f"gridactors_{name}", tuple(sorted(labels.items()))))


def traded() -> LiveView:
    desk = Desk()
    desk.move(170)
    desk.move(140)
    desk.troubles["2"] = "refused"
    return view([desk.look(trouble="silent")])


def everything(**changes: Any) -> bytes:
    mailboxes = (Mailbox("reporter", 2, 4, 100, 0.25, is_answered=True),)
    known: dict[str, Any] = {"health": HEALTH, "mailboxes": mailboxes, "measures": {GRID: MEASURES}, "version": "1.2.3"}
    return render(traded(), **{**known, **changes})


# --- what is told ----------------------------------------------------------------------------------------


def test_grid_is_told_as_it_is_shown() -> None:
    (grid,) = traded().grids
    text = everything()

    assert value(text, "price", grid=GRID) == 140.0
    assert value(text, "value", grid=GRID) == pytest.approx(float(grid.value))
    assert value(text, "grid_profit", grid=GRID) == pytest.approx(float(grid.grid_profit))
    assert value(text, "unrealized_profit", grid=GRID) == pytest.approx(float(grid.unrealized_profit))
    assert value(text, "fees_total", grid=GRID) == pytest.approx(float(grid.total_fees))
    assert value(text, "cycles_total", grid=GRID) == grid.cycles > 0
    assert value(text, "feed_trouble", grid=GRID) == 1.0
    assert value(text, "empty_levels", grid=GRID) == sum(rung.why is not None for rung in grid.rungs) == 1
    sides = [str(order.wish.side) for order in grid.orders]
    assert [value(text, "open_orders", grid=GRID, side=side) for side in ("buy", "sell")] == [
        sides.count(side) for side in ("buy", "sell")
    ]
    assert grid.funds is not None
    assert value(text, "balance_free", grid=GRID, asset="USDT") == pytest.approx(float(grid.funds.free_quote))
    assert value(text, "balance_reserved", grid=GRID, asset="SOL") == pytest.approx(float(grid.funds.reserved_base))


def test_standing_is_one_of_all_there_are() -> None:
    text = everything()
    standings = {
        dict(labels)["standing"]: number
        for (name, labels), number in samples(text).items()
        if name == "gridactors_grid_standing"
    }

    assert standings == {
        "running": 1.0,
        **dict.fromkeys(("waiting", "arming", "pausing", "paused", "stopped"), 0.0),
    }


def test_grid_without_a_price_has_no_worth_that_could_be_drawn() -> None:
    desk = Desk()
    text = render(view([desk.watch.look(desk.answers)]))

    assert value(text, "price", grid=GRID) is None
    assert value(text, "value", grid=GRID) is None
    assert value(text, "unrealized_profit", grid=GRID) is None
    assert value(text, "grid_standing", grid=GRID, standing="waiting") == 1.0
    assert value(text, "balance_free", grid=GRID, asset="SOL") is None


def test_measures_are_counters_and_histograms_in_seconds() -> None:
    text = everything()

    assert value(text, "fills_total", grid=GRID, side="buy") == 3
    assert value(text, "fills_total", grid=GRID, side="sell") == 2
    assert value(text, "orders_total", grid=GRID, outcome="refused") == 1
    assert value(text, "events_total", grid=GRID, kind="order_intended") == 9
    assert value(text, "fill_latency_seconds_bucket", grid=GRID, le="0.001") == 0
    assert value(text, "fill_latency_seconds_bucket", grid=GRID, le="60.0") == len(LATENCY_BOUNDS) - 1
    assert value(text, "fill_latency_seconds_bucket", grid=GRID, le="+Inf") == 17
    assert value(text, "fill_latency_seconds_count", grid=GRID) == 17
    assert value(text, "fill_latency_seconds_sum", grid=GRID) == 2.5


def test_many_levels_and_callers_make_one_series_for_each_grid() -> None:
    levels = [Mailbox(f"{GRID}/level/{number}", 1, 2, 0, number / 10, is_answered=True) for number in range(500)]
    mailboxes = [*levels, Mailbox(f"{GRID}/caller/3", 3, 1, 0, 0.5, is_answered=True)]
    text = everything(mailboxes=mailboxes)

    assert value(text, "mailbox_depth", actor=f"{GRID}/level") == 1000
    assert value(text, "mailbox_wait_seconds", actor=f"{GRID}/level") == 49.9
    assert value(text, "mailbox_depth", actor=f"{GRID}/caller") == 1
    assert value(text, "actor_restarts_total", actor=f"{GRID}/caller") == 2
    assert sum(name == "gridactors_mailbox_depth" for name, _ in samples(text)) == 2


def test_restarts_are_those_that_were_counted_where_somebody_did() -> None:
    text = everything(restarts={f"{GRID}/level/1": 2, f"{GRID}/level/2": 3, "reporter": 1})

    assert value(text, "actor_restarts_total", actor=f"{GRID}/level") == 5
    assert value(text, "actor_restarts_total", actor="reporter") == 1


def test_health_is_told_in_numbers() -> None:
    text = everything()

    assert value(text, "health") == 1
    assert value(text, "health_check", check="process.cpu", grid="") == 0
    assert value(text, "health_check", check="prices", grid=GRID) == 1
    assert value(text, "health_check", check="clock", grid=GRID) == 3
    assert value(text, "health_number", check="process.cpu", grid="", unit="%") == 3
    assert value(text, "feed_age_seconds", grid=GRID, feed="prices") == 31.5
    assert value(text, "feed_age_seconds", grid=GRID, feed="orders") == 0
    assert value(everything(health=None), "health") is None


def test_process_is_told_too_in_a_registry_of_its_own() -> None:
    before = [family.name for family in REGISTRY.collect()]
    names = {name for name, _ in samples(everything(dead_letters=7, records_lost=8))}

    assert {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds", "python_info"} <= names
    assert [family.name for family in REGISTRY.collect()] == before
    text = everything(dead_letters=7, records_lost=8)
    assert (value(text, "dead_letters_total"), value(text, "log_records_lost_total")) == (7, 8)
    assert value(text, "info", version="1.2.3") == value(text, "up") == 1


# --- what is well formed ------------------------------------------------------------------------------------


@pytest.mark.parametrize("hostile", [HOSTILE, "SOL/USDT größer #2", "a\\nb\r", "\udcff of a file name"])
def test_names_of_strangers_stay_in_their_labels(hostile: str) -> None:
    desk = Desk(f"SOL/USDT {hostile}")
    check = Check(hostile, hostile, Level.OK, "")
    text = render(
        view([desk.look()]),
        health=HealthDescribed(NOW, Level.OK, (check, check)),
        mailboxes=[Mailbox(hostile, 1, 1, 1, 0.0, is_answered=True)],
        measures={hostile: MEASURES},
        version=hostile,
    )

    shown = hostile.encode(errors="backslashreplace").decode()
    assert value(text, "price", grid=f"SOL/USDT {shown}") == 152
    assert value(text, "mailbox_depth", actor=shown) == 1
    assert value(text, "health_check", check=shown, grid=shown) == 0
    assert {name for name, _ in samples(text)} <= {name for name, _ in samples(everything())}


def test_every_family_says_what_it_is_and_counters_are_named_so() -> None:
    for family in families(everything()):
        assert family.documentation
        assert family.type in {"gauge", "counter", "histogram"}
        assert (family.type == "counter") == all(sample.name.endswith("_total") for sample in family.samples or [])


def test_grid_of_500_levels_is_told_in_few_words() -> None:
    desk = Desk(of=rules(prices=501))
    mailboxes = [Mailbox(f"{GRID}/level/{n}", 1, 0, 0, 0.0, is_answered=True) for n in range(500)]

    assert len(render(view([desk.look()]), mailboxes=mailboxes, measures={GRID: MEASURES})) < 20_000


# --- what stands on it ---------------------------------------------------------------------------------------


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CONFIG / "grafana-dashboard.json").read_text())
    return found


def expressions() -> list[str]:
    queries = [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", [])]
    return [*queries, *(one["definition"] for one in dashboard()["templating"]["list"] if "definition" in one)]


def test_dashboard_draws_only_what_is_told() -> None:
    told = {name for name, _ in samples(everything())} | {"gridactors_other_fees_total"}  # in here there are none
    drawn = {name for text in expressions() for name in re.findall(r"\b(?:gridactors|process|python)_\w+", text)}

    assert drawn
    assert drawn <= told


def test_dashboard_filters_and_groups_by_labels_that_are_there() -> None:
    labels: dict[str, set[str]] = {}
    for name, pairs in samples(everything()):
        labels.setdefault(name, set()).update(key for key, _ in pairs)
    labels["gridactors_other_fees_total"] = {"grid", "asset"}
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            names = re.findall(r"\b(?:gridactors|process)_\w+", target["expr"])
            known = set.union(*(labels[name] for name in names))
            asked = re.findall(r"\{(\w+)=", target["expr"])
            asked += [word for group in re.findall(r"by \(([^)]*)\)", target["expr"]) for word in group.split(", ")]
            asked += re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
            assert set(asked) <= known, panel["title"]


def test_dashboard_can_be_imported_anywhere() -> None:
    found = dashboard()
    panels = found["panels"]
    drawn = [panel for panel in panels if panel["type"] != "row"]

    assert found["schemaVersion"] >= 39
    assert "id" not in found  # Grafana gives it one
    assert [one["type"] for one in found["templating"]["list"]] == ["datasource", "query"]
    assert {panel["datasource"]["uid"] for panel in drawn} == {"${datasource}"}
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) for panel in drawn)
    assert {
        "Profit",
        "Value",
        "Fills per hour",
        "Open orders",
        "Fill latency",
        "Order latency",
        "Restarts per hour",
    } <= {panel["title"] for panel in drawn}


def test_panels_do_not_overlap() -> None:
    cells = [
        (x, y)
        for panel in dashboard()["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_scrape_configuration_reads_the_token_from_its_file_and_names_no_secret() -> None:
    lines = (CONFIG / "prometheus.yml").read_text().splitlines()
    said = [line.split("#")[0].rstrip() for line in lines if line.split("#")[0].strip()]

    assert "      credentials_file: ../data/control.token" in said
    assert "    metrics_path: /metrics" in said
    assert not any("credentials:" in line or "\t" in line for line in said)


def test_prices_are_told_as_near_as_a_float_comes() -> None:
    desk = Desk(start="152.07")
    assert value(render(view([desk.look()])), "price", grid=GRID) == float(D("152.07"))
