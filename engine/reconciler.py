"""Compare what the grid believes to have with what its account has, again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import count
from typing import assert_never

from attrs import frozen

from engine.addresses import GridAddresses
from engine.effects import After, Effect, Reply, Send
from engine.messages import (
    BalancesDiffered,
    FundsTold,
    OrdersUnobserved,
    ReconcileDue,
    ReconcilerInbox,
    TellFunds,
)
from engine.messages.questions import DescribeReconciliation, ReconciliationDescribed
from engine.plain import plain
from engine.values import ZERO, Market

_FIRST_AFTER = 2.0  # seconds: what happened while nobody was there is booked by then, as a rule
_AGAIN_AFTER = 3.0  # seconds until a difference must show again: a trade may not have been told yet
_ANSWERED_WITHIN = 10.0  # seconds: a ledger that has begun anew meanwhile knows of no question
_MOST_TRIES = 5  # in a market that does not stand still meanwhile, or with a difference that does not

Account = Mapping[str, Decimal]  # what it has of each asset, free and locked together


@frozen
class _Suspicion:
    """Remember how much the account had beside ours, and how often in a row it has differed."""

    amount: Decimal
    times: int


class Reconciler:
    """Have the orders looked at, and compare balances: the exchange's word counts, differences are told by asset.

    An account may have more than the grid, and others may spend that. So what counts is a lack, and, where the account
    serves this grid alone, any change of what is not the grid's.
    """

    def __init__(
        self,
        fetch: Callable[[], Account | None],
        market: Market,
        addresses: GridAddresses,
        interval: float,
        tolerance: Decimal,
        *,
        is_alone: bool,
        tokens: Iterator[int] | None = None,
    ) -> None:
        """Compare every `interval` seconds; differences up to the share `tolerance` of what is ours are let pass.

        `fetch` asks for the account, None when there is no answer. `tokens` are for its questions, and the same for all
        incarnations: an answer may come to the next of them.
        """
        self._fetch, self._market = fetch, market
        self._ledger, self._order_manager, self._journal = (
            addresses.balance_tracker,
            addresses.order_manager,
            addresses.journal,
        )
        self._interval, self._tolerance, self._is_alone = interval, tolerance, is_alone
        self._before: FundsTold | None = None
        self._account: Account | None = None
        self._others: dict[str, Decimal] = {}  # what the account had beside ours at first or when last told, by asset
        self._lacks: dict[str, Decimal] = {}  # that have been told, and not made good
        self._suspected: dict[str, _Suspicion] = {}  # differences that may be a trade that has not been told yet
        self._tries = 0
        self._compared = 0
        self._tokens = tokens or count(1)
        self._tickets = self._token = 0  # of the newest timer, of the newest question

    def start(self) -> list[Effect]:
        """Begin with a first comparison."""
        return [self._again_in(_FIRST_AFTER)]

    def handle(self, message: ReconcilerInbox | DescribeReconciliation) -> list[Effect]:
        """Move on by one message."""
        match message:
            case ReconcileDue():
                return self._begin() if message.ticket == self._tickets else []
            case FundsTold():
                return self._funds_told(message) if message.token == self._token else []
            case DescribeReconciliation():
                return [Reply(self._described())]
            case _:
                assert_never(message)

    def _begin(self) -> list[Effect]:
        """Ask, and ask again if nobody answers."""
        self._before = None
        # Orders and fills are compared by the order manager, which repairs what is ours.
        return [Send(self._order_manager, OrdersUnobserved()), self._ask(), self._again_in(_ANSWERED_WITHIN)]

    def _funds_told(self, funds: FundsTold) -> list[Effect]:
        """Ask for the account between two words of the ledger; they count only if nothing was traded meanwhile."""
        if self._before is None:
            self._before, self._account = funds, self._fetch()
            return self._next_time() if self._account is None else [self._ask()]
        if funds.trades != self._before.trades:
            self._tries += 1
            return [self._again_in(_AGAIN_AFTER)] if self._tries < _MOST_TRIES else self._next_time()
        assert self._account is not None
        return self._compare(funds, self._account)

    def _described(self) -> ReconciliationDescribed:
        lacks = sorted(self._lacks.items())
        differences = (f"the account has {plain(-lack)} {asset} less than the grid holds" for asset, lack in lacks)
        return ReconciliationDescribed(self._compared, tuple(differences))

    def _compare(self, funds: FundsTold, account: Account) -> list[Effect]:
        self._compared += 1
        ours = {self._market.quote: funds.quote, self._market.base: funds.base}
        beside = {asset: account.get(asset, ZERO) - held for asset, held in ours.items()}
        effects: list[Effect] = []
        suspected: dict[str, _Suspicion] = {}
        for asset, amount in sorted(beside.items()):
            if not self._differs(asset, amount, ours[asset]):
                continue
            before = self._suspected.get(asset)
            times = 1 if before is None else before.times + 1
            if before is not None and (before.amount == amount or times >= _MOST_TRIES):
                effects += self._tell(asset, ours[asset], account.get(asset, ZERO))
            else:
                suspected[asset] = _Suspicion(amount, times)
        self._suspected = suspected
        if suspected:
            return [*effects, self._again_in(_AGAIN_AFTER)]
        for asset, amount in beside.items():
            self._others.setdefault(asset, amount)
        return effects + self._next_time()

    def _differs(self, asset: str, beside: Decimal, ours: Decimal) -> bool:
        """Tell whether the account lacks something, or has other things beside ours, which has not been told."""
        most = abs(ours) * self._tolerance
        if beside < -most:
            told = self._lacks.get(asset)
            return told is None or abs(beside - told) > most
        self._lacks.pop(asset, None)
        return self._is_alone and asset in self._others and abs(beside - self._others[asset]) > most

    def _tell(self, asset: str, ours: Decimal, account: Decimal) -> list[Effect]:
        beside = account - ours
        if beside < ZERO:
            self._lacks[asset] = beside
            text = f"the account has {plain(account)} {asset}, the grid holds {plain(ours)}"
        else:
            more, self._others[asset] = beside - self._others[asset], beside
            change = f"{plain(abs(more))} {asset} {'more' if more > 0 else 'less'}"
            text = f"the account has {change} than before, by nothing that the grid did"
        differed = BalancesDiffered(asset, ours, account, text)
        return [] if self._journal is None else [Send(self._journal, differed)]

    def _next_time(self) -> list[Effect]:
        self._tries = 0
        return [self._again_in(self._interval)]

    def _ask(self) -> Send:
        self._token = next(self._tokens)
        return Send(self._ledger, TellFunds(self._token))

    def _again_in(self, seconds: float) -> After:
        """Compare again then, and not when that was to be before."""
        self._tickets += 1
        return After(seconds, ReconcileDue(self._tickets))
