"""One question to an exchange, asked again when only the clock was wrong."""

from __future__ import annotations

from collections.abc import Callable
from decimal import localcontext
from typing import TypeVar

from actors.gateways.ccxt_client import Client
from actors.gateways.ccxt_errors import CLOCK_PAUSE, is_clock_off, outcome_of
from engine.calls import Done, NotFound, NotYet, Refused, Unknown

T = TypeVar("T")
Trouble = Refused | NotFound | Unknown | NotYet


class Troubled(Exception):
    """A question got no answer that can be used; `trouble` says how it ended."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def ask(client: Client, question: Callable[[], T]) -> T:
    """Put `question` and give its answer; raise `Troubled` with how it ended otherwise.

    When the exchange refuses a request for its time, the clock is set by the exchange's and the question put once
    more.
    """
    try:
        return _ask(client, question)
    except Troubled:
        raise
    except Exception as error:  # noqa: BLE001 ccxt stumbles over odd answers in every way there is
        trouble = _trouble(error, client)
        refused_for_time = is_clock_off(error, client)
    if not refused_for_time:
        raise Troubled(trouble)
    try:
        _ask(client, client.exchange.load_time_difference)
    except Exception as error:  # noqa: BLE001 likewise
        said = outcome_of(error, client)
        raise Troubled(NotYet(CLOCK_PAUSE, f"the clock is off and cannot be set: {said}")) from None
    try:
        return _ask(client, question)
    except Troubled:
        raise
    except Exception as error:  # noqa: BLE001 likewise
        trouble = _trouble(error, client)
    raise Troubled(trouble)


def _ask(client: Client, question: Callable[[], T]) -> T:
    client.wire.forget()
    # ccxt changes how this thread rounds decimals, and leaves it so: money would follow.
    with localcontext():
        return question()


def _trouble(error: Exception, client: Client) -> Trouble:
    outcome = outcome_of(error, client)
    assert not isinstance(outcome, Done), "an error is no success"
    return outcome
