from __future__ import annotations

import pytest

from engine.venue.market_data import AggregateTrade, PriceLevel
from engine.venue.values import Refused
from tests.engine.venues import NOW, SOL, D, a_venue, place, request


def test_the_house_quotes_one_tick_around_the_market_and_beyond() -> None:
    depth = a_venue().depth(SOL, 5)
    assert [level.price for level in depth.bids] == [D("99.99"), D("99.98"), D("99.97"), D("99.96"), D("99.95")]
    assert [level.price for level in depth.asks] == [D("100.01"), D("100.02"), D("100.03"), D("100.04"), D("100.05")]
    assert all(level.quantity > 100 and level.quantity % D("0.001") == 0 for level in depth.bids + depth.asks)


def test_a_price_that_stays_in_the_book_keeps_its_size() -> None:
    venue = a_venue()
    before = set(venue.depth(SOL).asks[1:])
    venue.move(SOL, D("100.01"), NOW)
    assert before <= set(venue.depth(SOL, 101).asks)


def test_sizes_are_the_seeds() -> None:
    assert a_venue(seed=1).depth(SOL) == a_venue(seed=1).depth(SOL) != a_venue(seed=2).depth(SOL)


def test_the_orders_of_accounts_are_in_the_book() -> None:
    venue = a_venue()
    sizes = {level.price: level.quantity for level in venue.depth(SOL).bids}
    for account in ("ann", "bob"):
        place(venue, request("BUY", 2, "99.98"), account)
        place(venue, request("SELL", 1, 300), account)
    depth = venue.depth(SOL, 1000)
    assert depth.bids[1] == PriceLevel(D("99.98"), sizes[D("99.98")] + 4)
    assert depth.asks[-1] == PriceLevel(D(300), D(2))


def test_in_a_dry_market_the_book_holds_the_orders_of_accounts_alone() -> None:
    venue = a_venue()
    venue.set_liquidity(SOL, D(0), NOW)
    assert venue.best(SOL).bid_price == venue.best(SOL).ask_price == venue.best(SOL).bid_quantity == 0
    place(venue, request("BUY", 1, 101))
    assert venue.depth(SOL).bids == (PriceLevel(D(101), D(1)),)
    venue.set_liquidity(SOL, None, NOW)
    assert venue.best(SOL).ask_price == D("101.01")


def test_a_thin_market_shows_no_more_than_it_has() -> None:
    venue = a_venue()
    venue.set_liquidity(SOL, D(5), NOW)
    place(venue, request("BUY", 2))
    assert sum(level.quantity for level in venue.depth(SOL).asks) == 3
    assert sum(level.quantity for level in venue.depth(SOL).bids) == 5


def test_the_best_prices_are_the_first_of_the_depth() -> None:
    venue = a_venue()
    depth, best = venue.depth(SOL), venue.best(SOL)
    assert (best.bid_price, best.bid_quantity) == (depth.bids[0].price, depth.bids[0].quantity)
    assert (best.ask_price, best.ask_quantity) == (depth.asks[0].price, depth.asks[0].quantity)
    assert best.update_id == depth.last_update_id


def test_every_change_of_the_book_has_a_new_update_id() -> None:
    venue = a_venue()
    ids = [venue.depth(SOL).last_update_id]
    for change in (
        lambda: venue.place("ann", request("BUY", 1, 90), NOW),
        lambda: venue.fill_part(1, D("0.5"), NOW),
        lambda: venue.cancel("ann", SOL, NOW, order_id=1),
        lambda: venue.move(SOL, D(101), NOW),
        lambda: venue.set_liquidity(SOL, D(3), NOW),
        lambda: venue.place("ann", request("BUY", 1), NOW),
    ):
        change()
        ids.append(venue.depth(SOL).last_update_id)
    assert ids == sorted(set(ids))


# --- trades ------------------------------------------------------------------------------------------


