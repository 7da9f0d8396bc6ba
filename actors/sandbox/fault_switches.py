"""Faults that act at once, on the whole sandbox; arm them over ``POST /sandbox/faults`` like the others.

==============================================================================  ==============================
``{"route": "clock", "skew_ms": -5000}``                                        the server's clock is wrong
``{"route": "limits", "weight": 50, "orders_10s": 5, "orders_1d": 100,``        lower limits, and what follows
``"patience": 3, "ban_seconds": 120}``                                          when they are ignored
``{"route": "limits", "action": "ban", "seconds": 60}``                         418 at once
``{"route": "keys", "action": "revoke"}`` or ``"restore"``                      every key, or one ``api_key``
``{"route": "market", "action": "halt"}`` or ``"resume"``                       every symbol, or one ``symbol``
``{"route": "fills", "action": "split", "parts": 3, "times": 5}``               the next orders fill in parts
``{"route": "orders", "action": "cancel", "client_order_id": "..."}``           the exchange ends an order;
(or ``"expire"``, or ``order_id``)                                              ``account`` is main
==============================================================================  ==============================

``{"action": "clear"}`` puts clock, limits, keys and market right again.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve, fields_dict

from actors.sandbox.control_body import Body, WrongBody
from actors.sandbox.faults import BadFault, Fault
from actors.sandbox.hall import MAIN, Hall
from actors.sandbox.limits import LimitSettings
from actors.sandbox.order_ends import end_order
from engine.venue.values import Refused

_ONLY_CLIENT = "127.0.0.1"  # whom a ban hits
_LONGEST_SKEW = 86_400_000  # ms


class FaultSwitches:
    """Act on the hall at once."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        for route in ("clock", "limits", "keys", "market", "fills", "orders"):
            hall.faults.listen(route, self._switch)

    def _switch(self, fault: Fault) -> None:
        act = {
            "clock": self._clock,
            "limits": self._limits,
            "keys": self._keys,
            "market": self._market,
            "fills": self._fills,
            "orders": self._orders,
        }[fault.route]
        try:
            with self._hall.lock:
                act(fault, Body(fault.details))
        except WrongBody as error:
            raise BadFault(str(error)) from None
        except Refused as refused:
            raise BadFault(refused.message) from None

    def _clock(self, fault: Fault, body: Body) -> None:
        skew = 0 if fault.action == "clear" else body.whole("skew_ms")
        if abs(skew) > _LONGEST_SKEW:
            raise BadFault(f"skew_ms = {skew}: allowed is up to a day, {_LONGEST_SKEW}, in both directions")
        self._hall.skew_ms = skew

    def _limits(self, fault: Fault, body: Body) -> None:
        limits = self._hall.limits
        if fault.action == "clear":
            limits.reset()
        elif fault.action == "ban":
            limits.ban(_ONLY_CLIENT, self._hall.now_ms() + int(body.positive("seconds") * 1000))
        else:
            changes = {name: body.whole(name) for name in fields_dict(LimitSettings) if name in body}
            limits.reset(evolve(LimitSettings(), **changes))

    def _keys(self, fault: Fault, body: Body) -> None:
        if _action(fault, "revoke", "restore") == "revoke":
            self._hall.keys.revoke(body.text("api_key") if "api_key" in body else None)
        else:
            self._hall.keys.restore()

    def _market(self, fault: Fault, body: Body) -> None:
        switch = self._hall.venue.halt if _action(fault, "halt", "resume") == "halt" else self._hall.venue.resume
        for symbol in self._symbols(body):
            switch(symbol)

    def _fills(self, fault: Fault, body: Body) -> None:
        if _action(fault, "split", "whole") == "split":
            parts, orders = body.whole("parts"), body.whole("times") if "times" in body else 1
            if parts < 1 or orders < 0:
                raise BadFault(f"parts = {parts}, times = {orders}: allowed are from 1 and from 0")
        else:
            parts, orders = 1, 0
        for symbol in self._symbols(body):
            self._hall.venue.split_fills(symbol, parts, orders)

    def _orders(self, fault: Fault, body: Body) -> None:
        if fault.action == "clear":
            return
        account = body.text("account") if "account" in body else MAIN
        end_order(self._hall, body, account, body.choice("action", ("cancel", "expire")))

    def _symbols(self, body: Body) -> Iterable[str]:
        return [body.symbol(self._hall.venue.symbols)] if "symbol" in body else list(self._hall.venue.symbols)


def _action(fault: Fault, wrong: str, right: str) -> str:
    """Give the action; clear is the one that puts things right."""
    if fault.action not in {wrong, right, "clear"}:
        raise BadFault(f'action = "{fault.action}": allowed are {wrong}, {right}')
    return fault.action
