"""What commands write on the ledger: who opened, read or judged what. What cannot be recorded does not happen."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from getpass import getuser
from typing import TYPE_CHECKING

from guardrail.errors import LedgerError
from guardrail.settings import LEDGER_FILE, Settings

if TYPE_CHECKING:
    from guardrail.model.entry import Entry

OR_A_COPY = ", or say --copy where this is a copy of the ledger"


def system_user() -> str:
    """Give who runs this command: the system's word for it, which no variable of the environment changes."""
    if os.name == "posix":
        import pwd

        uid = os.getuid()
        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:  # a container's user may have no name
            return str(uid)
    return getuser()


def record(read: Settings, entry: Callable[[datetime], Entry], what: str, instead: str = "") -> int:
    """Append what `entry` gives for the time now, and give its index; `what` is done here, in a word.

    Raise LedgerError where the key that signs the ledger is not here, or the ledger takes nothing now.
    """
    from guardrail.ledger.keys import SIGNING_KEY, ledger_keys
    from guardrail.ledger.store import SqliteLedger

    if not any(read.data_dir.glob(f"{SIGNING_KEY}*")):
        raise LedgerError(
            f"this {what} cannot be recorded, since the key that signs the ledger is not here: "
            f"do it on the workstation{instead}"
        )
    keys = ledger_keys(read.data_dir, read.key_store)
    with closing(SqliteLedger(read.data_dir / LEDGER_FILE, keys.seal, keys.signer, read.checkpoint_every)) as ledger:
        return ledger.append(entry(datetime.now(UTC)))
