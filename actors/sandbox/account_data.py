"""What an account may ask about itself: balances, fees, its count of orders. Called under the floor's lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from actors.sandbox.floor import Floor
from actors.sandbox.limits import Limits
from actors.sandbox.order_json import amount
from actors.sandbox.parameters import Parameters
from engine.venue.events import BalancesChanged, Event

_PER_BASIS_POINT = 10_000
_NOTHING = {"maker": "0.00000000", "taker": "0.00000000", "buyer": "0.00000000", "seller": "0.00000000"}


class AccountData:
    """Answer for one account."""

    def __init__(self, floor: Floor, limits: Limits) -> None:
        self._floor = floor
        self._limits = limits
        self._venue = floor.venue
        self._opened = floor.now_ms()
        self._changed: dict[str, int] = {}
        floor.subscribe(self._note)

    def status(self, account: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Show balances and rates: ``GET /api/v3/account``, ``account.status``."""
        maker, taker = self._venue.maker_fee, self._venue.taker_fee
        balances = self._venue.balances(account)
        if params.get("omitZeroBalances") == "true":
            balances = tuple(balance for balance in balances if balance.free or balance.locked)
        return {
            "makerCommission": int(maker * _PER_BASIS_POINT),
            "takerCommission": int(taker * _PER_BASIS_POINT),
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": self._rates(),
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "brokered": False,
            "requireSelfTradePrevention": False,
            "preventSor": False,
            "updateTime": self._changed.get(account, self._opened),
            "accountType": "SPOT",
            "balances": [
                {"asset": balance.asset, "free": amount(balance.free), "locked": amount(balance.locked)}
                for balance in balances
            ],
            "permissions": ["SPOT"],
            "uid": 1,
        }

    def commission(self, _account: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Show a symbol's fees: ``GET /api/v3/account/commission``, ``account.commission``."""
        return {
            "symbol": Parameters(params).symbol(self._venue.symbols),
            "standardCommission": self._rates(),
            "specialCommission": _NOTHING,
            "taxCommission": _NOTHING,
            "discount": {
                "enabledForAccount": False,
                "enabledForSymbol": True,
                "discountAsset": "BNB",
                "discount": amount(Decimal("0.75")),
            },
        }

    def trade_fees(self, _account: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
        """Show the fees of one symbol or of all: ``GET /sapi/v1/asset/tradeFee``."""
        symbol = Parameters(params).optional_symbol(self._venue.symbols)
        rates = self._rates()
        return [
            {"symbol": listed, "makerCommission": rates["maker"], "takerCommission": rates["taker"]}
            for listed in ([symbol] if symbol is not None else self._venue.symbols)
        ]

    def order_counts(self, account: str, _params: Mapping[str, str]) -> list[dict[str, Any]]:
        """Show how many orders count: ``GET /api/v3/rateLimit/order``, ``account.rateLimits.orders``."""
        rows = self._limits.counted("", account, self._floor.now_ms())
        return [row for row in rows if row["rateLimitType"] == "ORDERS"]

    def _rates(self) -> dict[str, str]:
        return {**_NOTHING, "maker": amount(self._venue.maker_fee), "taker": amount(self._venue.taker_fee)}

    def _note(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, BalancesChanged):
                self._changed[event.account] = event.time
