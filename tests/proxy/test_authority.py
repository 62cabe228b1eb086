"""The authority signs for the watched domains, and what it would sign for others nobody believes."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from mitmproxy import certs

from guardrail.errors import CertificateError
from guardrail.proxy import authority

DOMAINS = ["watched.test", "google.com"]


def leaf(folder: Path, *names: x509.GeneralName) -> tuple[Path, certs.CertStoreEntry]:
    """Have mitmproxy sign a leaf, as it does on the road; give the chain's file."""
    store = certs.CertStore.from_store(folder, "mitmproxy", 2048)
    entry = store.get_cert(str(names[0].value), list(names))
    file = folder / "leaf.pem"
    key = entry.privatekey.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(key + entry.cert.to_pem())
    return file, entry


def shake_hands(ca: Path, chain: Path, name: str) -> None:
    """Make a TLS handshake in memory, with OpenSSL on both sides. Raise ssl.SSLError."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=str(ca))
    server.load_cert_chain(chain)
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(a, b, server_hostname=name)
    other = server.wrap_bio(b, a, server_side=True)
    for side in (one, other, one, other, one):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize("name", ["www.watched.test", "watched.test", "a.b.google.com", "guardrail.internal"])
def test_openssl_trusts_leaves_for_watched_hosts(tmp_path: Path, name: str) -> None:
    """With mitmproxy's own leaves, common name and all."""
    authority.ensure(tmp_path, DOMAINS)
    chain, _ = leaf(tmp_path, x509.DNSName(name))
    shake_hands(authority.certificate_file(tmp_path), chain, name)


@pytest.mark.parametrize(
    "names",
    [
        (x509.DNSName("www.bank.test"),),
        (x509.DNSName("notwatched.test"),),
        (x509.DNSName("www.watched.test"), x509.DNSName("www.bank.test")),
        (x509.DNSName("www.watched.test"), x509.IPAddress(ipaddress.ip_address("10.0.0.1"))),
    ],
)
def test_openssl_refuses_leaves_for_others(tmp_path: Path, names: tuple[x509.GeneralName, ...]) -> None:
    """A bank, a look-alike, a stowaway name, an address: the key is worth nothing there."""
    authority.ensure(tmp_path, DOMAINS)
    chain, _ = leaf(tmp_path, *names)
    with pytest.raises(ssl.SSLCertVerificationError, match="subtree"):
        shake_hands(authority.certificate_file(tmp_path), chain, str(names[0].value))


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    """Mode 0600; the certificate that browsers get holds no key."""
    pem = authority.ensure(tmp_path / "ca", DOMAINS)
    assert stat.S_IMODE((tmp_path / "ca" / "mitmproxy-ca.pem").stat().st_mode) == 0o600
    assert b"PRIVATE" not in pem
    assert authority.certificate_file(tmp_path / "ca").read_bytes() == pem
    certificate = authority.read(tmp_path / "ca")
    assert authority.permitted_domains(certificate) == ("google.com", "guardrail.internal", "watched.test")
    assert certificate.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_it_is_made_once(tmp_path: Path) -> None:
    """Later runs give the same certificate, also where its own file was lost, and for fewer domains."""
    first = authority.ensure(tmp_path, DOMAINS)
    authority.certificate_file(tmp_path).unlink()
    assert authority.ensure(tmp_path, DOMAINS[:1]) == first
    assert authority.certificate_file(tmp_path).read_bytes() == first


def test_a_new_domain_needs_a_new_one(tmp_path: Path) -> None:
    """The error names the domain and what to do; renewing covers it."""
    first = authority.ensure(tmp_path, DOMAINS)
    with pytest.raises(CertificateError, match=r"does not cover `new.test` \(and 1 more\): run `guardrail init --re"):
        authority.ensure(tmp_path, [*DOMAINS, "new.test", "newer.test"])
    assert authority.renew(tmp_path, [*DOMAINS, "new.test"]) != first
    authority.ensure(tmp_path, [*DOMAINS, "new.test"])


def test_it_does_not_last_for_ever(tmp_path: Path) -> None:
    """After five years the error says so."""
    authority.ensure(tmp_path, DOMAINS)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=5 * 365 + 1)
    with pytest.raises(CertificateError, match="is over: run"):
        authority.ensure(tmp_path, DOMAINS, now=later)


@pytest.mark.parametrize("content", [b"", b"no pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_broken_one_is_said_to_be(tmp_path: Path, content: bytes) -> None:
    """One line, and never a new authority behind the operator's back."""
    (tmp_path / "mitmproxy-ca.pem").write_bytes(content)
    with pytest.raises(CertificateError, match="is broken: run"):
        authority.ensure(tmp_path, DOMAINS)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """The error names the folder."""
    (tmp_path / "ca").write_text("a file")
    with pytest.raises(CertificateError, match="ca"):
        authority.ensure(tmp_path / "ca", DOMAINS)
