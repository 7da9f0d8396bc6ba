"""Configurations that load: as what, with which defaults, and what tells two grids apart."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.settings.choices import GridType, InitialPurchase, LogLevel, OnTrigger, Spacing, TradingMode
from engine.settings.structure import structure_settings
from engine.values import Fees, Market
from tests.engine.configurations import (
    ABSENT,
    BACKTEST_OF_THE_OTHER_BOT,
    LIVE_EXAMPLE_OF_THE_OTHER_BOT,
    SOURCE,
    changed,
    load,
    minimal,
    parsed,
    refusals,
)


def test_backtest_configuration_of_the_other_bot_loads_unchanged() -> None:
    settings = structure_settings(parsed(BACKTEST_OF_THE_OTHER_BOT), SOURCE)

    assert settings.exchange.name == "binance"
    assert settings.exchange.trading_fee == Decimal("0.001")
    assert settings.exchange.trading_mode is TradingMode.BACKTEST
    assert settings.trading_settings.period.start_date == datetime(2024, 12, 10, 9, tzinfo=UTC)
    assert settings.trading_settings.period.end_date == datetime(2024, 12, 15, 23, tzinfo=UTC)
    assert settings.trading_settings.initial_balance == Decimal(150)
    assert settings.trading_settings.historical_data_file == "data/SOL_USDT/1m.csv"
    assert settings.grid_strategy.type is GridType.HEDGED_GRID
    assert settings.grid_strategy.spacing is Spacing.GEOMETRIC
    assert settings.grid_strategy.num_grids == 8
    assert settings.grid_strategy.range.top == 240
    assert settings.grid_strategy.range.bottom == 210
    assert settings.risk_management.take_profit.threshold == 3700
    assert settings.risk_management.take_profit.price is None
    assert settings.logging.log_level is LogLevel.INFO
    assert settings.logging.log_to_file is True


def test_live_example_of_the_other_bot_is_refused_only_for_what_does_not_exist_yet() -> None:
    assert refusals(parsed(LIVE_EXAMPLE_OF_THE_OTHER_BOT)) == [
        "grid_strategy.dynamic_spacing.enabled = true: does not exist yet; set it to false or leave it out",
        "risk_management.trailing_stop_loss.enabled = true: does not exist yet; set it to false or leave it out",
    ]


def test_live_example_of_the_other_bot_loads_once_these_are_disabled() -> None:
    settings = structure_settings(
        changed(
            ("grid_strategy.dynamic_spacing.enabled", False),
            ("risk_management.trailing_stop_loss.enabled", False),
            of=parsed(LIVE_EXAMPLE_OF_THE_OTHER_BOT),
        ),
        SOURCE,
    )

    assert settings.grid_strategy.dynamic_spacing.atr_spacing_multiplier == Decimal("0.5")
    assert settings.grid_strategy.dynamic_spacing.cooldown_bars == 60
    assert settings.risk_management.take_profit.price == 260
    assert settings.risk_management.stop_loss.price == 190
    assert settings.risk_management.trailing_stop_loss.on_trigger is OnTrigger.STOP
    assert settings.persistence.checkpoint_interval_seconds == 60
    assert settings.execution.websocket_retry_base_delay == 5


def test_minimal_configuration_gets_the_documented_defaults() -> None:
    settings = load()

    assert settings.fees() == Fees(settings.exchange.trading_fee)
    assert settings.exchange.seed == 1
    assert settings.trading_settings.period.start_date is None
    assert settings.grid_strategy.buy_ratio == settings.grid_strategy.sell_ratio == 1
    assert settings.grid_strategy.initial_purchase is InitialPurchase.HALF
    assert not settings.grid_strategy.dynamic_spacing.enabled
    assert settings.risk_management.stop_loss.price is None
    assert settings.execution.max_retries == 3
    assert settings.execution.max_slippage == Decimal("0.01")
    assert settings.execution.backtest_slippage == 0
    assert settings.execution.order_polling_interval == 15
    assert settings.persistence.enabled
    assert settings.market_rules() == Market("SOL", "USDT")


def test_market_section_and_fee_asset_reach_the_shared_values() -> None:
    settings = load(
        ("market", {"price_tick": Decimal("0.01"), "amount_step": Decimal("0.001"), "min_amount": 1, "min_cost": 5}),
        ("exchange.fee_asset", "received"),
    )

    assert settings.market_rules() == Market(
        "SOL", "USDT", Decimal("0.01"), Decimal("0.001"), min_amount=Decimal(1), min_cost=Decimal(5)
    )
    assert settings.fees() == Fees(Decimal("0.001"), in_received=True)
    assert load().fees() == Fees(Decimal("0.001"), in_received=False)


def test_grid_is_named_by_its_file() -> None:
    settings = structure_settings(minimal(), "config/grids/sol-usdt.v2.toml")

    assert settings.source == "config/grids/sol-usdt.v2.toml"
    assert settings.name == "sol-usdt.v2"


@pytest.mark.parametrize(
    ("timeframe", "milliseconds"),
    [("1s", 1_000), ("1m", 60_000), ("30m", 1_800_000), ("4h", 14_400_000), ("3d", 259_200_000), ("1w", 604_800_000)],
)
def test_timeframe_gives_its_milliseconds(timeframe: str, milliseconds: int) -> None:
    assert load(("trading_settings.timeframe", timeframe)).trading_settings.timeframe_ms == milliseconds


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-12-10", datetime(2024, 12, 10, tzinfo=UTC)),
        ("2024-12-10T09:00:00Z", datetime(2024, 12, 10, 9, tzinfo=UTC)),
        ("2024-12-10 09:00", datetime(2024, 12, 10, 9, tzinfo=UTC)),
        ("2024-12-10T09:00:00.250", datetime(2024, 12, 10, 9, microsecond=250_000, tzinfo=UTC)),
        ("2024-12-10T01:00:00+02:00", datetime(2024, 12, 9, 23, tzinfo=UTC)),
        (date(2024, 12, 10), datetime(2024, 12, 10, tzinfo=UTC)),
        (datetime.fromisoformat("2024-12-10T09:00:00"), datetime(2024, 12, 10, 9, tzinfo=UTC)),
        (datetime.fromisoformat("2024-12-10T01:00:00+02:00"), datetime(2024, 12, 9, 23, tzinfo=UTC)),
    ],
)
def test_date_in_any_accepted_form_is_read_as_utc(written: object, read: datetime) -> None:
    start = load(("trading_settings.period.start_date", written)).trading_settings.period.start_date

    assert start is not None
    assert (start, start.tzinfo) == (read, UTC)


@pytest.mark.parametrize("level", ["debug", "Debug", "DEBUG"])
def test_log_level_is_read_in_any_case(level: str) -> None:
    assert load(("logging.log_level", level)).logging.log_level is LogLevel.DEBUG


def test_period_may_start_and_end_at_the_same_moment() -> None:
    period = {"start_date": "2024-12-10", "end_date": "2024-12-10T00:00:00Z"}

    assert load(("trading_settings.period", period)).trading_settings.period.end_date is not None


def test_synthetic_exchange_with_a_period_needs_no_file() -> None:
    settings = load(
        ("exchange.name", "synthetic"),
        ("exchange.seed", 7),
        ("trading_settings.historical_data_file", ABSENT),
        ("trading_settings.period", {"start_date": "2024-01-01", "end_date": "2024-02-01"}),
    )

    assert settings.exchange.seed == 7
    assert settings.trading_settings.historical_data_file is None


def test_database_password_stays_out_of_the_text_of_settings() -> None:
    assert "hunter2" not in repr(load(("persistence.db_path", "postgresql://me:hunter2@db/grid")))


def test_fingerprint_is_a_sha256_in_hex() -> None:
    assert len(bytes.fromhex(load().fingerprint())) == 32


@pytest.mark.parametrize("top", [200, Decimal("200.0"), Decimal("200.00"), Decimal("2E+2")])
def test_fingerprint_does_not_depend_on_how_a_number_is_written(top: object) -> None:
    assert load(("grid_strategy.range.top", top)).fingerprint() == load().fingerprint()


def test_fingerprint_does_not_depend_on_whether_a_default_is_written() -> None:
    assert load(("risk_management", {"stop_loss": {}}), ("market.min_cost", 0)).fingerprint() == load().fingerprint()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("trading_settings.historical_data_file", "elsewhere.csv"),
        ("trading_settings.period.start_date", "2024-12-10"),
        ("exchange.base_url", "http://localhost:8080"),
        ("logging.log_level", "DEBUG"),
        ("persistence.db_path", "elsewhere.db"),
        ("execution.max_retries", 9),
        ("health.threads", 9),
    ],
)
def test_fingerprint_ignores_paths_urls_period_and_logging(path: str, value: object) -> None:
    assert load((path, value)).fingerprint() == load().fingerprint()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("exchange.name", "kraken"),
        ("pair.base_currency", "BTC"),
        ("pair.quote_currency", "USDC"),
        ("trading_settings.timeframe", "1m"),
        ("grid_strategy.type", "hedged_grid"),
        ("grid_strategy.spacing", "geometric"),
        ("grid_strategy.num_grids", 6),
        ("grid_strategy.range.top", Decimal("200.00000000000000000000000000000000001")),
        ("grid_strategy.range.bottom", 131),
        ("grid_strategy.buy_ratio", Decimal("0.9")),
        ("grid_strategy.sell_ratio", Decimal("0.9")),
        ("grid_strategy.initial_purchase", "exact"),
        ("grid_strategy.dynamic_spacing.atr_period", 15),
        ("risk_management.take_profit.threshold", 300),
        ("risk_management.stop_loss.threshold", 300),
        ("risk_management.stop_loss", {"enabled": True, "threshold": 100}),
        ("risk_management.trailing_stop_loss.atr_multiplier", 3),
        ("market.price_tick", Decimal("0.01")),
        ("market.amount_step", Decimal("0.01")),
        ("market.min_amount", 1),
        ("market.min_cost", 1),
    ],
)
def test_fingerprint_differs_when_the_grid_does(path: str, value: object) -> None:
    assert load((path, value)).fingerprint() != load().fingerprint()
