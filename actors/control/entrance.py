"""The outermost of what a request passes: judged before any route sees it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from typing import Any

from actors.control.doors import Doors, Knock, Visitor
from actors.control.headers import SECURE
from actors.control.refusals import Refusal, RefusalLog

VISITOR = "gridactors.visitor"  # in the environment of a request that was let in
COOKIE, SECURE_COOKIE = "gridactors", "__Host-gridactors"
_WORDS = {401: "Unauthorized", 403: "Forbidden", 405: "Method Not Allowed", 429: "Too Many Requests"}

Environment = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environment, Start], Iterable[bytes]]


class Entrance:
    """Let in, or refuse without troubling anybody inside."""

    def __init__(self, application: Application, doors: Doors, refusals: RefusalLog) -> None:
        """Stand before `application`."""
        self._application, self._doors, self._refusals = application, doors, refusals

    def __call__(self, environ: Environment, start_response: Start) -> Iterable[bytes]:
        """Answer one request."""
        judged = self._doors.judge(knock(environ))
        if isinstance(judged, Visitor):
            environ[VISITOR] = judged
            return self._application(environ, start_response if judged.is_known else _once(start_response))
        self._refusals.note(judged.kind, judged.detail)
        body = json.dumps({"error": judged.text}).encode()
        headers = [*SECURE.items(), *extra_headers(judged)]
        headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(f"{judged.status} {_WORDS[judged.status]}", headers)
        return [body]


def knock(environ: Environment) -> Knock:
    """Take from a request what it is judged by."""
    scheme = environ["wsgi.url_scheme"]
    return Knock(
        method=environ["REQUEST_METHOD"],
        path=environ["PATH_INFO"],
        scheme=scheme,
        remote=environ["REMOTE_ADDR"],
        host=environ.get("HTTP_HOST"),
        authorization=environ.get("HTTP_AUTHORIZATION"),
        cookie=_cookie(environ.get("HTTP_COOKIE", ""), cookie_name(scheme)),
        origin=environ.get("HTTP_ORIGIN"),
        referer=environ.get("HTTP_REFERER"),
        site=environ.get("HTTP_SEC_FETCH_SITE"),
        mark=environ.get("HTTP_X_GRIDACTORS"),
        code=_code(environ.get("QUERY_STRING", "")),
    )


def cookie_name(scheme: str) -> str:
    """Name the cookie; under TLS by one that browsers take from nobody but this very host."""
    return SECURE_COOKIE if scheme == "https" else COOKIE


def extra_headers(refusal: Refusal) -> list[tuple[str, str]]:
    """Say how to come in, or when to come again."""
    extra = []
    if refusal.status == 401:
        extra.append(("WWW-Authenticate", "Bearer"))
    if refusal.status == 405:
        extra.append(("Allow", "GET, POST"))
    if refusal.wait:
        extra.append(("Retry-After", str(math.ceil(refusal.wait))))
    return extra


def _once(start_response: Start) -> Start:
    """Close after the answer: a guest has one connection for each request, and never more than one answer unread."""

    def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *more)

    return start


def _code(query: str) -> str | None:
    return query.removeprefix("code=") if query.startswith("code=") else None  # as our own links have it


def _cookie(header: str, name: str) -> str | None:
    for pair in header.split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name:
            return value.strip('"')
    return None
