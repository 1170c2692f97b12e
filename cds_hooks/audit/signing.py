"""The key that signs checkpoints: an Ed25519 key in a file outside the database, its public half beside the log for whoever verifies."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key

from cds_hooks.audit.form import Checkpoint, key_id, vouched
from cds_hooks.audit.verify import public_keys

KEY_FILE = "audit-signing-key.pem"
PUBLIC_FILE = "audit-public-key.pem"


class NoKey(OSError):
    """A signing key that cannot be used; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs with the key that is in the file at that moment, so that a rotation needs no restart."""

    file: Path
    now: Callable[[], datetime]

    def checkpoint(self, sequence: int, hash: bytes) -> Checkpoint:
        """Raises NoKey."""
        private = signing_key(self.file)
        bare = Checkpoint(sequence, hash, self.now().isoformat(timespec="milliseconds"), key_id(raw(private.public_key())))
        return replace(bare, signature=private.sign(bare.message()))

    def vouch(self, kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """What such an entry says, with the id of the key and its signature. Raises NoKey."""
        private = signing_key(self.file)
        return {**said, "key": key_id(raw(private.public_key())), "signature": private.sign(vouched(kind, said)).hex()}

    def key(self) -> str:
        """The id of the key that signs. Raises NoKey."""
        return key_id(raw(signing_key(self.file).public_key()))


def raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The key in the file. Raises NoKey."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise NoKey(f"The signing key {path} cannot be read as an Ed25519 private key in PEM without a password.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKey(f"The signing key {path} is not an Ed25519 key.")
    return key


def make_key(path: Path) -> None:
    """A new key in a file that only the owner may read, unless there is one; of two at once the first one's stays."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(whole, path)
    whole.unlink()


def publish(key: Ed25519PublicKey, data_dir: Path) -> None:
    """Add the public key to the file that verifiers read, unless it is there."""
    path, pem = data_dir / PUBLIC_FILE, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    known = path.read_bytes() if path.exists() else b""
    if pem not in known:
        data_dir.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(pem)


def published(file: Path) -> list[Ed25519PublicKey]:
    """The public keys in such a file; none where there is no file. Raises NoKey."""
    try:
        return public_keys(file.read_bytes()) if file.exists() else []
    except (OSError, ValueError):
        raise NoKey(f"The file {file} holds something other than Ed25519 public keys in PEM.") from None
