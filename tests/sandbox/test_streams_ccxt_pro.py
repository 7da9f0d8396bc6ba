"""The sandbox's sockets, as ccxt.pro uses them."""

from __future__ import annotations

import asyncio
from typing import Any

import ccxt
import pytest

from actors.sandbox.server import Sandbox
from tests.sandbox.ccxt_pro import SOL, run
from tests.sandbox.stream_clients import move


async def after_subscribing(watch: Any, then: Any) -> Any:
    """Give what `watch` brings once `then` has happened, which is done again and again until it does."""
    task = asyncio.ensure_future(watch)
    while not task.done():
        then()
        await asyncio.wait([task], timeout=0.1)
    return task.result()


def there_and_back(sandbox: Sandbox) -> Any:
    """Move the market, each time to the other of two prices."""
    prices = iter(["101", "102"] * 500)
    return lambda: move(sandbox, next(prices))


def test_watch_trades(sandbox: Sandbox) -> None:
    async def use(client: Any) -> None:
        trades = await after_subscribing(client.watch_trades(SOL), there_and_back(sandbox))
        assert trades[0]["symbol"] == SOL
        assert trades[0]["price"] in {101.0, 102.0}

    run(sandbox, use)


def test_watch_ticker(sandbox: Sandbox) -> None:
    async def use(client: Any) -> None:
        move(sandbox, "101")
        short = await client.watch_ticker(SOL)  # by miniTicker
        assert (short["symbol"], short["last"], short["bid"]) == (SOL, 101.0, None)
        full = await client.watch_ticker(SOL, {"name": "ticker"})
        assert (full["symbol"], full["last"]) == (SOL, 101.0)
        assert full["bid"] < full["last"] < full["ask"]

    run(sandbox, use)


def test_watch_bids_asks(sandbox: Sandbox) -> None:
    async def use(client: Any) -> None:
        told = await after_subscribing(client.watch_bids_asks([SOL]), there_and_back(sandbox))
        assert told[SOL]["bid"] < told[SOL]["ask"]

    run(sandbox, use)


def test_watch_ohlcv(sandbox: Sandbox) -> None:
    async def use(client: Any) -> None:
        move(sandbox, "103")
        candles = await client.watch_ohlcv(SOL, "1m")
        assert candles[-1][4] == 103.0

    run(sandbox, use)


def test_watch_order_book_follows_the_book(sandbox: Sandbox) -> None:
    async def use(client: Any) -> None:
        book = await client.watch_order_book(SOL)
        for price in ("101", "99.5", "100.2"):
            move(sandbox, price)
            with sandbox.hall.lock:
                depth = sandbox.hall.venue.depth("SOLUSDT", 1000)
            while book["nonce"] < depth.last_update_id:
                book = await client.watch_order_book(SOL)
            assert book["bids"][:3] == [[float(level.price), float(level.quantity)] for level in depth.bids[:3]]
            assert book["asks"][:3] == [[float(level.price), float(level.quantity)] for level in depth.asks[:3]]

    run(sandbox, use)


def test_a_gap_in_the_book_is_noticed(sandbox: Sandbox) -> None:
    async def use(client: Any) -> None:
        await client.watch_order_book(SOL)
        sandbox.hall.faults.arm({"route": "stream", "action": "gap"})
        with pytest.raises(ccxt.ChecksumError):
            await after_subscribing(watch_for_ever(client), there_and_back(sandbox))

    run(sandbox, use)


async def watch_for_ever(client: Any) -> None:
    while True:
        await client.watch_order_book(SOL)


@pytest.mark.parametrize("key", ["hmac", "ed25519"])
def test_an_order_is_watched_from_open_to_closed(sandbox: Sandbox, key: str) -> None:
    async def use(client: Any) -> None:
        await client.authenticate()  # subscribes; else the order could be older than the subscription
        watching = asyncio.ensure_future(client.watch_orders(SOL))
        order = await client.create_order(SOL, "limit", "buy", 1, 99, {"clientOrderId": "mine"})
        [opened] = await watching
        assert (opened["id"], opened["clientOrderId"], opened["status"]) == (order["id"], "mine", "open")
        watching = asyncio.ensure_future(client.watch_orders(SOL))
        mine = asyncio.ensure_future(client.watch_my_trades(SOL))
        await asyncio.sleep(0)  # let both register with the client
        move(sandbox, "99")
        [closed], [trade] = await watching, await mine
        assert (closed["status"], closed["filled"], closed["average"]) == ("closed", 1.0, 99.0)
        assert (trade["order"], trade["amount"], trade["price"], trade["takerOrMaker"]) == (
            order["id"],
            1.0,
            99.0,
            "maker",
        )
        assert trade["fee"] == {"cost": 0.001, "currency": "SOL"}

    run(sandbox, use, getattr(sandbox.keys, key))


def test_watch_balance_sees_what_an_order_reserves(sandbox: Sandbox) -> None:
    async def use(client: Any) -> None:
        await client.authenticate()
        watching = asyncio.ensure_future(client.watch_balance())
        await client.create_order(SOL, "limit", "buy", 1, 90)
        balance = await watching
        assert (balance["USDT"]["free"], balance["USDT"]["used"]) == (9910.0, 90.0)

    run(sandbox, use)


def test_orders_are_placed_found_and_cancelled_over_the_socket(sandbox: Sandbox) -> None:
    async def use(client: Any) -> None:
        order = await client.create_order_ws(SOL, "limit", "buy", 1, 90)
        found = await client.fetch_order_ws(order["id"], SOL)
        assert (found["status"], found["price"], found["amount"]) == ("open", 90.0, 1.0)
        assert [row["id"] for row in await client.fetch_open_orders_ws(SOL)] == [order["id"]]
        cancelled = await client.cancel_order_ws(order["id"], SOL)
        assert cancelled["status"] == "canceled"
        with pytest.raises(ccxt.OrderNotFound):
            await client.cancel_order_ws(order["id"], SOL)
        with pytest.raises(ccxt.InsufficientFunds):
            await client.create_order_ws(SOL, "limit", "buy", 1000, 90)

    run(sandbox, use)


def test_a_lost_user_stream_is_an_error_and_the_next_call_subscribes_again(sandbox: Sandbox) -> None:
    async def use(client: Any) -> None:
        await client.authenticate()
        watching = asyncio.ensure_future(client.watch_orders(SOL))
        await client.create_order(SOL, "limit", "buy", 1, 99)
        await watching
        watching = asyncio.ensure_future(client.watch_orders(SOL))
        await asyncio.sleep(0)
        sandbox.hall.faults.arm({"route": "user", "action": "drop"})
        with pytest.raises(ccxt.NetworkError):
            await watching
        await client.authenticate()
        watching = asyncio.ensure_future(client.watch_orders(SOL))
        await client.create_order(SOL, "limit", "buy", 1, 98)
        [order] = await watching
        assert (order["price"], order["status"]) == (98.0, "open")

    run(sandbox, use)
