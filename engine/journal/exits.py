"""What may go to the exchange though it cannot be written down: the way out, and questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from attrs import define, evolve, frozen

from engine.effects import Send
from engine.messages import CancelOrder, GridStopped, LookUpOrder, RecallOrders, SubmitOrder
from engine.messages.steering import GridPaused, GridResumed, PauseBegun
from engine.values import Kind, Side

_RELIED_ON = PauseBegun | GridPaused | GridResumed | GridStopped


@define
class Ahead:
    """Remember over all lives of a journal whether a sale is out that it has not written down."""

    is_so: bool = False


@frozen
class Parted:
    """Part what is held back: what goes now, what stays, and the names of orders that were not sent and will not be."""

    exits: tuple[Send, ...]
    held: tuple[Send, ...]
    never_sent: tuple[str, ...]


def part(held: Sequence[Send]) -> Parted:
    """Let out what must not wait for a disk: the sale of everything, cancellations, and questions.

    They are found out by asking the exchange if they are never written down; nothing that opens a position is sent.
    An order that has not been sent and is not wanted any more has ended. One that is still held is not asked after:
    an exchange that does not know it is no reason to send it, or to have it for ended. What the grid's owner is to
    rely on stays, too.
    """
    unsent = {send.message.client_order_id for send in held if _is_entry(send.message)}
    unwanted = _cancelled(held) & unsent
    exits: list[Send] = []
    stays: list[Send] = []
    for send in held:
        message = send.message
        if isinstance(message, SubmitOrder | CancelOrder | LookUpOrder) and message.client_order_id in unwanted:
            continue
        is_about_one_held = isinstance(message, LookUpOrder) and message.client_order_id in unsent
        if _is_entry(message) or is_about_one_held or isinstance(message, _RELIED_ON):
            stays.append(send)
        else:
            exits.append(_without(unsent, send))
    return Parted(tuple(exits), tuple(stays), tuple(sorted(unwanted)))


def _cancelled(held: Iterable[Send]) -> set[str]:
    return {send.message.client_order_id for send in held if isinstance(send.message, CancelOrder)}


def _without(unsent: AbstractSet[str], send: Send) -> Send:
    """Leave orders that have not been sent out of what is recalled: they come by themselves."""
    message = send.message
    if not isinstance(message, RecallOrders):
        return send
    sent = tuple(recalled for recalled in message.orders if recalled.order.client_order_id not in unsent)
    return Send(send.to, evolve(message, orders=sent))


def _is_entry(message: object) -> bool:
    return isinstance(message, SubmitOrder) and not (message.kind is Kind.MARKET and message.side is Side.SELL)
