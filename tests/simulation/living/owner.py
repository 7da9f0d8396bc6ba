"""The owner of the account: steers the grid, trades by hand beside it, takes money out and puts it in."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import evolve

from engine.calls import Cancel, Done, Place
from engine.messages import GridStopped, StopGrid
from engine.messages.steering import GridPaused, PauseGrid, RestartGrid, ResumeGrid
from engine.values import ZERO, Kind, Side
from tests.simulation.living.chance import Hazard
from tests.simulation.living.laws import require

if TYPE_CHECKING:
    from tests.simulation.living.world import World

FAULTS = (
    "owner pauses",
    "owner pauses for a while",
    "owner resumes",
    "owner stops",
    "owner restarts",
    "owner quits",
    "owner trades by hand",
    "owner cancels an order of the grid",
    "owner withdraws",
    "owner withdraws too much",
    "owner deposits",
)
_PATIENCE = 120_000  # milliseconds that a pause may last beyond its end, when nothing goes wrong any more


class Owner:
    """Do now and then what an owner may do at any time."""

    def __init__(self, world: World, rates: dict[str, float]) -> None:
        self._world = world
        self._hazards: list[Hazard] = [world.chance.hazard(kind, rates.get(kind, 0.0)) for kind in FAULTS]
        self.own_orders: dict[str, bool] = {}  # placed by hand, and whether they are wanted still
        self._owed: dict[str, Decimal] = {}  # of the grid's money, to be brought back
        self._rests = 0  # wishes for rest so far
        self._wants_rest: int | None = None  # which of them stands
        self._reason = ""  # of the newest of them
        self._stops: set[str] = set()  # the reasons of those that are to last, since it last was to go on

    def act(self) -> None:
        """Do what comes to mind."""
        for hazard in self._hazards:
            if hazard.strikes():
                self._do(hazard.kind)

    def _do(self, kind: str) -> None:
        world, detail = self._world, self._world.chance.detail()
        match kind:
            case "owner pauses":
                self._have_rest(PauseGrid("lunch"))
            case "owner pauses for a while":
                seconds = detail.choice((3.0, 20.0, 90.0))
                self._have_rest(PauseGrid("a while", world.wall() + int(seconds * 1000), seconds))
            case "owner resumes":
                self._have_go_on(ResumeGrid("asked to"))
            case "owner stops":
                self._have_rest(StopGrid("asked to", lasts=True))
            case "owner restarts":
                self._have_go_on(RestartGrid("asked to"))
            case "owner quits":
                world.process.quit()
            case "owner trades by hand":
                self._trade(detail.choice(("bid", "ask", "cancel", "take")), detail.randrange(85, 116))
            case "owner cancels an order of the grid":
                if own := world.own_orders():
                    world.exchange.answer(Cancel(detail.choice(own)))
            case "owner withdraws":
                self._transfer(detail.choice(world.assets), -Decimal(detail.randrange(1, 100)) / 100, is_spare=True)
            case "owner withdraws too much":
                self.withdraw(detail.choice(world.assets), Decimal(detail.randrange(50, 500)))
            case _:
                self._transfer(detail.choice(world.assets), Decimal(detail.randrange(1, 50)), is_spare=True)

    # --- steering --------------------------------------------------------------------------------------

    def _have_rest(self, wish: PauseGrid | StopGrid) -> None:
        """Wish that it rests, for a reason of its own, by which the answer is known."""
        self._world.laws.may_not_place = None  # until the grid is known to be at this one
        self._rests += 1
        self._wants_rest = rest = self._rests
        wish = evolve(wish, reason=f"{wish.reason}, the {rest}th time")
        if isinstance(wish, StopGrid):
            self._stops.add(wish.reason)
        elif wish.seconds is not None:
            self._world.house.later(wish.seconds, lambda: self._is_over(rest))
        self._reason = wish.reason
        self._tell(wish)

    def _is_over(self, rest: int) -> None:
        if self._wants_rest == rest:
            self.forget_rest()

    def _have_go_on(self, wish: ResumeGrid | RestartGrid) -> None:
        self.forget_rest()
        self._tell(wish)

    def forget_rest(self) -> None:
        """Let the grid trade again: it is wished, or it cannot know better."""
        self._wants_rest = None
        self._stops.clear()
        self._world.laws.may_not_place = None

    def hears_of_rest(self, told: GridPaused | GridStopped) -> None:
        """Hear that the grid rests, as was wished: until somebody wishes otherwise no order comes, whoever dies."""
        if self._wants_rest is None:
            return
        if isinstance(told, GridStopped):
            if told.reason in self._stops:
                self._world.laws.may_not_place = "it was stopped"
        elif told.reason == self._reason:
            self._world.laws.may_not_place = f"it rests: {told.reason}"

    def _tell(self, wish: PauseGrid | ResumeGrid | RestartGrid | StopGrid) -> None:
        if self._world.process.is_up:
            self._world.house.send(self._world.process.addresses.grid_manager, wish, "owner")

    def resume(self) -> None:
        """Have the grid run, unless it will by itself."""
        row, process = self._world.disk.kept.grid, self._world.process
        if not process.is_up:
            return
        until = None if row is None else row.paused_until
        if until is not None and not self._world.clock_has_jumped:
            late = self._world.wall() - max(until, process.up_since, self._world.calm_since)
            require(late < _PATIENCE, "a pause ends when it was to", f"by {late} ms ago, and the grid still rests")
        else:
            self._have_go_on(ResumeGrid("all is well"))

    # --- at the exchange ------------------------------------------------------------------------------

    def withdraw(self, asset: str, amount: Decimal) -> None:
        """Take out what is free, be it the grid's or not."""
        self._transfer(asset, -amount, is_spare=False)

    def make_good(self) -> None:
        """Bring back what is the grid's."""
        owed, self._owed = self._owed, {}
        for asset, amount in owed.items():
            self._transfer(asset, amount, is_spare=True)

    def _transfer(self, asset: str, amount: Decimal, *, is_spare: bool) -> None:
        world = self._world
        if amount < 0 and is_spare:
            amount = -min(-amount, max(world.spare(asset), ZERO))
        amount = max(amount, -world.exchange.balance(asset)[0])
        if not is_spare:
            self._owed[asset] = self._owed.get(asset, ZERO) - amount
        world.exchange.transfer(asset, amount)
        world.others[asset] += amount

    def _trade(self, how: str, price: int) -> None:
        """Place or cancel an order by hand, with money that is not the grid's."""
        world, market = self._world, self._world.setup.market
        if how == "cancel":
            wanted = [name for name, is_wanted in self.own_orders.items() if is_wanted]
            if wanted and isinstance(world.exchange.answer(Cancel(wanted[0])), Done):
                self.own_orders[wanted[0]] = False
            return
        side = Side.BUY if how == "bid" else Side.SELL
        quantity = Decimal("0.2")
        spare = world.spare(market.quote if side is Side.BUY else market.base)
        worst = max(Decimal(price), world.exchange.price + 1)
        if spare < (quantity * worst if side is Side.BUY else quantity):
            return
        kind = Kind.MARKET if how == "take" else Kind.LIMIT
        name = f"web_{len(self.own_orders)}"
        if isinstance(world.exchange.answer(Place(name, side, kind, Decimal(price), quantity)), Done):
            self.own_orders[name] = kind is Kind.LIMIT
