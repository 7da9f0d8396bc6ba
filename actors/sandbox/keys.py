"""API keys: who signs, with what, and whether the signature and the time of a request are good."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Protocol

from attrs import field, frozen
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from actors.sandbox.parameters import Parameters
from engine.venue.values import Refused

_KEY = re.compile(r"[A-Za-z0-9]{64}")
_LONGEST_WINDOW = 60_000  # ms
_MICROSECONDS_FROM = 10**15  # no millisecond timestamp is that long


class Verifier(Protocol):
    """Check signatures of one kind of key."""

    @property
    def kind(self) -> str:
        """Name the kind: ``HMAC``, ``ED25519`` or ``RSA``."""

    def accepts(self, payload: bytes, signature: str) -> bool:
        """Tell whether `signature`, as text, was made for `payload`."""


@frozen
class Hmac:
    """Check HMAC-SHA256 in hex, of any case."""

    secret: bytes = field(repr=False)
    kind: str = "HMAC"

    def accepts(self, payload: bytes, signature: str) -> bool:
        """Compare in constant time."""
        made = hmac.new(self.secret, payload, hashlib.sha256).hexdigest()
        return hmac.compare_digest(made.encode(), signature.lower().encode("utf-8", "replace"))


@frozen
class Asymmetric:
    """Check Ed25519 or RSA (PKCS#1 v1.5 with SHA-256) in base64."""

    public: Ed25519PublicKey | RSAPublicKey
    kind: str

    def accepts(self, payload: bytes, signature: str) -> bool:
        """Take nothing but canonical base64 of a good signature."""
        try:
            raw = base64.b64decode(signature, validate=True)
            if isinstance(self.public, RSAPublicKey):
                self.public.verify(raw, payload, PKCS1v15(), hashes.SHA256())
            else:
                self.public.verify(raw, payload)
        except (binascii.Error, ValueError, InvalidSignature):
            return False
        return True


@frozen
class Key:
    """Bind a verifier to the account that it signs for."""

    account: str
    verifier: Verifier = field(repr=False)

    @property
    def kind(self) -> str:
        """Name the kind of key."""
        return self.verifier.kind


@frozen
class Credentials:
    """Hold what a client signs with: an API key, and a secret or a private key in PEM; neither is ever shown."""

    api_key: str = field(repr=False)
    secret: str = field(repr=False)


class Keys:
    """Know every API key. Use it under the floor's lock."""

    def __init__(self) -> None:
        self._keys: dict[str, Key] = {}
        self._revoked: set[str] = set()

    def issue_hmac(self, account: str) -> Credentials:
        """Make a key with a shared secret."""
        credentials = Credentials(secrets.token_hex(32), secrets.token_hex(32))
        self._keys[credentials.api_key] = Key(account, Hmac(credentials.secret.encode()))
        return credentials

    def issue_ed25519(self, account: str) -> Credentials:
        """Make a key pair; the secret is the private key in PEM, without a newline at its end."""
        private = Ed25519PrivateKey.generate()
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Credentials(self.register(account, private.public_key()), pem.decode().strip())

    def register(self, account: str, public: Ed25519PublicKey | RSAPublicKey) -> str:
        """Take a client's public key; give the API key that it goes by."""
        api_key = secrets.token_hex(32)
        kind = "RSA" if isinstance(public, RSAPublicKey) else "ED25519"
        self._keys[api_key] = Key(account, Asymmetric(public, kind))
        return api_key

    def revoke(self, api_key: str | None = None) -> None:
        """Refuse one key, or all that there are, from now on."""
        self._revoked.update([api_key] if api_key is not None else self._keys)

    def restore(self) -> None:
        """Accept every revoked key again."""
        self._revoked.clear()

    def find(self, api_key: str | None) -> Key:
        """Give what is known of a key; raises `Refused` -2014 (malformed) or -2015 (unknown or revoked)."""
        if api_key is None or not _KEY.fullmatch(api_key):
            raise Refused(-2014, "API-key format invalid.")
        key = self._keys.get(api_key)
        if key is None or api_key in self._revoked:
            raise Refused(-2015, "Invalid API-key, IP, or permissions for action.")
        return key

    def authenticate(self, api_key: str | None, params: Mapping[str, str], payload: bytes, now: int) -> str:
        """Give the account of a signed request; raises `Refused`.

        `params` include ``timestamp``, ``signature`` and perhaps ``recvWindow``; `payload` is what was signed.
        """
        key = self.find(api_key)
        signature = Parameters(params).text("signature")
        check_time(params, now)
        if not key.verifier.accepts(payload, signature):
            raise Refused(-1022, "Signature for this request is not valid.")
        return key.account


def check_time(params: Mapping[str, str], now: int) -> None:
    """Refuse -1021 a request whose ``timestamp`` is over 1 s ahead of `now` or older than its ``recvWindow``."""
    read = Parameters(params)
    stamp = read.whole("timestamp")
    window = read.optional_number("recvWindow", places=3)
    if window is not None and window > _LONGEST_WINDOW:
        raise Refused(-1131, "recvWindow must be less than 60000")
    milliseconds = stamp // 1000 if stamp >= _MICROSECONDS_FROM else stamp
    if milliseconds >= now + 1000:
        raise Refused(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if now - milliseconds > (5000 if window is None else window):
        raise Refused(-1021, "Timestamp for this request is outside of the recvWindow.")


def signed_text(params: Mapping[str, str]) -> bytes:
    """Give what a WebSocket-API request signs: its parameters as text, sorted by name, without the signature."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature").encode()
