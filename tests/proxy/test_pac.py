"""The PAC file sends the watched hosts to the proxy and nothing else; a JavaScript engine says so."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from guardrail.proxy.pac import pac

HOSTS = {
    "google.com": True,
    "www.google.com": True,
    "WWW.Google.COM.": True,
    "guardrail.internal": True,
    "notgoogle.com": False,
    "google.com.evil.test": False,
    "com": False,
    "localhost": False,
    "constructor": False,
    "toString.com": False,
    "www.bank.test": False,
    "127.0.0.1": False,
}


def answers(text: str, hosts: list[str]) -> list[str]:
    """Run the file as Chromium would; Node is Chromium's engine without the browser."""
    script = f"{text}\nfor (const h of {hosts!r}) console.log(FindProxyForURL('https://' + h + '/', h));"
    return subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True).stdout.splitlines()


def walk(text: str, hosts: list[str]) -> list[str]:
    """Do what the file does, where there is no Node: its table read out of it, its walk done again."""
    table = set(re.findall(r'"([^"]+)":1', text))
    proxy = re.search(r'return "(PROXY [^"]+)"', text)
    assert proxy is not None
    found = []
    for host in hosts:
        labels = host.lower().removesuffix(".").split(".")
        suffixes = {".".join(labels[at:]) for at in range(len(labels))}
        found.append(proxy[1] if suffixes & table else "DIRECT")
    return found


@pytest.mark.parametrize(
    ("host", "port", "written"),
    [("127.0.0.1", 8080, "PROXY 127.0.0.1:8080"), ("::1", 9, "PROXY [::1]:9"), ('a"b', 1, 'PROXY a\\"b:1')],
)
def test_the_proxy_is_written_as_browsers_read_it(host: str, port: int, written: str) -> None:
    """IPv6 in brackets; nothing leaves its string."""
    assert f'return "{written}";' in pac(["google.com"], host, port)


def test_only_watched_hosts_go_through_the_proxy() -> None:
    """By domain and all below it; no look-alike, and no name of JavaScript's own."""
    text = pac(["google.com", "Facebook.com"], "127.0.0.1", 8080)
    engine = answers if shutil.which("node") else walk
    found = engine(text, list(HOSTS))
    assert found == ["PROXY 127.0.0.1:8080" if through else "DIRECT" for through in HOSTS.values()]


def test_there_is_no_way_around() -> None:
    """With the proxy down a watched site stays closed: no DIRECT behind the proxy."""
    assert "; DIRECT" not in pac(["google.com"], "127.0.0.1", 8080)
