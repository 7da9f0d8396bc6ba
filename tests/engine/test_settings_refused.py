"""Configurations that are refused: for what, in which words, and all at once."""

from __future__ import annotations

import pickle
from datetime import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadInput
from engine.settings.structure import structure_settings
from tests.engine.configurations import ABSENT, SOURCE, changed, load, refusals

WRONG_VALUES = [
    ("exchange.name", "", "must be a name without spaces or slashes"),
    ("exchange.trading_fee", Decimal("-0.001"), "must be at least 0 and below 1"),
    ("exchange.trading_fee", 1, "must be at least 0 and below 1"),
    ("exchange.trading_fee", "0.001", "must be a number, not text in quotes"),
    ("exchange.trading_fee", True, "must be a number, not true or false"),
    ("exchange.trading_fee", None, "must be a number, not null"),
    ("exchange.trading_mode", "backtset", "must be one of backtest, paper_trading, live"),
    ("sandbox.volatility", -1, "must be at least 0 and at most 10"),
    ("sandbox.speed", 0, "must be above 0 and at most 100000"),
    ("exchange.trading_mode", 3, "must be one of backtest, paper_trading, live"),
    ("exchange.fee_asset", "base", "must be one of quote, received"),
    ("exchange.base_url", "localhost:8080", "must be a URL that starts with https:// or http://"),
    ("exchange.stream_url", "https://x", "must be a URL that starts with wss:// or ws://"),
    ("exchange.ws_api_url", "ws://", "must be a URL that starts with wss:// or ws://"),
    ("exchange.seed", -1, "must be at least 0"),
    ("exchange.seed", Decimal("1.5"), "must be a whole number, not a number with a decimal point"),
    ("pair.base_currency", "", "must be a name without spaces or slashes"),
    ("pair.base_currency", "SOL/USDT", "must be a name without spaces or slashes"),
    ("pair.quote_currency", 5, "must be text in quotes, not a whole number"),
    ("pair.quote_currency", "sol", 'must be another currency than pair.base_currency ("SOL")'),
    (
        "trading_settings.timeframe",
        "2m",
        "must be one of 1s, 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, 3d, 1w",
    ),
    ("trading_settings.initial_balance", 0, "must be above 0 and at most 1e15"),
    ("trading_settings.initial_balance", -5, "must be above 0 and at most 1e15"),
    ("trading_settings.initial_balance", Decimal("NaN"), "must be a finite number"),
    ("trading_settings.initial_balance", Decimal("-Infinity"), "must be a finite number"),
    ("trading_settings.historical_data_file", " ", "must be a text that is not empty"),
    ("grid_strategy.type", "simple", "must be one of simple_grid, hedged_grid"),
    ("grid_strategy.spacing", "linear", "must be one of arithmetic, geometric"),
    ("grid_strategy.num_grids", 1, "must be at least 2 and at most 10000"),
    ("grid_strategy.num_grids", 10_001, "must be at least 2 and at most 10000"),
    ("grid_strategy.num_grids", Decimal("8.0"), "must be a whole number, not a number with a decimal point"),
    ("grid_strategy.num_grids", True, "must be a whole number, not true or false"),
    ("grid_strategy.range.top", 100, "must be above range.bottom (130)"),
    ("grid_strategy.range.top", 130, "must be above range.bottom (130)"),
    ("grid_strategy.range.bottom", 0, "must be above 0 and at most 1e15"),
    ("grid_strategy.range.bottom", Decimal("NaN"), "must be a finite number"),
    ("grid_strategy.range", [130, 200], "must be a table with the keys top, bottom"),
    ("grid_strategy.buy_ratio", 0, "must be above 0 and at most 1"),
    ("grid_strategy.sell_ratio", Decimal("1.01"), "must be above 0 and at most 1"),
    ("grid_strategy.initial_purchase", "all", "must be one of half, exact, none"),
    ("grid_strategy.dynamic_spacing.enabled", "no", "must be true or false, not text in quotes"),
    ("grid_strategy.dynamic_spacing.atr_period", 1, "must be at least 2 and at most 1000000"),
    ("risk_management.take_profit.threshold", -1, "must be at least 0 and at most 1e15"),
    ("risk_management.trailing_stop_loss.on_trigger", "sell", "must be one of stop, regrid"),
    ("risk_management.trailing_stop_loss.atr_multiplier", 0, "must be above 0 and at most 1000000"),
    ("execution.max_retries", -1, "must be at least 0 and at most 1000000"),
    ("execution.max_slippage", 1, "must be at least 0 and below 1"),
    ("execution.backtest_slippage", Decimal("-0.1"), "must be at least 0 and below 1"),
    ("execution.order_polling_interval", 0, "must be above 0 and at most 86400"),
    ("execution.order_polling_interval", Decimal("Infinity"), "must be a finite number"),
    ("execution.retry_delay", Decimal("-0.5"), "must be at least 0 and at most 86400"),
    ("execution.reconciliation_balance_tolerance", -1, "must be at least 0 and at most 1e15"),
    ("logging.log_level", "LOUD", "must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
    ("logging.log_to_file", 1, "must be true or false, not a whole number"),
    ("persistence.checkpoint_interval_seconds", -60, "must be above 0 and at most 86400"),
    ("health.cpu_percent", 0, "must be above 0 and at most 100000"),
    ("health.memory_percent", 101, "must be above 0 and at most 100"),
    ("health.disk_free_percent", -1, "must be at least 0 and at most 100"),
    ("health.threads", Decimal("1.5"), "must be a whole number, not a number with a decimal point"),
    ("health.feed_silence", 0, "must be above 0 and at most 86400"),
    ("health.reconciliation_overdue", 0, "must be at least 1 and at most 1000"),
    ("health.alert_cooldown", -1, "must be at least 0 and at most 86400"),
    ("market.price_tick", 0, "must be above 0 and at most 1e15"),
    ("market.amount_step", Decimal("-0.1"), "must be above 0 and at most 1e15"),
    ("market.min_cost", -1, "must be at least 0 and at most 1e15"),
    (
        "market.price_tick",
        Decimal("0.000000000000000000001"),
        "is too fine for prices up to range.top (200): prices are exact to 28 digits",
    ),
    (
        "market.amount_step",
        Decimal("0.00000000000000000001"),
        "is too fine for what 1000 buys at range.bottom (130): amounts are exact to 28 digits",
    ),
]


@pytest.mark.parametrize(("path", "value", "demand"), WRONG_VALUES)
def test_wrong_value_is_refused_with_its_key_the_value_and_what_is_allowed(
    path: str, value: object, demand: str
) -> None:
    (problem,) = refusals(changed((path, value)))

    assert problem.startswith(f"{path} = ")
    assert problem.endswith(f": {demand}")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("-1E-8"), "-0.00000001"),
        (Decimal("-1.50"), "-1.50"),
        (Decimal("1E+1000000000"), "1.000e+1000000000"),
        pytest.param(10**5000, "1.000e+5000", id="too long for str"),
        ("ten", '"ten"'),
        ("x" * 100, '"' + "x" * 56 + "..."),
        ([10], "(a list)"),
        ({"amount": 10}, "(a table)"),
        (time(9), "09:00:00"),
    ],
)
def test_refused_value_is_shown_as_it_was_written_and_never_at_length(value: object, written: str) -> None:
    (problem,) = refusals(changed(("trading_settings.initial_balance", value)))

    assert problem.startswith(f"trading_settings.initial_balance = {written}: must be ")


