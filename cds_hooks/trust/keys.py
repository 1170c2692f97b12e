"""A client's public keys: which keys of a JWK Set may verify a signature, and which are never used."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key

from cds_hooks.errors import Refusal
from cds_hooks.strict_json import decode

PublicKey = ECKey | OKPKey | RSAKey

KINDS = {
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
    **{f"{family}{size}": ("RSA", "") for family in ("RS", "PS") for size in (256, 384, 512)},
}
"""The key type and curve that each algorithm needs. RFC 7518 section 3.1, RFC 8037 section 3.1."""
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""Members that only private and symmetric keys have. RFC 7518 section 6."""
MAX_KEYS = 50
MAX_KID = 256
RSA_BITS = range(2048, 8193)
"""Weaker keys prove nothing; larger ones make every check slow."""


class NotKeys(ValueError):
    """A document that is no JWK Set, or a key in it that cannot be used; the message says why and repeats no key."""


@dataclass(frozen=True, slots=True)
class Key:
    """One public key. `algorithm` is the only one it may be used with, where the set says so."""

    kid: str
    kind: tuple[str, str]
    algorithm: str
    public: PublicKey

    def suits(self, kid: str, algorithm: str) -> bool:
        return self.kid == kid and self.kind == KINDS[algorithm] and self.algorithm in {"", algorithm}


@dataclass(frozen=True, slots=True)
class Keys:
    """The usable keys of one set, and why the others are not."""

    usable: tuple[Key, ...]
    problems: tuple[str, ...] = ()

    def find(self, kid: str, algorithm: str) -> Key | None:
        return next((each for each in self.usable if each.suits(kid, algorithm)), None)


def read(document: bytes) -> Keys:
    """The keys of a JWK Set. Raises NotKeys when it is none; a single key that cannot be used is a problem, not a failure."""
    try:
        entries = decode(document, dict[str, Any]).get("keys")
    except Refusal:
        raise NotKeys("it is not valid JSON") from None
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise NotKeys("it is no JWK Set: a member `keys` with a list of keys is needed")
    if len(entries) > MAX_KEYS:
        raise NotKeys(f"it holds more than {MAX_KEYS} keys")
    usable: list[Key] = []
    problems: list[str] = []
    for place, entry in enumerate(entries, 1):
        try:
            usable.append(_another(_key(entry), usable))
        except NotKeys as wrong:
            problems.append(f"key {place}: {wrong}")
    return Keys(tuple(usable), tuple(problems))


def _another(key: Key, known: list[Key]) -> Key:
    if any((key.kid, key.kind) == (each.kid, each.kind) for each in known):
        raise NotKeys("its kid stands for another key already")
    return key


def _key(entry: Mapping[str, Any]) -> Key:
    if PRIVATE & entry.keys():
        raise NotKeys("it has private or symmetric parts, which must never leave their owner")
    kid = entry.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID:
        raise NotKeys(f"its kid is not a text of 1 to {MAX_KID} characters")
    if entry.get("use", "sig") != "sig" or not _may_verify(entry.get("key_ops")):
        raise NotKeys("it is not meant for signatures")
    kind, algorithm = _kind(entry), entry.get("alg", "")
    if not isinstance(algorithm, str) or kind not in KINDS.values() or (algorithm and KINDS.get(algorithm) != kind):
        raise NotKeys("its kty, crv and alg are not those of a signature algorithm that may be used")
    return Key(kid, kind, algorithm, _public({name: value for name, value in entry.items() if name in {"kty", "crv", "x", "y", "n", "e"}}))


def _may_verify(key_ops: Any) -> bool:
    return key_ops is None or (isinstance(key_ops, list) and "verify" in key_ops)


def _kind(entry: Mapping[str, Any]) -> tuple[str, str]:
    kty, crv = entry.get("kty"), entry.get("crv", "")
    return (kty, "" if kty == "RSA" else crv) if isinstance(kty, str) and isinstance(crv, str) else ("", "")


def _public(members: dict[str, Any]) -> PublicKey:
    try:
        if members["kty"] == "RSA":
            _check_size(members["n"])
        found = import_key(members)
        found.raw_value  # noqa: B018 - the numbers become a key here, or fail to
    except NotKeys:
        raise
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        raise NotKeys("its numbers do not make a key") from None
    if not isinstance(found, ECKey | OKPKey | RSAKey):
        raise NotKeys("its kty is not that of a public key")
    return found


def _check_size(modulus: str) -> None:
    bits = int.from_bytes(urlsafe_b64decode(modulus + "=" * (-len(modulus) % 4))).bit_length()
    if bits not in RSA_BITS:
        raise NotKeys(f"it is an RSA key of less than {RSA_BITS.start} or more than {RSA_BITS[-1]} bits")
