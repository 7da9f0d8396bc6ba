"""Say figures and outcomes the way people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from attrs import frozen

from engine.plain import ending
from engine.results import GridResult, GridRun
from engine.values import Kind, Side

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
_DAY = 86_400_000


@frozen
class Money:
    """Write amounts of `currency`: 2 decimals, or as many as an account of `scale` needs for 6 digits."""

    currency: str
    scale: Decimal

    @property
    def decimals(self) -> int:
        """Tell how many decimals amounts are written with."""
        return max(2, 5 - _magnitude(self.scale))

    def plain(self, amount: Decimal) -> str:
        """Write an amount without its currency, with more decimals if it would read zero."""
        return digits(amount, self.decimals)

    def full(self, amount: Decimal) -> str:
        """Write an amount with its currency."""
        return f"{self.plain(amount)} {self.currency}"

    def change(self, amount: Decimal) -> str:
        """Write a gain or loss, signed, with its currency."""
        return signed(amount, self.full(amount))


def money_of(run: GridRun) -> Money:
    """Give the money that a run is counted in."""
    return Money(run.settings.pair.quote_currency, run.result.initial_value)


def digits(value: Decimal, decimals: int) -> str:
    """Write a number with thousands separators; a small one that would read zero gets 2 significant digits."""
    with localcontext(prec=60):
        if value and abs(value) < Decimal(1).scaleb(-decimals) / 2:
            decimals = 1 - _magnitude(value)
        text = f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN):,f}"
    return text.replace("-", MINUS)


def price(value: Decimal) -> str:
    """Write a price with 5 significant digits, and 2 decimals at least: 46,319.00, 1.2345, 0.000012345."""
    return digits(value, max(2, 4 - _magnitude(value)))


def short_price(value: Decimal) -> str:
    """Write a price from a setting as it was set: 130, 0.5."""
    return f"{value.normalize():,f}"


def amount(value: Decimal) -> str:
    """Write a quantity of base with 6 significant digits, whole ones without decimals."""
    text = digits(value, max(0, min(8, 5 - _magnitude(value))))
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Decimal) -> str:
    """Write a share or a fall."""
    return f"{digits(value, 2)} %"


def percent_change(value: Decimal) -> str:
    """Write a return, signed."""
    return signed(value, percent(value))


def signed(value: Decimal, text: str) -> str:
    """Put a plus before the text of a gain."""
    return f"+{text}" if value > 0 else text


def tone(value: Decimal) -> str:
    """Name the colour of a gain, a loss or neither."""
    return "gain" if value > 0 else "loss" if value < 0 else "even"


def count(number: int, noun: str) -> str:
    """Write how many of something, its plural formed with an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def moment(time: int) -> str:
    """Write a time in epoch ms to the minute, UTC."""
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def second(time: int) -> str:
    """Write a time in epoch ms to the second, UTC."""
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def stretch(width: int) -> str:
    """Write a length of time in ms as an adjective: 5-minute, 6-hour, 1-day."""
    for unit, name in ((_DAY, "day"), (3_600_000, "hour"), (60_000, "minute")):
        if width % unit == 0:
            return f"{width // unit}-{name}"
    return f"{width / 1000:g}-second"


def period(result: GridResult) -> str:
    """Write what time a run covers."""
    days = round((result.end - result.start) / _DAY)
    length = f" ({count(days, 'day')})" if days else ""
    return f"{moment(result.start)} {DASH} {moment(result.end)} UTC{length}"


def grid(run: GridRun) -> str:
    """Describe a grid: its levels, spacing and range."""
    strategy = run.settings.grid_strategy
    hedged = ", hedged" if str(strategy.type) == "hedged_grid" else ""
    return (
        f"{strategy.num_grids} prices, {strategy.spacing}{hedged}, "
        f"{short_price(strategy.range.bottom)} to {short_price(strategy.range.top)}"
    )


def stopped_at(result: GridResult) -> int | None:
    """Tell when a stop sold everything (epoch ms), None when none did."""
    last = result.trades[-1] if result.trades else None
    liquidated = last is not None and last.kind is Kind.MARKET and last.side is Side.SELL
    return last.time if result.stop_reason and last is not None and liquidated else None


def end_name(reason: str) -> str:
    """Name what stopped a grid."""
    return ending(reason)


def outcome(run: GridRun) -> list[str]:
    """Tell in sentences what is special about how a run went."""
    result = run.result
    if not result.armed:
        bounds = run.settings.grid_strategy.range
        inside = f"{short_price(bounds.bottom)} to {short_price(bounds.top)}"
        return [f"The grid never armed: the price never closed inside the range {inside}, so nothing was traded."]
    sentences = [] if run.armed_at is None else [f"Armed on {moment(run.armed_at)} UTC."]
    if result.stop_reason:
        sentences.append(_stop(result, result.stop_reason))
    left = [
        *([f"{count(result.open_orders, 'order')} still open"] if result.open_orders else []),
        *([f"{count(result.waiting_levels, 'level')} waiting for funds"] if result.waiting_levels else []),
    ]
    if left:
        sentences.append(f"At the end: {' and '.join(left)}.")
    return sentences


def _stop(result: GridResult, reason: str) -> str:
    time = stopped_at(result)
    if time is None:
        return f"Stopped: {end_name(reason)}."
    return (
        f"Stopped by {end_name(reason)} on {moment(time)} UTC: everything was sold at {price(result.trades[-1].price)}."
    )


def _magnitude(value: Decimal) -> int:
    return value.adjusted() if value else 0
