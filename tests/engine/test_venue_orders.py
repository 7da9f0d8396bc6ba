from __future__ import annotations

import pytest

from engine.venue.events import BalancesChanged, BookChanged, OrderChanged, PublicTrade
from engine.venue.values import OrderRequest, OrderSide, Refused
from tests.engine.venues import NOW, SOL, D, Number, a_venue, holds, place, request, settled, steps


@pytest.mark.parametrize(
    ("side", "price", "locks"),
    [("BUY", 90, ("USDT", 180)), ("SELL", 110, ("SOL", 2))],
)
def test_a_resting_order_locks_what_it_may_have_to_pay(side: OrderSide, price: int, locks: tuple[str, int]) -> None:
    venue = a_venue()
    before = holds(venue, locks[0])[0]
    placed = place(venue, request(side, 2, price, name="x"))
    assert placed.order.status == "NEW"
    assert placed.order.client_order_id == "x"
    assert placed.trades == ()
    assert holds(venue, locks[0]) == (before - locks[1], D(locks[1]))
    assert venue.open_orders("ann", SOL) == (placed.order,)
    assert venue.open_orders("bob") == ()


def test_an_order_without_a_client_id_gets_one_of_its_own() -> None:
    venue = a_venue()
    first, second = (place(venue, request("BUY", 1, 90)).order for _ in range(2))
    assert len({first.client_order_id, second.client_order_id, ""}) == 3


# --- what trades on arrival --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "price"),
    [
        (request("BUY", 1), "100"),
        (request("SELL", 1), "100"),
        (request("BUY", 1, 100), "100"),
        (request("SELL", 1, 100), "100"),
        (request("BUY", 1, "100.01"), "100.01"),
        (request("BUY", 1, 105), "100.01"),
        (request("SELL", 1, 95), "99.99"),
        (request("BUY", 1, 105, tif="IOC"), "100.01"),
        (request("BUY", 1, 105, tif="FOK"), "100.01"),
    ],
)
def test_a_marketable_order_trades_with_the_house_at_once(wish: OrderRequest, price: str) -> None:
    placed = place(a_venue(), wish)
    assert placed.order.status == "FILLED"
    (trade,) = placed.trades
    assert (trade.price, trade.quantity, trade.is_maker) == (D(price), D(1), False)
    assert placed.order.cumulative_quote == trade.quote_quantity == D(price)


def test_a_better_price_releases_the_difference() -> None:
    venue = a_venue(fee=0)
    place(venue, request("BUY", 10, 105))
    assert holds(venue, "USDT") == (10_000 - D("1000.1"), 0)
    assert holds(venue, "SOL") == (110, 0)


@pytest.mark.parametrize(
    ("wish", "quantity"),
    [
        (request("BUY", None, quote=50), "0.5"),
        (request("BUY", None, quote="50.19"), "0.501"),
        (request("SELL", None, quote="50.19"), "0.501"),
    ],
)
def test_a_market_order_by_quote_is_rounded_down_to_the_step(wish: OrderRequest, quantity: str) -> None:
    venue = a_venue()
    placed = place(venue, wish)
    assert placed.order.status == "FILLED"
    assert placed.order.executed == placed.order.quantity == D(quantity)
    assert placed.order.quote_quantity == wish.quote_quantity
    assert placed.order.price == 0
    assert placed.order.time_in_force == "GTC"
    assert holds(venue, "USDT")[1] == holds(venue, "SOL")[1] == 0


@pytest.mark.parametrize(
    ("wish", "executed", "status", "reason"),
    [
        (request("BUY", 8), 5, "EXPIRED", "INSUFFICIENT_LIQUIDITY"),
        (request("SELL", None, quote=800), 5, "EXPIRED", "INSUFFICIENT_LIQUIDITY"),
        (request("BUY", 8, 105, tif="IOC"), 5, "EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED"),
        (request("BUY", 8, 105, tif="FOK"), 0, "EXPIRED", "UNFILLED_FOK_ORDER_EXPIRED"),
        (request("BUY", 5, 105, tif="FOK"), 5, "FILLED", None),
        (request("SELL", 8, 90), 5, "PARTIALLY_FILLED", None),
        (request("SELL", 8, 90, tif="IOC"), 5, "EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED"),
        (request("BUY", 1, 90, tif="IOC"), 0, "EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED"),
    ],
)
def test_in_a_thin_market_each_kind_ends_as_it_should(
    wish: OrderRequest, executed: int, status: str, reason: str | None
) -> None:
    venue = a_venue()
    venue.set_liquidity(SOL, D(5), NOW)
    order = place(venue, wish).order
    assert (order.status, order.expiry_reason, order.executed) == (status, reason, D(executed))
    if status != "PARTIALLY_FILLED":
        assert venue.open_orders("ann") == ()
        assert holds(venue, "USDT")[1] == holds(venue, "SOL")[1] == 0


