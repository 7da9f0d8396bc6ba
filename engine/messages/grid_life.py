"""The life of a grid: armed, liquidated, stopped."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from engine.freezing import frozen
from engine.grid import Plan, PlannedLevel
from engine.messages.wishes import Owner

if TYPE_CHECKING:
    from engine.journal.rows import LevelRow


@frozen
class OpenGrid:
    """Begin: wait for the price to be in range."""


@frozen
class StartLevels:
    """Ask the supervisor of the levels to start one actor for each."""

    levels: tuple[PlannedLevel, ...]


@frozen
class LevelsStarted:
    """Report that all levels are alive."""


@frozen
class StopLevels:
    """Ask the supervisor of the levels to stop them all."""


@frozen
class ExpectWishes:
    """Tell the ledger who owes a first wish, and the price that distances are measured from.

    Of a grid that goes on, `answers` are what slots have yet to answer besides: trades, by their ids.
    """

    owners: tuple[Owner, ...]
    price: Decimal
    answers: tuple[tuple[str, str], ...] = ()


@frozen
class ArmLevel:
    """Tell a level to wish its first order; or to go on from `row`, where the journal knows it."""

    row: LevelRow | None = None


@frozen
class GridArmed:
    """Report the plan that the grid armed with."""

    grid: str
    time: int
    plan: Plan


@frozen
class HoldingsChanged:
    """Tell what base the grid holds, whenever that turns from nothing to something or back."""

    base: Decimal


@frozen
class TellHoldings:
    """Ask the ledger to tell the risk monitor what it holds."""


@frozen
class LiquidateGrid:
    """Cancel everything, sell all base at market, stop."""

    reason: str
    price: Decimal


@frozen
class StopGrid:
    """Cancel everything, keep the position, stop; `lasts` until somebody resumes the grid, whoever starts it again."""

    reason: str
    lasts: bool = False


@frozen
class GoOnDue:
    """Remind an actor to go on with what it is at."""


@frozen
class HaltTrading:
    """Tell the ledger to fund nothing more and to have every open order cancelled."""


@frozen
class CancelAllOrders:
    """Take down every open order of the grid; their owners are not asked."""


@frozen
class FundsCleared:
    """Report that no order is left: all money is free."""

    quote: Decimal
    base: Decimal


@frozen
class GridStopped:
    """Report that the grid is done, why, and what it holds then."""

    grid: str
    reason: str
    quote: Decimal
    base: Decimal
