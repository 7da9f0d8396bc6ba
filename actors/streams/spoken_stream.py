"""A WebSocket on which an exchange's dialect is spoken, told as a feed's messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from actors.dialects.conversation import (
    Answer,
    Conversation,
    Endpoint,
    Leaving,
    StreamRefused,
    Subscribed,
    Traded,
    Understood,
)
from actors.gateways.websocket_stream import UselessStream, WebSocketStream
from engine.messages import (
    FeedInbox,
    HeartbeatSeen,
    OrderFilled,
    OrderReported,
    StreamEnded,
    StreamLeaving,
    StreamOpened,
)

News = Traded | OrderFilled | OrderReported
Tell = Callable[[FeedInbox], None]
Hand = Callable[[News], None]
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)


class SpokenStream:
    """Be one connection of a feed, under `number`."""

    def __init__(self, number: int, endpoint: Endpoint, name: str, tell: Tell, hand_on: Hand) -> None:
        """Be ready to open.

        How the connection is goes to `tell`, what comes through it to `hand_on`; both are called in its thread.
        """
        self._conversation = endpoint.converse()
        interpreter = Interpreter(number, self._conversation, tell, hand_on)
        self._stream = WebSocketStream(endpoint.url, interpreter, name)

    def open(self) -> None:
        """Begin, in a thread of its own."""
        self._stream.open()

    def probe(self) -> None:
        """Ask the other side for a sign of life."""
        self._stream.send(self._conversation.probe())

    def close(self) -> None:
        """Have it ended, without waiting."""
        self._stream.close()

    def join(self, timeout: float) -> bool:
        """Wait for its thread to end; tell whether it did within `timeout` seconds."""
        return self._stream.join(timeout)


class Interpreter:
    """Turn frames into messages."""

    def __init__(self, number: int, conversation: Conversation, tell: Tell, hand_on: Hand) -> None:
        """Speak for connection `number`."""
        self._number = number
        self._conversation = conversation
        self._tell = tell
        self._hand_on = hand_on

    def opened(self) -> list[str]:
        """Give what to send first."""
        return self._conversation.begin()

    def heard(self, frame: str | None) -> list[str]:
        """Tell what a frame says; give what is to be answered."""
        if frame is None:
            self._tell(HeartbeatSeen(self._number))
            return []
        understood = self._understand(frame)
        answers = [one.frame for one in understood if isinstance(one, Answer)]
        for one in understood:
            self._tell_of(one)
        if not any(isinstance(one, Traded) for one in understood):
            self._tell(HeartbeatSeen(self._number))
        return answers

    def ended(self, reason: str) -> None:
        """Tell of the end."""
        self._tell(StreamEnded(self._number, reason))

    def _understand(self, frame: str) -> list[Understood]:
        try:
            return self._conversation.hear(frame)
        except StreamRefused as refused:
            raise UselessStream(str(refused)) from None
        except _UNREADABLE as error:
            # The frame itself is not quoted: it may hold balances.
            raise UselessStream(
                f"a frame of {len(frame)} characters was not understood ({type(error).__name__})"
            ) from error

    def _tell_of(self, one: Understood) -> None:
        match one:
            case Subscribed():
                self._tell(StreamOpened(self._number))
            case Leaving():
                self._tell(StreamLeaving(self._number))
            case Traded() | OrderFilled() | OrderReported():
                self._hand_on(one)
            case Answer():
                pass
            case _:
                assert_never(one)
