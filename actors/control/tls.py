"""The certificate that a door shows."""

from __future__ import annotations

import ssl
from pathlib import Path

from engine.errors import BadInput


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Serve with these two files, PEM; raise `BadInput` that names the one that is of no use."""
    for option, path in (("--certificate", certificate), ("--key", key)):
        try:
            path.read_bytes()
        except OSError as error:
            raise BadInput(f"{option} = {str(path)!r}: cannot be read: {error.strerror or error}") from error
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError):  # an SSLError is an OSError; its text may quote what it read
        raise BadInput(
            f"--certificate = {str(certificate)!r} and --key = {str(key)!r}: are no certificate with its key; "
            "allowed: PEM files, the key without a password"
        ) from None
    return context


def names_in(certificate: Path) -> tuple[str, ...]:
    """List the names and addresses that a certificate, PEM, is good for; raise `BadInput` when it is none."""
    from cryptography import x509

    try:
        parsed = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    except (OSError, ValueError):
        raise BadInput(f"--certificate = {str(certificate)!r}: is no certificate; allowed: a PEM file") from None
    return (
        *(name.lower() for name in names.get_values_for_type(x509.DNSName)),
        *(str(address) for address in names.get_values_for_type(x509.IPAddress)),
    )


def _no_password() -> str:
    raise ValueError("the key has a password")
