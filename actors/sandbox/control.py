"""The sandbox's own paths, below ``/sandbox/``: move the market, pay in, end orders, arm faults, look at everything.

Only this machine may use them, and no web page: a request that names an ``Origin``, or a ``Host`` that is not this
machine, is refused. Bodies and replies are JSON; decimals are strings (numbers are taken too).

=========================  ===========================================================================================
``GET  state``             prices, books, orders, trades and balances by account, limits, armed faults
``POST price``             ``{symbol, price}``: the market goes there through every resting order
``POST trade``             ``{symbol, side, quantity, price?}``: an outsider takes so much from resting orders
``POST transfer``          ``{asset, amount, account?}``: a deposit, or a withdrawal when negative
``POST liquidity``         ``{symbol, quantity}``: how much the house trades on each side; null for no bound
``POST accounts``          ``{account, balances}``: one more account; the reply holds its keys
``POST orders/end``        ``{order_id | client_order_id, how: "cancel" | "expire", account?}``
``POST orders/fill``       ``{order_id | client_order_id, share, account?}``: a part of it fills
``POST faults``            a fault or a list of them, see `actors.sandbox.faults`, `actors.sandbox.fault_switches` and
                           `actors.sandbox.stream_faults`
=========================  ===========================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from actors.sandbox.control_body import Body, WrongBody, is_local, parsed
from actors.sandbox.faults import BadFault
from actors.sandbox.hall import MAIN, Hall
from actors.sandbox.http_server import Request, Response
from actors.sandbox.order_ends import end_order, find_order
from actors.sandbox.refusals import refusal
from actors.sandbox.rest import JSON_TYPE
from actors.sandbox.state import state
from engine.plain import plain
from engine.venue.values import OrderSide, Refused

PREFIX = "/sandbox/"


class Control:
    """Answer requests for the sandbox's own paths."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._venue = hall.venue
        self._actions: Mapping[str, Callable[[Body], Any]] = {
            "price": self._price,
            "trade": self._trade,
            "transfer": self._transfer,
            "liquidity": self._liquidity,
            "accounts": self._open_account,
            "orders/end": self._end,
            "orders/fill": self._fill,
        }

    def answer(self, request: Request) -> Response:
        """Give the reply: 400 for a body that cannot be used, 403 for a stranger, 404 for no such path."""
        if not is_local(request):
            return _reply(403, {"error": "only this machine may control the sandbox, and no web page"})
        name = request.path.removeprefix(PREFIX)
        try:
            if (request.verb, name) == ("GET", "state"):
                with self._hall.lock:
                    return _reply(200, state(self._hall))
            if request.verb == "POST" and name == "faults":
                return _reply(200, self._arm(parsed(request.body, float)))
            if request.verb == "POST" and name in self._actions:
                body = Body(parsed(request.body))
                with self._hall.lock:
                    return _reply(200, self._actions[name](body))
        except (WrongBody, BadFault) as error:
            return _reply(400, {"error": str(error)})
        except Refused as refused:
            return _reply(400, {"error": refused.message, **refusal(refused)})
        known = ", ".join(["GET state", *(f"POST {action}" for action in (*self._actions, "faults"))])
        return _reply(404, {"error": f"no {request.verb} {request.path} here; below {PREFIX}: {known}"})

    def _price(self, body: Body) -> Any:
        symbol, price = body.symbol(self._venue.symbols), body.positive("price")
        self._hall.publish(self._venue.move(symbol, price, self._hall.now_ms()))
        return {"symbol": symbol, "price": plain(self._venue.price(symbol))}

    def _trade(self, body: Body) -> Any:
        symbol, quantity = body.symbol(self._venue.symbols), body.positive("quantity")
        side: OrderSide = "BUY" if body.choice("side", ("BUY", "SELL")) == "BUY" else "SELL"
        limit = body.positive("price") if "price" in body else None
        self._hall.publish(self._venue.trade(symbol, side, quantity, self._hall.now_ms(), limit))
        return {"symbol": symbol, "price": plain(self._venue.price(symbol))}

    def _transfer(self, body: Body) -> Any:
        account, asset = self._account(body), body.text("asset")
        self._hall.publish(self._venue.transfer(account, asset, body.number("amount"), self._hall.now_ms()))
        free = {balance.asset: plain(balance.free) for balance in self._venue.balances(account)}
        return {"account": account, "asset": asset, "free": free.get(asset, "0")}

    def _liquidity(self, body: Body) -> Any:
        symbol, quantity = body.symbol(self._venue.symbols), body.positive_or_null("quantity")
        self._hall.publish(self._venue.set_liquidity(symbol, quantity, self._hall.now_ms()))
        return {"symbol": symbol, "quantity": None if quantity is None else plain(quantity)}

    def _open_account(self, body: Body) -> Any:
        account, balances = body.text("account"), body.amounts("balances")
        if account in self._hall.accounts:
            raise WrongBody(f'account = "{account}": exists already; allowed: a new name')
        return self._hall.open_account(account, balances).shown()

    def _end(self, body: Body) -> Any:
        return end_order(self._hall, body, self._account(body), body.choice("how", ("cancel", "expire")))

    def _fill(self, body: Body) -> Any:
        share = body.positive("share")
        if share > 1:
            raise WrongBody(f"share = {share}: allowed is a number above 0, up to 1")
        account = self._account(body)
        order = find_order(self._hall, body, account)
        self._hall.publish(self._venue.fill_part(order.order_id, share, self._hall.now_ms()))
        return find_order(self._hall, body, account).status

    def _arm(self, posted: Any) -> Any:
        for fault in posted if isinstance(posted, list) else [posted]:
            if not isinstance(fault, dict):
                raise WrongBody("a fault is a JSON object")
            self._hall.faults.arm(fault)
        return {"armed": self._hall.faults.armed()}

    def _account(self, body: Body) -> str:
        account = body.text("account") if "account" in body else MAIN
        if account not in self._hall.accounts:
            raise WrongBody(f'account = "{account}": allowed are {", ".join(sorted(self._hall.accounts))}')
        return account


def _reply(status: int, told: Any) -> Response:
    return Response(status, json.dumps(told).encode(), JSON_TYPE)