def test_a_thin_market_is_filled_up_again_by_the_next_move() -> None:
    venue = a_venue()
    venue.set_liquidity(SOL, D(5), NOW)
    executed = [place(venue, request("BUY", 3)).order.executed for _ in range(3)]
    venue.move(SOL, D(101), NOW)
    executed.append(place(venue, request("BUY", 3)).order.executed)
    assert executed == [3, 2, 0, 3]


def test_what_a_thin_market_left_open_fills_at_the_next_move() -> None:
    venue = a_venue()
    venue.set_liquidity(SOL, D(0), NOW)
    left = place(venue, request("BUY", 1, 105)).order
    ahead = place(venue, request("SELL", 1, 106)).order
    assert venue.best(SOL).bid_price == 105
    events = venue.move(SOL, D(106), NOW)
    assert steps(events) == [("TRADE", left.order_id, "FILLED"), ("TRADE", ahead.order_id, "FILLED")]


def test_a_partly_filled_taker_keeps_locked_what_its_rest_needs() -> None:
    venue = a_venue()
    venue.set_liquidity(SOL, D(5), NOW)
    place(venue, request("BUY", 8, 105))
    assert holds(venue, "USDT") == (10_000 - 5 * D("100.01") - 3 * 105, 3 * 105)


def test_accounts_trade_with_each_other_before_the_house() -> None:
    venue = a_venue()
    later = place(venue, request("SELL", 1, "100.02"), "bob")
    first = place(venue, request("SELL", 1, "100.01"), "bob")
    second = place(venue, request("SELL", 1, "100.01"), "bob")
    placed, events = venue.place("ann", request("BUY", "2.5", "100.01"), NOW)
    assert [(step, number) for step, number, _ in steps(events)] == [
        ("NEW", placed.order.order_id),
        ("TRADE", placed.order.order_id),
        ("TRADE", first.order.order_id),
        ("TRADE", placed.order.order_id),
        ("TRADE", second.order.order_id),
        ("TRADE", placed.order.order_id),
    ]
    assert [trade.quantity for trade in placed.trades] == [1, 1, D("0.5")]
    theirs = venue.my_trades("bob", SOL)
    assert [trade.trade_id for trade in theirs] == [trade.trade_id for trade in placed.trades[:2]]
    assert all(trade.is_maker and not trade.is_buyer for trade in theirs)
    assert venue.open_orders("bob") == (later.order,)


def test_a_taker_leaves_the_rest_of_a_larger_order_open() -> None:
    venue = a_venue()
    larger = place(venue, request("SELL", 5, "100.01"), "bob").order
    place(venue, request("BUY", 2, "100.01"))
    found = venue.find("bob", SOL, order_id=larger.order_id)
    assert (found.status, found.executed, found.cumulative_quote) == ("PARTIALLY_FILLED", D(2), D("200.02"))
    assert holds(venue, "SOL", "bob") == (95, 3)


# --- events ------------------------------------------------------------------------------------------


def test_a_taker_is_told_step_by_step_and_its_balances_once_at_the_end() -> None:
    venue = a_venue()
    venue.set_liquidity(SOL, D(1), NOW)
    placed, events = venue.place("ann", request("BUY", 2), NOW + 5)
    assert [type(event) for event in events] == [
        OrderChanged,
        OrderChanged,
        PublicTrade,
        OrderChanged,
        BalancesChanged,
        BookChanged,
    ]
    assert steps(events) == [
        ("NEW", 1, "NEW"),
        ("TRADE", 1, "PARTIALLY_FILLED"),
        ("EXPIRED", 1, "EXPIRED"),
    ]
    (balances,) = settled(events)
    assert (balances.account, balances.time) == ("ann", NOW + 5)
    assert set(balances.balances) == {it for it in venue.balances("ann") if it.asset in {"SOL", "USDT"}}
    assert placed.order == venue.find("ann", SOL, order_id=1)


