"""Keys and tokens of invented clients, good and bad."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from cds_hooks.settings import Settings
from cds_hooks.trust.clients import Client

BASE = "https://cds.example"
SERVICE_URL = f"{BASE}/cds-services/pinched-nerve-patient-view"
ISSUER = "https://ehr.example/fhir"
JWKS_URL = "https://ehr.example/jwks.json"


def key(name: str = "ES384") -> Any:
    """One key a name: the algorithm it is for, and after a dash a word to tell it from others of that algorithm."""
    return _generated(name)


@cache
def _generated(name: str) -> Any:
    algorithm = name.partition("-")[0]
    parameters = {"kid": name, "use": "sig"}
    if algorithm == "EdDSA":
        return OKPKey.generate_key("Ed25519", parameters)
    if algorithm.startswith("ES"):
        return ECKey.generate_key({"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[algorithm], parameters)
    return RSAKey.generate_key(2048, parameters)


def jwks(*names: str, **members: Any) -> dict[str, Any]:
    return {"keys": [{**key(name).as_dict(private=False), **members} for name in names or ("ES384",)]}


def jwks_file(folder: Path, *names: str) -> Path:
    path = folder / "client.jwks.json"
    path.write_text(json.dumps(jwks(*names)))
    return path


def production_settings(folder: Path, **members: Any) -> Settings:
    """The production profile with one client, whose keys lie in the folder; `client` are further members of its entry."""
    client = Client(name="hospital", issuer=ISSUER, jwks_file=jwks_file(folder, "ES384", "RS384"), **members.pop("client", {}))
    return Settings(profile="production", data_dir=folder / "data", public_base_url=BASE, clients=(client,), **members)


def production_options(folder: Path, port: int, **limits: float) -> tuple[str, ...]:
    """Options for `serving` with one registered client and the address it will have."""
    jwks_file(folder)
    config = folder / "service.toml"
    config.write_text(
        f'public_base_url = "http://127.0.0.1:{port}"\n'
        f"limits = {{{', '.join(f'{name} = {value}' for name, value in limits.items())}}}\n"
        f'[[clients]]\nname = "hospital"\nissuer = "{ISSUER}"\njwks_file = "client.jwks.json"\n'
    )
    return "--profile", "production", "--config", str(config)


def now() -> int:
    return int(datetime.now(UTC).timestamp())


def claims(at: int | None = None, **members: Any) -> dict[str, Any]:
    """What an EHR says; a member given as ... is left out."""
    at = now() if at is None else at
    said = {"iss": ISSUER, "aud": SERVICE_URL, "exp": at + 300, "iat": at, "jti": str(uuid4()), **members}
    return {name: value for name, value in said.items() if value is not ...}


def header(**members: Any) -> dict[str, Any]:
    said = {"alg": "ES384", "typ": "JWT", "kid": "ES384", **members}
    return {name: value for name, value in said.items() if value is not ...}


def b64(part: bytes | str | Any) -> str:
    raw = part if isinstance(part, bytes) else part.encode() if isinstance(part, str) else json.dumps(part).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(said: Any, head: Any = None, *, by: Any = None, algorithm: str = "", signature: bytes | None = None) -> str:
    """A compact token. `said` and `head` may be text or bytes that are no JSON at all."""
    head = header() if head is None else head
    algorithm = algorithm or (head.get("alg") if isinstance(head, dict) else "") or "ES384"
    content = f"{b64(head)}.{b64(said)}"
    if signature is None:
        signature = jws.JWSRegistry.algorithms[algorithm].sign(content.encode(), by or key())
    return f"{content}.{b64(signature)}"


def bearer(said: Any = None, head: Any = None, **how: Any) -> dict[str, str]:
    """The headers of a call with a good token, or with the one described."""
    return {"authorization": f"Bearer {signed(claims() if said is None else said, head, **how)}"}
