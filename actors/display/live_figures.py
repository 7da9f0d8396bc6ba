"""How the live picture writes figures: alike in every row and from one moment to the next, so that none jumps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from attrs import frozen
from rich.text import Text

from engine.live_view import LiveGrid
from engine.plain import ending, plain
from engine.values import ONE, ZERO, Side

DIM, BAD, ODD = "dim", "bold red", "yellow"
SIDES = {Side.BUY: "green", Side.SELL: "dark_orange"}
_MOST_PLACES = 8
_DAY = 86_400


@frozen
class Figures:
    """Write prices, quantities and money of one grid, each with so many places."""

    price_places: int
    amount_places: int
    money_places: int
    base: str
    quote: str

    def price(self, price: Decimal) -> str:
        """Write a price."""
        return _fixed(price, self.price_places)

    def amount(self, quantity: Decimal) -> str:
        """Write a quantity of base."""
        return _fixed(quantity, self.amount_places)

    def money(self, amount: Decimal) -> str:
        """Write an amount of quote."""
        return _fixed(amount, self.money_places)

    def change(self, amount: Decimal) -> Text:
        """Write a gain or a loss in quote."""
        return coloured(amount, self.money(amount))


def figures_of(grid: LiveGrid) -> Figures:
    """Choose the places: what prices and quantities need, but no more than the eye does."""
    prices = [*(rung.price for rung in grid.rungs), *([grid.price] if grid.price else [])]
    amounts = [rung.quantity for rung in grid.rungs]
    return Figures(
        price_places=min(max(2, _needed(prices)), max(2, 4 - _size(grid.top))),
        amount_places=min(_needed(amounts), max(0, 5 - max((_size(amount) for amount in amounts), default=0))),
        money_places=min(_MOST_PLACES, max(2, 5 - _size(grid.budget))),
        base=grid.market.base,
        quote=grid.market.quote,
    )


def coloured(amount: Decimal, text: str) -> Text:
    """Write a gain with a plus in green, a loss in red."""
    return Text(f"+{text}", "green") if amount > ZERO else Text(text, "red" if amount < ZERO else "")


def percent(share: Decimal) -> str:
    """Write a share as a percentage."""
    return f"{_fixed(share * 100, 2)} %"


def fees(grid: LiveGrid, figures: Figures) -> str:
    """Write what fees came to, those in other assets apart."""
    own = f"{figures.money(grid.total_fees)} {figures.quote}" if grid.total_fees or not grid.other_fees else ""
    return " + ".join(filter(None, (own, *(f"{plain(amount)} {asset}" for asset, amount in grid.other_fees))))


def span(milliseconds: int) -> str:
    """Write a length of time in its two largest units: ``2 h 13 min``."""
    seconds = max(milliseconds, 0) // 1000
    for unit, name, smaller, its_name in ((_DAY, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= unit:
            return f"{seconds // unit} {name} {seconds % unit // smaller} {its_name}"
    return f"{seconds} s"


def clock(time: int, now: int) -> str:
    """Write the time of day, UTC, or the day when it is not today's; always 8 characters."""
    then = datetime.fromtimestamp(time // 1000, UTC)
    if then.date() == datetime.fromtimestamp(now // 1000, UTC).date():
        return f"{then:%H:%M:%S}"
    return f"{then:%b %d  }"


def reason(name: str) -> str:
    """Say a stop's reason the way people read it: ``take-profit``."""
    return ending(name)


def _fixed(number: Decimal, places: int) -> str:
    text = f"{number.quantize(ONE.scaleb(-places)):,f}"
    return text.removeprefix("-") if not any(digit in "123456789" for digit in text) else text


def _needed(numbers: Iterable[Decimal]) -> int:
    """Count the decimals that the most precise of these numbers has."""
    exponents = (number.normalize().as_tuple().exponent for number in numbers)
    return min(_MOST_PLACES, max((-exponent for exponent in exponents if isinstance(exponent, int)), default=0) or 0)


def _size(number: Decimal) -> int:
    return number.adjusted() if number else 0
