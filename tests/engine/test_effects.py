"""What mypy refuses: a message to an inbox that does not name it, and a change to one."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

from engine.addresses import GridAddresses
from engine.effects import Address, After, Effect, Send
from engine.messages import (
    ArmLevel,
    CancelOrder,
    HaltTrading,
    LookUpOrder,
    OwnerInbox,
    TradeBooked,
    WatchRange,
    WishFunded,
)
from engine.values import Side

ADDRESSES = GridAddresses("SOL/USDT")


def test_effects_are_values() -> None:
    effects: list[Effect] = [Send(ADDRESSES.level("7"), ArmLevel()), After(1.5, "due")]
    assert effects == [Send(ADDRESSES.level("7"), ArmLevel()), After(1.5, "due")]


def test_actor_that_accepts_more_may_stand_for_one_that_accepts_less() -> None:
    owner: Address[OwnerInbox] = ADDRESSES.level("7")
    assert Send(owner, WishFunded(Side.BUY)).to == "SOL/USDT/level/7"


def test_message_to_the_wrong_inbox_is_refused_by_mypy() -> None:
    # mypy reports an ignore that it does not need, so each of these lines is a check.
    wrong: list[Effect] = [
        Send(ADDRESSES.order_manager, ArmLevel()),  # type: ignore[misc]
        Send(ADDRESSES.level("7"), HaltTrading()),  # type: ignore[misc]
    ]
    less: Address[OwnerInbox] = ADDRESSES.level("7")
    more: Address[TradeBooked | ArmLevel] = less  # type: ignore[assignment]
    assert len(wrong) == len({less, more, ADDRESSES.order_manager})


def test_message_that_is_changed_is_refused_by_mypy() -> None:
    told = WatchRange(Decimal(130), Decimal(190))
    with suppress(AttributeError):  # whether it is refused at run time too is a matter of speed
        told.top = Decimal(200)  # type: ignore[misc]
    assert told.bottom == Decimal(130)


def test_messages_of_equal_content_are_equal_and_of_another_kind_are_not() -> None:
    assert LookUpOrder("x") == LookUpOrder("x")
    several: list[object] = [LookUpOrder("x"), LookUpOrder("x"), LookUpOrder("y"), CancelOrder("x")]
    assert len(set(several)) == 3
