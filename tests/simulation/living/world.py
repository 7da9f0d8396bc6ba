"""One world: a grid, its process, its exchange, its owner, and all that a seed has go wrong."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from engine.calls import Call, Outcome
from engine.grid_setup import GridSetup
from engine.messages import PriceFetched
from engine.values import ZERO
from tests.simulation.living.audit import check, held_base, unfinished
from tests.simulation.living.chance import Chance
from tests.simulation.living.disk import Disk
from tests.simulation.living.house import House
from tests.simulation.living.keepers import Keepers
from tests.simulation.living.laws import Laws, require
from tests.simulation.living.network import Network
from tests.simulation.living.owner import Owner
from tests.simulation.living.process import Process
from tests.simulation.living.rates import drawn_rates
from tests.simulation.living.residents import Killed, Teller, Told
from tests.simulation.living.setups import START, draw_setup
from tests.simulation.living.streams import Streams
from tests.simulation.living.tables import EXPECTED, watched
from tests.simulation.living.verdict import LawBroken, Verdict, Violation
from tests.simulation.living.weather import Weather
from tests.simulation.spot.exchange import SpotExchange, Terms

__all__ = ["Told", "World", "live"]

TROUBLE = 150.0  # seconds in which things go wrong
HEALS_WITHIN = 900.0  # seconds of calm after which every grid stands again
_LOOKS_EVERY = 5.0
_EPOCH = 1_700_000_000_000
_NOTICED = Decimal(60)  # of quote: beyond the tolerance of the reconciliation
_TOLD_WITHIN = 200.0  # seconds: some reconciliations
_AFTERWARDS = (Decimal("97.3"), Decimal("104.1"), Decimal(100))  # the market goes on when all is well


def live(seed: int, *, only: frozenset[str] | None = None, teller: Teller | None = None) -> Verdict:
    """Live through the world of `seed`, in which nothing goes wrong but `only`; tell everything to `teller`."""
    disabled, reached = logging.root.manager.disable, Counter[str]()
    logging.disable()
    world = World(seed, only, teller)
    violation = None
    try:
        with watched(reached):
            world.live()
    except LawBroken as broken:
        violation = Violation(law=broken.law, what=broken.what, at=world.house.now)
    finally:
        logging.disable(disabled)
    for (before, message, after), times in world.keepers.levels.items():
        reached[f"level: {before} + {message} -> {after}"] += times
    if violation is None and (strange := reached.keys() - EXPECTED):
        violation = Violation(law="everybody moves as the tables say", what=", ".join(strange), at=world.house.now)
    return Verdict(
        seed=seed,
        violation=violation,
        faults=tuple(world.chance.struck),
        reached=reached,
        messages=world.house.delivered,
        seconds=world.house.now,
    )


class World:
    """Hold all of it together."""

    def __init__(self, seed: int, only: frozenset[str] | None, teller: Teller | None) -> None:
        chance = self.chance = Chance(seed, only)
        drawn = chance.stream("setup")
        self.setup, self.teller = draw_setup(drawn), teller
        rates = drawn_rates(chance.stream("rates"))
        market = self.setup.market
        self.assets = (market.quote, market.base, "BNB")
        budget = self.setup.settings.trading_settings.initial_balance
        self.others = {  # what is in the account beside the grid's budget, without what is traded by hand
            market.quote: Decimal(drawn.choice((0, 50, 1000))),
            market.base: Decimal(drawn.choice((0, 3))),
            "BNB": Decimal(drawn.choice(("0.002", "10"))) if self.setup.fees_in_third else ZERO,
        }
        self._ends_with_a_withdrawal = drawn.random() < 0.2
        self.clock_offset, self.clock_has_jumped = 0, False
        self.calm_since = 0  # epoch milliseconds
        balances = {**self.others, market.quote: self.others[market.quote] + budget}
        self.disk = Disk(chance, rates, self._journal_lost)
        self.house = House(
            chance,
            disorder=chance.hazard("disorder", rates["disorder"]).strikes(),
            slowness=rates["slowness"] if chance.hazard("slow machine", rates["slow machine"]).strikes() else 0.0,
            crashes=rates["crash"],
            hangs=rates["hang"],
            kills=rates["kill"],
            law_of=lambda address, is_supervisor: self.keepers.law_of(address, is_supervisor=is_supervisor),
            teller=teller,
        )
        self.exchange = SpotExchange(
            market,
            Terms(pays_in_third=self.setup.fees_in_third),
            balances,
            START,
            self.exchange_time,
        )
        self.laws = Laws(self.exchange, self.disk)
        self.keepers = Keepers(self.setup.rules, self.house.generation, lambda: self.house.now)
        self.network = Network(self.house, chance, rates, self)
        self.process = Process(self)
        self.owner = Owner(self, rates)
        self.weather = Weather(self, rates)
        addresses = self.setup.grid("").addresses
        self.order_streams = Streams("order stream", addresses.order_feed, self.house, chance, rates)
        self.price_streams = Streams(
            "price stream",
            addresses.price_feed,
            self.house,
            chance,
            rates,
            lambda number: PriceFetched(number, self.wall(), self.exchange.price),
        )
        self.exchange.listeners.append(lambda told: self.order_streams.tell(lambda _: told))
        self._lost_journal, self._old_journal = (
            chance.hazard(kind, rates[kind]) for kind in ("database lost", "database put back")
        )

    def exchange_time(self) -> int:
        """Give the time of the exchange, in epoch milliseconds."""
        return _EPOCH + int(self.house.now * 1000)

    def wall(self) -> int:
        """Give the time of this computer, in epoch milliseconds."""
        return self.exchange_time() + self.clock_offset

    # --- what happens in it ----------------------------------------------------------------------------

    def live(self) -> None:
        """Have things go wrong for a while; then see all come right."""
        self.process.start()
        self.weather.begin()
        self._go_on(TROUBLE)
        self._calm_down()
        self._stand()
        for price in _AFTERWARDS:
            self._move(price)
        if self._ends_with_a_withdrawal:
            self._withdraw()
        self._meet_exit()

    def _move(self, price: Decimal) -> None:
        self.weather.go_to(price)
        self._go_on(self.house.now + 2.0)
        self._stand()

    def _withdraw(self) -> None:
        """Take some of the grid's money, and see that its owner is told."""
        quote, kept = self.setup.market.quote, self.disk.kept
        amount = self.exchange.balance(quote)[0] - max(self.spare(quote), ZERO)
        if self.process.is_over or kept.grid is None or kept.grid.stop_reason is not None or amount < _NOTICED:
            return
        self._go_on(self.house.now + _TOLD_WITHIN)  # what was lacking before is known to have come back
        self.owner.withdraw(quote, self.exchange.balance(quote)[0])
        self._go_on(self.house.now + _TOLD_WITHIN)
        kinds = [event.kind for event in self.disk.kept.events if event.time >= self.wall() - _TOLD_WITHIN * 1000]
        require("balances_differed" in kinds, "what the account lacks is told", f"{amount} {quote} is gone")
        self.owner.make_good()
        self._stand()

    def _meet_exit(self) -> None:
        """Have the market go beyond the exits: nothing is held afterwards."""
        if self.setup.exit_beyond is None or self.process.is_over or not held_base(self):
            return
        was_out = self._exit() is not None
        self.weather.go_to(self.setup.exit_beyond)
        self._wait(self._still_in, "at an exit all is sold")
        self._stand()
        if not was_out and self._exit() is not None:
            require(self._exit() == self.setup.exit, "an exit is called by its name", f"{self._exit()}")

    def _exit(self) -> str | None:
        """Name what the grid is being sold for."""
        row = self.disk.kept.grid
        return None if row is None else row.liquidation

    def _still_in(self) -> str | None:
        row = self.disk.kept.grid
        is_out = row is not None and row.stop_reason is not None
        return None if is_out or not held_base(self) else f"{held_base(self)} is held at {self.exchange.price}"

    def _go_on(self, until: float) -> None:
        while True:
            try:
                self.house.run(until)
            except Killed:
                self._killed()
            else:
                return

    def _killed(self) -> None:
        detail = self.chance.detail()
        self.process.die()
        self.process_ended(detail.choice((0.1, 2.0, 30.0)))

    def process_ended(self, downtime: float = 3.0) -> None:
        """Start it again; it may find its database gone, or replaced by a copy."""
        self._find_journal()
        self.process.start(downtime)

    def _find_journal(self) -> None:
        if self._lost_journal.strikes():
            self.disk.lose()
        if self._old_journal.strikes():
            self.disk.put_copy_back()

    def _calm_down(self) -> None:
        self.chance.is_calm = True
        self.house.speed_up()
        self.network.heal()
        self.disk.is_full = self.exchange.is_halted = False
        self.order_streams.is_down = self.price_streams.is_down = False
        if self.clock_offset:
            self.owner.forget_rest()
        self.clock_offset = 0
        self.calm_since = self.wall()
        self.owner.make_good()
        self.weather.go_to(START)
        self._go_on(self.house.now)

    def _stand(self) -> None:
        """Wait until the ladder stands, and see that all agree."""
        self._wait(lambda: unfinished(self), "a level is never stuck")
        check(self)

    def _wait(self, lacks: Callable[[], str | None], law: str) -> None:
        """Go on until nothing is lacking any more; that it takes too long breaks the law."""
        deadline = self.house.now + HEALS_WITHIN
        while (what := lacks()) is not None:
            require(self.house.now < deadline, law, what)
            if self._rests():
                self.owner.resume()
            self._go_on(self.house.now + _LOOKS_EVERY)

    def _rests(self) -> bool:
        row = self.disk.kept.grid
        return self.process.console.has_stopped or (row is not None and row.pause_reason is not None)

    # --- what others want of it --------------------------------------------------------------------------

    def began(self, grid: GridSetup) -> None:
        """Take note of the grid that is being run."""
        self.laws.began(grid.prefix)
        self.keepers.began(grid.addresses)

    def arrive(self, call: Call) -> Outcome:
        """Have the exchange take a request."""
        self.laws.arrives(call)
        if self.teller is not None:
            self.teller(Told(self.house.now, "network", "exchange", call))
        outcome = self.exchange.answer(call)
        self.laws.answered(call, outcome)
        return outcome

    def hang_up(self) -> None:
        """Have every connection of the process end."""
        self.order_streams.hang_up()
        self.price_streams.hang_up()

    def own_orders(self) -> list[str]:
        """Name the grid's open orders."""
        return [name for name in self.exchange.open_by_name if self.laws.is_own(name)]

    def spare(self, asset: str) -> Decimal:
        """Give what of an asset is not the grid's, and not in an order."""
        market = self.setup.market
        left = self.others[asset] + self.traded(own=False)[asset]
        for order in self.exchange.open_by_name.values():
            if not self.laws.is_own(order.client_order_id) and asset == (market.quote if order.is_buy else market.base):
                left -= order.lock
        return left

    def traded(self, *, own: bool) -> dict[str, Decimal]:
        """Add up what trades have changed, of the grid's orders or of all others."""
        market = self.setup.market
        sums: dict[str, Decimal] = dict.fromkeys(self.assets, ZERO)
        for order in self.exchange.orders.values():
            if self.laws.is_own(order.client_order_id) is not own:
                continue
            for trade in order.trades:
                quantity = trade.quantity if order.is_buy else -trade.quantity
                sums[market.base] += quantity
                sums[market.quote] -= quantity * trade.price
                sums[trade.fee_asset] -= trade.fee
        return sums

    def _journal_lost(self) -> None:
        self.owner.forget_rest()
