"""Who acts: the clinician, from the proxy's log-in, the system's user, or a map of addresses; never from a form."""

from __future__ import annotations

import ipaddress

from guardrail.model.people import Clinician
from guardrail.settings import Settings


class Who:
    """Says whose a connection is, in the one way that the settings choose."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; the map of addresses is put into one spelling."""
        self._way = settings.clinician_from
        self._user = settings.clinician_id
        self._addresses = {_address(key): clinician for key, clinician in settings.clinician_addresses.items()}

    def clinician(self, login: str | None, address: str | None) -> Clinician | None:
        """Give the clinician behind a connection from `address` with the proxy log-in `login`.

        None: nobody that we know, and then nothing that a rule stops can go on.
        """
        if self._way == "os-user":
            found: str | None = self._user
        elif self._way == "proxy-auth":
            found = login
        else:
            found = self._addresses.get(_address(address)) if address else None
        return Clinician(found, self._way) if found else None


def _address(text: str) -> str:
    """Give an address in its one spelling: `::ffff:10.0.0.5` is `10.0.0.5`; a zone is left out."""
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(parsed)
