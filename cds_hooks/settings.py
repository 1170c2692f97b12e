"""What the deployer decides: environment variables with the prefix PNCDS_, or a TOML file; the environment wins."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from cards.guidance.interpretations import Numbers, UnsafeInterpretation, numbers_in_force
from cards.guidance.rules import NEVER_DISABLED, RULES
from cds_hooks.audit.review.access import Review
from cds_hooks.chart.servers import Reach, names_loopback
from cds_hooks.evaluation import Policy
from cds_hooks.quiet import KEPT_FOR
from cds_hooks.trust import clients as registry
from cds_hooks.trust.clients import Client
from cds_hooks.trust.keys import NotKeys
from cds_hooks.trust.keysets import read_file
from cds_hooks.trust.limits import Limits

PREFIX = "PNCDS_"
QUIET_INFO_DAYS = {"sandbox": 0, "production": 30}
_ORIGIN = re.compile(r"https?://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?")
RULE_IDS = frozenset({rule.id for rule in RULES} | {rule.id.rstrip("ciw") for rule in RULES} | NEVER_DISABLED)


class BadSettings(ValueError):
    """A setting that is unknown, unsafe or unreadable; the message is one sentence for the operator."""


class Settings(BaseSettings):
    """All settings with their defaults. docs/operations.md tells what each is for."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    profile: Literal["sandbox", "production"] = "sandbox"
    public_base_url: str = Field("http://127.0.0.1:8000", pattern=r"^https?://[^\s?#]+$")
    canonical_base: str = Field("https://example.org/pinched-nerve-cds", pattern=r"^https?://[^\s?#]+$")
    data_dir: Path = Path("pncds-data")
    database_url: str | None = None
    signing_key_file: Path | None = None
    time_budget_ms: int = Field(450, ge=50, le=60_000)
    max_body_bytes: int = Field(10 * 1024 * 1024, ge=1024, le=100 * 1024 * 1024)
    critical_indicator: Literal["critical", "warning"] = "critical"
    identifiers: Literal["clear", "keyed"] = "clear"
    identifier_key_file: Path | None = None
    quiet_info_days: int | None = Field(None, ge=0, le=KEPT_FOR.days)
    mode: Literal["live", "silent"] = "live"
    disabled_rules: frozenset[str] = frozenset()
    interpretations: dict[str, float] = Field(default_factory=dict)
    clients: tuple[Client, ...] = ()
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    metrics_from: tuple[str, ...] = ()
    traces_endpoint: str | None = Field(None, pattern=r"^https?://[^\s?#]+$")
    discovery_requires_auth: bool = False
    sandbox_fhir_servers: bool = True
    limits: Limits = Limits()
    review: Review = Review()

    @field_validator("public_base_url", "canonical_base")
    @classmethod
    def _without_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _a_store_of_ours(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("it must begin with postgresql+psycopg:// or sqlite:///")
        return value

    @field_validator("disabled_rules")
    @classmethod
    def _known_and_not_vital(cls, value: frozenset[str]) -> frozenset[str]:
        unknown = value - RULE_IDS
        if unknown:
            raise ValueError(f"names no rule of ours: {', '.join(sorted(unknown))}")
        if value & NEVER_DISABLED:
            raise ValueError(f"must not hold {' or '.join(sorted(NEVER_DISABLED))}")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(_ORIGIN.fullmatch(each) for each in value):
            raise ValueError("each must be an origin such as https://ehr.example, without a path; a * is not possible")
        return tuple(each.lower() for each in value)

    @field_validator("trusted_proxies", "metrics_from")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            networks = tuple(map(ip_network, value))
        except ValueError:
            raise ValueError("each must be an address or a network such as 10.0.0.0/24") from None
        if not all(each.prefixlen for each in networks):
            raise ValueError("every address would be believed, whatever it says of itself")
        return tuple(map(str, networks))

    @field_validator("clients", mode="before")
    @classmethod
    def _a_list(cls, value: object) -> object:
        if isinstance(value, dict):
            raise ValueError("it is a list, whose entries begin with two brackets: [[clients]]")  # noqa: TRY004 - pydantic wants this one
        return value

    @model_validator(mode="after")
    def _fit_for_the_profile(self) -> Settings:
        """Raises ValueError unless the clients and addresses go with the profile."""
        wrong = registry.refused(self.clients, self.profile)
        base = urlsplit(self.public_base_url)
        if not wrong and self.profile == "production" and base.scheme == "http" and not names_loopback((base.hostname or "").lower()):
            wrong = "The production profile needs an https public_base_url: it is what the audience of every token is compared with."
        if not wrong and self.limits.held_bytes < self.max_body_bytes:
            wrong = "The setting limits.held_bytes must not be below max_body_bytes: no body of that size could ever be held."
        if not wrong and self.review.user_header and not self.trusted_proxies:
            wrong = "review.user_header is believed only from trusted_proxies, and there are none."
        if wrong:
            raise ValueError(wrong)
        return self

    def fingerprint(self) -> str:
        """Changes with any setting but where the store is and where traces go, which may hold a password."""
        return hashlib.sha256(self.model_dump_json(exclude={"database_url", "traces_endpoint"}).encode()).hexdigest()[:16]

    def shares_its_store(self) -> bool:
        """Is the store one that several hosts can use?"""
        return (self.database_url or "").startswith("postgresql")

    def quiet_days(self) -> int:
        """For how many days an information card is not repeated to the same user."""
        return self.quiet_info_days if self.quiet_info_days is not None else QUIET_INFO_DAYS[self.profile]

    def numbers(self) -> Numbers:
        return numbers_in_force(self.interpretations)

    def reach(self) -> Reach:
        """What may be read for a caller who is nobody's registered client: in the sandbox profile, servers on this machine."""
        return Reach(loopback_unlisted=self.profile == "sandbox")

    def policy(self) -> Policy:
        return Policy(
            numbers=self.numbers(),
            canonical_base=self.canonical_base,
            pages=self.public_base_url,
            critical_indicator=self.critical_indicator,
            disabled=self.disabled_rules,
            silent=self.mode == "silent",
        )


def config_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The configuration file that the environment names, if any."""
    named = environment.get(f"{PREFIX}CONFIG")
    return Path(named) if named else None


def load(config: Path | None = None, data_dir: Path | None = None) -> Settings:
    """Settings from `config` (TOML), overridden by the environment, and that by what is given here. Raises BadSettings with one sentence."""
    _refuse_unknown_variables(os.environ)
    written = {key: value for key, value in _read(config).items() if f"{PREFIX}{key.upper()}" not in os.environ}
    given = {"data_dir": data_dir} if data_dir else {}
    try:
        settings = Settings(**{**written, **given})
        settings.numbers()
    except SettingsError as wrong:
        raise BadSettings(f"{_variable(str(wrong))} is not valid JSON; lists and tables in the environment are written as JSON.") from None
    except ValidationError as wrong:
        raise BadSettings(_sentence(wrong)) from None
    except UnsafeInterpretation as wrong:
        raise BadSettings(str(wrong)) from None
    _check_key_files(settings)
    return settings


def _check_key_files(settings: Settings) -> None:
    for client in settings.clients:
        try:
            if client.jwks_file:
                read_file(client.jwks_file)
        except NotKeys as wrong:
            raise BadSettings(f"The jwks_file of the client {client.name} cannot be used: {wrong}.") from None


def _read(config: Path | None) -> dict[str, Any]:
    if config is None:
        return {}
    try:
        written = tomllib.loads(config.read_text(encoding="utf-8"))
    except OSError:
        raise BadSettings(f"The configuration file {config} cannot be read.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadSettings(f"The configuration file {config} is not valid TOML: {wrong}.") from None
    unknown = sorted(written.keys() - Settings.model_fields.keys())
    if unknown:
        raise BadSettings(f"The setting {unknown[0]} is not known.")
    return {**written, **({"clients": _beside(config, written["clients"])} if "clients" in written else {})}


def _beside(config: Path, clients: Any) -> Any:
    """Key files are looked for beside the configuration file that names them."""
    if not isinstance(clients, list):
        return clients
    named = [each for each in clients if isinstance(each, dict) and isinstance(each.get("jwks_file"), str)]
    return [{**each, "jwks_file": config.parent / each["jwks_file"]} if each in named else each for each in clients]


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {f"{PREFIX}CONFIG"}
    unknown = sorted(name for name in environment if name.upper().startswith(PREFIX) and name not in known)
    if unknown:
        raise BadSettings(f"The environment variable {unknown[0]} is not a setting of this service.")


def _variable(message: str) -> str:
    """The name of the setting that a parsing error speaks of."""
    name = next((each for each in Settings.model_fields if f'"{each}"' in message), "")
    return f"The environment variable {PREFIX}{name.upper()}" if name else "A setting in the environment"


def _sentence(wrong: ValidationError) -> str:
    """The first problem, in words for an operator."""
    first = wrong.errors()[0]
    name, said = ".".join(str(each) for each in first["loc"]), first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return f"The setting {name} is not known."
    return f"The setting {name} is not valid: {said}." if name else said
