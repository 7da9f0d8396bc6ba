"""One side of a level: its one order or wish, and what is to go into the next one."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from attrs import define

from engine.journal.rows import HalfRow
from engine.messages import PlaceOrder
from engine.values import ZERO, Side


@define(eq=False)
class Half:
    """Follow one side of a level.

    `is_ordered` is known only to those who hear of orders: the journal, and a level that has been rebuilt from it.
    """

    side: Side
    price: Decimal
    is_taken: bool = False  # by a wish that waits, or by an order
    is_ordered: bool = False
    waits: bool = False
    quantity: Decimal = ZERO
    filled: Decimal = ZERO  # of the live order; of a buy, net of fees taken in base
    carried: Decimal = ZERO
    cycle: int = -1
    attempt: int = 0
    failures: int = 0  # in a row
    answers: str = ""
    trouble: str | None = None

    @classmethod
    def of(cls, side: Side, price: Decimal, row: HalfRow) -> Self:
        """Go on from where the journal knows it."""
        return cls(
            side,
            price,
            row.is_taken,
            row.is_ordered,
            row.waits,
            row.quantity,
            row.filled,
            row.carried,
            row.cycle,
            row.attempt,
            row.failures,
            row.answers,
            row.trouble,
        )

    def row(self) -> HalfRow:
        """Give what the journal writes of it."""
        return HalfRow(
            is_taken=self.is_taken,
            is_ordered=self.is_ordered,
            waits=self.waits,
            quantity=self.quantity,
            filled=self.filled,
            carried=self.carried,
            cycle=self.cycle,
            attempt=self.attempt,
            failures=self.failures,
            answers=self.answers,
            trouble=self.trouble,
        )

    @property
    def is_wished(self) -> bool:
        """Tell whether what it is taken by has not become an order."""
        return self.is_taken and not self.is_ordered

    def ordered(self, wish: PlaceOrder) -> None:
        """Take over what an order was placed for; whatever else was to be placed is carried.

        The order counts: between the wish and the order more may have come to be placed, and gone into either.
        """
        to_place = self.carried + (self.quantity if self.is_taken else ZERO)
        self.carried = max(to_place - wish.quantity, ZERO)
        self.quantity, self.cycle, self.attempt = wish.quantity, wish.cycle, wish.attempt
        self.answers = wish.answers
        self.is_taken = self.is_ordered = True
        self.waits, self.trouble = False, None

    def let_go(self) -> None:
        """Be free for the next order."""
        self.is_taken = self.is_ordered = self.waits = False
