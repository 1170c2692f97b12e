"""Who may look at the audit log: people with a token, people a trusted proxy vouches for, and in the sandbox whoever sits at the machine."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from starlette.requests import Request

from cds_hooks.audit.reviewed import Reviewer
from cds_hooks.errors import Refusal
from cds_hooks.trust.channel import Channel

Role = Literal["viewer", "exporter", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "exporter", "admin")
"""Each may do what those before it may."""
Header = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]
COOKIE = "pncds-review"
MAX_NAME = 128


class Holder(BaseModel):
    """One `[[review.tokens]]` entry: the SHA-256 of a reviewer's token, in hexadecimal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^\S(.{0,62}\S)?$")]
    role: Role
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$", to_lower=True)]


class Review(BaseModel):
    """`[review]`. Without tokens and without headers nobody looks at the log of a production service through its pages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tokens: tuple[Holder, ...] = ()
    user_header: Header | None = None
    role_header: Header | None = None
    session_hours: int = Field(8, ge=1, le=24)

    @model_validator(mode="after")
    def _whole(self) -> Review:
        if bool(self.user_header) != bool(self.role_header):
            raise ValueError("user_header and role_header go together")
        names = [each.name for each in self.tokens]
        if len(set(names)) < len(names):
            raise ValueError("two tokens have the same name")
        return self

    @property
    def open_to_somebody(self) -> bool:
        return bool(self.tokens or self.user_header)


@dataclass(frozen=True, slots=True)
class Access:
    """How a request for a page is judged."""

    review: Review
    channel: Channel
    base_url: str

    def reviewer(self, request: Request) -> Reviewer | None:
        """Whoever asks, None for nobody known. Raises Refusal for a wrong token or an unknown role, and for another site's page."""
        self.check_origin(request)
        names, roles = self._said_by_proxy(request)
        if names or roles:
            return _vouched_for(names, roles)
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        token = bearer.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
        if token:
            return self.holder(token)
        if self.channel.profile == "sandbox" and not self.review.open_to_somebody:
            return Reviewer("sandbox", "admin", "sandbox")
        return None

    def holder(self, token: str) -> Reviewer:
        """Whose token it is. Raises Refusal."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        found = [each for each in self.review.tokens if hmac.compare_digest(each.sha256, digest)]
        if not found:
            raise sign_in_needed("unknown review token")
        return Reviewer(found[0].name, found[0].role, "token")

    def _said_by_proxy(self, request: Request) -> tuple[list[str], list[str]]:
        """The names and the roles in the headers of a trusted proxy; those of anybody else are passed over."""
        user, role = self.review.user_header, self.review.role_header
        if not user or not role or not self.channel.comes_from_proxy(request.scope):
            return [], []
        return request.headers.getlist(user), request.headers.getlist(role)

    def check_origin(self, request: Request) -> None:
        """Pages are for whoever looks at them, not for scripts of other sites, whatever cookies or proxies would vouch for."""
        origin = request.headers.get("origin")
        if origin is not None and not self._is_own(origin, request):
            raise Refusal("not-permitted", "Another site asked for it.", cause="another site")

    def _is_own(self, origin: str, request: Request) -> bool:
        """The public address; a Host header proves nothing but in the sandbox, which is only asked by names of this machine."""
        if _parts(origin) == _parts(self.base_url):
            return True
        return self.channel.profile == "sandbox" and origin.partition("://")[2] == request.headers.get("host")

    def said_to_be(self, request: Request) -> Reviewer | None:
        """Whom a trusted proxy named, whatever role it gave: for the account of a refusal."""
        names, roles = self._said_by_proxy(request)
        return Reviewer(names[0].strip()[:MAX_NAME], ", ".join(roles)[:MAX_NAME], "proxy") if len(names) == 1 and names[0].strip() else None


def check_role(reviewer: Reviewer, least: Role) -> None:
    """Raises Refusal unless the reviewer has this role or one above it."""
    if ROLES.index(least) > [*ROLES].index(reviewer.role):  # type: ignore[arg-type]
        raise Refusal("not-permitted", f"It takes the role {least}.")


def _parts(url: str) -> tuple[str, str | None, int | None] | None:
    """Scheme, name and port; None for what is no address, such as the origin `null`."""
    try:
        said = urlsplit(url)
        port = said.port or {"http": 80, "https": 443}.get(said.scheme)
    except ValueError:
        return None
    return (said.scheme, said.hostname, port) if said.hostname else None


def sign_in_needed(cause: str = "") -> Refusal:
    return Refusal("sign-in-needed", "Nobody is signed in.", {"WWW-Authenticate": "Bearer"}, cause)


def _vouched_for(names: list[str], roles: list[str]) -> Reviewer:
    """Whom the proxy names; exactly one name and one known role."""
    if len(names) != 1 or len(roles) != 1 or not names[0].strip() or roles[0] not in ROLES:
        raise sign_in_needed("no name or no known role from the proxy")
    return Reviewer(names[0].strip()[:MAX_NAME], roles[0], "proxy")
