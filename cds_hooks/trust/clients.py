"""The registry of clients: who may call, with which keys and algorithms, and which FHIR servers may be read for them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from cds_hooks.chart.servers import NotAServer, Reach, Server, names_loopback, server

DEMO_ISSUER = "https://sandbox.cds-hooks.org"
"""The CDS Hooks sandbox. Its private key is published, so its tokens prove nothing."""

Profile = Literal["sandbox", "production"]
Algorithm = Literal["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$")]
Said = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Client(BaseModel):
    """One `[[clients]]` entry. Exactly one of `jwks_url` and `jwks_file` says where its public keys are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    issuer: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    jwks_url: str | None = None
    jwks_file: Path | None = None
    algorithms: tuple[Algorithm, ...] = Field(("ES384", "RS384"), min_length=1)
    extra_audiences: tuple[Said, ...] = ()
    max_lifetime_s: int = Field(3600, ge=30, le=86_400)
    tenants: frozenset[Said] = frozenset()
    fhir_servers: tuple[str, ...] = ()
    allow_private_network: bool = False
    time_budget_ms: int | None = Field(None, ge=50, le=60_000)

    @field_validator("algorithms", mode="before")
    @classmethod
    def _asymmetric(cls, value: object) -> object:
        if isinstance(value, list | tuple) and any(str(each).casefold() == "none" or str(each).startswith("HS") for each in value):
            raise ValueError("none and the symmetric algorithms are never possible")
        return value

    @field_validator("fhir_servers")
    @classmethod
    def _plain_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                server(each)
            except NotAServer as wrong:
                raise ValueError(f"the address of a FHIR server cannot be used: {wrong}") from None
        return value

    @model_validator(mode="after")
    def _one_source_of_keys(self) -> Client:
        if bool(self.jwks_url) == bool(self.jwks_file):
            raise ValueError(f"the client {self.name} needs either jwks_url or jwks_file")
        if self.jwks_url:
            _check_keys_address(self.jwks_url, self.name)
        return self

    def servers(self) -> tuple[Server, ...]:
        return tuple(map(server, self.fhir_servers))

    def reach(self, profile: Profile) -> Reach:
        """What may be read for this client, besides servers on this machine in the sandbox profile."""
        sandbox = profile == "sandbox"
        return Reach(servers=self.servers(), private_network=self.allow_private_network, plain_http=sandbox, loopback_unlisted=sandbox)


def refused(clients: Iterable[Client], profile: Profile) -> str:
    """Why these clients cannot be served together under this profile, in one sentence; empty when they can."""
    known = tuple(clients)
    for what in ("name", "issuer"):
        said = [getattr(each, what) for each in known]
        twice = next((each for each in said if said.count(each) > 1), None)
        if twice:
            return f"Two clients have the {what} {twice}; each needs its own."
    if profile == "sandbox":
        far = next((each for each in known if each.jwks_url and _is_plain(each.jwks_url) and not names_loopback(_host(each.jwks_url))), None)
        return f"The client {far.name} has its keys at an http address that is not on this machine; give an https address." if far else ""
    return _refused_in_production(known)


def _refused_in_production(clients: tuple[Client, ...]) -> str:
    if not clients:
        return "The production profile needs at least one registered client under [[clients]]; `pinched-nerve-cds client new NAME` prints one to start from."
    demo = next((each for each in clients if _is_the_demo(each)), None)
    if demo:
        return f"The client {demo.name} has the issuer or keys of the public CDS Hooks sandbox, whose private key is published; production never trusts it."
    plain = next((each for each in clients if each.jwks_url and _is_plain(each.jwks_url)), None)
    if plain:
        return f"The client {plain.name} has its keys at an http address; the production profile fetches keys over https only."
    for each in clients:
        if any(server.scheme == "http" for server in each.servers()):
            return f"The client {each.name} lists an http FHIR server; the production profile reads over https only."
    return ""


def _is_the_demo(client: Client) -> bool:
    """By its own name, or by another name with the same keys."""
    return client.issuer.casefold().rstrip("/") == DEMO_ISSUER or _host(client.jwks_url or "") == _host(DEMO_ISSUER)


def _check_keys_address(url: str, name: str) -> None:
    """A plain http or https address, which may have a query but no user and no fragment."""
    try:
        server(url.partition("?")[0])
    except NotAServer as wrong:
        raise ValueError(f"the jwks_url of the client {name} cannot be used: {wrong}") from None
    if "#" in url or not url.isascii():
        raise ValueError(f"the jwks_url of the client {name} cannot be used: it is not in plain spelling")


def _is_plain(url: str) -> bool:
    return urlsplit(url).scheme == "http"


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
