"""What the exchange itself does to an order: cancel it, or let it expire."""

from __future__ import annotations

from actors.sandbox.control_body import Body, WrongBody
from actors.sandbox.hall import Hall
from engine.venue.values import OrderRecord, Refused


def find_order(hall: Hall, body: Body, account: str) -> OrderRecord:
    """Give the account's order that ``order_id`` or ``client_order_id`` names; Refused -2013 when there is none."""
    order_id = body.whole("order_id") if "order_id" in body else None
    client_order_id = body.text("client_order_id") if order_id is None else None
    for symbol in hall.venue.symbols:
        try:
            return hall.venue.find(account, symbol, order_id=order_id, client_order_id=client_order_id)
        except Refused:
            continue
    raise WrongBody(f"{order_id or client_order_id}: no such order of account {account}")


def end_order(hall: Hall, body: Body, account: str, how: str) -> str:
    """End an open order (`how` is ``cancel`` or ``expire``) and give its status; Refused -2011 when it is closed."""
    order = find_order(hall, body, account)
    end = hall.venue.cancel_by_venue if how == "cancel" else hall.venue.expire
    hall.publish(end(order.order_id, hall.now_ms()))
    return hall.venue.find(account, order.symbol, order_id=order.order_id).status
