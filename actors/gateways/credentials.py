"""The keys to an account: from the environment or a `.env` file, never shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from actors.log_lines.secrets import conceal
from engine.errors import BadInput

KEY = "EXCHANGE_API_KEY"
SECRET = "EXCHANGE_SECRET_KEY"  # noqa: S105 the name of a variable
_ALLOWED = "the key's secret, or an Ed25519 or RSA private key as PEM text or as the path of a PEM file"
_SHORTEST_HIDDEN = 4  # what is shorter would be found everywhere


@frozen
class Credentials:
    """Hold an API key and its secret, which no text made of this ever shows, and no log of this process."""

    api_key: str = field(repr=False)
    secret: str = field(repr=False)

    def __attrs_post_init__(self) -> None:
        """Conceal both, before anybody can log them."""
        conceal(self.api_key)
        conceal(self.secret)

    @property
    def is_pem(self) -> bool:
        """Tell whether the secret is a private key in PEM, rather than a word shared with the exchange."""
        return "PRIVATE KEY" in self.secret

    def conceal(self, text: str) -> str:
        """Give `text` without the key or the secret, should an exchange have quoted them."""
        for part in (self.secret, self.api_key):
            if len(part) >= _SHORTEST_HIDDEN:
                text = text.replace(part, "***")
        return text


def load(source: str) -> Credentials:
    """Find the credentials of the configuration at `source`; raise `BadInput` when one is missing or unusable.

    Each is looked for in the environment, in a `.env` of the working directory, and in one beside the configuration.
    """
    places = [(os.environ, Path.cwd()), *((_variables(file), file.parent) for file in _files(source))]
    found = {name: _first(places, name) for name in (KEY, SECRET)}
    missing = [name for name, value in found.items() if value is None]
    if missing:
        where = ", ".join(str(file) for file in _files(source))
        raise BadInput(
            f'{source}: exchange.trading_mode = "live" needs {" and ".join(missing)}, '
            f"set neither in the environment nor in {where}; allowed: {KEY}=the key, {SECRET}={_ALLOWED}"
        )
    key, secret = found[KEY], found[SECRET]
    assert key is not None, "checked above"
    assert secret is not None, "checked above"
    return Credentials(key[0], _secret(*secret))


def _files(source: str) -> list[Path]:
    beside = Path(source).resolve().parent / ".env"
    return list(dict.fromkeys((Path.cwd() / ".env", beside)))


def _variables(file: Path) -> Mapping[str, str | None]:
    from dotenv import dotenv_values

    try:
        # a secret may hold a dollar sign: nothing is filled in
        return dotenv_values(file, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: cannot be read ({type(error).__name__}); allowed: NAME=value lines in UTF-8") from None


def _first(places: list[tuple[Mapping[str, str | None], Path]], name: str) -> tuple[str, Path] | None:
    for variables, folder in places:
        value = (variables.get(name) or "").strip()
        if value:
            return value, folder
    return None


def _secret(value: str, folder: Path) -> str:
    if "PRIVATE KEY" in value:
        return _pem(value.replace("\\n", "\n").encode(), SECRET)
    try:
        file = folder / Path(value).expanduser()
        named = value.lower().endswith(".pem") or file.is_file()
        content = file.read_bytes() if named else None
    except FileNotFoundError:
        raise BadInput(f"{SECRET} names {file}: there is no such file; allowed: {_ALLOWED}") from None
    except (OSError, ValueError, RuntimeError):  # too long to be a path, for one
        content = None
    return value if content is None else _pem(content, f"{SECRET}, in the file that it names")


def _pem(content: bytes, where: str) -> str:
    """Write a private key in the one form whose length tells ccxt its type."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    conceal(content.decode(errors="replace"))  # as it was written, too
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        wrong = "has a password" if isinstance(error, TypeError) else "is not valid PEM"
        raise BadInput(f"{where}: the private key {wrong}; allowed: {_ALLOWED}, without a password") from None
    if not isinstance(key, Ed25519PrivateKey | RSAPrivateKey):
        raise BadInput(f"{where}: the private key is of another type; allowed: Ed25519 or RSA")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()
