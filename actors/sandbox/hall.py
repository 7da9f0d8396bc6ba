"""The hall that every door of the sandbox leads into: the floor, the keys, the limits, the faults, the operations."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import frozen

from actors.sandbox.account_data import AccountData
from actors.sandbox.faults import Faults
from actors.sandbox.floor import Floor
from actors.sandbox.keys import Credentials, Keys
from actors.sandbox.limits import Limits
from actors.sandbox.market_data import MarketData
from actors.sandbox.operations import Call, Operation, operations
from actors.sandbox.trading import Trading
from engine.venue.values import Refused
from engine.venue.venue import Venue

MAIN = "main"  # the account that the sandbox opens with


@frozen
class AccountKeys:
    """Hold an account's two keys: one with a shared secret, one with a private key."""

    hmac: Credentials
    ed25519: Credentials

    def shown(self) -> dict[str, str]:
        """Give them as JSON to the one who may sign with them."""
        return {
            "api_key": self.hmac.api_key,
            "secret": self.hmac.secret,
            "ed25519_api_key": self.ed25519.api_key,
            "ed25519_private_key": self.ed25519.secret,
        }


class Hall(Floor):
    """Join what REST and the WebSocket API share.

    `lock`, `venue`, `now_ms`, `publish`, `subscribe`, `hold_events` and `release_events` come from the floor.
    """

    def __init__(self, venue: Venue) -> None:
        super().__init__(venue)
        self.keys = Keys()
        self.faults = Faults()
        self.limits = Limits()
        self.market_data = MarketData(self, self.limits)
        self.trading = Trading(self)
        self.account_data = AccountData(self, self.limits)
        self.operations: Mapping[str, Operation] = operations(self.market_data, self.trading, self.account_data)
        self.accounts: dict[str, AccountKeys] = {}
        self.subscribe(self.limits.note)

    def open_account(self, account: str, balances: Mapping[str, Decimal], *, fees_in_bnb: bool = False) -> AccountKeys:
        """Open an account that holds `balances` by asset, and issue its keys."""
        with self.lock:
            self.venue.open_account(account, balances, pays_fees_in_bnb=fees_in_bnb)
            keys = AccountKeys(self.keys.issue_hmac(account), self.keys.issue_ed25519(account))
            self.accounts[account] = keys
            return keys

    def perform(self, name: str, call: Call) -> Any:
        """Do one operation and give its JSON-able result, within the limits; raises `Refused`, `TooMany` for one.

        `name` is the WebSocket API's method, ``order.place``; REST routes map to the same names. The caller has
        authenticated `call.account` (None for an operation that is not signed) and takes the lock here if it has not.
        """
        operation = self.operations[name]
        with self.lock:
            weight = operation.weight(call.params)
            self.limits.spend(call.address, weight, self.now_ms())
            if operation.places and call.account is not None:
                self.limits.count_order(call.account, self.now_ms())
            try:
                result = operation.perform(call)
            except Refused:
                if operation.places and call.account is not None:
                    self.limits.uncount_order(call.account, self.now_ms())
                raise
            if operation.free:
                self.limits.refund(call.address, weight, self.now_ms())
            return result
