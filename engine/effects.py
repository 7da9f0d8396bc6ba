"""What a behaviour is, where its messages go, and what it may ask its host to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, Self, TypeVar

M_contra = TypeVar("M_contra", contravariant=True)
M = TypeVar("M")


class Address(str, Generic[M_contra]):
    """Name an actor by a path such as ``SOL/USDT/level/7``, typed by what it accepts.

    Contravariant: an actor that accepts more may stand where one that accepts less is asked for.
    """

    __slots__ = ()


class _Addressed(NamedTuple):
    to: Address[Any]
    message: Any


class Send(_Addressed):
    """Tell `message` to whoever lives at `to`."""

    __slots__ = ()

    if TYPE_CHECKING:
        # Send itself is not generic: where an effect is expected, mypy would take any message to any address.
        def __new__(cls, to: Address[M], message: M) -> Self:
            """Refuse, when checked, a message that does not belong into the inbox at `to`."""


class After(NamedTuple):
    """Tell `message` to myself when `delay` seconds have passed."""

    delay: float
    message: Any


class Reply(NamedTuple):
    """Answer the one who asked."""

    value: Any


class Stop(NamedTuple):
    """End this actor normally, for `reason`."""

    reason: str


Effect = Send | After | Reply | Stop


class Behaviour(Protocol):
    """Take one message, return what is to be done; no thread, clock or I/O of its own."""

    def handle(self, message: Any, /) -> list[Effect]:
        """Decide on one message."""