def test_both_sides_of_a_match_are_told_their_balances() -> None:
    venue = a_venue()
    place(venue, request("SELL", 1, "100.01"), "bob")
    _, events = venue.place("ann", request("BUY", 1, "100.01"), NOW)
    assert [event.account for event in settled(events)] == ["ann", "bob"]


# --- fees --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "fee", "asset"),
    [
        (request("BUY", 1), "0.001", "SOL"),
        (request("SELL", 1), "0.1", "USDT"),
        (request("BUY", "0.052"), "0.000052", "SOL"),
    ],
)
def test_a_fee_is_taken_from_what_is_received(wish: OrderRequest, fee: str, asset: str) -> None:
    venue = a_venue()
    free = holds(venue, asset)[0]
    (trade,) = place(venue, wish).trades
    assert (trade.commission, trade.commission_asset) == (D(fee), asset)
    received = trade.quantity if asset == "SOL" else trade.quote_quantity
    assert holds(venue, asset) == (free + received - D(fee), 0)
    assert venue.fees_taken == {asset: D(fee)}


def test_a_fee_rounds_half_up_to_eight_decimals() -> None:
    venue = a_venue(fee="0.0000005")
    assert place(venue, request("BUY", "0.05")).trades[0].commission == D("0.00000003")  # of 0.000000025


@pytest.mark.parametrize(
    ("side", "bnb", "fee", "asset"),
    [
        ("BUY", "1", "0.00015", "BNB"),
        ("SELL", "1", "0.00015", "BNB"),
        ("BUY", "0.0001", "0.001", "SOL"),
        ("SELL", "0.0001", "0.1", "USDT"),
    ],
)
def test_a_fee_is_taken_in_bnb_while_there_is_enough(side: OrderSide, bnb: str, fee: str, asset: str) -> None:
    venue = a_venue()
    venue.open_account("cas", {"USDT": D(1000), "SOL": D(1), "BNB": D(bnb)}, pays_fees_in_bnb=True)
    placed, events = venue.place("cas", request(side, 1), NOW)
    (trade,) = placed.trades
    assert (trade.commission, trade.commission_asset) == (D(fee), asset)  # 0.1 % of 100, in BNB at 500, less a quarter
    assert asset in {balance.asset for balance in settled(events)[0].balances}


# --- what is refused ---------------------------------------------------------------------------------

INSUFFICIENT = (-2010, "Account has insufficient balance for requested action.")
LOT_SIZE = (-1013, "Filter failure: LOT_SIZE")
PRICE_FILTER = (-1013, "Filter failure: PRICE_FILTER")
NOTIONAL = (-1013, "Filter failure: NOTIONAL")
FAR = (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE")
CLIENT_ID = (
    -1100,
    "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
)


def mandatory(name: str) -> tuple[int, str]:
    return -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."


def unwanted(name: str) -> tuple[int, str]:
    return -1106, f"Parameter '{name}' sent when not required."


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (request("BUY", 1, "99.999"), PRICE_FILTER),
        (request("BUY", 1, 0), PRICE_FILTER),
        (request("BUY", 1, "100000.01"), PRICE_FILTER),
        (request("BUY", "0.0005", 100), LOT_SIZE),
        (request("BUY", "1.0005", 100), LOT_SIZE),
        (request("BUY", 9001, 1), LOT_SIZE),
        (request("BUY", 0), LOT_SIZE),
        (request("BUY", None, quote="0.05"), LOT_SIZE),
        (request("BUY", "0.05", "99.99"), NOTIONAL),
        (request("BUY", "0.049"), NOTIONAL),
        (request("BUY", None, quote="4.99"), NOTIONAL),
        (request("BUY", 1, "19.99"), FAR),
        (request("SELL", 1, "500.01"), FAR),
        (request("BUY", 101, 100), INSUFFICIENT),
        (request("BUY", 101), INSUFFICIENT),
        (request("BUY", None, quote=10_001), INSUFFICIENT),
        (request("SELL", "100.001", 110), INSUFFICIENT),
        (request("SELL", "100.001"), INSUFFICIENT),
        (request("BUY", 1, 100, kind="LIMIT_MAKER"), (-2010, "Order would immediately match and take.")),
        (request("SELL", 1, "99.99", kind="LIMIT_MAKER"), (-2010, "Order would immediately match and take.")),
        (request("BUY", 1, 90, kind="LIMIT_MAKER", tif="GTC"), unwanted("timeInForce")),
        (request("BUY", 1, 90, kind="MARKET"), unwanted("price")),
        (request("BUY", 1, tif="GTC"), unwanted("timeInForce")),
        (request("BUY", 1, quote=50), unwanted("quoteOrderQty")),
        (request("BUY", 1, 90, quote=50), unwanted("quoteOrderQty")),
        (request("BUY", None), mandatory("quantity")),
        (request("BUY", None, 90), mandatory("quantity")),
        (request("BUY", 1, kind="LIMIT"), mandatory("price")),
        (OrderRequest(SOL, "BUY", "LIMIT", D(1), D(90)), mandatory("timeInForce")),
        (request("BUY", "1.000000001"), (-1111, "Parameter 'quantity' has too much precision.")),
        (request("BUY", 1, "1e30"), (-1108, "Parameter 'price' overflowed.")),
        (request("BUY", 1, 90, name="a b"), CLIENT_ID),
        (request("BUY", 1, 90, name=""), CLIENT_ID),
        (request("BUY", 1, 90, name="x" * 37), CLIENT_ID),
        (OrderRequest("NOSUCH", "BUY", "MARKET", D(1)), (-1121, "Invalid symbol.")),
    ],
)
def test_an_order_that_breaks_a_rule_is_refused_and_changes_nothing(wish: OrderRequest, error: tuple[int, str]) -> None:
    venue = a_venue()
    before = venue.balances("ann")
    for ask in (venue.check, venue.place):
        with pytest.raises(Refused) as refused:
            ask("ann", wish, NOW)
        assert (refused.value.code, refused.value.message) == error
    assert venue.balances("ann") == before
    assert venue.all_orders("ann", SOL) == ()


