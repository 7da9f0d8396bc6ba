"""The grid's own life: wait for the range, buy inventory, arm the ladder, liquidate, stop."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from engine.addresses import GridAddresses
from engine.calls import Refusal
from engine.effects import After, Effect, Send
from engine.grid import GridRules, Plan, level_prices, make_plan
from engine.grid_rest import Rest
from engine.journal.rows import GridRow, LevelRow, OrderRow
from engine.messages import (
    ARMING,
    ArmLevel,
    ExpectWishes,
    FundsCleared,
    GoOnDue,
    GridArmed,
    GridManagerInbox,
    GridRecalled,
    GridStopped,
    HaltTrading,
    InventoryBought,
    LevelsArmed,
    LevelsStarted,
    LiquidateGrid,
    LiquidationBegun,
    OpenGrid,
    OrderEnded,
    Owner,
    PlaceOrder,
    PricesUnwatched,
    RangeEntered,
    RecallGrid,
    ResumeOrders,
    StartLevels,
    StopGrid,
    StopLevels,
    TradeBooked,
    WatchRange,
    WishFunded,
    WishWaited,
)
from engine.messages.steering import PauseGrid, PauseOver, RestartGrid, ResumeGrid
from engine.values import ZERO, Kind, Side

OWN_SLOT = "grid"  # where the grid manager's own market orders are kept
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 10.0  # seconds between tries of a market order


class GridManager:
    """Take the grid from its first price to its stop, one step at a time.

    Where there is a journal, that says how far the grid has come: it begins there, be it at the very beginning.
    """

    def __init__(
        self,
        rules: GridRules,
        quote: Decimal,
        base: Decimal,
        addresses: GridAddresses,
        retries: int = 0,
        token: int = 0,
    ) -> None:
        """Hold the budget, `quote` and `base`; a purchase that comes short is tried `retries` times more.

        `token` marks this incarnation's question to the journal.
        """
        self._token = token
        self._rules = rules
        self._budget = (quote, base)
        self._addresses = addresses
        self._owner = Owner(addresses.grid, OWN_SLOT, None, addresses.grid_manager)
        self._retries = retries
        self._journal = addresses.journal
        self._is_open = False
        self._plan: Plan | None = None
        self._rows: dict[str, LevelRow] = {}  # of levels that go on
        self._last_price = ZERO
        self._is_bought = self._is_armed = False
        self._has_resumed = self._journal is None
        self._end_asked: StopGrid | LiquidateGrid | None = None  # before it was known what there is to end
        self._is_liquidating = False  # as the journal knows
        self._levels_wanted = False
        self._to_purchase = ZERO
        self._stop_reason: str | None = None
        self._sells = False  # a stop that sells all base first
        self._sales = 0
        self._is_dust = False  # what the last sale left
        self._held = (quote, base)
        self._stop_price = ZERO
        self._is_stopped = False
        self._market_orders = 0
        self._rest = Rest(addresses)

    def start(self) -> list[Effect]:
        """Ask how far the grid has come."""
        return [] if self._journal is None else [Send(self._journal, RecallGrid(self._token))]

    def handle(self, message: GridManagerInbox) -> list[Effect]:
        """Move on by one message."""
        match message:
            case OpenGrid():
                self._is_open = True
                return self._watch_range()
            case PricesUnwatched():
                return self._watch_range() if self._is_open else []
            case RangeEntered():
                return self._arm(message)
            case TradeBooked():
                return self._traded(message)
            case OrderEnded():
                return self._order_ended(message)
            case WishWaited():
                # The purchase or the sale cannot be made: on with what there is.
                return self._stopped() if self._stop_reason else self._start_levels()
            case WishFunded():
                return []
            case LevelsStarted():
                return self._arm_levels()
            case LiquidateGrid() | StopGrid():
                return self._end(message)
            case GridRecalled():
                return self._recalled(message) if message.token == self._token and not self._is_open else []
            case FundsCleared():
                return self._funds_cleared(message)
            case GoOnDue():
                return self._go_on()
            case PauseGrid() | RestartGrid() | ResumeGrid() | PauseOver():
                return self._steer(message)
            case _:
                assert_never(message)

    # --- arming ------------------------------------------------------------------------------------

    def _watch_range(self) -> list[Effect]:
        if self._plan is not None or self._stop_reason is not None:
            return []
        prices = level_prices(self._rules)
        return [Send(self._addresses.prices, WatchRange(prices[0], prices[-1]))]

    def _arm(self, seen: RangeEntered) -> list[Effect]:
        may_begin = self._is_open or self._journal is None
        if not may_begin or self._plan is not None or self._is_halted:
            return []  # if it has begun, the range is watched again
        plan = self._plan = make_plan(self._rules, seen.price, *self._budget)
        self._last_price = plan.price
        armed = GridArmed(self._addresses.grid, seen.time, plan)
        told = [*self._note(armed), Send(self._addresses.reporter, armed)]
        if not plan.purchase:
            return [*told, *self._start_levels()]
        self._to_purchase = plan.purchase
        return [*told, self._order(Side.BUY, plan.purchase_price, plan.purchase)]

    def _traded(self, trade: TradeBooked) -> list[Effect]:
        if trade.side is Side.BUY:
            self._to_purchase -= trade.quantity
        if not trade.complete or trade.side is Side.SELL:
            return []  # the ledger tells what a sale leaves
        return self._start_levels()

    def _order_ended(self, ended: OrderEnded) -> list[Effect]:
        """Try again what is left of a purchase, and at last go on with what there is; sales go by what is left."""
        if ended.side is Side.SELL:
            self._is_dust = ended.refusal is Refusal.RULES and self._is_near_minimum()
        if ended.side is Side.SELL or self._stop_reason is not None:
            return []
        if self._market_orders > self._retries:
            return self._start_levels()
        return [After(_pause(self._market_orders), GoOnDue())]

    def _go_on(self) -> list[Effect]:
        if self._stop_reason is not None:
            return self._sell() if self._sells else []
        assert self._plan is not None
        quantity = self._rules.market.floor_amount(self._to_purchase)
        if self._levels_wanted or not quantity or not self._rules.market.accepts(self._plan.price, quantity):
            return self._start_levels()
        return [self._order(Side.BUY, self._plan.purchase_price, quantity)]

    def _start_levels(self) -> list[Effect]:
        if self._stop_reason is not None or self._levels_wanted:
            return []
        assert self._plan is not None
        self._levels_wanted = True
        bought = [] if self._is_bought else self._note(InventoryBought())
        return [*bought, Send(self._addresses.levels, StartLevels(self._plan.levels))]

    def _arm_levels(self) -> list[Effect]:
        assert self._plan is not None
        if self._stop_reason is not None:
            return []
        addresses = self._addresses
        owners = tuple(
            Owner(addresses.grid, level.slot, level.index, addresses.level(level.slot)) for level in self._plan.levels
        )
        # The ledger first: it must know who owes before the first wish comes.
        rows = self._rows
        owed = ((row.slot, half.owes) for row in rows.values() for half in (row.buying, row.selling))
        answers = tuple((slot, trade) for slot, trade in owed if trade is not None)
        armed = [] if self._is_armed else self._note(LevelsArmed())
        return [
            Send(addresses.balance_tracker, ExpectWishes(owners, self._last_price, answers)),
            *(Send(addresses.level(owner.slot), ArmLevel(rows.get(owner.slot))) for owner in owners),
            *armed,
            *self._resume_orders(),
        ]

    # --- going on ----------------------------------------------------------------------------------

    def _recalled(self, recalled: GridRecalled) -> list[Effect]:
        """Go on where the grid was; orders are resumed when those are there who are told of their trades."""
        grid = recalled.grid
        self._is_open = True
        self._budget = self._held = (grid.capital_quote, grid.capital_base)
        self._market_orders, self._last_price = grid.market_orders, grid.last_price
        self._is_bought, self._is_armed = grid.initial_purchase_done, grid.grid_orders_initialized
        self._plan, self._rows = grid.plan, {row.slot: row for row in recalled.levels}
        effects: list[Effect] = []
        if grid.pause_reason is not None and grid.liquidation is None:
            effects += self._rest.go_on(grid.pause_reason, grid.paused_until, recalled.time)
        effects += self._go_on_from(grid, recalled.orders)
        if self._end_asked is not None:
            effects += self._end(self._end_asked)
        return effects

    def _go_on_from(self, grid: GridRow, orders: tuple[OrderRow, ...]) -> list[Effect]:
        if grid.liquidation is not None:
            self._is_liquidating = True
            return self._stop(grid.liquidation, grid.liquidation_price)
        if grid.plan is None:
            return [*self._resume_orders(), *self._watch_range()]
        if grid.initial_purchase_done:
            return self._start_levels()
        self._to_purchase = grid.plan.purchase - grid.purchased
        # What became of a purchase that was under way is told by the order manager.
        return [*self._resume_orders(), *([] if orders else self._go_on())]

    def _resume_orders(self) -> list[Effect]:
        if self._has_resumed or self._journal is None:
            return []
        self._has_resumed = True
        return [Send(self._addresses.order_manager, ResumeOrders())]

    def _note(self, fact: GridArmed | InventoryBought | LevelsArmed | LiquidationBegun) -> list[Effect]:
        return [] if self._journal is None else [Send(self._journal, fact)]

    # --- resting -----------------------------------------------------------------------------------

    @property
    def _is_halted(self) -> bool:
        """Tell whether the ledger has been told to fund nothing."""
        return self._stop_reason is not None or self._rest.is_wanted

    def _steer(self, wish: PauseGrid | RestartGrid | ResumeGrid | PauseOver) -> list[Effect]:
        """Rest or go on; a wish that comes too early or too late is repeated by whoever wishes."""
        if not self._is_open or self._journal is None or self._sells:
            return []
        if self._stop_reason is None:
            return self._rest.handle(wish)
        if self._is_stopped and isinstance(wish, RestartGrid | ResumeGrid):
            return self._rest.begin_again(wish.reason)
        return []

    # --- stopping ----------------------------------------------------------------------------------

    def _end(self, wish: StopGrid | LiquidateGrid) -> list[Effect]:
        if self._is_open or self._journal is None:
            if isinstance(wish, LiquidateGrid):
                return self._stop(wish.reason, wish.price)
            lasting = self._rest.keep(f"stopped by {wish.reason}") if wish.lasts and self._stop_reason is None else []
            return [*lasting, *self._stop(wish.reason, None)]
        self._end_asked = self._end_asked or wish
        return []

    def _stop(self, reason: str, sell_at: Decimal | None) -> list[Effect]:
        """Have every order taken down; then sell all base, near the price `sell_at`, or keep it when that is None."""
        if self._stop_reason is not None:
            return []
        self._stop_reason = reason
        begun: list[Effect] = []
        if sell_at is not None:
            self._sells, self._stop_price = True, sell_at
            begun = [] if self._is_liquidating else self._note(LiquidationBegun(reason, sell_at))
        return [*begun, Send(self._addresses.balance_tracker, HaltTrading()), *self._resume_orders()]

    def _funds_cleared(self, cleared: FundsCleared) -> list[Effect]:
        """Sell, look what is left, sell again: a sale may fill in part, or be refused."""
        self._held = (cleared.quote, cleared.base)
        if self._stop_reason is None:
            return self._rest.cleared(*self._held)
        if self._sells and self._sellable() and self._sales:
            return [After(_pause(self._sales), GoOnDue())]
        return self._sell() if self._sells else self._stopped()

    def _sellable(self) -> Decimal:
        """Give what the step and the minimums allow to sell; the rest is dust."""
        market = self._rules.market
        quantity = market.floor_amount(self._held[1])
        return quantity if market.accepts(self._stop_price, quantity) else ZERO

    def _is_near_minimum(self) -> bool:
        """Tell whether the sale may be too small at a price that has moved on; a larger one is refused for else."""
        market, quantity = self._rules.market, self._sellable()
        return quantity < 2 * market.min_amount or self._stop_price * quantity < 2 * market.min_cost

    def _sell(self) -> list[Effect]:
        """Sell all that is left, unless that is dust: to the market's rules, or to the exchange, at today's price."""
        if self._is_dust or not self._sellable():
            return self._stopped()
        self._sales += 1
        return [self._order(Side.SELL, self._stop_price, self._sellable())]

    def _stopped(self) -> list[Effect]:
        assert self._stop_reason is not None
        if self._is_stopped:
            return []
        self._is_stopped = True
        stopped = GridStopped(self._addresses.grid, self._stop_reason, *self._held)
        heard_by = self._addresses.reporter if self._journal is None else self._journal  # which tells what is written
        return [Send(self._addresses.levels, StopLevels()), Send(heard_by, stopped)]

    def _order(self, side: Side, price: Decimal, quantity: Decimal) -> Send:
        wish = PlaceOrder(self._owner, self._market_orders, side, Kind.MARKET, price, quantity, ARMING)
        self._market_orders += 1
        return Send(self._addresses.balance_tracker, wish)


def _pause(tries: int) -> float:
    """Give the seconds to wait before the next try."""
    return min(_FIRST_PAUSE * 2.0 ** min(tries - 1, 10), _LONGEST_PAUSE)
