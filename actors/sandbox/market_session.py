"""One connection to the market streams: what it asks for, and the answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from actors.sandbox.client_socket import ClientSocket
from actors.sandbox.market_streams import MarketStreams, Subscriber
from actors.sandbox.publisher import Publisher

_MOST_STREAMS = 1024
_METHODS = "SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, SET_PROPERTY, GET_PROPERTY"


class _BadRequest(Exception):
    def __init__(self, code: int, message: str) -> None:
        self.error = {"code": code, "msg": message}
        super().__init__(message)


class MarketSession:
    """Answer one client's requests in order; all of it happens on the publisher's thread."""

    def __init__(
        self, client: ClientSocket, streams: MarketStreams, publisher: Publisher, names: list[str], *, combined: bool
    ) -> None:
        """Begin with the streams that the address named."""
        self._client = client
        self._streams = streams
        self._publisher = publisher
        self._subscriber = Subscriber(client, combined)
        self._methods: dict[str, Callable[[list[Any]], Any]] = {
            "SUBSCRIBE": self._subscribe,
            "UNSUBSCRIBE": self._unsubscribe,
            "LIST_SUBSCRIPTIONS": lambda _params: list(self._subscriber.names),
            "SET_PROPERTY": self._set_property,
            "GET_PROPERTY": self._get_property,
        }
        publisher.do(partial(streams.subscribe, self._subscriber, names[:_MOST_STREAMS]))

    def wrap(self, event: dict[str, Any]) -> dict[str, Any]:
        """Put an event that belongs to no stream as this client sees it."""
        return {"stream": f"!{event['e']}", "data": event} if self._subscriber.combined else event

    # --- on the connection's own threads ------------------------------------------------------------------

    def received(self, text: str | bytes) -> None:
        """Answer a request in its turn."""
        self._publisher.do(partial(self._answer, text))

    def ended(self) -> None:
        """Forget the connection."""
        self._publisher.do(partial(self._streams.forget, self._subscriber))

    # --- on the publisher's thread --------------------------------------------------------------------

    def _answer(self, text: str | bytes) -> None:
        request_id = None
        try:
            request = _parse(text)
            request_id = _id_of(request)
            self._client.send({"result": self._perform(request), "id": request_id})
        except _BadRequest as bad:
            self._client.send({"error": bad.error, "id": request_id})

    def _perform(self, request: dict[str, Any]) -> Any:
        method = request.get("method")
        if method is None:
            raise _BadRequest(2, "Invalid request: missing field `method`")
        perform = self._methods.get(method) if isinstance(method, str) else None
        if perform is None:
            raise _BadRequest(2, f"Invalid request: unknown variant {method}, expected one of {_METHODS}")
        params = request.get("params", [])
        if not isinstance(params, list):
            raise _BadRequest(2, "Invalid request: params must be a list")
        return perform(params)

    def _subscribe(self, params: list[Any]) -> None:
        names = _names(params)
        if len({*names, *self._subscriber.names}) > _MOST_STREAMS:
            raise _BadRequest(2, f"Invalid request: more than {_MOST_STREAMS} streams on one connection")
        self._streams.subscribe(self._subscriber, names)

    def _unsubscribe(self, params: list[Any]) -> None:
        self._streams.unsubscribe(self._subscriber, _names(params))

    def _set_property(self, params: list[Any]) -> None:
        _check_property(params, 2)
        if not isinstance(params[1], bool):
            raise _BadRequest(1, "Invalid value type: expected Boolean")
        self._subscriber.combined = params[1]

    def _get_property(self, params: list[Any]) -> bool:
        _check_property(params, 1)
        return self._subscriber.combined


def _parse(text: str | bytes) -> dict[str, Any]:
    try:
        request = json.loads(text)
    except ValueError:
        raise _BadRequest(3, "Invalid JSON: expected value at line 1 column 1") from None
    if not isinstance(request, dict):
        raise _BadRequest(2, "Invalid request: expected an object")
    return request


def _id_of(request: dict[str, Any]) -> int | str | None:
    request_id = request.get("id")
    if request_id is None or (isinstance(request_id, int) and not isinstance(request_id, bool)):
        return request_id
    if isinstance(request_id, str) and len(request_id) <= 36:
        return request_id
    raise _BadRequest(2, "Invalid request: request ID must be an integer, a string of at most 36 characters, or null")


def _names(params: list[Any]) -> list[str]:
    if not all(isinstance(name, str) for name in params):
        raise _BadRequest(2, "Invalid request: stream names must be strings")
    return params


def _check_property(params: list[Any], wanted: int) -> None:
    if len(params) != wanted:
        raise _BadRequest(2, f"Invalid request: expected {wanted} parameters")
    if not isinstance(params[0], str):
        raise _BadRequest(2, "Invalid request: property name must be a string")
    if params[0] != "combined":
        raise _BadRequest(0, "Unknown property")
