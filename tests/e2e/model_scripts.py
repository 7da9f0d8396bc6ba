"""Scripts of what happens to an exchange, drawn from a seed: calls, moves of the market, deeds of others.

Trade ids in a script are ranks: "3" is the account's third trade, whatever the exchange calls it.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from random import Random

from attrs import field, frozen

from engine.calls import Call, Cancel, ListBalances, ListOpenOrders, ListOrders, ListTrades, LookUp, Place
from engine.values import ZERO, Kind, Market, Side
from tests.simulation.spot.fees import Terms

D = Decimal
STEPS = 70


@frozen
class Move:
    """Walk the market to a price."""

    price: Decimal


@frozen
class FillPart:
    """Let an outsider trade with a share of an order."""

    client_order_id: str
    share: Decimal


@frozen
class Expire:
    """Have the exchange end an order."""

    client_order_id: str


@frozen
class Transfer:
    """Deposit or withdraw."""

    asset: str
    delta: Decimal


@frozen
class Halt:
    """Stop trading."""


@frozen
class Resume:
    """Go on trading."""


Deed = Move | FillPart | Expire | Transfer | Halt | Resume
Step = Call | Deed


@frozen(kw_only=True)
class Setting:
    """Say where a script is played: one market, one account, the terms of trade."""

    market: Market
    price: Decimal
    balances: Mapping[str, Decimal]
    terms: Terms = field(factory=Terms)


SETTINGS: Mapping[str, Setting] = {
    "usual": Setting(
        market=Market("SOL", "USDT", D("0.01"), D("0.001"), D("0.001"), D(5)),
        price=D(100),
        balances={"SOL": D(40), "USDT": D(4000)},
    ),
    "no minimums, fine steps": Setting(
        market=Market("SOL", "USDT", D("0.0001"), D("0.0001")),
        price=D("3.5"),
        balances={"SOL": D(400), "USDT": D(1500), "BTC": D("0.5")},
        terms=Terms(fee_rate=D("0.00075")),
    ),
    "coarse": Setting(
        market=Market("DOGE", "EUR", D("0.1"), D(1), D(2), D(10)),
        price=D("2.5"),
        balances={"DOGE": D(2000), "EUR": D(5000)},
        terms=Terms(fee_rate=D("0.0013")),
    ),
    "fees in a little BNB": Setting(
        market=Market("SOL", "USDT", D("0.01"), D("0.001"), D("0.01"), D(5)),
        price=D(100),
        balances={"SOL": D(40), "USDT": D(4000), "BNB": D("0.0008")},
        terms=Terms(pays_in_third=True, third_price=D("333.33")),
    ),
    "fees in BNB that is traded": Setting(
        market=Market("BNB", "USDT", D("0.1"), D("0.001"), ZERO, D(5)),
        price=D(500),
        balances={"BNB": D(3), "USDT": D(2000)},
        terms=Terms(pays_in_third=True),
    ),
    "fees in BNB that pays": Setting(
        market=Market("SOL", "BNB", D("0.0001"), D("0.01"), D("0.01"), D("0.05")),
        price=D("0.2"),
        balances={"BNB": D(3), "SOL": D(15)},
        terms=Terms(pays_in_third=True),
    ),
    "few orders, no fees": Setting(
        market=Market("SOL", "USDC", D("0.05"), D("0.1"), ZERO, D(1)),
        price=D(20),
        balances={"SOL": D(100), "USDC": D(2000)},
        terms=Terms(fee_rate=ZERO, max_open_orders=5),
    ),
}

_NAMES = ("g-1", "g-2", "g-3", "g-4", "g-5", "g-6", "g-7", "web_9f3e", "x-R4BD3S82-1", "AND-0_0", "e" * 36)
_ODD_NAMES = ("two words", "e" * 37, "pâté", "a.b", "g-1\n")  # an exchange takes no such order
_RUNGS = 8  # percents that most prices are at most away from the market's


def draw(setting: Setting, seed: object, steps: int = STEPS) -> list[Step]:
    """Draw one script."""
    return _Author(setting, Random(f"{setting} {seed}")).write(steps)


class _Author:
    """Write what suits a market, and now and then what does not."""

    def __init__(self, setting: Setting, chance: Random) -> None:
        self._market, self._chance = setting.market, chance
        self._price = setting.price
        self._rung = max(self._market.round_price(setting.price / 100), self._market.price_tick)  # so that prices meet
        funds = setting.balances[setting.market.quote]
        self._usual_cost = max(funds / 40, setting.market.min_cost * 2)
        self._recent: list[str] = []  # names of orders that may be open, the newest last

    def write(self, steps: int) -> list[Step]:
        deeds = {self._place: 40, self._call: 27, self._move: 13, self._of_others: 20}
        return [write() for write in self._chance.choices(list(deeds), list(deeds.values()), k=steps)]

    def _place(self) -> Step:
        chance = self._chance
        kind = chance.choices((Kind.LIMIT, Kind.MARKET), (5, 1))[0]
        side = chance.choice(tuple(Side))
        price = self._a_price()
        name = chance.choice(_ODD_NAMES) if chance.random() < 0.02 else self._a_name(known=0.1)
        self._recent = [*self._recent, name][-6:]
        return Place(name, side, kind, price, self._a_quantity(price), post_only=chance.random() < 0.3)

    def _a_name(self, known: float) -> str:
        """Choose a name that is likely to be open with a chance of `known`, else one of those that are not."""
        if self._recent and self._chance.random() < known:
            return self._chance.choice(self._recent)
        return self._chance.choice([name for name in _NAMES if name not in self._recent])

    def _a_price(self) -> Decimal:
        chance, tick = self._chance, self._market.price_tick
        draw = chance.random()
        if draw < 0.6:
            return max((self._price // self._rung + chance.randint(-_RUNGS, _RUNGS)) * self._rung, tick)
        if draw < 0.9:
            return max(self._price + chance.choice((-3, -2, -1, -1, 0, 0, 0, 1, 1, 2, 3)) * tick, tick)
        odd = (self._price + tick / 2, self._price + tick / 10, tick / 2, tick / 3, tick, ZERO, -self._price)
        return chance.choice((*odd, self._price * 6, self._price / 8, self._price * 5, self._price / 5, D(10) ** 16))

    def _a_quantity(self, price: Decimal) -> Decimal:
        chance, step = self._chance, self._market.amount_step
        usual = self._market.floor_amount(self._usual_cost / max(self._price, abs(price)))
        draw = chance.random()
        if draw < 0.85:
            return max(usual * chance.randint(1, 30) / 10 // step * step, step)
        if draw < 0.92:
            enough = self._market.floor_amount(self._market.min_cost / (price if price > 0 else self._price))
            return max(enough + chance.choice((-1, 0, 1, 2)) * step, step)
        odd = (step, step / 2, usual + step / 4, ZERO, -usual, D(10) ** 16, D(10) ** 21)
        least = self._market.min_amount
        return chance.choice((*odd, least, least - step, *(usual * times for times in (20, 100, 500, 500))))

    def _call(self) -> Step:
        chance = self._chance
        name = chance.choice(("never", *_ODD_NAMES)) if chance.random() < 0.1 else self._a_name(known=0.8)
        after = chance.choice((None, "0", *(str(chance.randint(1, 30)) for _ in range(4))))
        calls: dict[Step, int] = {
            Cancel(name): 6,
            LookUp(name): 6,
            ListTrades(after): 2,
            ListOpenOrders(): 1,
            ListOrders(None if after == "0" else after): 2,
            ListBalances(): 1,
        }
        return chance.choices(list(calls), list(calls.values()))[0]

    def _move(self) -> Step:
        chance, tick = self._chance, self._market.price_tick
        far = self._price * D(chance.randint(-60, 60)) / 1000 if chance.random() < 0.6 else chance.randint(-2, 2) * tick
        price = self._price + far + (tick / 2 if chance.random() < 0.1 else ZERO)
        self._price = max(self._market.round_price(price), tick)  # halted or not: it need not be exact
        return Move(price)

    def _of_others(self) -> Step:
        chance, name = self._chance, self._a_name(known=0.9)
        deeds: dict[Step, int] = {
            FillPart(name, D(chance.randint(0, 99)) / 100): 8,
            Expire(name): 4,
            Transfer(self._an_asset(), self._an_amount()): 3,
            Halt(): 1,
            Resume(): 6,
        }
        return chance.choices(list(deeds), list(deeds.values()))[0]

    def _an_asset(self) -> str:
        return self._chance.choice((self._market.base, self._market.quote, "BNB", "XRP"))

    def _an_amount(self) -> Decimal:
        amount = (self._usual_cost * self._chance.randint(1, 60) / 10).quantize(D("0.00000001"))
        return amount if self._chance.random() < 0.5 else -amount
