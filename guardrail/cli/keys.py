"""`guardrail keys`: who may read what was typed, with which keys, and the key that signs the ledger."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from guardrail.cli.passphrase import ask_passphrase, new_passphrase
from guardrail.cli.terminal import err, out, print_json
from guardrail.durable import make_file
from guardrail.errors import LedgerError
from guardrail.ledger import identity, recipients
from guardrail.ledger.keys import RECIPIENTS_FILE, SUPERVISOR_FILE, VERIFIER_FILE, read_recipients, read_verifiers
from guardrail.ledger.recipients import Recipient
from guardrail.settings import LEDGER_FILE, read_settings

app = typer.Typer(help="Make, name and rotate keys.", no_args_is_help=True, add_completion=False)

DataDir = Annotated[Path, typer.Option("--data-dir", help="The data folder of the workstation.")]
PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help="A file whose first line is the passphrase.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
KeyFile = Annotated[Path, typer.Argument(help="The file of a secret key.")]
PublicKey = Annotated[str, typer.Argument(help="A public key, `age1…`.")]
Role = Annotated[str | None, typer.Option(help="What the reader is: supervisor or privacy-officer.")]
Clinicians = Annotated[
    str | None, typer.Option(help="Whose entries the key opens: ids, with commas between; left out, everybody's.")
]
Name = Annotated[str, typer.Option(help="Whose key it is, in words.")]
DEFAULT = Path(".guardrail")


@app.command()
def make(
    file: Annotated[Path, typer.Argument(help="The new file for the secret key.")],
    passphrase_file: PassphraseFile = None,
    *,
    plain: Annotated[bool, typer.Option("--plain", help="Leave the file open: no passphrase closes it.")] = False,
) -> None:
    """Make a reader's pair of keys: the secret goes into FILE, closed by a passphrase; the public key is printed."""
    public = identity.make_identity(file, None if plain else new_passphrase(passphrase_file))
    out.print(public)
    err.print(f"the secret key is in {file}: print its recovery sheet (`guardrail keys recovery {file}`)", markup=False)


@app.command()
def show(
    file: KeyFile,
    passphrase_file: PassphraseFile = None,
    *,
    secret: Annotated[bool, typer.Option("--secret", help="Print the secret key instead.")] = False,
) -> None:
    """Print the public key of a secret key's file."""
    for one in identity.read_identities(file, lambda: ask_passphrase(passphrase_file)):
        out.print(str(one) if secret else str(one.to_public()))


@app.command("list")
def list_(data_dir: DataDir = DEFAULT, *, as_json: AsJson = False) -> None:
    """List who may read what is typed at this workstation, and the verifier keys of its ledger."""
    readers = read_recipients(data_dir)
    verifiers = read_verifiers(data_dir / VERIFIER_FILE) if (data_dir / VERIFIER_FILE).exists() else ()
    if as_json:
        for one in readers:
            print_json({"key": one.key, "role": one.role, "clinicians": [*one.clinicians], "words": one.words})
        for verifier in verifiers:
            print_json({"verifier": str(verifier), "in_use": verifier == verifiers[-1]})
        return
    for one in readers:  # a line for the key alone: it is copied, and a table would cut it short
        whose = ", ".join(filter(None, (one.words, one.role))) or "a reader"
        out.print(one.key, markup=False)
        out.print(f"  {whose}: opens entries of {', '.join(one.clinicians) or 'everybody'}", markup=False)
    for verifier in verifiers:
        out.print(f"the ledger {'is' if verifier == verifiers[-1] else 'was'} signed by {verifier}", markup=False)


@app.command()
def add(
    key: PublicKey,
    data_dir: DataDir = DEFAULT,
    role: Role = None,
    clinicians: Clinicians = None,
    name: Name = "",
) -> None:
    """Let a public key read what is typed here from the next start on."""
    known = _readers(data_dir)
    new = Recipient(key, role, tuple(clinicians.split(",")) if clinicians else (), name)
    if any(one.key == key for one in known):
        raise LedgerError(f"this key may read already: see `guardrail keys list`, or edit {data_dir / RECIPIENTS_FILE}")
    _write(data_dir, [*known, new])


@app.command()
def remove(key: PublicKey, data_dir: DataDir = DEFAULT) -> None:
    """Close what is typed here from the next start on to this key; what was closed to it before, it still opens."""
    known = _readers(data_dir)
    ends = _named(known, key)
    _write(data_dir, [one for one in known if one is not ends])


