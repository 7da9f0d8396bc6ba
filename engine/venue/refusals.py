"""The exchange's refusals, code and text exactly as Binance Spot gives them: clients tell errors apart by both.

Source: Binance's spot documentation, "Error codes" and "Filters".
"""

from __future__ import annotations

from engine.venue.values import Refused


def filter_failure(name: str) -> Refused:
    """Refuse an order that breaks one of the symbol's filters."""
    return Refused(-1013, f"Filter failure: {name}")


def market_closed() -> Refused:
    """Refuse an order while trading is halted."""
    return Refused(-1013, "Market is closed.")


def illegal_client_id() -> Refused:
    """Refuse a client order id that is too long or has other characters than letters, digits, - and _."""
    return Refused(
        -1100,
        "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
    )


def missing(parameter: str) -> Refused:
    """Refuse a request that lacks a parameter."""
    return Refused(-1102, f"Mandatory parameter '{parameter}' was not sent, was empty/null, or malformed.")


def no_order_named() -> Refused:
    """Refuse a question about an order that names none."""
    return Refused(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")


def not_required(parameter: str) -> Refused:
    """Refuse a parameter that does not go with the order's type."""
    return Refused(-1106, f"Parameter '{parameter}' sent when not required.")


def overflowed(parameter: str) -> Refused:
    """Refuse a number that is too large to look at."""
    return Refused(-1108, f"Parameter '{parameter}' overflowed.")


def too_precise(parameter: str) -> Refused:
    """Refuse a number with more than 8 decimals."""
    return Refused(-1111, f"Parameter '{parameter}' has too much precision.")


def invalid_interval() -> Refused:
    """Refuse a candle interval that there is none of."""
    return Refused(-1120, "Invalid interval.")


def invalid_symbol() -> Refused:
    """Refuse a symbol that is not traded here."""
    return Refused(-1121, "Invalid symbol.")


def window_too_long() -> Refused:
    """Refuse to list more than a day."""
    return Refused(-1127, "More than 24 hours between startTime and endTime.")


def insufficient_balance() -> Refused:
    """Refuse an order that the account cannot pay for."""
    return Refused(-2010, "Account has insufficient balance for requested action.")


def duplicate_order() -> Refused:
    """Refuse the client order id of an order that is still open."""
    return Refused(-2010, "Duplicate order sent.")


def would_match() -> Refused:
    """Refuse a maker order that would take."""
    return Refused(-2010, "Order would immediately match and take.")


def unknown_order() -> Refused:
    """Refuse to end an order that is not open."""
    return Refused(-2011, "Unknown order sent.")


def no_such_order() -> Refused:
    """Refuse to show an order that never was."""
    return Refused(-2013, "Order does not exist.")


def ids_disagree() -> Refused:
    """Refuse an order id and a client order id that are not the same order's."""
    return Refused(-2039, "Client order ID is not correct for this order ID.")
