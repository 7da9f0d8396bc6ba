"""An address takes only what its inbox names: mypy refuses the rest."""

from __future__ import annotations

from engine.addresses import GridAddresses
from engine.effects import Address, After, Effect, Send
from engine.messages import ArmLevel, HaltTrading, OwnerInbox, TradeBooked, WishFunded

ADDRESSES = GridAddresses("SOL/USDT")


def test_effects_are_values() -> None:
    effects: list[Effect] = [Send(ADDRESSES.level("7"), ArmLevel()), After(1.5, "due")]
    assert effects == [Send(ADDRESSES.level("7"), ArmLevel()), After(1.5, "due")]


def test_actor_that_accepts_more_may_stand_for_one_that_accepts_less() -> None:
    owner: Address[OwnerInbox] = ADDRESSES.level("7")
    assert Send(owner, WishFunded()).to == "SOL/USDT/level/7"


def test_message_to_the_wrong_inbox_is_refused_by_mypy() -> None:
    # mypy reports an ignore that it does not need, so each of these lines is a check.
    wrong: list[Effect] = [
        Send(ADDRESSES.order_manager, ArmLevel()),  # type: ignore[misc]
        Send(ADDRESSES.level("7"), HaltTrading()),  # type: ignore[misc]
    ]
    less: Address[OwnerInbox] = ADDRESSES.level("7")
    more: Address[TradeBooked | ArmLevel] = less  # type: ignore[assignment]
    assert len(wrong) == len({less, more, ADDRESSES.order_manager})
