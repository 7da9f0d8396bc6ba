"""What a stream's protocol is to a feed: where to connect, what to say, and what is understood of the answers.

A dialect knows no socket, so that each one can be tested on text alone.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from attrs import frozen

from actors.gateways.credentials import Credentials
from engine.messages import OrderFilled, OrderReported
from engine.settings.model import Exchange, Pair


@frozen
class Answer:
    """Send this frame."""

    frame: str


@frozen
class Subscribed:
    """Understand that from now on everything is told."""


@frozen
class Traded:
    """Understand that a trade was made at this price; `time` in epoch milliseconds."""

    time: int
    price: Decimal


@frozen
class Leaving:
    """Understand that the other side will end the connection soon."""


Understood = Answer | Subscribed | Traded | Leaving | OrderFilled | OrderReported


class StreamRefused(Exception):
    """Say, without secrets, why a connection is of no use; it ends with this."""


class Conversation(Protocol):
    """Speak on one connection, frame by frame."""

    def begin(self) -> list[str]:
        """Give the frames to send when the connection is open."""

    def hear(self, frame: str) -> list[Understood]:
        """Understand one frame; nothing for a mere sign of life.

        Raises `StreamRefused`, and for what is no frame of this protocol ValueError, TypeError, KeyError or
        ArithmeticError.
        """

    def probe(self) -> str:
        """Give a frame that the other side has to answer."""


@frozen
class Endpoint:
    """Say where to connect, and how to begin a conversation there."""

    url: str
    converse: Callable[[], Conversation]


class Dialect(Protocol):
    """Speak an exchange's protocol; the URLs in `exchange` are roots of another server that speaks it too."""

    def prices(self, exchange: Exchange, pair: Pair) -> Endpoint:
        """Say where the trades of `pair` are told."""

    def orders(
        self, exchange: Exchange, pair: Pair, credentials: Credentials, server_ahead: Callable[[], int]
    ) -> Endpoint:
        """Say where the account's orders in `pair` are told.

        `server_ahead` gives the milliseconds by which the server's clock is ahead of this computer's.
        """
