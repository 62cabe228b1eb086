"""The certificate authority of one workstation: good for the watched sites and for nothing else.

Its certificate carries critical name constraints (RFC 5280 section 4.2.1.10), which Chromium, Firefox and
OpenSSL keep: whoever steals the key cannot pass for a bank or for the clinic's health record.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from guardrail.durable import replace_file
from guardrail.errors import CertificateError

INTERNAL = "guardrail.internal"
"""The host of guardrail's own pages; it exists behind this proxy only."""

# mitmproxy reads this name in its confdir: key first, then certificate.
_WITH_KEY = "mitmproxy-ca.pem"
_CERTIFICATE = "guardrail-ca-cert.pem"
_YEARS = 5
_RENEW = "run `guardrail init --renew-ca`, and let the browsers trust the new certificate"


def certificate_file(folder: Path) -> Path:
    """Give where the certificate alone stands: what browsers and the operating system are to trust."""
    return folder / _CERTIFICATE


def ensure(folder: Path, domains: Iterable[str], *, now: dt.datetime | None = None) -> bytes:
    """Make the authority at the first run, and check it at each later one; give its certificate as PEM.

    `folder` is mitmproxy's confdir. Raise CertificateError where it is broken, over, or not for all `domains`.
    """
    if not (folder / _WITH_KEY).exists():
        return renew(folder, domains, now=now)
    certificate = _read(folder / _WITH_KEY)
    if certificate.not_valid_after_utc <= (now or dt.datetime.now(dt.UTC)):
        raise CertificateError(f"the certificate authority in {folder} is over: {_RENEW}")
    check(certificate, domains, folder)
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    if not certificate_file(folder).exists():
        replace_file(certificate_file(folder), pem, mode=0o644)
    return pem


def check(certificate: x509.Certificate, domains: Iterable[str], folder: Path) -> None:
    """Raise CertificateError naming the first of `domains` that the authority may not sign for."""
    permitted = set(permitted_domains(certificate))
    missing = sorted({*domains, INTERNAL} - permitted)
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise CertificateError(f"the certificate authority in {folder} does not cover `{missing[0]}`{more}: {_RENEW}")


def permitted_domains(certificate: x509.Certificate) -> tuple[str, ...]:
    """Give the domains that the certificate's name constraints permit."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(tree.value for tree in constraints.permitted_subtrees or () if isinstance(tree, x509.DNSName))


def renew(folder: Path, domains: Iterable[str], *, now: dt.datetime | None = None) -> bytes:
    """Make a new authority in the place of the old one, for `domains` and our own; give its certificate as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, sorted({*domains, INTERNAL}), now or dt.datetime.now(dt.UTC))
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / _WITH_KEY, secret + pem)
        replace_file(certificate_file(folder), pem, mode=0o644)
    except OSError as error:
        raise CertificateError(f"cannot write the certificate authority to {folder}: {error.strerror}") from None
    return pem


def read(folder: Path) -> x509.Certificate:
    """Give the authority's certificate. Raise CertificateError."""
    return _read(folder / _WITH_KEY)


def _read(file: Path) -> x509.Certificate:
    try:
        data = file.read_bytes()
        serialization.load_pem_private_key(data, None)
        return x509.load_pem_x509_certificates(data)[0]
    except OSError as error:
        raise CertificateError(f"cannot read the certificate authority {file}: {error.strerror}") from None
    except (ValueError, TypeError):
        raise CertificateError(f"the certificate authority {file} is broken: {_RENEW}") from None


def _certificate(key: ec.EllipticCurvePrivateKey, domains: list[str], now: dt.datetime) -> x509.Certificate:
    # Two authorities with the same name but other keys would confuse browsers after a renewal.
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "guardrail"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"guardrail on this workstation {now:%Y-%m-%d %H:%M:%S}"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    # A domain without a leading dot permits the domain and all below it.
    constraints = x509.NameConstraints(
        permitted_subtrees=[x509.DNSName(domain) for domain in domains],
        excluded_subtrees=[
            x509.IPAddress(ipaddress.ip_network("0.0.0.0/0")),
            x509.IPAddress(ipaddress.ip_network("::/0")),
        ],
    )
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .serial_number(x509.random_serial_number())
        .subject_name(name)
        .issuer_name(name)
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + dt.timedelta(days=_YEARS * 365))
        .public_key(public)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(constraints, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
