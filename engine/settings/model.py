"""The typed configuration: one class per section, one field per key, under the names that users write.

Money, prices and shares are Decimal; seconds are float; dates are UTC. What a key may be stands in its metadata
(`engine.settings.checks`); what keys may be together stands in `engine.settings.rules`.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from decimal import Decimal

from attrs import Factory, field, frozen

from engine.settings.canonical import canonical
from engine.settings.checks import (
    AT_LEAST_ONE,
    ATR_PERIOD,
    CLOCK,
    COUNT,
    DELAY,
    INTERVAL,
    MINIMUM,
    MONEY,
    MULTIPLE,
    NOT_IN_FILE,
    PRICE,
    RATE,
    RATIO,
    TEXT,
    TICK,
    TIMEFRAMES,
    WORD,
    one_of,
    starting,
    within,
)
from engine.settings.choices import (
    AlertKind,
    FeeAsset,
    GridType,
    InitialPurchase,
    LogLevel,
    OnTrigger,
    Spacing,
    TradingMode,
)
from engine.values import ONE, SATOSHI, ZERO, Fees, Market

SYNTHETIC = "synthetic"  # the exchange that makes its own candles, from `exchange.seed`
SANDBOX = "sandbox"  # the exchange that runs inside this program, to trade on without an account
_PERCENT = within(above=0, at_most=100)
_ROUNDING_MARGIN = Decimal("1e-6")  # quote: a real exchange may round up the fee of every part of an order


@frozen(kw_only=True)
class Exchange:
    """Say where to trade, at what fee (a share, 0.001 for 0.1 %); the URLs are roots of another server.

    `fee_asset` None is quote in a backtest, and what is received elsewhere.
    """

    name: str = field(metadata=WORD)
    trading_fee: Decimal = field(metadata=RATE)
    trading_mode: TradingMode
    fee_asset: FeeAsset | None = None
    base_url: str | None = field(default=None, metadata=starting("https://", "http://"))
    stream_url: str | None = field(default=None, metadata=starting("wss://", "ws://"))
    ws_api_url: str | None = field(default=None, metadata=starting("wss://", "ws://"))
    seed: int = field(default=1, metadata=within(at_least=0))


@frozen(kw_only=True)
class Pair:
    """Name what is traded (base), and in what it is paid (quote)."""

    base_currency: str = field(metadata=WORD)
    quote_currency: str = field(metadata=WORD)


@frozen(kw_only=True)
class Period:
    """Bound the candles of a backtest; None where the file bounds them."""

    start_date: datetime | None = None
    end_date: datetime | None = None


@frozen(kw_only=True)
class TradingSettings:
    """Say what history to trade on, and with how much quote."""

    timeframe: str = field(metadata=one_of(TIMEFRAMES))
    period: Period = Factory(Period)
    initial_balance: Decimal = field(metadata=MONEY)
    historical_data_file: str | None = field(default=None, metadata=TEXT)

    @property
    def timeframe_ms(self) -> int:
        """Give the length of a candle in milliseconds."""
        return TIMEFRAMES[self.timeframe]


@frozen(kw_only=True)
class PriceRange:
    """Bound the ladder."""

    top: Decimal = field(metadata=PRICE)
    bottom: Decimal = field(metadata=PRICE)


@frozen(kw_only=True)
class DynamicSpacing:
    """Derive the spacing from the ATR; `regrid_threshold` is a share, `cooldown_bars` are candles."""

    enabled: bool = False
    atr_period: int = field(default=14, metadata=ATR_PERIOD)
    atr_spacing_multiplier: Decimal = field(default=ONE, metadata=MULTIPLE)
    regrid_threshold: Decimal = field(default=Decimal("0.3"), metadata=MULTIPLE)
    cooldown_bars: int = field(default=60, metadata=COUNT)


@frozen(kw_only=True)
class GridStrategy:
    """Shape the grid; the ratios scale each level's buys and sells."""

    type: GridType
    spacing: Spacing
    num_grids: int = field(metadata=within(at_least=2, at_most=10_000))
    range: PriceRange
    buy_ratio: Decimal = field(default=ONE, metadata=RATIO)
    sell_ratio: Decimal = field(default=ONE, metadata=RATIO)
    initial_purchase: InitialPurchase = InitialPurchase.HALF
    dynamic_spacing: DynamicSpacing = Factory(DynamicSpacing)


