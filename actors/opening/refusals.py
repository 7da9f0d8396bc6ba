"""What keeps grids from being started: the same one twice, a key that may not trade, more budget than there is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from actors.gateways.ccxt_markets import Account
from actors.opening.links import LiveLink, PaperLink
from engine.calls import Refused
from engine.errors import BadInput
from engine.grid_setup import GridSetup
from engine.plain import plain
from engine.settings import Settings
from engine.values import ZERO


def account_of(settings: Settings) -> tuple[str, str | None]:
    """Tell accounts apart: there is one set of keys."""
    return settings.exchange.name, settings.exchange.base_url


def budget_of(grid: GridSetup) -> Decimal:
    """Give what a grid may spend, in quote."""
    return grid.settings.trading_settings.initial_balance


def refuse_twins(configurations: Sequence[Settings]) -> None:
    """Refuse the same grid twice: neither could tell its orders from the other's."""
    known: dict[str, Settings] = {}
    for settings in configurations:
        first = known.setdefault(settings.fingerprint(), settings)
        if first is not settings:
            raise BadInput(
                f"{settings.source}: is the same grid as {first.source}; "
                "allowed: another pair, strategy, risk or timeframe"
            )


def refuse_key(settings: Settings, account: Account, refused: Refused | None) -> None:
    """Refuse a key or an account that may not place orders; `refused` is what a test order came to."""
    if account.may_trade and refused is None:
        return
    text = "the account may not trade" if refused is None else refused.text
    raise BadInput(
        f'{settings.source}: exchange.name = "{settings.exchange.name}": the exchange lets this key place no order: '
        f"{text}; allowed: a key that may trade spot from this address"
    )


def refuse_budgets(links: Sequence[LiveLink | PaperLink]) -> None:
    """Refuse grids that would begin with more, all together, than their account has free."""
    wanted: dict[tuple[tuple[str, str | None], str], list[LiveLink]] = {}
    for link in links:
        if isinstance(link, LiveLink):
            wanted.setdefault((account_of(link.grid.settings), link.grid.rules.market.quote), []).append(link)
    problems = []
    for (_, quote), together in wanted.items():
        needed = sum((budget_of(link.grid) for link in together), ZERO)
        balance = together[0].account.balances.get(quote)
        free = ZERO if balance is None else balance.free
        if needed > free:
            first = together[0].grid
            share = "" if len(together) == 1 else f" ({plain(needed)} for {len(together)} grids on this account)"
            problems.append(
                f"{first.settings.source}: trading_settings.initial_balance = {plain(budget_of(first))}{share}: "
                f"the account has {plain(free)} {quote} free; allowed: no more than that"
            )
    if problems:
        raise BadInput(*problems)


def about_fees(settings: Settings, account: Account) -> list[str]:
    """Warn of fees that are higher than the configuration says."""
    fees, stated = account.fees, settings.exchange.trading_fee
    if fees is None or fees.maker <= stated:
        return []
    warning = f"{settings.source}: exchange.trading_fee is {plain(stated)}, but this account pays {plain(fees.maker)}"
    return [f"{warning}: levels may come short of their funds"]
