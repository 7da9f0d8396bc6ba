"""What may become of a request or of its reply, by name: everything that the sandbox can do to one.

A fault here has no route yet: `armed` puts it on one. `Retry-After` is short, so that the tests are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

Fault = dict[str, Any]

PLACE = "POST /api/v3/order"
CANCEL = "DELETE /api/v3/order"
LOOK_UP = "GET /api/v3/order"
LIST_TRADES = "GET /api/v3/myTrades"
LIST_ORDERS = "GET /api/v3/openOrders"
QUERIES = (LOOK_UP, LIST_TRADES, LIST_ORDERS)

CLIENT_WAITS = 0.2  # seconds, of the clients that these faults are made for
TAKEN_WITHIN = 0.4  # seconds; the receive window of their requests

_SHORTLY = MappingProxyType({"Retry-After": "0.1"})
_PAGE = "<html><body><h1>The request could not be satisfied</h1></body></html>"
_BROKEN = '{"symbol": "SOLUSDT", "orderId": 4, "status": "NEW", "executedQ'


def _status(code: int, body: str = _PAGE, **more: Any) -> Fault:
    return {"action": "status", "status": code, "body": body, "headers": dict(_SHORTLY), **more}


def _error(code: int, status: int, text: str, **more: Any) -> Fault:
    return {"action": "error", "code": code, "status": status, "msg": text, "headers": dict(_SHORTLY), **more}


def _body(text: str, **more: Any) -> Fault:
    return {"action": "body", "body": text, **more}


AFTER = {"when": "after"}  # the operation has happened
_TOO_MUCH = "Too much request weight used; please use WebSocket Streams for live updates to avoid polling the API."
_BANNED = "Way too much request weight used; IP banned until 1. Please use WebSocket Streams."
_BUS = "An unexpected response was received from the message bus. Execution status unknown."
_BACKEND = "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
_OVERLOAD = "Server is currently overloaded with other requests. Please try again in a few minutes."
_ORDERS = "Too many new orders; current limit is 100 orders per 10 SECOND."
_TIME = "Timestamp for this request is outside of the recvWindow."
_KEY = "Invalid API-key, IP, or permissions for action."
_MAINTENANCE = "System is under maintenance."

REPLIES: Mapping[str, tuple[Fault, ...]] = MappingProxyType(
    {
        **{f"HTTP {code}": (_status(code),) for code in (400, 401, 403, 404, 405, 408, 409, 410, 418, 422, 429, 451)},
        **{f"HTTP {code}": (_status(code),) for code in (500, 502, 503, 504, 520, 522, 530)},
        **{f"HTTP {code} after": (_status(code, **AFTER),) for code in (408, 500, 502, 503, 504)},
        "HTTP 503 and nothing": (_status(503, ""),),
        "429, then 418": (_status(429), _status(418)),
        "-1003 429": (_error(-1003, 429, _TOO_MUCH),),
        "-1003 418": (_error(-1003, 418, _BANNED),),
        "-1003 400": (_error(-1003, 400, "Too many requests queued."),),
        "-1006": (_error(-1006, 500, _BUS),),
        "-1006 after": (_error(-1006, 500, _BUS, **AFTER),),
        "-1007": (_error(-1007, 400, _BACKEND),),
        "-1007 after": (_error(-1007, 504, _BACKEND, **AFTER),),
        "-1008": (_error(-1008, 503, _OVERLOAD),),
        "-1015 429": (_error(-1015, 429, _ORDERS),),
        "-1015 400": (_error(-1015, 400, _ORDERS),),
        "-1021": (_error(-1021, 400, _TIME),),
        "-2015": (_error(-2015, 401, _KEY),),
        "maintenance 400": (_error(-1000, 400, _MAINTENANCE),),
        "maintenance 503": (_error(-1000, 503, _MAINTENANCE),),
        "a page": (_body(_PAGE),),
        "a page after": (_body(_PAGE, **AFTER),),
        "nothing": (_body(""),),
        "nothing after": (_body("", **AFTER),),
        "half": (_body(_BROKEN),),
        "half after": (_body(_BROKEN, **AFTER),),
        "an empty object after": (_body("{}", **AFTER),),
        "an empty list": (_body("[]"),),
        "lost before": ({"action": "drop"},),
        "lost after": ({"action": "drop", **AFTER},),
        "broken off before": ({"action": "cut"},),
        "broken off after": ({"action": "cut", **AFTER},),
        "done after the client gave up": ({"action": "delay", "seconds": CLIENT_WAITS + 0.1},),
        "come too late to be taken": ({"action": "delay", "seconds": TAKEN_WITHIN + 0.1},),
        "answered after the client gave up": ({"action": "delay", "seconds": CLIENT_WAITS + 0.1, **AFTER},),
    }
)


def armed(name: str, routes: Iterable[str], times: int = 1) -> list[Fault]:
    """Give the faults of `name` for the next `times` requests on each of `routes`."""
    return [{"route": route, "times": times, **fault} for route in routes for fault in REPLIES[name]]


def in_sets(size: int) -> list[tuple[str, ...]]:
    """Put `size` unlike ones together at a time: most of the time that a fault takes is waiting."""
    names = list(REPLIES)
    sets = -(-len(names) // size)
    return [tuple(names[place::sets]) for place in range(sets)]