@frozen(kw_only=True)
class Exit:
    """Leave the market at a price, when enabled."""

    enabled: bool = False
    threshold: Decimal = field(default=ZERO, metadata=MINIMUM)

    @property
    def price(self) -> Decimal | None:
        """Give the price to leave at, None when disabled."""
        return self.threshold if self.enabled else None


@frozen(kw_only=True)
class TrailingStopLoss:
    """Leave the market `atr_multiplier` times the ATR below its best close."""

    enabled: bool = False
    atr_period: int = field(default=14, metadata=ATR_PERIOD)
    atr_multiplier: Decimal = field(default=Decimal("2.5"), metadata=MULTIPLE)
    on_trigger: OnTrigger = OnTrigger.STOP


@frozen(kw_only=True)
class RiskManagement:
    """Say when to leave the market."""

    take_profit: Exit = Factory(Exit)
    stop_loss: Exit = Factory(Exit)
    trailing_stop_loss: TrailingStopLoss = Factory(TrailingStopLoss)


@frozen(kw_only=True)
class Execution:
    """Tune how orders are placed and looked after; seconds for delays and intervals, shares for slippage."""

    max_retries: int = field(default=3, metadata=COUNT)
    retry_delay: float = field(default=1.0, metadata=DELAY)
    max_slippage: Decimal = field(default=Decimal("0.01"), metadata=RATE)
    backtest_slippage: Decimal = field(default=ZERO, metadata=RATE)
    order_polling_interval: float = field(default=15.0, metadata=INTERVAL)
    websocket_max_retries: int = field(default=5, metadata=COUNT)
    websocket_retry_base_delay: float = field(default=5.0, metadata=DELAY)
    health_check_interval: float = field(default=60.0, metadata=INTERVAL)
    post_only: bool = False
    circuit_breaker_failure_threshold: int = field(default=5, metadata=AT_LEAST_ONE)
    circuit_breaker_recovery_timeout: float = field(default=60.0, metadata=DELAY)
    circuit_breaker_half_open_max_calls: int = field(default=1, metadata=AT_LEAST_ONE)
    reconciliation_interval: float = field(default=300.0, metadata=INTERVAL)
    reconciliation_balance_tolerance: Decimal = field(default=Decimal("0.01"), metadata=MINIMUM)


@frozen(kw_only=True)
class Logging:
    """Say what is logged, and where."""

    log_level: LogLevel = LogLevel.INFO
    log_to_file: bool = False


@frozen(kw_only=True)
class Notifications:
    """Say what people are told of this grid: how often at once, after how many seconds the rest together.

    `daily_summary` is a time of day in UTC, "HH:MM", or "off".
    """

    kinds: frozenset[AlertKind] = frozenset(AlertKind) - {AlertKind.ORDER_PLACED, AlertKind.ORDER_CANCELLED}
    per_minute: int = field(default=10, metadata=within(at_least=1, at_most=600))
    digest_interval: float = field(default=300.0, metadata=INTERVAL)
    daily_summary: str = field(default="00:00", metadata=CLOCK)


@frozen(kw_only=True)
class Persistence:
    """Say where the state of a grid is kept: in a file, or behind a database URL, which may hold a password."""

    enabled: bool = True
    db_path: str | None = field(default=None, metadata=TEXT, repr=False)
    url: str | None = field(default=None, metadata=TEXT, repr=False)
    checkpoint_interval_seconds: float = field(default=60.0, metadata=INTERVAL)


