"""Every setting once: its name, its default, and the help that `--help`, docs and `init` show.

Settings come from (strongest first) the command line, the environment (`GUARDRAIL_…`), the
settings file (strict YAML), the default.
"""

from __future__ import annotations

import getpass
import os
import platform
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FilePath, ValidationError, field_validator

from guardrail.errors import Problem, SettingsError
from guardrail.model.entry import EntryKind
from guardrail.strict_yaml import Document, problems_of, read_file

ENVIRONMENT_PREFIX = "GUARDRAIL_"
LEDGER_FILE = "ledger.sqlite3"
"""The ledger's name in the data folder."""
ROSTER_KEY = "roster"
"""The name of the key under which clients are kept and subjects are told apart."""
ROSTER_FOLDER = "roster"
"""The imported client lists in the data folder."""
SITES_FOLDER = "sites"
"""The clinic's own site files in the data folder."""
CA_FOLDER = "ca"
"""The certificate authority's folder in the data folder; it is mitmproxy's confdir."""


class Settings(BaseModel):
    """What a workstation needs to know; frozen once read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: Path = Field(Path("rules.yaml"), description="The clinic's policy.")
    roster: Path | None = Field(
        None, description="The client list as CSV; without it the list that `guardrail roster import` took in."
    )
    roster_allow_bad_rows: bool = Field(default=False, description="Load the good rows of a roster that has bad ones.")
    roster_most_lost: int = Field(
        20, ge=0, le=100, description="Of 100 clients, how many may be missing from a list that is imported anew."
    )
    own_names: tuple[str, ...] = Field(
        (),
        description="Names of the clinic and its clinicians, never a client's (in the environment: `;` between).",
    )
    data_dir: Path = Field(Path(".guardrail"), description="Where the ledger, the CA and the keys live.")
    sites_dir: Path | None = Field(
        None, description="A folder with the clinic's own site files; without it `sites` in the data folder, if there."
    )

    key_store: Literal["auto", "system", "file"] = Field(
        "auto", description="Where new secret keys go: the system's key store, a file of mode 0600, or what there is."
    )

    mode: str = Field("regular", description="How traffic arrives, in mitmproxy's words: regular, local, local:chrome.")
    listen_host: str = Field("127.0.0.1", description="The address on which the proxy listens.")
    listen_port: int = Field(8080, ge=0, le=65535, description="The proxy's port.")
    pages_port: int = Field(
        8081, ge=0, le=65535, description="The loopback port of guardrail's own pages, the PAC file and the CA."
    )
    upstream: str | None = Field(
        None, description="The clinic's own proxy, as http://host:port; requests go on through it."
    )
    upstream_ca: FilePath | None = Field(
        None, description="Where that proxy opens TLS: the CA that it signs with (PEM), in place of the public ones."
    )

    workstation: str = Field(default_factory=platform.node, description="This workstation's name in the ledger.")
    clinician_from: Literal["proxy-auth", "os-user", "addresses"] = Field(
        "os-user", description="How the clinician is known: the proxy's log-in, the system's user, or the address."
    )
    clinician_id: str = Field(
        default_factory=getpass.getuser, description="With `os-user`: whose workstation this is (the clinic's id)."
    )
    clinician_addresses: Mapping[str, str] = Field(
        default_factory=dict, description="With `addresses`: which network address is which clinician."
    )
    proxy_auth_file: Path | None = Field(
        None, description="With `proxy-auth`: an Apache htpasswd file (bcrypt) with the clinicians' log-ins."
    )

    hold_minutes: int = Field(30, ge=1, le=1440, description="After how many minutes an unanswered hold is abandoned.")
    body_limit: int = Field(
        16 * 1024 * 1024, ge=1024, description="Bytes of a request body that are read; a longer one counts as unread."
    )
    learn_limit: int = Field(
        4 * 1024 * 1024, ge=0, description="Bytes of an answer that are read whole for identities; 0: none is read."
    )
    learn_beyond: Literal["pieces", "leave"] = Field(
        "pieces", description="What is done with a longer answer: read in pieces while it streams, or left."
    )
    identities: int = Field(50_000, ge=0, description="How many identities are remembered, in memory only.")
    heartbeat_minutes: int = Field(
        15, ge=1, le=1440, description="How often the ledger gets an entry that guardrail runs, whatever happens."
    )
    checkpoint_every: int = Field(
        64, ge=1, le=1_000_000, description="After how many entries a signed state of the ledger stays, to be compared."
    )
    witnesses: Mapping[str, str] = Field(
        default_factory=dict, description="Who cosigns the ledger's states: an address, and its verifier key, each."
    )
    ledger: str | None = Field(
        None, repr=False, description="The clinic's database that gets every entry too: postgresql+psycopg://…"
    )
    ledger_offline_hours: int = Field(
        24, ge=0, le=8760, description="How long work goes on while that database is out of reach; then nothing passes."
    )
    retention_years: int = Field(
        6, ge=1, le=100, description="For how many years what was typed is kept, closed (`guardrail ledger retain`)."
    )
    retention_years_of: Mapping[EntryKind, Annotated[int, Field(ge=1, le=100)]] = Field(
        default_factory=dict, description="Another number of years for an entry's kind, such as `justified: 10`, each."
    )
    syslog: str | None = Field(
        None, description="Where entries go on to a SIEM, without what was typed: host:port (syslog over TLS)."
    )
    syslog_ca: FilePath | None = Field(
        None, description="The CA by which the SIEM is known (PEM); without it the system's public ones."
    )
    syslog_enterprise_number: int = Field(
        32473,
        ge=1,
        le=4_294_967_295,
        description="The clinic's private enterprise number (IANA), after which entries are named to a SIEM; "
        "32473 is the one for examples.",
    )
    metrics: bool = Field(
        default=False, description="Show counts to Prometheus at /metrics of the pages' port, on loopback only."
    )
    language: Literal["auto", "en", "fr"] = Field("auto", description="The pages' language; auto: the browser's.")
    emergency_contacts: Mapping[str, str] = Field(
        default_factory=dict, description="A line per client reference: whom to call first (shown on the page)."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    practice: bool = Field(default=False, description="Serve the practice sites instead of the real ones.")

    @field_validator("own_names", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(";") if part.strip()) if isinstance(value, str) else value


def site_folders(settings: Settings) -> tuple[Path, ...]:
    """Give where the clinic's own site files are: the folder that is set, or `sites` in the data folder."""
    if settings.sites_dir is not None:
        return (settings.sites_dir,)
    folder = settings.data_dir / SITES_FOLDER
    return (folder,) if folder.is_dir() else ()


