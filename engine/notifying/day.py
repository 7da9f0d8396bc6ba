"""What a day has brought a grid, as far as its events tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from engine.messages.alerting import AlertKind
from engine.messages.reports import TradeBooked
from engine.notifying.letters import MANNERS
from engine.plain import moment, plain, rounded
from engine.values import ZERO, Market, Side

DAY = 86_400_000  # ms
_MINUTE = 60_000  # ms
_NOTABLE = (
    AlertKind.ORDER_FAILED,
    AlertKind.TAKE_PROFIT,
    AlertKind.STOP_LOSS,
    AlertKind.REGRID,
    AlertKind.ERROR,
    AlertKind.RECOVERY,
    AlertKind.MISMATCH,
    AlertKind.DRIFT,
    AlertKind.RESTART,
)


def next_time(clock: str, now: int) -> int:
    """Give the next moment after `now` (epoch ms) at which it is ``HH:MM`` in UTC."""
    hours, minutes = clock.split(":")
    at = (int(hours) * 60 + int(minutes)) * _MINUTE
    today = now - now % DAY + at
    return today if today > now else today + DAY


class Day:
    """Add up trades and count alerts since a moment (epoch ms)."""

    def __init__(self, grid: str, market: Market, since: int) -> None:
        """Begin with nothing."""
        self._grid, self._market, self._since = grid, market, since
        self._trades: Counter[Side] = Counter()
        self._base: dict[Side, Decimal] = {}
        self._quote: dict[Side, Decimal] = {}
        self._fees: dict[str, Decimal] = {}
        self._alerts: Counter[AlertKind] = Counter()
        self._cycles, self._profit = 0, ZERO

    def add_trades(self, trades: Iterable[TradeBooked]) -> None:
        """Add what was traded, and what was paid for that."""
        for trade in trades:
            side = trade.side
            self._trades[side] += 1
            self._base[side] = self._base.get(side, ZERO) + trade.quantity
            self._quote[side] = self._quote.get(side, ZERO) + trade.price * trade.quantity
            self._fees[trade.fee_asset] = self._fees.get(trade.fee_asset, ZERO) + trade.fee

    def add_cycle(self, profit: Decimal) -> None:
        """Add what a completed cycle has earned."""
        self._cycles += 1
        self._profit += profit

    def count(self, kind: AlertKind) -> None:
        """Count an alert."""
        self._alerts[kind] += 1

    def text(self, now: int) -> str:
        """Tell all that came together until `now`."""
        fees = " and ".join(f"{plain(fee)} {asset}" for asset, fee in sorted(self._fees.items()) if fee)
        parts = [self._traded(side, words) for side, words in _WORDS if self._trades[side]]
        if not parts:
            parts = ["nothing was bought or sold"]
        if self._cycles:
            cycles = f"{self._cycles} {'cycle' if self._cycles == 1 else 'cycles'}"
            parts.insert(0, f"grid profit {rounded(self._profit)} {self._market.quote} in {cycles}")
        if fees:
            parts.append(f"fees {fees}")
        parts += [MANNERS[kind].counted(self._alerts[kind]) for kind in _NOTABLE if self._alerts[kind]]
        span = f"{_minute(self._since)} to {_minute(now)}"
        return f"{self._grid}: from {span}: {', '.join(parts)}"

    def _traded(self, side: Side, words: tuple[str, str]) -> str:
        market, number = self._market, self._trades[side]
        volume = f"{rounded(self._quote[side])} {market.quote}"
        return f"{number} {words[number > 1]} of {plain(self._base[side])} {market.base} for {volume}"


_WORDS = ((Side.BUY, ("buy", "buys")), (Side.SELL, ("sell", "sells")))


def _minute(time: int) -> str:
    return moment(time - time % _MINUTE).removesuffix(":00Z") + "Z"