@pytest.mark.parametrize(
    "wish",
    [
        request("BUY", "0.05", 100),
        request("BUY", 1, "90.010"),
        request("BUY", "1.000", 20),
        request("SELL", 1, 500),
        request("BUY", 1, "99.99", kind="LIMIT_MAKER"),
        request("BUY", None, quote=5),
        request("BUY", 1, 90, name="x" * 36),
    ],
)
def test_an_order_at_the_edge_of_the_rules_is_taken(wish: OrderRequest) -> None:
    venue = a_venue()
    venue.check("ann", wish, NOW)
    assert venue.all_orders("ann", SOL) == ()
    assert place(venue, wish).order.status in {"NEW", "FILLED"}


def test_too_many_open_orders_are_refused_until_one_is_gone() -> None:
    venue = a_venue(max_open_orders=2)
    for price in (90, 91):
        place(venue, request("BUY", 1, price))
    with pytest.raises(Refused, match="MAX_NUM_ORDERS"):
        place(venue, request("BUY", 1, 92))
    assert place(venue, request("BUY", 1, 92), "bob").order.status == "NEW"
    venue.cancel("ann", SOL, NOW, order_id=1)
    assert place(venue, request("BUY", 1, 92)).order.status == "NEW"


def test_a_client_id_may_be_used_again_only_after_its_order_has_closed() -> None:
    venue = a_venue()
    place(venue, request("BUY", 1, 90, name="mine"))
    place(venue, request("BUY", 1, 90, name="mine"), "bob")
    with pytest.raises(Refused) as refused:
        place(venue, request("SELL", 1, 110, name="mine"))
    assert (refused.value.code, refused.value.message) == (-2010, "Duplicate order sent.")
    venue.move(SOL, D(90), NOW)
    again = place(venue, request("BUY", 1, 80, name="mine")).order
    assert venue.find("ann", SOL, client_order_id="mine") == again


def test_during_a_halt_nothing_trades_or_moves_but_orders_can_be_taken_down() -> None:
    venue = a_venue()
    order = place(venue, request("BUY", 1, 90)).order
    venue.halt(SOL)
    assert venue.status(SOL) == "HALT"
    with pytest.raises(Refused, match="Market is closed"):
        place(venue, request("BUY", 1))
    assert venue.move(SOL, D(80), NOW) == []
    assert venue.price(SOL) == 100
    venue.cancel("ann", SOL, NOW, order_id=order.order_id)
    venue.resume(SOL)
    assert venue.status(SOL) == "TRADING"
    assert place(venue, request("BUY", 1)).order.status == "FILLED"


@pytest.mark.parametrize(("tick", "step"), [("1e-5", "1e-5"), ("1e-9", "1")])
def test_rules_under_which_quote_has_too_many_decimals_are_an_error(tick: Number, step: Number) -> None:
    with pytest.raises(ValueError, match="1e-8"):
        a_venue(price_tick=D(tick), amount_step=D(step))
