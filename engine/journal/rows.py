"""What is written of a grid: how everything stands now, and every event that led there.

Prices are quote per base, quantities base, times epoch milliseconds UTC. Ids are the exchange's own unless they are
called client order ids.
"""

from __future__ import annotations

from decimal import Decimal

from attrs import field, frozen

from engine.grid import Plan
from engine.messages.reports import TradeBooked
from engine.messages.wishes import AGAIN, ARMING
from engine.orders import OrderState
from engine.values import ONE, ZERO, Kind, Side


@frozen(kw_only=True)
class GridRow:
    """Hold where a grid stands in its life.

    It began with `capital_quote` and `capital_base`; `run` is in its client order ids. Its quantities are rounded to
    `amount_step`, its levels sell the share `sell_ratio` of what they bought. `plan` is None before it armed.
    `caught_up` is the trade up to which all of the account's are known, `newest_trade` the grid's latest; None for
    none. `purchased` is the base of the initial purchase so far, `market_orders` counts what the grid manager ordered.
    `liquidation` is why all base is being sold, with the price where that began; `stop_reason` is there once that is
    over. `last_price` is that of the last trade, or of arming. `pause_reason` is there while the grid is to rest, until
    `paused_until` (None: until somebody says otherwise).
    """

    capital_quote: Decimal
    capital_base: Decimal
    run: str
    amount_step: Decimal = ZERO
    sell_ratio: Decimal = ONE
    armed_at: int | None = None
    plan: Plan | None = None
    purchased: Decimal = ZERO
    initial_purchase_done: bool = False
    grid_orders_initialized: bool = False
    market_orders: int = 0
    caught_up: str | None = None
    newest_trade: str | None = None
    liquidation: str | None = None
    liquidation_price: Decimal = ZERO
    stop_reason: str | None = None
    last_price: Decimal = ZERO
    pause_reason: str | None = None
    paused_until: int | None = None


@frozen
class BalanceRow:
    """Hold what a grid has of one asset; `fees_paid` are those in an asset that is not the grid's."""

    asset: str
    free: Decimal
    reserved: Decimal
    fees_paid: Decimal = ZERO


@frozen(kw_only=True)
class OrderRow:
    """Hold one order: what was wished, and what became of it.

    `level` is None for the grid manager's market orders. `order_id` is empty until the exchange has said it.
    `reserved` is what it still holds back (quote for a buy, base for a sell), `brought_in` what its parts have got.
    `text` says why it ended, if it was not filled.
    """

    client_order_id: str
    order_id: str = ""
    slot: str
    level: int | None
    cycle: int
    attempt: int
    side: Side
    kind: Kind
    price: Decimal
    quantity: Decimal
    answers: str
    reserved: Decimal
    brought_in: Decimal = ZERO
    filled: Decimal = ZERO
    state: OrderState = OrderState.SUBMITTED
    placed_at: int
    ended_at: int | None = None
    text: str = ""


@frozen(kw_only=True)
class HalfRow:
    """Hold one side of a level, as `GridLevel` knows it.

    `is_taken` by a wish or an order for `quantity`; `is_ordered` when it is an order. `waits` for funds since it was
    wished. `carried` goes into the next order. `answers` is what the newest wish answers.
    """

    is_taken: bool = False
    is_ordered: bool = False
    waits: bool = False
    quantity: Decimal = ZERO
    filled: Decimal = ZERO
    carried: Decimal = ZERO
    cycle: int = -1
    attempt: int = 0
    failures: int = 0
    answers: str = ""
    trouble: str | None = None

    @property
    def owes(self) -> str | None:
        """Give the trade that it has yet to answer with a wish that may be funded at once; None for none."""
        is_wished = self.is_taken and not self.is_ordered and not self.waits
        return self.answers if is_wished and self.answers not in (ARMING, AGAIN) else None


@frozen(kw_only=True)
class LevelRow:
    """Hold one level; `state` is a `LevelState`, `latest` the side that it is at."""

    slot: str
    state: str
    latest: Side
    cycle: int
    kept_of_buy: Decimal
    buying: HalfRow
    selling: HalfRow


@frozen(kw_only=True)
class EventRow:
    """Hold one event, told for people: what happened, when, to which order of which slot, and all about it."""

    time: int
    kind: str
    slot: str | None = None
    client_order_id: str | None = None
    details: tuple[tuple[str, str], ...] = ()


@frozen(kw_only=True)
class Batch:
    """Hold what is written together: rows as they stand now, events and trades that are new."""

    grid: GridRow | None = None
    balances: tuple[BalanceRow, ...] = ()
    orders: tuple[OrderRow, ...] = ()
    levels: tuple[LevelRow, ...] = ()
    trades: tuple[TradeBooked, ...] = ()
    events: tuple[EventRow, ...] = ()


@frozen(kw_only=True)
class Stored:
    """Hold what is needed to go on: no order that is over, and no trade but those of live orders, oldest first."""

    grid: GridRow
    balances: tuple[BalanceRow, ...] = ()
    live_orders: tuple[OrderRow, ...] = ()
    levels: tuple[LevelRow, ...] = field(default=())
    live_trades: tuple[TradeBooked, ...] = ()
