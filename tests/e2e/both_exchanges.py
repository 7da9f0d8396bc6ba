"""One script put to the model of an exchange and to the real sandbox, and the first thing in which they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from attrs import frozen

from actors.gateways.ccxt_calls import CcxtCalls
from actors.gateways.ccxt_client import Client
from actors.gateways.order_ids import OrderIds
from engine.calls import Call, ListBalances, ListOpenOrders, ListOrders, ListTrades
from tests.e2e.exchange_sides import Build, ModelSide, SandboxSide, Told
from tests.e2e.model_scripts import Setting, Step
from tests.e2e.running_sandbox import RunningSandbox
from tests.simulation.spot.exchange import SpotExchange

_AT_THE_END: Sequence[Call] = (ListOrders(None), ListTrades("0"), ListOpenOrders(), ListBalances())


def build_model(setting: Setting, now: Callable[[], int]) -> SpotExchange:
    """Build the model as it is."""
    return SpotExchange(setting.market, setting.terms, setting.balances, setting.price, now)


@frozen
class Difference:
    """Tell of the first step after which two sides differ, and in what."""

    setting: str
    script: Sequence[Step]
    place: int
    what: str
    model: object
    sandbox: object

    def __str__(self) -> str:
        played = [f"{'>' if n == self.place else ' '}{n + 1:4} {step}" for n, step in enumerate(self.script)]
        return "\n".join(
            [
                f"{self.setting}: {self.what} differs after step {self.place + 1}",
                *played[: self.place + 1],
                f"model:   {self.model}",
                f"sandbox: {self.sandbox}",
            ]
        )


class Comparison:
    """Play scripts on both; ccxt's markets are loaded once for each setting."""

    def __init__(self, name: str, setting: Setting, build: Build = build_model) -> None:
        self.name, self.setting, self._build = name, setting, build
        self._known: Client | None = None

    def difference(self, script: Sequence[Step]) -> Difference | None:
        """Play one script, and what is asked at the end, on fresh exchanges; give what differs first."""
        with self.sides() as (model, sandbox, _):
            script = [*script, *_AT_THE_END]
            for place, step in enumerate(script):
                for what, ours, theirs in _played(model, sandbox, step):
                    if ours != theirs:
                        return Difference(self.name, script, place, what, ours, theirs)
        return None

    def shortened(self, difference: Difference) -> Difference:
        """Leave out what the difference does not need."""
        script, shortest = list(difference.script[: difference.place + 1]), difference
        for place in reversed(range(len(script))):
            tried = self.difference([*script[:place], *script[place + 1 :]])
            if tried is not None:
                del script[place]
                shortest = tried
        return shortest

    @contextmanager
    def sides(self) -> Iterator[tuple[ModelSide, SandboxSide, RunningSandbox]]:
        """Open both exchanges."""
        with RunningSandbox(self.setting) as running:
            client = running.client(self._known)
            self._known = self._known or client
            try:
                calls = CcxtCalls(client, self.setting.market.pair, OrderIds())
                sandbox = SandboxSide(self.setting, running.sandbox.hall, calls, running.conversation())
                yield ModelSide(self.setting, self._build), sandbox, running
            finally:
                client.close()


def _played(model: ModelSide, sandbox: SandboxSide, step: Step) -> Iterator[tuple[str, object, object]]:
    """Play one step on both; give what each side has for everything that must be alike."""
    yield "outcome", model.play(step), sandbox.play(step)
    theirs = sandbox.state()
    for what, ours in model.state().items():
        yield what, ours, theirs[what]
    yield "private stream", _news(model.told), _news(sandbox.told)


def _news(told: list[Told]) -> list[Told]:
    """Take what was told since the last time."""
    news = told.copy()
    told.clear()
    return news
