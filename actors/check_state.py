"""`gridactors check --state`: what a start would find, and do, without doing any of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from attrs import define, field

from actors.loading import load_configurations
from actors.opening.earlier import EarlierGrid, earlier_grids
from actors.opening.links import LiveLink
from actors.opening.one_writer import Holder, holder
from actors.opening.opening import open_grids
from actors.opening.states import GridState, find_states, keeps_nothing, place_of
from actors.trading.asking import Asked
from engine.calls import OrderReport
from engine.errors import BadInput
from engine.plain import ending, moment, plain
from engine.recovery.findings import Finding, Found, find
from engine.settings import Settings
from engine.settings.choices import TradingMode


@define
class Outlook:
    """Hold what a start would find of one grid."""

    name: str
    place: str
    state: GridState
    runs_in: Holder | None
    earlier: Sequence[EarlierGrid]
    found: list[Found] = field(factory=list)
    strangers: list[str] = field(factory=list)  # with the grid's name, and not in its journal
    others: int = 0  # open orders that are not this grid's


def check_states(paths: Sequence[Path], state_dir: Path, *, as_json: bool) -> None:
    """Print what a start of each configuration would find and do; raise `BadInput`."""
    configurations = load_configurations(paths)
    for settings in configurations:
        _refuse_unkept(settings)
    states = find_states(configurations, state_dir)
    outlooks = []
    with closing(open_grids(configurations, states)) as opened:
        for settings, state, link in zip(configurations, states, opened.links, strict=True):
            outlook = Outlook(
                link.grid.name,
                str(place_of(settings, state_dir)),
                state,
                holder(settings, state_dir),
                earlier_grids(settings, state_dir),
            )
            if isinstance(link, LiveLink):
                _ask(outlook, link)
            outlooks.append(outlook)
    if as_json:
        _print_json(outlooks)
    else:
        for outlook in outlooks:
            _print(outlook)


def _refuse_unkept(settings: Settings) -> None:
    mode = settings.exchange.trading_mode
    if mode is TradingMode.BACKTEST or keeps_nothing(settings):
        raise BadInput(
            f'{settings.source}: --state: nothing is kept of this grid (exchange.trading_mode = "{mode}", '
            f'exchange.name = "{settings.exchange.name}"); allowed: a grid that trades on live prices'
        )


def _ask(outlook: Outlook, link: LiveLink) -> None:
    prefix, stored = link.grid.prefix, outlook.state.stored
    live = () if stored is None else stored.live_orders
    known = {row.client_order_id for row in live}
    with closing(link.line()) as line:
        asked = Asked(line, link.grid.name)
        reports = asked.open_orders()
        listed = {report.client_order_id: report for report in reports}
        looked_up: dict[str, OrderReport | None] = {}
        for name in known - listed.keys():
            looked_up[name] = asked.order(name)
    outlook.found = find(live, listed, looked_up)
    outlook.strangers = [name for name in listed if name.startswith(prefix) and name not in known]
    outlook.others = sum(not name.startswith(prefix) for name in listed)


# --- telling -----------------------------------------------------------------------------------------


def _sentences(outlook: Outlook) -> list[str]:
    """Say what a start would find and do, the first thing first."""
    told = []
    if outlook.runs_in is not None:
        told.append(f"It runs, in {outlook.runs_in}: a start would be refused.")
    told += [
        f"The file made another grid before ({one.key.pair}, begun {moment(one.began_at)}): its "
        f"{_orders(one.live_orders)} would be cancelled, its state archived, and the new grid would begin with what it "
        "holds."
        for one in outlook.earlier
    ]
    told += _stand(outlook.state)
    counts = {finding: sum(found.finding is finding for found in outlook.found) for finding in Finding}
    told += [f"{_orders(counts[finding])} {_DOINGS[finding]}" for finding in Finding if counts[finding]]
    if outlook.strangers:
        told.append(
            f"{_orders(len(outlook.strangers))} on the exchange with this grid's name, unknown to its journal: "
            "taken in if they fit, else cancelled."
        )
    if outlook.others:
        told.append(f"{_orders(outlook.others)} on the exchange of others: left alone.")
    return told


_DOINGS = {
    Finding.OPEN: "open as they should be: nothing to do.",
    Finding.FILLED_IN_PART: "filled in part meanwhile: what was filled would be booked.",
    Finding.FILLED: "filled meanwhile: booked, and answered.",
    Finding.ENDED: "cancelled or expired meanwhile: funds freed, and wished again.",
    Finding.NEVER_ARRIVED: "written down that never arrived: sent.",
    Finding.UNKNOWN: "that the exchange does not tell of now: asked about until it does.",
}


def _orders(count: int) -> str:
    return f"{count} order{'' if count == 1 else 's'}"


def _stand(state: GridState) -> list[str]:
    stored = state.stored
    if stored is None:
        return ["Nothing is stored: it would begin, or be rebuilt if its exchange knows orders of it."]
    grid = stored.grid
    if grid.stop_reason is not None:
        return [f"It has ended, by {ending(grid.stop_reason)}: a start would be refused without --fresh."]
    if grid.liquidation is not None:
        return [f"It is selling everything ({ending(grid.liquidation)}): a start would go on with that, and end."]
    if grid.plan is None:
        return ["It has not armed: it would wait for the price to be in range."]
    held = ", ".join(f"{plain(row.free + row.reserved)} {row.asset}" for row in stored.balances if not row.fees_paid)
    return [f"It goes on with {len(grid.plan.levels)} levels, armed at {plain(grid.plan.price)}, holding {held}."]


def _print(outlook: Outlook) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"[bold]{outlook.name}[/bold]: {outlook.place}", highlight=False)
    for sentence in _sentences(outlook):
        console.print(f"- {sentence}", highlight=False, markup=False)
    changed = [found for found in outlook.found if found.finding is not Finding.OPEN]
    if changed:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for heading in ("Level", "Side", "Price", "Quantity", "Filled", "Found"):
            table.add_column(heading, justify="left" if heading in ("Side", "Found") else "right")
        for found in changed:
            row = found.order
            figures = (plain(row.price), plain(row.quantity), plain(found.filled))
            table.add_row(row.slot, str(row.side), *figures, str(found.finding))
        console.print(table)


def _print_json(outlooks: Sequence[Outlook]) -> None:
    import click

    click.echo(json.dumps([_as_object(outlook) for outlook in outlooks], indent=1))


def _as_object(outlook: Outlook) -> dict[str, Any]:
    return {
        "name": outlook.name,
        "stored_at": outlook.place,
        "runs_in": None if outlook.runs_in is None else outlook.runs_in.pid,
        "says": _sentences(outlook),
        "orders": [
            {
                "client_order_id": found.order.client_order_id,
                "level": found.order.slot,
                "side": str(found.order.side),
                "price": plain(found.order.price),
                "quantity": plain(found.order.quantity),
                "filled": plain(found.filled),
                "found": str(found.finding),
            }
            for found in outlook.found
        ],
        "unknown_orders": outlook.strangers,
        "orders_of_others": outlook.others,
    }