@frozen(kw_only=True)
class Health:
    """Say from when on somebody is told of the process and of what it stands on; seconds where nothing else is said.

    CPU in percent of one core, memory and disk in percent of the machine's, files in percent of what this process may
    open. `reconciliation_overdue` counts in intervals. None: shown, and never told. Nobody is told again of the same
    within `alert_cooldown`, unless it has become worse.
    """

    cpu_percent: float = field(default=90.0, metadata=within(above=0, at_most=100_000))
    memory_percent: float = field(default=80.0, metadata=_PERCENT)
    memory_mb: float | None = field(default=None, metadata=MULTIPLE)
    disk_free_mb: float = field(default=500.0, metadata=MINIMUM)
    disk_free_percent: float = field(default=5.0, metadata=within(at_least=0, at_most=100))
    open_files_percent: float = field(default=80.0, metadata=_PERCENT)
    threads: int | None = field(default=None, metadata=AT_LEAST_ONE)
    clock_offset_ms: float = field(default=1000.0, metadata=MULTIPLE)
    feed_silence: float = field(default=60.0, metadata=INTERVAL)
    mailbox_wait: float = field(default=5.0, metadata=INTERVAL)
    actor_hangs: float = field(default=60.0, metadata=INTERVAL)
    reconciliation_overdue: float = field(default=3.0, metadata=within(at_least=1, at_most=1_000))
    alert_cooldown: float = field(default=900.0, metadata=DELAY)


@frozen(kw_only=True)
class MarketRules:
    """State the market's tick, step and minimums; `min_cost` in quote."""

    price_tick: Decimal = field(default=SATOSHI, metadata=TICK)
    amount_step: Decimal = field(default=SATOSHI, metadata=TICK)
    min_amount: Decimal = field(default=ZERO, metadata=MINIMUM)
    min_cost: Decimal = field(default=ZERO, metadata=MINIMUM)


@frozen(kw_only=True)
class SandboxMarket:
    """Shape the market of the sandbox: where it starts, the typical move of a market day (a share), how fast days pass.

    `price` None is the middle of the grid's range; a `script`, a CSV file of seconds and prices, moves it instead.
    """

    price: Decimal | None = field(default=None, metadata=PRICE)
    volatility: Decimal = field(default=Decimal("0.05"), metadata=within(at_least=0, at_most=10))
    speed: Decimal = field(default=ONE, metadata=within(above=0, at_most=100_000))
    script: str | None = field(default=None, metadata=TEXT)


@frozen(kw_only=True)
class Settings:
    """Hold one grid's configuration, valid as a whole; `source` is the file that it came from."""

    exchange: Exchange
    pair: Pair
    trading_settings: TradingSettings
    grid_strategy: GridStrategy
    risk_management: RiskManagement = Factory(RiskManagement)
    execution: Execution = Factory(Execution)
    logging: Logging = Factory(Logging)
    notifications: Notifications = Factory(Notifications)
    persistence: Persistence = Factory(Persistence)
    health: Health = Factory(Health)
    market: MarketRules = Factory(MarketRules)
    sandbox: SandboxMarket = Factory(SandboxMarket)
    source: str = field(metadata=NOT_IN_FILE)

    @property
    def name(self) -> str:
        """Name the grid by its file, without folder and ending."""
        file = re.split(r"[/\\]", self.source)[-1]
        return file.rpartition(".")[0] or file

    def market_rules(self) -> Market:
        """Give the pair with its tick, step and minimums."""
        rules = self.market
        return Market(
            base=self.pair.base_currency,
            quote=self.pair.quote_currency,
            price_tick=rules.price_tick,
            amount_step=rules.amount_step,
            min_amount=rules.min_amount,
            min_cost=rules.min_cost,
        )

    def fees(self) -> Fees:
        """Give what each trade is charged."""
        exchange = self.exchange
        usual = FeeAsset.QUOTE if exchange.trading_mode is TradingMode.BACKTEST else FeeAsset.RECEIVED
        asset = exchange.fee_asset or usual
        margin = _ROUNDING_MARGIN if exchange.trading_mode is TradingMode.LIVE else ZERO
        return Fees(rate=exchange.trading_fee, in_received=asset is FeeAsset.RECEIVED, margin=margin)

    def fingerprint(self) -> str:
        """Hash what makes this grid the grid it is (sha256, hex): not its paths, URLs, period, budget or logging."""
        identity = (
            self.exchange.name,
            self.pair,
            self.grid_strategy,
            self.trading_settings.timeframe,
            self.risk_management,
            self.market,
        )
        return hashlib.sha256("\n".join(canonical(part) for part in identity).encode()).hexdigest()
