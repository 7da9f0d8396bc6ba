"""What an owner wishes, on its way through the ledger and the order manager to an exchange."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.effects import Address
from engine.freezing import frozen
from engine.values import Kind, Side

if TYPE_CHECKING:
    from engine.messages.inboxes import OwnerInbox

ARMING = ""  # what the first wish of a level answers; later ones answer the id of a trade
AGAIN = "again"  # what a wish answers that only repeats what an ended order left undone


@frozen
class Owner:
    """Say whose order it is: a level, or the grid manager (`level` None) for a market order."""

    grid: str
    slot: str
    level: int | None
    address: Address[OwnerInbox]


@frozen
class PlaceOrder:
    """Wish an order: from its owner to the balance tracker, and on, funded, to the order manager.

    A market order's `price` is the worst it is expected to trade at, for what it reserves. `cycle` and `attempt` grow
    with every wish of one owner and side: the same pair is the same wish, told again.
    """

    owner: Owner
    cycle: int
    side: Side
    kind: Kind
    price: Decimal
    quantity: Decimal
    answers: str
    attempt: int = 0


@frozen
class NothingToPlace:
    """Owe no order for `answers`: what it would be for rounds to zero."""

    owner: Owner
    answers: str


@frozen
class WishWaited:
    """Tell an owner that its wish cannot be funded now, and is kept; or that no money can serve it (`too_small`)."""

    side: Side
    too_small: bool


@frozen
class WishFunded:
    """Tell an owner that its waiting wish has become an order."""

    side: Side


@frozen
class SubmitOrder:
    """Ask the exchange for an order."""

    client_order_id: str
    side: Side
    kind: Kind
    price: Decimal
    quantity: Decimal


@frozen
class RecordIntent:
    """Write down that `wish` becomes `order`, then ask the exchange for it."""

    order: SubmitOrder
    wish: PlaceOrder


@frozen
class RecalledOrder:
    """Recall an order that was open when it was last heard of, `filled` of it told; `order_id` is empty if unknown."""

    order: SubmitOrder
    order_id: str
    filled: Decimal


@frozen
class RecallOrders:
    """Tell the way to the exchange what the grid has there as far as it knows, before it asks how all that stands.

    `newest_trade` is the latest of the grid's, None for none.
    """

    orders: tuple[RecalledOrder, ...]
    newest_trade: str | None


@frozen
class CancelOrder:
    """Ask the exchange to take an order back."""

    client_order_id: str


@frozen
class LookUpOrder:
    """Ask what became of an order; told as `OrderFilled` for each of its trades, then `OrderReported`."""

    client_order_id: str


@frozen
class CatchUp:
    """Ask for all trades after `after` (a trade id, None for none) and then for all open orders.

    Told as `OrderFilled` for each trade, then one `OpenOrdersListed`.
    """

    after: str | None


@frozen
class RewishDue:
    """Remind a level to wish what an ended order left undone."""

    side: Side


@frozen
class LookUpDue:
    """Remind the order manager that trades of an order have not been told yet."""

    client_order_id: str
