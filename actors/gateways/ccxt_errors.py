"""From what ccxt raised, and what came back over the wire, to how the call ended.

Everything that is not surely one of the others is unknown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from attrs import frozen

from actors.gateways import binance_codes
from actors.gateways.ccxt_client import Client
from actors.gateways.wire import Answer
from engine.calls import NotFound, NotYet, Outcome, Refusal, Refused, Unknown

CLOCK_PAUSE = 1.0  # seconds to wait when the clock is still off after it was set
_PAUSES: Mapping[int, float] = MappingProxyType({429: 30.0, 418: 120.0, 403: 60.0})  # seconds, when none are told
_PAUSE = 30.0
_MAINTENANCE_PAUSE = 60.0
_LONGEST_PAUSE = 3 * 86_400.0  # the longest ban that Binance knows
_LONGEST_TEXT = 300
_UNTIL = re.compile(r"until (\d{13})\b")  # epoch milliseconds

# The names of ccxt's classes, more special ones first; an error is all that its ancestors are.
_CLASSES: Mapping[str, Refusal | type[NotFound | Unknown | NotYet]] = MappingProxyType(
    {
        "DuplicateOrderId": Unknown,  # it may be ours, from before
        "OrderNotFound": NotFound,
        "OrderImmediatelyFillable": Refusal.WOULD_TAKE,
        "InsufficientFunds": Refusal.FUNDS,
        "MarketClosed": Refusal.CLOSED,
        "OnMaintenance": NotYet,
        "RateLimitExceeded": NotYet,
        "DDoSProtection": NotYet,
        "AuthenticationError": Refusal.PERMISSION,
        "InvalidOrder": Refusal.RULES,
        "BadRequest": Refusal.RULES,
        "ArgumentsRequired": Refusal.RULES,
        "NotSupported": Refusal.RULES,
    }
)
_CAUSES: Mapping[str, str] = MappingProxyType(
    {
        "RequestTimeout": "no answer in time",
        "gaierror": "no such host",
        "NameResolutionError": "no such host",
        "ConnectionRefusedError": "connection refused",
        "ConnectionResetError": "connection reset",
        "RemoteDisconnected": "connection closed without an answer",
        "ChunkedEncodingError": "the answer broke off",
        "SSLError": "no secure connection",
        "TooManyRedirects": "sent elsewhere, which is not followed",
        "NetworkError": "connection failed",
    }
)


class Unusable(Exception):
    """An answer came, and it is not what was asked for."""


@frozen
class _Said:
    """What an exchange said about an error: its code, when it has codes, and its text."""

    code: int | None
    text: str


def is_clock_off(error: Exception, client: Client) -> bool:
    """Tell whether the exchange refused a request for its time."""
    answer = client.wire.answer
    if answer is None or answer.status >= 500:
        return False
    if client.speaks_binance:
        return _said(client, error).code == binance_codes.CLOCK_OFF
    return "InvalidNonce" in _names(error)


def outcome_of(error: Exception, client: Client) -> Outcome:
    """Tell how the call ended that raised `error`."""
    answer = client.wire.answer
    said = _said(client, error)
    text = client.conceal(said.text)
    if isinstance(error, Unusable):
        return Unknown(f"unusable answer: {text}")
    if answer is not None:
        settled = _by_status(answer, text, is_json=said.code is not None)
        if settled is not None:
            return settled
    if client.speaks_binance and said.code is not None:
        return _by_code(said.code, text, answer)
    return _by_class(error, text, answer)


def _by_status(answer: Answer, text: str, *, is_json: bool) -> Outcome | None:
    """Settle what the HTTP status alone settles."""
    if answer.status in {418, 429}:
        return NotYet(_pause(answer), f"{text} (HTTP {answer.status})", banned=answer.status == 418)
    if answer.status >= 500:  # whatever it says: it may have been done before that went wrong
        return Unknown(f"{text} (HTTP {answer.status})")
    if answer.status == 451:
        return Refused(Refusal.PERMISSION, f"not served from this address: {text} (HTTP 451)")
    if answer.status == 403 and not is_json:  # the firewall before the exchange
        return NotYet(_pause(answer), f"{text} (HTTP 403)")
    if answer.status == 401 and not is_json:
        return Refused(Refusal.PERMISSION, f"{text} (HTTP 401)")
    return None


def _by_code(code: int, text: str, answer: Answer | None) -> Outcome:
    if code in binance_codes.TOO_MANY:
        return NotYet(_pause(answer), f"{text} ({code})", banned="banned" in text)
    if code == binance_codes.CLOCK_OFF:
        return NotYet(CLOCK_PAUSE, f"{text} ({code})")
    if "maintenance" in text:
        return NotYet(_pause(answer, _MAINTENANCE_PAUSE), f"{text} ({code})")
    return binance_codes.outcome_of(code, text)


def _by_class(error: Exception, text: str, answer: Answer | None) -> Outcome:
    names = _names(error)
    if "InvalidNonce" in names and answer is not None:
        return NotYet(CLOCK_PAUSE, text)
    meaning = next((meaning for name, meaning in _CLASSES.items() if name in names), Unknown)
    if isinstance(meaning, Refusal):
        return Refused(meaning, text)
    if issubclass(meaning, NotYet):
        if answer is None:
            return Unknown(text)
        return NotYet(_pause(answer, _MAINTENANCE_PAUSE if "OnMaintenance" in names else None), text)
    return meaning(text)


def _pause(answer: Answer | None, likely: float | None = None) -> float:
    """Give the seconds that the exchange wants, or what it is `likely` to want."""
    if answer is None:
        return _PAUSE if likely is None else likely
    try:
        return min(max(0.0, float(answer.headers.get("Retry-After", ""))), _LONGEST_PAUSE)
    except ValueError:  # none, or a date
        pass
    if (until := _UNTIL.search(answer.text)) is not None:
        return min(max(1.0, int(until[1]) / 1000 - time.time()), _LONGEST_PAUSE)
    return _PAUSES.get(answer.status, _PAUSE) if likely is None else likely


def _said(client: Client, error: Exception) -> _Said:
    """Find the exchange's own words; never a URL, which may hold a signature."""
    answer = client.wire.answer
    if isinstance(error, Unusable):
        return _Said(None, str(error))
    if answer is None:
        names = [name for cause in _chain(error) for name in _names(cause)]
        local = "no answer" if client.wire.sent else f"not sent: {error}"[:_LONGEST_TEXT]
        return _Said(None, next((words for name, words in _CAUSES.items() if name in names), local))
    try:
        body = answer.json()
    except ValueError:
        body = None
    if isinstance(body, dict) and isinstance(body.get("code"), int):
        return _Said(body["code"], str(body.get("msg", ""))[:_LONGEST_TEXT])
    return _Said(None, f"{type(error).__name__}: {answer.text[:_LONGEST_TEXT]!r}")


def _names(error: BaseException) -> list[str]:
    return [ancestor.__name__ for ancestor in type(error).__mro__]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give what led to `error`, and what led to that."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