def read_settings(
    file: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Read the settings from `file`, the environment and `overrides` (None values are left out).

    Raise SettingsError with every place that is wrong.
    """
    document = Document(file or Path("settings"), {})
    if file is not None:
        read = read_file(file, "the settings", "see docs/commands.md")
        if isinstance(read, Problem):
            raise SettingsError((read,))
        document = read
    known = tuple(Settings.model_fields)
    values: dict[str, Any] = dict(document.data)
    values.update(_from_environment(os.environ if environment is None else environment))
    values.update({key: value for key, value in (overrides or {}).items() if value is not None})
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(problems_of(document, error, known)) from None
    if settings.clinician_from == "proxy-auth" and settings.proxy_auth_file is None:
        raise SettingsError(
            (document.problem(("clinician_from",), "`proxy-auth` needs `proxy_auth_file`", "name an htpasswd file"),)
        )
    return settings


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Give what the environment sets. Raise SettingsError for a name of ours that is no setting's, as a file's is."""
    ours = sorted(name for name in environment if name.startswith(ENVIRONMENT_PREFIX))
    keys = {name: name.removeprefix(ENVIRONMENT_PREFIX).lower() for name in ours}
    unknown = [_no_setting(name, key) for name, key in keys.items() if key not in Settings.model_fields]
    if unknown:
        raise SettingsError(tuple(unknown))
    return {key: environment[name] for name, key in keys.items()}


def _no_setting(name: str, key: str) -> Problem:
    near = get_close_matches(key, Settings.model_fields, n=1)
    hint = f"did you mean `{ENVIRONMENT_PREFIX}{near[0].upper()}`?" if near else "take it away, or see docs/commands.md"
    return Problem(Path("the environment"), None, None, f"`{name}` is no setting", hint)
