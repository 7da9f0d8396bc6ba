"""The HTTP status of a refusal, and its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actors.sandbox.limits import TooMany
from engine.venue.values import Refused

_STATUS = {-1002: 401, -2014: 401, -2015: 401, -1006: 500, -1007: 503, -1008: 503}


class ReplaceFailed(Refused):
    """Refuse a cancel-and-replace of which a part, or nothing, has happened; `data` tells which."""

    def __init__(self, data: Mapping[str, Any], *, partly: bool) -> None:
        code, words = (-2021, "partially failed") if partly else (-2022, "failed")
        super().__init__(code, f"Order cancel-replace {words}.")
        self.status = 409 if partly else 400
        self.data = data


def status_of(refused: Refused) -> int:
    """Give the HTTP status, which the WebSocket API uses as well."""
    if isinstance(refused, TooMany | ReplaceFailed):
        return refused.status
    return _STATUS.get(refused.code, 400)


def refusal(refused: Refused) -> dict[str, Any]:
    """Give the JSON of a refusal, ``{"code", "msg"}`` and perhaps ``data``."""
    told: dict[str, Any] = {"code": refused.code, "msg": refused.message}
    if isinstance(refused, ReplaceFailed):
        told["data"] = refused.data
    return told