@pytest.mark.parametrize(
    "written",
    ["soon", "2024-13-01", "2024-02-30T00:00:00Z", "2024-12-10x09:00", "10.12.2024", "1733821200", 1733821200, time(9)],
)
def test_text_that_is_no_date_is_refused(written: object) -> None:
    (problem,) = refusals(changed(("trading_settings.period.end_date", written)))

    assert problem.startswith("trading_settings.period.end_date = ")
    assert "must be a" in problem


def test_date_that_leaves_the_calendar_in_utc_is_refused() -> None:
    (problem,) = refusals(changed(("trading_settings.period.end_date", "9999-12-31T23:00:00-05:00")))

    assert problem.endswith("must be a date between the years 1 and 9999 in UTC")


def test_period_that_ends_before_it_starts_is_refused() -> None:
    period = {"start_date": "2024-12-15T23:00:00Z", "end_date": "2024-12-10"}

    assert refusals(changed(("trading_settings.period", period))) == [
        (
            'trading_settings.period.start_date = "2024-12-15T23:00:00Z": '
            "must be at or before period.end_date (2024-12-10T00:00:00+00:00)"
        )
    ]


def test_backtest_without_file_or_synthetic_exchange_needs_both_dates() -> None:
    needed = "is missing; without trading_settings.historical_data_file candles of a period are fetched"
    without_file = changed(("trading_settings.historical_data_file", ABSENT))

    assert refusals(without_file) == [
        f"trading_settings.period.start_date: {needed}",
        f"trading_settings.period.end_date: {needed}",
    ]
    period = {"start_date": "2024-12-10", "end_date": "2024-12-15"}
    assert refusals(changed(("trading_settings.period", {"start_date": "2024-12-10"}), of=without_file)) == [
        f"trading_settings.period.end_date: {needed}"
    ]
    with_dates = structure_settings(changed(("trading_settings.period", period), of=without_file), SOURCE)
    assert with_dates.trading_settings.historical_data_file is None


def test_synthetic_exchange_without_dates_is_refused() -> None:
    assert refusals(changed(("exchange.name", "synthetic"))) == [
        "trading_settings.period.start_date: is missing; the synthetic exchange needs both dates",
        "trading_settings.period.end_date: is missing; the synthetic exchange needs both dates",
    ]


@pytest.mark.parametrize("side", ["take_profit", "stop_loss"])
def test_exit_that_is_enabled_without_a_price_is_refused(side: str) -> None:
    assert refusals(changed((f"risk_management.{side}.enabled", True))) == [
        f"risk_management.{side}.threshold: must be a price above 0 when {side}.enabled is true"
    ]


