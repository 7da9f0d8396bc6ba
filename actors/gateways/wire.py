"""The way out to one exchange: it leads nowhere else, and remembers what came back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter


@frozen
class Answer:
    """Hold one answer of a server, whatever it is."""

    status: int
    headers: Mapping[str, str] = field(repr=False)  # names in any case
    text: str

    def json(self) -> Any:
        """Give the answer as JSON; ValueError when it is none."""
        try:
            return json.loads(self.text)
        except RecursionError:
            raise ValueError("nested without end") from None


class Wire(HTTPAdapter):
    """Carry requests, one after the other; `answer` is what the newest got, None when it got none.

    `usual_headers` are what ccxt sends this exchange with everything, in lower case.
    """

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self.sent = 0
        self.answer: Answer | None = None
        self.usual_headers: frozenset[str] = frozenset()

    def forget(self) -> None:
        """Begin a new question: nothing has been sent for it."""
        self.sent = 0
        self.answer = None

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send one request; an answer that breaks off counts as none."""
        self.answer = None
        self.sent += 1
        response = super().send(request, *args, **kwargs)
        text = response.content.decode("utf-8", errors="replace")
        self.answer = Answer(response.status_code, response.headers, text)
        return response
