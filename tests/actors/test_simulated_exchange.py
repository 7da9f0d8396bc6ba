"""The simulated exchange as an actor: what it is built from, and whom it tells."""

from __future__ import annotations

from decimal import Decimal

import attrs

from actors import simulated_exchange
from engine.candles import Candle
from engine.effects import Send
from engine.exchange import PATH_ENDED
from engine.grid_setup import BacktestSetup
from engine.messages import (
    Advance,
    CancelOrder,
    OrderFilled,
    OrderReported,
    PriceReached,
    RangeEntered,
    SubmitOrder,
    WatchPrices,
    WatchRange,
)
from engine.values import ZERO, Kind, Side
from tests.actors.fake_post import Hosted
from tests.actors.grids import START, grid

BUY = SubmitOrder("a-1", Side.BUY, Kind.LIMIT, Decimal(110), Decimal(2))
MARKET_BUY = SubmitOrder("a-2", Side.BUY, Kind.MARKET, Decimal(126), Decimal(2))


def exchange(setup: BacktestSetup) -> Hosted:
    return Hosted(simulated_exchange.spec(setup))


def at_first_close(setup: BacktestSetup) -> Hosted:
    """Stand where a grid arms: at the close of the first candle in range."""
    hosted = exchange(setup)
    hosted.tell(WatchRange(Decimal(100), Decimal(140)))
    assert hosted.ask(Advance()) == 0
    hosted.post.sent.clear()
    return hosted


def fill_of(hosted: Hosted) -> OrderFilled:
    (sent,) = hosted.post.sent
    assert isinstance(sent.message, OrderFilled)
    return sent.message


def test_exchange_lives_in_its_grid() -> None:
    assert simulated_exchange.spec(grid()).address == "SOL/USDT/exchange"


def test_watched_close_is_told_to_the_grid_manager_and_the_driver_is_answered() -> None:
    setup = grid(closes=(150, 120))
    hosted = exchange(setup)

    assert hosted.tell(WatchRange(Decimal(100), Decimal(140))) == []
    assert hosted.ask(Advance()) == 1
    assert hosted.post.sent == [Send(setup.addresses.grid_manager, RangeEntered(START + 60_000, Decimal(120)))]


def test_order_that_the_path_meets_is_reported_to_the_order_manager_with_the_fee_of_the_configuration() -> None:
    setup = grid(("exchange.trading_fee", Decimal("0.01")), closes=(120, 105))
    hosted = at_first_close(setup)

    assert hosted.tell(BUY) == []
    assert hosted.ask(Advance()) == 1
    fill = OrderFilled("a-1", "1", Decimal(110), Decimal(2), Decimal("2.2"), "USDT", START + 60_000)
    assert hosted.post.sent == [Send(setup.addresses.order_manager, fill)]


def test_fee_is_taken_in_base_where_the_configuration_says_so() -> None:
    hosted = at_first_close(grid(("exchange.fee_asset", "received"), closes=(120, 105)))

    hosted.tell(BUY)
    hosted.ask(Advance())
    assert (fill_of(hosted).fee, fill_of(hosted).fee_asset) == (Decimal("0.002"), "SOL")


def test_market_order_pays_the_slippage_of_the_configuration() -> None:
    setup = grid(("execution.backtest_slippage", Decimal("0.05")), closes=(120, 105))
    hosted = at_first_close(setup)

    hosted.tell(MARKET_BUY)
    hosted.ask(Advance())
    assert fill_of(hosted).price == 126


def test_watched_price_is_told_to_the_risk_monitor() -> None:
    setup = grid(closes=(120, 105))
    hosted = at_first_close(setup)

    hosted.tell(WatchPrices(Decimal(108), None))
    hosted.ask(Advance())
    assert hosted.post.sent == [Send(setup.addresses.risk_monitor, PriceReached(Decimal(108)))]


def test_cancelled_order_is_reported_and_fills_no_more() -> None:
    setup = grid(closes=(120, 105))
    hosted = at_first_close(setup)

    hosted.tell(BUY)
    assert hosted.tell(CancelOrder("a-1")) == [
        Send(setup.addresses.order_manager, OrderReported("a-1", ZERO, is_open=False))
    ]
    assert hosted.ask(Advance()) == PATH_ENDED


def visited(*, every_candle: bool) -> list[int]:
    """Give the candles whose exact prices are looked at, on the way to an order in the last of four."""
    indices: list[int] = []
    setup = grid(closes=(120, 121, 122, 105), every_candle=every_candle)
    exact = setup.candles.exact

    def noted(index: int) -> Candle:
        indices.append(index)
        return exact(index)

    hosted = at_first_close(attrs.evolve(setup, candles=attrs.evolve(setup.candles, exact=noted)))
    hosted.tell(BUY)
    indices.clear()
    assert hosted.ask(Advance()) == 3
    return indices


def test_quiet_candles_are_passed_over_unless_every_candle_is_asked_for() -> None:
    assert visited(every_candle=False) == [3]
    assert visited(every_candle=True) == [1, 2, 3]
