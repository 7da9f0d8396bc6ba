"""Open every grid's way to its exchange and look at all that can be wrong, before anything is started."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs
from attrs import define, field

from actors.gateways import ccxt_markets, credentials
from actors.gateways.ccxt_calls import CcxtCalls
from actors.gateways.ccxt_client import RECEIVE_WINDOW_MS, connect
from actors.gateways.credentials import Credentials
from actors.gateways.order_ids import OrderIds
from actors.gateways.public_client import PublicClient
from actors.loading import each
from actors.opening.links import Desk, LiveLink, PaperLink
from actors.opening.local_market import open_sandbox, point_at, sandbox_keys
from actors.opening.refusals import about_fees, account_of, budget_of, refuse_budgets, refuse_key, refuse_twins
from actors.opening.small_orders import too_small
from actors.opening.states import GridState
from actors.opening.watched_line import CallTroubles, WatchedLine
from actors.sandbox.server import Sandbox
from engine.gateway.rules import gateway_rules
from engine.grid_setup import GridSetup, grid_names, trading_setup
from engine.settings import SANDBOX, Settings
from engine.settings.choices import TradingMode
from engine.trading_preflight import below_minimums
from engine.values import Market

CALLERS = 8  # calls in flight at once: a hundred orders to an exchange 100 ms away in 1.5 s
_CLOCK_MARGIN = 1.0  # seconds
_LONGEST_BUDGET = 60  # seconds; longer ones are the exchange's to keep

Link = LiveLink | PaperLink


@define
class Opened:
    """Hold what was opened; `warnings` deserve to be read before trading."""

    sandbox: Sandbox | None
    links: list[Link] = field(factory=list)
    warnings: list[str] = field(factory=list)

    def close(self) -> None:
        """Hang up; the sandbox last."""
        for link in self.links:
            link.close()
        if self.sandbox is not None:
            self.sandbox.close()


def open_grids(configurations: Sequence[Settings], states: Sequence[GridState]) -> Opened:
    """Open all, with what is kept of each; raise `BadInput` with everything that is wrong, or `Unreachable`.

    Nothing stays open then.
    """
    refuse_twins(configurations)
    opened = Opened(open_sandbox(configurations))
    try:
        pointed = [point_at(opened.sandbox, settings) for settings in configurations]
        sharing = Counter(map(account_of, pointed))
        names = grid_names(pointed)
        local = (settings.exchange.name == SANDBOX for settings in configurations)
        tasks = [
            _Task(name, settings, state, is_local, sharing[account_of(settings)])
            for name, settings, state, is_local in zip(names, pointed, states, local, strict=True)
        ]
        each(tasks, lambda task: _open(task, opened))
    except BaseException:
        opened.close()
        raise
    return opened


def refuse_what_is_short(links: Sequence[Link]) -> None:
    """Refuse grids that begin with too little for their orders, or with more than there is; raise `BadInput`."""
    beginners = [link for link in links if not link.state.is_heir]
    each(beginners, _refuse_small)
    refuse_budgets(beginners)


def _refuse_small(link: Link) -> None:
    rules = link.grid.rules
    if small := below_minimums(rules, link.price, budget_of(link.grid)):
        raise too_small(link.grid.settings, rules.market, small)


@attrs.frozen
class _Task:
    name: str
    settings: Settings
    state: GridState
    is_local: bool
    sharing: int  # grids on the same account

    def setup(self, market: Market) -> GridSetup:
        return trading_setup(self.name, self.settings, market, self.state.begun.run)


def _open(task: _Task, opened: Opened) -> None:
    if task.settings.exchange.trading_mode is TradingMode.PAPER_TRADING:
        link: Link = _paper(task)
    else:
        keys = credentials.load(task.settings.source) if not task.is_local else _keys_of(opened)
        link = _live(task, keys, opened)
    opened.links.append(link)


def _paper(task: _Task) -> PaperLink:
    client = PublicClient(task.settings)
    try:
        return PaperLink(task.setup(client.market()), task.state, client.price(), client)
    except BaseException:
        client.close()
        raise


def _live(task: _Task, keys: Credentials, opened: Opened) -> LiveLink:
    settings = task.settings
    client = connect(settings, keys)
    try:
        market = ccxt_markets.market(client, settings)
        account = ccxt_markets.account(client, settings)
        price = ccxt_markets.price(client, settings)
        refuse_key(settings, account, ccxt_markets.may_order(client, settings, price))
        limits = [
            (max(limit.count // task.sharing, 1), float(limit.seconds))
            for limit in ccxt_markets.rate_limits(client, settings)
            if limit.kind == "ORDERS" and limit.seconds <= _LONGEST_BUDGET
        ]
        opened.warnings += about_fees(settings, account)
        rules = gateway_rules(
            settings.execution,
            callers=CALLERS,
            order_limits=tuple(limits),
            answer_window=RECEIVE_WINDOW_MS / 1000 + _CLOCK_MARGIN,
            post_only=settings.execution.post_only,
        )
        ids, pair, troubles = OrderIds(), market.pair, CallTroubles(task.name)
        return LiveLink(
            grid=task.setup(market),
            state=task.state,
            price=price,
            rules=rules,
            credentials=keys,
            account=account,
            line=lambda: WatchedLine(CcxtCalls(connect(settings, keys, like=client), pair, ids), troubles),
            desk=Desk(client, settings),
        )
    except BaseException:
        client.close()
        raise


def _keys_of(opened: Opened) -> Credentials:
    assert opened.sandbox is not None, "a local grid has a sandbox"
    return sandbox_keys(opened.sandbox)