def test_trades_are_numbered_and_listed_oldest_first() -> None:
    venue = a_venue()
    for price in (101, 102, 103):
        venue.move(SOL, D(price), NOW)
    trades = venue.recent_trades(SOL, 3)
    assert [trade.price for trade in trades] == [101, 102, 103]
    first = trades[0].trade_id
    assert [trade.trade_id for trade in trades] == [first, first + 1, first + 2]
    assert len(venue.recent_trades(SOL)) == 4  # with the one at the opening


def test_trades_of_one_taker_at_one_price_are_one_aggregate() -> None:
    venue = a_venue()
    for price in ("100.01", "100.01", "100.02"):
        place(venue, request("SELL", 1, price), "bob")
    venue.set_liquidity(SOL, D(0), NOW)
    venue.place("ann", request("BUY", 3, "100.02"), NOW + 1)
    *_, first, second, third = venue.recent_trades(SOL)
    assert first.aggregate_id == second.aggregate_id == third.aggregate_id - 1
    assert venue.agg_trades(SOL, start=NOW + 1) == (
        AggregateTrade(
            first.aggregate_id, D("100.01"), D(2), first.trade_id, second.trade_id, NOW + 1, buyer_is_maker=False
        ),
        AggregateTrade(
            third.aggregate_id, D("100.02"), D(1), third.trade_id, third.trade_id, NOW + 1, buyer_is_maker=False
        ),
    )


def test_aggregates_can_be_read_on_from_an_id_or_a_time() -> None:
    venue = a_venue()
    for second in range(1, 6):
        venue.move(SOL, D(100 + second), NOW + second * 1000)
    every = venue.agg_trades(SOL)
    assert [trade.price for trade in every] == [100, 101, 102, 103, 104, 105]
    assert venue.agg_trades(SOL, from_id=every[2].aggregate_id, limit=2) == every[2:4]
    assert venue.agg_trades(SOL, start=NOW + 1000, end=NOW + 2000) == every[1:3]
    assert venue.agg_trades(SOL, limit=2) == every[-2:]


# --- the last day ------------------------------------------------------------------------------------


def test_the_last_day_agrees_with_its_candles() -> None:
    venue = a_venue()
    venue.move(SOL, D("101.5"), NOW + 1000)
    now = NOW + 2000
    ticker = venue.ticker_24h(SOL, now)
    minutes = venue.klines(SOL, "1m", now=now, limit=1000, start=now - 86_400_000)
    minutes += venue.klines(SOL, "1m", now=now, limit=440)
    assert len(minutes) == 1440
    assert ticker.open == minutes[0].open
    assert (ticker.high, ticker.low) == (max(it.high for it in minutes), min(it.low for it in minutes))
    assert ticker.volume == sum(it.volume for it in minutes)
    assert ticker.trades == sum(it.trades for it in minutes) == ticker.last_trade_id - ticker.first_trade_id + 1
    assert ticker.last == venue.price(SOL) == D("101.50")
    assert ticker.change == ticker.last - ticker.open
    assert ticker.low <= ticker.weighted_average <= ticker.high
    assert ticker.best == venue.best(SOL)
    assert (ticker.open_time, ticker.close_time) == (now - 86_400_000, now)


def test_the_last_price_is_that_of_the_last_trade_and_not_the_market_s() -> None:
    venue = a_venue()
    place(venue, request("SELL", 1, 90))
    assert venue.price(SOL) == D("100.00")
    assert venue.last_price(SOL) == venue.ticker_24h(SOL, NOW).last == D("99.99")


@pytest.mark.parametrize("question", ["price", "depth", "best", "recent_trades", "agg_trades", "status"])
def test_questions_about_an_unknown_symbol_are_refused(question: str) -> None:
    with pytest.raises(Refused) as refused:
        getattr(a_venue(), question)("NOSUCH")
    assert (refused.value.code, refused.value.message) == (-1121, "Invalid symbol.")
