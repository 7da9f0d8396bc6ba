"""Signatures of requests: HMAC-SHA256 with a secret, or RSA or Ed25519 with a private key in PEM."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable

from actors.gateways.credentials import Credentials

Sign = Callable[[str], str]


def signer(credentials: Credentials) -> Sign:
    """Give what signs a text: hex for HMAC, base64 for a key. ValueError for a key that cannot be used."""
    if credentials.is_pem:
        return _key_signer(credentials.secret)
    secret = credentials.secret.encode()

    def sign(text: str) -> str:
        return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()

    return sign


def _key_signer(pem: str) -> Sign:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise ValueError("the private key cannot be read") from None  # the cause might quote it

    def sign(text: str) -> str:
        match key:
            case Ed25519PrivateKey():
                signature = key.sign(text.encode())
            case RSAPrivateKey():
                signature = key.sign(text.encode(), PKCS1v15(), SHA256())
            case _:
                raise ValueError(f"a private key of this kind cannot sign requests: {type(key).__name__}")
        return base64.b64encode(signature).decode()

    return sign