def enabled_exits(take_profit: int, stop_loss: int) -> tuple[str, object]:
    exits = {"take_profit": take_profit, "stop_loss": stop_loss}
    return "risk_management", {side: {"enabled": True, "threshold": price} for side, price in exits.items()}


@pytest.mark.parametrize("take_profit", [100, 120])
def test_take_profit_that_is_not_above_stop_loss_is_refused(take_profit: int) -> None:
    assert refusals(changed(enabled_exits(take_profit, 120))) == [
        f"risk_management.take_profit.threshold = {take_profit}: must be above stop_loss.threshold (120)"
    ]


def test_take_profit_above_stop_loss_loads() -> None:
    assert load(enabled_exits(121, 120)).risk_management.take_profit.price == 121


@pytest.mark.parametrize(
    "path",
    [
        "exchange.name",
        "exchange.trading_fee",
        "exchange.trading_mode",
        "pair.base_currency",
        "pair.quote_currency",
        "trading_settings.timeframe",
        "trading_settings.initial_balance",
        "grid_strategy.type",
        "grid_strategy.spacing",
        "grid_strategy.num_grids",
        "grid_strategy.range.top",
        "grid_strategy.range.bottom",
    ],
)
def test_required_key_that_is_missing_is_named_with_what_it_must_be(path: str) -> None:
    (problem,) = refusals(changed((path, ABSENT)))

    assert problem.startswith(f"{path}: is missing; it must be ")


def test_section_that_is_missing_has_each_of_its_required_keys_named() -> None:
    assert [problem.partition(":")[0] for problem in refusals(changed(("exchange", ABSENT)))] == [
        "exchange.name",
        "exchange.trading_fee",
        "exchange.trading_mode",
    ]


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("grid_strategy.num_grid", "did you mean grid_strategy.num_grids?"),
        ("grid_strategy.range.topp", "did you mean grid_strategy.range.top?"),
        ("exchnage", "did you mean exchange?"),
        ("trading_settings.trading_fee", "did you mean exchange.trading_fee?"),
        ("stop_loss", "did you mean risk_management.stop_loss?"),
        ("exchange.post_only", "did you mean execution.post_only?"),
        ("exchange.frequency", "known here: name, trading_fee, trading_mode, fee_asset"),
        ("source", "known here: exchange, pair"),
    ],
)
def test_unknown_key_is_refused_with_the_nearest_known_one(path: str, advice: str) -> None:
    (problem,) = refusals(changed((path, "anything")))

    assert problem.startswith(f"{path}: unknown key; {advice}")


def test_secret_under_an_unknown_key_is_not_repeated() -> None:
    assert "hunter2" not in "\n".join(refusals(changed(("exchange.api_secret", "hunter2"))))


@pytest.mark.parametrize(
    ("document", "found"),
    [({}, "is empty"), ([], "holds (a list)"), (None, "holds null"), ("grid", 'holds "grid"')],
)
def test_document_that_holds_no_table_is_refused(document: object, found: str) -> None:
    (problem,) = refusals(document)

    assert problem.startswith(f"{found}; it must be a table with the sections exchange, pair, trading_settings")


def test_all_problems_are_reported_at_once_in_the_order_of_the_file() -> None:
    document = changed(
        ("exchange.trading_fee", "free"),
        ("pair.quote_currency", "SOL"),
        ("trading_settings.initial_balance", ABSENT),
        ("grid_strategy.num_grids", 1),
        ("grid_strategy.range.top", 100),
        ("market", {"price_tik": 1}),
    )

    assert [problem.partition(":")[0] for problem in refusals(document)] == [
        'exchange.trading_fee = "free"',
        'pair.quote_currency = "SOL"',
        "trading_settings.initial_balance",
        "grid_strategy.num_grids = 1",
        "grid_strategy.range.top = 100",
        "market.price_tik",
    ]


def test_message_begins_with_the_file_and_holds_nothing_that_a_terminal_obeys() -> None:
    with pytest.raises(BadInput) as caught:
        structure_settings(changed(("exchange.\x1b[2J\n", 1), ("pair.base_currency", "\ud800 ")), SOURCE)

    assert all(problem.startswith(f"{SOURCE}: ") and problem.isprintable() for problem in caught.value.problems)
    assert str(caught.value).splitlines() == list(caught.value.problems)


def test_bad_input_survives_the_way_between_processes() -> None:
    error = BadInput("a.toml: first", "a.toml: second")

    assert pickle.loads(pickle.dumps(error)).problems == error.problems  # noqa: S301 - our own bytes


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text() | st.dates() | st.floats(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
KNOWN_PATHS = sorted({path for path, _, _ in WRONG_VALUES})


def problems_of(document: object) -> tuple[str, ...]:
    try:
        structure_settings(document, SOURCE)
    except BadInput as error:
        return error.problems
    return ()


@given(path=st.sampled_from(KNOWN_PATHS), value=anything)
def test_any_value_under_any_key_loads_or_is_refused_by_name(path: str, value: object) -> None:
    problems = problems_of(changed((path, value)))

    assert all(problem.startswith(f"{SOURCE}: ") and problem.isprintable() for problem in problems)
    assert not problems or any(path in problem for problem in problems)
