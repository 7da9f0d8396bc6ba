"""Binance's REST paths over the hall's operations: signatures, limits in the headers, faults, refusals."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from attrs import evolve

from actors.sandbox.faults import Fault
from actors.sandbox.hall import Hall
from actors.sandbox.http_server import Request, Response
from actors.sandbox.limits import TooMany
from actors.sandbox.operations import Call
from actors.sandbox.refusals import refusal, status_of
from engine.venue.values import Refused

JSON_TYPE = {"Content-Type": "application/json;charset=UTF-8"}
_HTML_TYPE = {"Content-Type": "text/html; charset=UTF-8"}
_GONE = b"<html>\r\n<head><title>410 Gone</title></head>\r\n<body><center><h1>410 Gone</h1></center></body>\r\n</html>"
_NO_PAGE = _GONE.replace(b"410 Gone", b"404 Not Found")
_RETIRED = "/api/v3/userDataStream"

ROUTES: Mapping[tuple[str, str], str] = {
    ("GET", "/api/v3/ping"): "ping",
    ("GET", "/api/v3/time"): "time",
    ("GET", "/api/v3/exchangeInfo"): "exchangeInfo",
    ("GET", "/api/v3/depth"): "depth",
    ("GET", "/api/v3/trades"): "trades.recent",
    ("GET", "/api/v3/aggTrades"): "trades.aggregate",
    ("GET", "/api/v3/klines"): "klines",
    ("GET", "/api/v3/uiKlines"): "klines",
    ("GET", "/api/v3/avgPrice"): "avgPrice",
    ("GET", "/api/v3/ticker"): "ticker",
    ("GET", "/api/v3/ticker/24hr"): "ticker.24hr",
    ("GET", "/api/v3/ticker/price"): "ticker.price",
    ("GET", "/api/v3/ticker/bookTicker"): "ticker.book",
    ("POST", "/api/v3/order"): "order.place",
    ("POST", "/api/v3/order/test"): "order.test",
    ("POST", "/api/v3/order/cancelReplace"): "order.cancelReplace",
    ("GET", "/api/v3/order"): "order.status",
    ("DELETE", "/api/v3/order"): "order.cancel",
    ("GET", "/api/v3/openOrders"): "openOrders.status",
    ("DELETE", "/api/v3/openOrders"): "openOrders.cancelAll",
    ("GET", "/api/v3/allOrders"): "allOrders",
    ("GET", "/api/v3/myTrades"): "myTrades",
    ("GET", "/api/v3/account"): "account.status",
    ("GET", "/api/v3/account/commission"): "account.commission",
    ("GET", "/api/v3/rateLimit/order"): "account.rateLimits.orders",
    ("GET", "/sapi/v1/system/status"): "system.status",
    ("GET", "/sapi/v1/asset/tradeFee"): "asset.tradeFee",
    ("GET", "/sapi/v1/capital/config/getall"): "nothing",
    ("GET", "/sapi/v1/margin/allPairs"): "nothing",
    ("GET", "/sapi/v1/margin/isolated/allPairs"): "nothing",
}

_log = logging.getLogger(__name__)


class Rest:
    """Answer requests for Binance's paths; `closing` ends every wait."""

    def __init__(self, hall: Hall, closing: threading.Event) -> None:
        self._hall = hall
        self._closing = closing

    def answer(self, request: Request) -> Response | None:
        """Give the reply, None to hang up; an armed fault comes before or after the operation."""
        fault = self._hall.faults.take(f"{request.verb} {request.path}")
        if fault is None:
            return self._ordered(request)
        if fault.is_before and fault.action != "delay":
            return self._faulty(fault, None)
        if fault.is_before:
            self._closing.wait(fault.seconds)
            return self._ordered(request)
        good = self._ordered(request)
        bad = self._faulty(fault, good)
        if bad is not None:
            return evolve(bad, sent=good.sent)
        if good.sent is not None:
            good.sent()
        return None

    def _faulty(self, fault: Fault, good: Response | None) -> Response | None:
        """Put the fault's reply into the place of the `good` one (None when nothing has happened)."""
        if fault.action == "drop":
            return None
        if fault.action == "delay":
            self._closing.wait(fault.seconds)
            return good
        if fault.action == "cut":
            body = b'{"symbol": "cut' if good is None else good.body
            return Response(200, body, JSON_TYPE, cut=True)
        if fault.action == "error":
            return Response(fault.status, _json({"code": fault.code, "msg": fault.msg}), {**JSON_TYPE, **fault.headers})
        kind = _HTML_TYPE if fault.body.startswith("<") else JSON_TYPE
        status = fault.status if fault.action == "status" else 200
        return Response(status, fault.body.encode(), {**kind, **fault.headers})

    def _ordered(self, request: Request) -> Response:
        """Perform it, with its user events before or after the reply where a fault says so."""
        fault = self._hall.faults.take("events") if b"signature=" in request.query.encode() + request.body else None
        if fault is None:
            return self._perform(request)
        if fault.when == "before_reply":
            response = self._perform(request)
            self._closing.wait(fault.seconds)
            return response
        self._hall.hold_events()
        return evolve(self._perform(request), sent=partial(self._release, fault.seconds))

    def _release(self, seconds: float) -> None:
        self._closing.wait(seconds)
        self._hall.release_events()

    def _perform(self, request: Request) -> Response:
        name = ROUTES.get((request.verb, request.path))
        if name is None:
            gone = request.path == _RETIRED
            return Response(410 if gone else 404, _GONE if gone else _NO_PAGE, _HTML_TYPE)
        account: str | None = None
        headers: dict[str, str] = dict(JSON_TYPE)
        try:
            operation = self._hall.operations[name]
            params = _params(request)
            account = self._account(request, params) if operation.signed else None
            status, told = 200, self._hall.perform(name, Call(account, params, request.address))
        except Refused as refused:
            status, told = status_of(refused), refusal(refused)
            if isinstance(refused, TooMany):
                headers["Retry-After"] = str(refused.retry_after)
        except Exception:  # noqa: BLE001  a client meets a bug as it would on an exchange, as a 500
            _log.exception("%s %s failed", request.verb, request.path)
            status, told = 500, {"code": -1000, "msg": "An unknown error occurred while processing the request."}
        return Response(status, _json(told), {**headers, **self._counts(request, account, name)})

    def _account(self, request: Request, params: Mapping[str, str]) -> str:
        """Give the account whose key signed the request, as received and never encoded anew."""
        payload = _unsigned(request.query.encode("latin-1")) + _unsigned(request.body)
        with self._hall.lock:
            key = request.headers.get("x-mbx-apikey")
            return self._hall.keys.authenticate(key, params, payload, self._hall.now_ms())

    def _counts(self, request: Request, account: str | None, name: str) -> dict[str, str]:
        with self._hall.lock:
            now = self._hall.now_ms()
            used = str(self._hall.limits.used_weight(request.address, now))
            headers = {"X-MBX-USED-WEIGHT": used, "X-MBX-USED-WEIGHT-1M": used}
            if account is not None and self._hall.operations[name].places:
                fast, daily = self._hall.limits.order_counts(account, now)
                headers |= {"X-MBX-ORDER-COUNT-10S": str(fast), "X-MBX-ORDER-COUNT-1D": str(daily)}
        return headers


def _params(request: Request) -> dict[str, str]:
    """Join query and body; on a clash the query wins."""
    return {**_pairs(request.body.decode("latin-1")), **_pairs(request.query)}


def _pairs(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True)
    params = dict(pairs)
    if len(params) != len(pairs):
        raise Refused(-1101, "Duplicate values for a parameter detected.")
    return params


def _unsigned(raw: bytes) -> bytes:
    """Take the signature out of a query or body."""
    if b"signature=" not in raw:
        return raw
    return b"&".join(pair for pair in raw.split(b"&") if not pair.startswith(b"signature="))


def _json(told: Any) -> bytes:
    return json.dumps(told, separators=(",", ":")).encode()
