"""Who is logged on to a connection of the WebSocket API, and what it is subscribed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

from attrs import define, field

from actors.sandbox.client_socket import ClientSocket
from actors.sandbox.hall import Hall
from actors.sandbox.keys import check_time, signed_text
from actors.sandbox.parameters import Parameters
from actors.sandbox.user_streams import Subscription
from engine.venue.values import Refused

Params = Mapping[str, str]

_WEIGHT = 2  # of every method here
_NO_SUBSCRIPTION = Refused(-2036, "User Data Stream subscription not active.")


@define
class Logon:
    """Remember the key that a connection goes by, and since when (ms)."""

    api_key: str
    account: str
    since: int


@define(eq=False)
class ApiSession:
    """Hold one connection's logon and subscriptions; used by its own thread only. Methods raise `Refused`.

    A method gives its result, and perhaps the subscription that begins or the ones that end with it.
    """

    hall: Hall
    client: ClientSocket
    returns_limits: bool = True
    began: list[Subscription] = field(init=False, factory=list)
    ended: list[Subscription] = field(init=False, factory=list)
    _logon: Logon | None = field(init=False, default=None)
    _connected_since: int = field(init=False)
    _subscriptions: dict[int, Subscription] = field(init=False, factory=dict)
    _numbers: count[int] = field(init=False, factory=count)
    methods: dict[str, Callable[[Params], Any]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin as a stranger."""
        self._connected_since = self.hall.now_ms()
        self.methods = {
            "session.logon": self._log_on,
            "session.status": self._status,
            "session.logout": self._log_out,
            "session.subscriptions": self._list,
            "userDataStream.subscribe": self._subscribe,
            "userDataStream.subscribe.signature": self._subscribe_signed,
            "userDataStream.unsubscribe": self._unsubscribe,
        }

    def perform(self, method: str, params: Params) -> Any:
        """Do one of `methods`, within the limits."""
        with self.hall.lock:
            self.hall.limits.spend(self.client.address, _WEIGHT, self.hall.now_ms())
            return self.methods[method](params)

    def account(self, params: Params) -> str:
        """Give the account of a signed request: of its own key, else of the one that logged on."""
        with self.hall.lock:
            now = self.hall.now_ms()
            if "apiKey" in params or self._logon is None:
                api_key = Parameters(params).text("apiKey")
                return self.hall.keys.authenticate(api_key, params, signed_text(params), now)
            check_time(params, now)
            return self.hall.keys.find(self._logon.api_key).account

    @property
    def logged_on_as(self) -> str | None:
        """Give the account that logged on, if one has."""
        return None if self._logon is None else self._logon.account

    def _log_on(self, params: Params) -> dict[str, Any]:
        api_key = Parameters(params).text("apiKey")
        if self.hall.keys.find(api_key).kind != "ED25519":
            raise Refused(-4056, "HMAC_SHA256 API key is not supported.")  # RSA neither; the code is not documented
        account = self.hall.keys.authenticate(api_key, params, signed_text(params), self.hall.now_ms())
        self._logon = Logon(api_key, account, self.hall.now_ms())
        return self._status(params)

    def _log_out(self, params: Params) -> dict[str, Any]:
        self._logon = None
        return self._status(params)

    def _status(self, _params: Params) -> dict[str, Any]:
        logon = self._logon
        return {
            "apiKey": None if logon is None else logon.api_key,
            "authorizedSince": None if logon is None else logon.since,
            "connectedSince": self._connected_since,
            "returnRateLimits": self.returns_limits,
            "serverTime": self.hall.now_ms(),
            "userDataStream": bool(self._subscriptions),
        }

    def _list(self, _params: Params) -> list[dict[str, Any]]:
        return [{"subscriptionId": number} for number in self._subscriptions]

    def _subscribe(self, _params: Params) -> dict[str, Any]:
        if self._logon is None:
            raise Refused(-1102, "Mandatory parameter 'apiKey' was not sent, was empty/null, or malformed.")
        return self._begin(self.hall.keys.find(self._logon.api_key).account)

    def _subscribe_signed(self, params: Params) -> dict[str, Any]:
        return self._begin(self.account(params))

    def _begin(self, account: str) -> dict[str, Any]:
        if any(known.account == account for known in self._subscriptions.values()):
            raise Refused(-2035, "User Data Stream subscription already active.")
        subscription = Subscription(self.client, account, next(self._numbers))
        self._subscriptions[subscription.number] = subscription
        self.began.append(subscription)
        return {"subscriptionId": subscription.number}

    def _unsubscribe(self, params: Params) -> dict[str, Any]:
        number = Parameters(params).optional_whole("subscriptionId")
        numbers = list(self._subscriptions) if number is None else [number]
        if not numbers or any(number not in self._subscriptions for number in numbers):
            raise _NO_SUBSCRIPTION
        self.ended += [self._subscriptions.pop(number) for number in numbers]
        return {}
