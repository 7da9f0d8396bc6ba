"""The WebSocket API on one connection: requests in, answers out; trading, market data, session and user data."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import frozen

from actors.sandbox.api_session import ApiSession
from actors.sandbox.client_socket import ClientSocket
from actors.sandbox.faults import Fault
from actors.sandbox.hall import Hall
from actors.sandbox.limits import TooMany
from actors.sandbox.operations import Call
from actors.sandbox.parameters import as_text
from actors.sandbox.publisher import Publisher
from actors.sandbox.refusals import refusal, status_of
from actors.sandbox.user_streams import UserStreams
from engine.venue.values import Refused

log = logging.getLogger(__name__)

Json = dict[str, Any]


@frozen
class _Request:
    id: int | str | None
    method: str
    params: dict[str, str]


class WsApi:
    """Answer one client's requests, one after the other, on its connection's thread; `closing` ends every wait."""

    def __init__(
        self,
        hall: Hall,
        client: ClientSocket,
        users: UserStreams,
        publisher: Publisher,
        closing: threading.Event,
        *,
        returns_limits: bool,
    ) -> None:
        self._hall = hall
        self._client = client
        self._users = users
        self._publisher = publisher
        self._closing = closing
        self._session = ApiSession(hall, client, returns_limits)

    def wrap(self, event: Json) -> Json:
        """Put an event that belongs to no subscription as this client sees it."""
        return {"event": event}

    def received(self, text: str | bytes) -> None:
        """Answer a request, with the fault that is armed for it."""
        try:
            request = _read(text)
        except Refused as refused:
            self._client.send({"id": None, "status": 400, "error": refusal(refused)})
            return
        fault = self._hall.faults.take(f"ws-api {request.method}")
        if fault is None:
            self._ordered(request)
        elif fault.action == "delay" and fault.is_before:
            self._closing.wait(fault.seconds)
            self._ordered(request)
        else:
            answer = None if fault.is_before else self._perform(request)
            self._answer_faultily(request, fault, answer)

    def ended(self) -> None:
        """Forget the connection."""
        self._publisher.do(partial(self._users.forget, self._client))

    def _answer_faultily(self, request: _Request, fault: Fault, answer: Json | None) -> None:
        """Put the fault into the place of the answer (None when nothing has happened)."""
        match fault.action:
            case "drop":
                self._client.cut()
            case "delay":
                self._closing.wait(fault.seconds)
                self._send(answer)
            case "cut":
                whole = json.dumps(answer or {"id": request.id, "status": 200, "result": {}})
                self._client.send_text(whole[: len(whole) // 2])
                self._client.cut_after()
            case "body":
                self._client.send_text(fault.body)
            case _:
                error = {"code": fault.code, "msg": fault.msg}
                self._client.send({"id": request.id, "status": fault.status, "error": error})

    def _ordered(self, request: _Request) -> None:
        """Perform and answer it, with its user events before or after the answer where a fault says so."""
        fault = self._hall.faults.take("events") if "signature" in request.params else None
        if fault is None:
            self._send(self._perform(request))
        elif fault.when == "before_reply":
            answer = self._perform(request)
            self._closing.wait(fault.seconds)
            self._send(answer)
        else:
            self._hall.hold_events()
            try:
                self._send(self._perform(request))
                self._closing.wait(fault.seconds)
            finally:
                self._hall.release_events()

    def _send(self, answer: Json | None) -> None:
        """Send it; where subscriptions begin or end with it, in the publisher's turn, so that no event is before it."""
        if answer is None:
            return
        began, ended = self._session.began, self._session.ended
        self._session.began, self._session.ended = [], []
        then: Callable[[], None] = partial(self._client.send, answer)
        for subscription in began:
            then = partial(self._users.subscribe, subscription, then)
        for subscription in reversed(ended):
            then = partial(self._users.unsubscribe, subscription, then)
        if began or ended:
            self._publisher.do(then)
        else:
            then()

    def _perform(self, request: _Request) -> Json:
        account: str | None = None
        try:
            if request.method in self._session.methods:
                account = self._session.logged_on_as
                told = {"status": 200, "result": self._session.perform(request.method, request.params)}
            else:
                account, result = self._operate(request)
                told = {"status": 200, "result": result}
        except Refused as refused:
            told = {"status": status_of(refused), "error": self._error(refused)}
        except Exception:
            log.exception("%s failed", request.method)
            told = {"status": 500, "error": refusal(Refused(-1000, "An unknown error occurred."))}
        answer = {"id": request.id, **told}
        if request.params.get("returnRateLimits", str(self._session.returns_limits).lower()) != "false":
            with self._hall.lock:
                now = self._hall.now_ms()
                answer["rateLimits"] = self._hall.limits.counted(self._client.address, account, now)
        return answer

    def _operate(self, request: _Request) -> tuple[str | None, Any]:
        operation = self._hall.operations.get(request.method)
        if operation is None:
            raise Refused(-1020, "This operation is not supported.")
        account = self._session.account(request.params) if operation.signed else None
        return account, self._hall.perform(request.method, Call(account, request.params, self._client.address))

    def _error(self, refused: Refused) -> Json:
        error = refusal(refused)
        if isinstance(refused, TooMany):
            now = self._hall.now_ms()
            error["data"] = {"serverTime": now, "retryAfter": now + 1000 * refused.retry_after}
        return error


def _read(text: str | bytes) -> _Request:
    """Read a request, its numbers as they were written, because they are signed like that."""
    try:
        exact = json.loads(text, parse_int=str, parse_float=str)
        request_id = json.loads(text).get("id")
        method, params = exact["method"], exact.get("params") or {}
    except (ValueError, AttributeError, KeyError, TypeError):
        raise Refused(-1135, "Invalid JSON Request") from None
    if not isinstance(method, str) or not isinstance(params, dict):
        raise Refused(-1135, "Invalid JSON Request")
    return _Request(request_id, method.removeprefix("v3/"), as_text(params))