@app.command("replace")
def replace_(
    old: Annotated[str, typer.Argument(help="The public key that ends.")],
    new: Annotated[str, typer.Argument(help="The public key that follows.")],
    data_dir: DataDir = DEFAULT,
) -> None:
    """Rotate a reader's key: the new one stands for the old one from the next start on."""
    known = _readers(data_dir)
    ends = _named(known, old)
    if any(one.key == new for one in known):
        raise LedgerError("the new key may read already: `guardrail keys remove` ends the old one")
    _write(data_dir, [replace(one, key=new) if one is ends else one for one in known])
    err.print("earlier entries stay closed to the old key until `guardrail ledger reseal` is run", markup=False)


@app.command("rotate-signing")
def rotate_signing(
    settings: Annotated[Path | None, typer.Option("--settings", help="A settings file (YAML).")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="The data folder of the workstation.")] = None,
) -> None:
    """Make a new key that signs the ledger; the old one signs that it follows, and is destroyed."""
    from guardrail.ledger.rotate import rotate_signing_key

    read = read_settings(settings, {"data_dir": data_dir})
    new = rotate_signing_key(read.data_dir, read.data_dir / LEDGER_FILE, read.workstation, read.key_store)
    out.print(str(new))
    err.print(f"restart guardrail where it runs; keep a copy of {read.data_dir / VERIFIER_FILE}", markup=False)


@app.command()
def recovery(
    file: KeyFile,
    to: Annotated[Path, typer.Option("--to", help="The new PDF.")] = Path("recovery-sheet.pdf"),
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="A data folder whose list of readers says what the key opens.")
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write a secret key's recovery sheet, to be printed: groups of letters, a QR code, how to use it."""
    from guardrail.ledger.recovery import recovery_sheet

    secret = identity.secret_of(file, lambda: ask_passphrase(passphrase_file))
    public = identity.public_of(secret)
    known = {one.key: one for one in _readers(data_dir)} if data_dir is not None else {}
    _new_file(to, recovery_sheet(secret, known.get(public, Recipient(public)), datetime.now(UTC)))
    err.print(f"print {to}, put the sheet into a safe, and delete the file: it holds the secret key", markup=False)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The new file for the secret key.")],
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a secret key's file anew from its recovery sheet: type the groups, or scan the QR code."""
    from guardrail.ledger.recovery import from_groups

    is_terminal = sys.stdin.isatty()
    secret = from_groups(getpass("the groups of the sheet: ") if is_terminal else sys.stdin.read())
    identity.write_identity(file, secret, new_passphrase(passphrase_file))
    out.print(identity.public_of(secret))


@app.command("take-away")
def take_away(
    to: Annotated[Path, typer.Argument(help="The new file, off this computer.")],
    data_dir: DataDir = DEFAULT,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Take the secret key of the first start off this computer: closed by a passphrase, tried, then removed here."""
    source = data_dir / SUPERVISOR_FILE
    if not source.exists():
        raise LedgerError(f"there is no {source}: it was taken away, or guardrail was never started here")
    identity.take_away(source, to, new_passphrase(passphrase_file))
    out.print(f"{to} opens what was typed, with its passphrase; {source} is gone", markup=False)


def _readers(data_dir: Path) -> tuple[Recipient, ...]:
    return read_recipients(data_dir) if (data_dir / RECIPIENTS_FILE).exists() else ()


def _named(known: Iterable[Recipient], key: str) -> Recipient:
    for one in known:
        if one.key == key:
            return one
    raise LedgerError("this key may not read here: see `guardrail keys list`")


def _write(data_dir: Path, readers: list[Recipient]) -> None:
    # Readers are best named before the first start, which makes a pair of keys where there are none.
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    recipients.write_recipients(data_dir / RECIPIENTS_FILE, readers)
    everybody = sum(not one.clinicians for one in readers)
    out.print(f"{len(readers)} may read, {everybody} of them everything; guardrail takes it up when it starts")


def _new_file(file: Path, content: bytes) -> None:
    try:
        made = make_file(file, content)
    except OSError as error:
        raise LedgerError(f"cannot write {file}: {(error.strerror or 'unknown reason').lower()}") from None
    if not made:
        raise LedgerError(f"{file} is there already: name a new file")
