"""Orders and trades of an account: parameters in, Binance's JSON out. Called under the floor's lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, frozen

from actors.sandbox import order_json
from actors.sandbox.floor import Floor
from actors.sandbox.order_requests import order_request
from actors.sandbox.parameters import Parameters
from actors.sandbox.refusals import ReplaceFailed, refusal
from engine.venue import refusals
from engine.venue.events import Event, OrderChanged
from engine.venue.values import OrderRequest, Refused

_REPLIES = ("ACK", "RESULT", "FULL")
_MODES = ("STOP_ON_FAILURE", "ALLOW_FAILURE")
_RESTRICTIONS = {"ONLY_NEW": "NEW", "ONLY_PARTIALLY_FILLED": "PARTIALLY_FILLED"}


@frozen
class _CancelRequest:
    symbol: str
    order_id: int | None
    client_order_id: str | None
    cancel_id: str | None
    only_status: str | None


class Trading:
    """Do what an account asks of its orders; everything raises `Refused`."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._venue = floor.venue

    def place(self, account: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Place an order: ``POST /api/v3/order``, ``order.place``."""
        request, reply = self._read_order(Parameters(params))
        return self._place(account, request, reply)

    def test(self, account: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Say whether an order would be taken: ``POST /api/v3/order/test``, ``order.test``."""
        request, _reply = self._read_order(Parameters(params))
        self._venue.check(account, request, self._floor.now_ms())
        if params.get("computeCommissionRates") != "true":
            return {}
        maker, taker = (order_json.amount(fee) for fee in (self._venue.maker_fee, self._venue.taker_fee))
        return {"standardCommissionForOrder": {"maker": maker, "taker": taker}}

    def cancel(self, account: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Cancel an order: ``DELETE /api/v3/order``, ``order.cancel``."""
        return self._cancel(account, self._read_cancel(params, "orderId", "origClientOrderId", "newClientOrderId"))

    def cancel_all(self, account: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        """Cancel a symbol's orders: ``DELETE /api/v3/openOrders``, ``openOrders.cancelAll``; -2011 for none."""
        symbol = Parameters(params).symbol(self._venue.symbols)
        orders = self._venue.open_orders(account, symbol)
        if not orders:
            raise refusals.unknown_order()
        return [self._cancel(account, _CancelRequest(symbol, order.order_id, None, None, None)) for order in orders]

    def replace(self, account: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Cancel one order, then place another: ``POST /api/v3/order/cancelReplace``, ``order.cancelReplace``."""
        read = Parameters(params)
        mode = read.choice(
            "cancelReplaceMode", _MODES, Refused(-1130, "Data sent for parameter 'cancelReplaceMode' is not valid.")
        )
        request, reply = self._read_order(read)
        cancel = self._read_cancel(params, "cancelOrderId", "cancelOrigClientOrderId", "cancelNewClientOrderId")
        cancel_result, cancel_response = _tried(lambda: self._cancel(account, cancel))
        if cancel_result == "FAILURE" and mode == "STOP_ON_FAILURE":
            new_result, new_response = "NOT_ATTEMPTED", None
        else:
            new_result, new_response = _tried(lambda: self._place(account, request, reply))
        told = {
            "cancelResult": cancel_result,
            "newOrderResult": new_result,
            "cancelResponse": cancel_response,
            "newOrderResponse": new_response,
        }
        if {cancel_result, new_result} != {"SUCCESS"}:
            raise ReplaceFailed(told, partly="SUCCESS" in {cancel_result, new_result})
        return told

    def status(self, account: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Show an order: ``GET /api/v3/order``, ``order.status``."""
        read = Parameters(params)
        symbol = read.symbol(self._venue.symbols)
        order_id, client_id = _either(read, "orderId", "origClientOrderId")
        order = self._venue.find(account, symbol, order_id=order_id, client_order_id=client_id)
        return order_json.queried(order)

    def open_orders(self, account: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        """Show open orders: ``GET /api/v3/openOrders``, ``openOrders.status``."""
        symbol = Parameters(params).optional_symbol(self._venue.symbols)
        return [order_json.queried(order) for order in self._venue.open_orders(account, symbol)]

    def all_orders(self, account: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        """Show orders of any state, oldest first: ``GET /api/v3/allOrders``, ``allOrders``."""
        read = Parameters(params)
        orders = self._venue.all_orders(
            account,
            read.symbol(self._venue.symbols),
            from_id=read.optional_whole("orderId"),
            start=read.optional_whole("startTime"),
            end=read.optional_whole("endTime"),
            limit=read.limit(),
        )
        return [order_json.queried(order) for order in orders]

    def my_trades(self, account: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        """Show trades, oldest first: ``GET /api/v3/myTrades``, ``myTrades``."""
        read = Parameters(params)
        trades = self._venue.my_trades(
            account,
            read.symbol(self._venue.symbols),
            order_id=read.optional_whole("orderId"),
            from_id=read.optional_whole("fromId"),
            start=read.optional_whole("startTime"),
            end=read.optional_whole("endTime"),
            limit=read.limit(),
        )
        return [order_json.traded(trade) for trade in trades]

    def _read_order(self, read: Parameters) -> tuple[OrderRequest, str]:
        request = order_request(read, read.symbol(self._venue.symbols))
        default = "ACK" if request.type == "LIMIT_MAKER" else "FULL"
        reply = read.optional("newOrderRespType") or default
        if reply not in _REPLIES:
            raise Refused(-1130, "Data sent for parameter 'newOrderRespType' is not valid.")
        return request, reply

    def _read_cancel(
        self, params: Mapping[str, str], id_name: str, client_id_name: str, cancel_id_name: str
    ) -> _CancelRequest:
        read = Parameters(params)
        symbol = read.symbol(self._venue.symbols)
        order_id, client_id = _either(read, id_name, client_id_name)
        restriction = read.optional("cancelRestrictions")
        if restriction is not None and restriction not in _RESTRICTIONS:
            raise Refused(-1145, "Invalid cancelRestrictions")
        only_status = _RESTRICTIONS.get(restriction or "")
        return _CancelRequest(symbol, order_id, client_id, read.client_id(cancel_id_name), only_status)

    def _place(self, account: str, request: OrderRequest, reply: str) -> dict[str, Any]:
        answer, events = self._venue.place(account, request, self._floor.now_ms())
        self._floor.publish(events)
        if reply == "FULL":
            return order_json.placed_in_full(answer.order, answer.trades)
        return order_json.acknowledged(answer.order) if reply == "ACK" else order_json.placed(answer.order)

    def _cancel(self, account: str, request: _CancelRequest) -> dict[str, Any]:
        if request.only_status is not None:
            request = evolve(request, order_id=self._restricted(account, request))
        order, events = self._venue.cancel(
            account,
            request.symbol,
            self._floor.now_ms(),
            order_id=request.order_id,
            client_order_id=request.client_order_id,
            cancel_id=request.cancel_id,
        )
        self._floor.publish(events)
        return order_json.cancelled(order, _cancel_id(events))

    def _restricted(self, account: str, request: _CancelRequest) -> int:
        """Give the id of an open order whose status is the wanted one; Refused -2011."""
        for order in self._venue.open_orders(account, request.symbol):
            if order.order_id == request.order_id or order.client_order_id == request.client_order_id:
                if order.status != request.only_status:
                    raise Refused(-2011, "Order was not canceled due to cancel restrictions.")
                return order.order_id
        raise refusals.unknown_order()


def _either(read: Parameters, id_name: str, client_id_name: str) -> tuple[int | None, str | None]:
    order_id, client_id = read.optional_whole(id_name), read.optional(client_id_name)
    if order_id is None and client_id is None:
        raise Refused(-1102, f"Param '{client_id_name}' or '{id_name}' must be sent, but both were empty/null!")
    return order_id, client_id


def _cancel_id(events: list[Event]) -> str:
    cancel_ids = [event.cancel_id for event in events if isinstance(event, OrderChanged) and event.cancel_id]
    return cancel_ids[0]


def _tried(act: Callable[[], Any]) -> tuple[str, Any]:
    """Do it; give how it went, and the answer or the refusal."""
    try:
        return "SUCCESS", act()
    except Refused as refused:
        return "FAILURE", refusal(refused)
