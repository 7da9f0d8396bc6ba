"""What a sandbox is made of."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from attrs import field, frozen

from actors.sandbox.price_paths import ScriptedPrice
from engine.values import ONE
from engine.venue.values import SymbolRules

_FINEST, _LARGEST_TICK = Decimal("1e-8"), Decimal("0.01")
_SMALLEST_STEP, _LARGEST_STEP = Decimal("1e-6"), ONE
_MOST = Decimal(9_000_000)  # of base in one order
MIN_NOTIONAL = Decimal(5)
STARTING_WORTH = Decimal(10_000)  # in quote, of quote and of base alike


@frozen
class Pair:
    """Trade `base` against `quote`, from `price` on."""

    base: str
    quote: str
    price: Decimal

    @property
    def symbol(self) -> str:
        """Name the pair as the exchange does, ``SOLUSDT``."""
        return self.base + self.quote

    def rules(self) -> SymbolRules:
        """Give rules that suit the price: five digits of it, steps of base worth up to 1 of quote."""
        magnitude = self.price.adjusted()
        tick = min(max(ONE.scaleb(magnitude - 4), _FINEST), _LARGEST_TICK)
        step = min(max(ONE.scaleb(-magnitude - 1), _SMALLEST_STEP), _LARGEST_STEP)
        return SymbolRules(
            self.symbol,
            self.base,
            self.quote,
            price_tick=tick,
            amount_step=step,
            min_price=tick,
            max_price=ONE.scaleb(magnitude + 4),
            min_amount=step,
            max_amount=_MOST,
            min_notional=MIN_NOTIONAL,
        )


@frozen(kw_only=True)
class SandboxOptions:
    """Hold how a sandbox is set up.

    `volatility` is the typical move of a market day as a share (0: the market stands still), `speed` how many market
    seconds pass in a second. A `script` moves the first pair instead. Ports of 0 are chosen by the system.
    `rules` replace what suits the price. `balances` None: some of every asset.
    """

    pairs: tuple[Pair, ...] = (Pair("SOL", "USDT", Decimal(100)),)
    seed: int = 0
    volatility: Decimal = Decimal(0)
    speed: Decimal = Decimal(1)
    script: tuple[ScriptedPrice, ...] = ()
    port: int = 0
    stream_port: int = 0
    balances: Mapping[str, Decimal] | None = None
    maker_fee: Decimal = Decimal("0.001")
    taker_fee: Decimal = Decimal("0.001")
    fees_in_bnb: bool = False
    liquidity: Decimal | None = None
    rules: Mapping[str, SymbolRules] = field(factory=dict)

    def symbol_rules(self) -> list[SymbolRules]:
        """Give the rules of every pair."""
        return [self.rules.get(pair.symbol) or pair.rules() for pair in self.pairs]

    def starting_balances(self) -> Mapping[str, Decimal]:
        """Give what the account opens with: by default 10000 of every quote, and base of the same worth."""
        if self.balances is not None:
            return self.balances
        worth = {pair.base: _rounded(STARTING_WORTH / pair.price) for pair in self.pairs}
        return worth | {pair.quote: STARTING_WORTH for pair in self.pairs}


def _rounded(amount: Decimal) -> Decimal:
    """Keep three digits."""
    return amount.quantize(max(ONE.scaleb(amount.adjusted() - 2), _FINEST))
