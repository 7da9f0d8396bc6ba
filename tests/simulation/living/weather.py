"""What changes around a grid: the price, and how well everything is that it stands on."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from engine.messages import PricesSeen
from tests.simulation.living.chance import Hazard
from tests.simulation.living.streams import Streams

if TYPE_CHECKING:
    from tests.simulation.living.world import World

PRICE_EVERY, TICK_EVERY = 6.0, 3.0  # seconds
SPELLS = {  # who suffers, and by what
    "network down": ("network", "is_down"),
    "maintenance": ("network", "is_in_maintenance"),
    "key refused": ("network", "refuses_the_key"),
    "market halted": ("exchange", "is_halted"),
    "order stream down": ("order_streams", "is_down"),
    "price stream down": ("price_streams", "is_down"),
    "disk full": ("disk", "is_full"),
}
_TO_STREAMS = {"drops": Streams.drop, "falls silent": Streams.fall_silent, "leaves": Streams.leave}
FAULTS = (
    *SPELLS,
    "order stream drops",
    "order stream falls silent",
    "order stream leaves",
    "price stream drops",
    "price stream falls silent",
    "price stream leaves",
    "clock jumps",
    "order expires",
    "order fills in part",
    "bad price",
    "database copied",
)


class Weather:
    """Move the price, and have things be out of order for a while."""

    def __init__(self, world: World, rates: dict[str, float]) -> None:
        self._world = world
        self._hazards: list[Hazard] = [world.chance.hazard(kind, rates.get(kind, 0.0)) for kind in FAULTS]
        self._price = world.chance.hazard("price", 1.0)

    def begin(self) -> None:
        """Go on by itself from now on."""
        self._world.house.later(1.0, self._move)
        self._world.house.later(2.0, self._tick)

    # --- the price -----------------------------------------------------------------------------------

    def _move(self) -> None:
        world = self._world
        if world.chance.is_calm:
            return
        if self._price.strikes():
            self.go_to(_drawn(world.chance.detail()))
        world.house.later(PRICE_EVERY, self._move)

    def go_to(self, price: Decimal) -> None:
        """Have the market go there, and tell it."""
        self._world.exchange.move(price)
        if self._world.setup.is_beyond_exit(self._world.exchange.price):
            self._world.laws.may_exit = True
        self._tell_price(self._world.exchange.price)

    def _tell_price(self, price: Decimal) -> None:
        time = self._world.exchange_time()
        self._world.price_streams.tell(lambda number: PricesSeen(number, time, price, price, price))

    def _tick(self) -> None:
        """Have somebody trade at the same price, and something go wrong or not."""
        world = self._world
        self._tell_price(world.exchange.price)
        if not world.chance.is_calm:
            for hazard in self._hazards:
                if hazard.strikes():
                    self._change(hazard.kind)
            world.owner.act()
        world.house.later(TICK_EVERY, self._tick)

    # --- the rest --------------------------------------------------------------------------------------

    def _change(self, kind: str) -> None:
        world, detail = self._world, self._world.chance.detail()
        if kind in SPELLS:
            self._begin_spell(kind, detail)
        elif " stream " in kind:
            streams = world.order_streams if kind.startswith("order") else world.price_streams
            _TO_STREAMS[kind.partition(" stream ")[2]](streams)
        elif kind == "clock jumps":
            world.owner.forget_rest()  # a pause with an end may be over by now
            world.clock_has_jumped = True
            world.clock_offset = detail.choice((-3_600_000, -5_000, 5_000, 3_600_000))
        elif kind == "bad price":
            self._tell_price(detail.choice((Decimal(0), Decimal("0.01"), Decimal(100_000))))
        elif kind == "database copied":
            world.disk.copy()
        elif own := world.own_orders():
            name = detail.choice(own)
            if kind == "order expires":
                world.exchange.expire(name)
            else:
                world.exchange.fill_part(name, Decimal(detail.randrange(1, 10)) / 10)

    def _begin_spell(self, kind: str, detail: Random) -> None:
        """Have something be so for a while."""
        part, is_so = SPELLS[kind]
        sufferer = getattr(self._world, part)
        if kind.endswith("stream down"):
            sufferer.drop()
        setattr(sufferer, is_so, True)
        self._world.house.later(detail.choice((1.0, 5.0, 15.0, 45.0)), lambda: setattr(sufferer, is_so, False))


def _drawn(detail: Random) -> Decimal:
    """Draw where the market goes: mostly within the range, now and then far out."""
    reach = detail.choice((5, 11, 11, 11, 18, 22))
    return Decimal(detail.randrange(-reach * 100, reach * 100 + 1)) / 100 + 100
