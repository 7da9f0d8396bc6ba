"""Keys, signatures and the time of a request."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import ccxt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from actors.sandbox.keys import Credentials
from actors.sandbox.server import Sandbox
from tests.sandbox.clients import SOL, Http, ccxt_client


@contextmanager
def client(sandbox: Sandbox, credentials: Credentials) -> Iterator[Any]:
    made = ccxt_client(sandbox, credentials)
    try:
        yield made
    finally:
        made.session.close()


def new_credentials(sandbox: Sandbox, kind: str) -> Credentials:
    if kind != "RSA":
        return sandbox.hall.keys.issue_hmac("main") if kind == "HMAC" else sandbox.hall.keys.issue_ed25519("main")
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Credentials(sandbox.hall.keys.register("main", private.public_key()), pem.decode())


@pytest.mark.parametrize("kind", ["HMAC", "Ed25519", "RSA"])
def test_every_kind_of_key_trades(sandbox: Sandbox, kind: str) -> None:
    with client(sandbox, new_credentials(sandbox, kind)) as exchange:
        order = exchange.create_order(SOL, "limit", "buy", 1, 95)
        assert exchange.cancel_order(order["id"], SOL)["status"] == "canceled"


@pytest.mark.parametrize("kind", ["HMAC", "Ed25519", "RSA"])
def test_signature_of_another_key_is_refused(sandbox: Sandbox, kind: str) -> None:
    own, other = new_credentials(sandbox, kind), new_credentials(sandbox, kind)
    with (
        client(sandbox, Credentials(own.api_key, other.secret)) as exchange,
        pytest.raises(ccxt.AuthenticationError, match="-1022"),
    ):
        exchange.fetch_balance()


@pytest.mark.parametrize(("api_key", "code"), [("short", "-2014"), ("x" * 64, "-2015")])
def test_unknown_key_is_refused(sandbox: Sandbox, api_key: str, code: str) -> None:
    with (
        client(sandbox, Credentials(api_key, "secret")) as exchange,
        pytest.raises(ccxt.AuthenticationError, match=code),
    ):
        exchange.fetch_balance()


def test_request_without_a_key_or_a_signature_is_refused(http: Http) -> None:
    now = http.sandbox.hall.now_ms()

    keyless = http.get("/api/v3/account", timestamp=now, signature="aa")
    unsigned = http.send("GET", f"/api/v3/account?timestamp={now}", headers=http.key())
    assert (keyless.status, keyless.json["code"]) == (401, -2014)
    assert (unsigned.status, unsigned.json["code"]) == (400, -1102)


def test_signature_covers_query_and_body_as_they_were_sent(http: Http) -> None:
    query, body = f"timestamp={http.sandbox.hall.now_ms()}&symbol=SOLUSDT", "side=BUY&type=MARKET&quantity=1"
    good = hmac.new(http.sandbox.secret.encode(), (query + body).encode(), hashlib.sha256).hexdigest()

    reply = http.send("POST", f"/api/v3/order?{query}", f"{body}&signature={good.upper()}".encode(), http.key())
    changed = body.replace("quantity=1", "quantity=2")
    forged = http.send("POST", f"/api/v3/order?{query}", f"{changed}&signature={good}".encode(), http.key())
    assert reply.status == 200
    assert forged.json["code"] == -1022


def test_delete_may_carry_its_parameters_in_the_body(exchange: Any, http: Http) -> None:
    order = exchange.create_order(SOL, "limit", "buy", 1, 95)
    body = f"symbol=SOLUSDT&orderId={order['id']}&timestamp={http.sandbox.hall.now_ms()}"
    signature = hmac.new(http.sandbox.secret.encode(), body.encode(), hashlib.sha256).hexdigest()
    reply = http.send("DELETE", "/api/v3/order", f"{body}&signature={signature}".encode(), http.key())

    assert reply.json["status"] == "CANCELED"


@pytest.mark.parametrize(
    ("late_by", "window", "code"),
    [
        (4000, None, None),
        (6000, None, -1021),
        (6000, "10000", None),
        (200, "100.5", -1021),
        (-500, None, None),
        (-3000, None, -1021),
    ],
)
def test_request_counts_only_within_its_window(http: Http, late_by: int, window: str | None, code: int | None) -> None:
    params = {"timestamp": str(http.sandbox.hall.now_ms() - late_by)}
    if window is not None:
        params["recvWindow"] = window
    reply = http.signed("GET", "/api/v3/account", **params)

    assert reply.json.get("code") == code


def test_time_in_microseconds_is_understood(http: Http) -> None:
    assert http.signed("GET", "/api/v3/account", timestamp=http.sandbox.hall.now_ms() * 1000).status == 200


@pytest.mark.parametrize(("skew", "text"), [(20_000, "outside of the recvWindow"), (-20_000, "ahead of the server")])
def test_clock_that_is_wrong_is_mended_by_asking_for_the_time(exchange: Any, http: Http, skew: int, text: str) -> None:
    http.arm(route="clock", skew_ms=skew)
    with pytest.raises(ccxt.InvalidNonce, match=text):
        exchange.fetch_balance()

    exchange.options["adjustForTimeDifference"] = True
    exchange.load_time_difference()
    assert exchange.fetch_balance()["USDT"]["free"] == 10_000


def test_key_revoked_in_mid_run_is_refused_until_restored(exchange: Any, http: Http) -> None:
    exchange.fetch_balance()
    http.arm(route="keys", action="revoke")
    with pytest.raises(ccxt.DDoSProtection, match="-2015"):  # what ccxt makes of it after a success
        exchange.fetch_balance()

    http.arm(route="keys", action="restore")
    assert exchange.fetch_balance()["USDT"]["free"] == 10_000


def test_accounts_see_only_their_own(sandbox: Sandbox, exchange: Any) -> None:
    other = sandbox.hall.open_account("other", {"USDT": Decimal(50)})
    order = exchange.create_order(SOL, "limit", "buy", 1, 95)
    with client(sandbox, other.hmac) as stranger:
        assert stranger.fetch_balance()["USDT"]["free"] == 50
        assert stranger.fetch_open_orders(SOL) == []
        with pytest.raises(ccxt.OrderNotFound):
            stranger.cancel_order(order["id"], SOL)


def test_no_secret_is_shown(sandbox: Sandbox, http: Http) -> None:
    shown = [repr(sandbox.keys), repr(sandbox.hall.keys.find(sandbox.api_key)), str(http.state())]

    for secret in (sandbox.api_key, sandbox.secret, sandbox.keys.ed25519.secret):
        assert not [text for text in shown if secret in text]
