"""The form of the audit log: how an entry becomes bytes, how the bytes are chained, and what a checkpoint signs.

This is all that the writer and the verifier share. Standard library only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GENESIS = bytes(32)
"""What the first entry follows."""


def sealed(sequence: int, previous: bytes, body: bytes) -> tuple[bytes, bytes]:
    """The exact bytes of an entry, and their SHA-256. `body` is a JSON object with at least one member."""
    entry = b'{"sequence":%d,"previous":"%b",' % (sequence, previous.hex().encode()) + body[1:]
    return entry, digest(entry)


def digest(entry: bytes) -> bytes:
    return hashlib.sha256(entry).digest()


def columns(entry: dict[str, Any]) -> dict[str, Any]:
    """The columns beside the bytes; each repeats a member of the entry."""
    return {"sequence": entry.get("sequence"), "recorded": entry.get("recorded"), "kind": entry.get("kind"), "correlation_id": entry.get("correlationId")}


def key_id(public_key: bytes) -> str:
    """A short name for an Ed25519 public key of 32 bytes."""
    return hashlib.sha256(public_key).hexdigest()[:16]


VOUCHED = {"purge": ("through", "hash", "count", "before"), "rotate-key": ("oldKey", "newKey")}
"""Kinds of entry that change what a verifier accepts, and the members that the signing key vouches for in each."""


def vouched(kind: str, said: Mapping[str, Any]) -> bytes:
    """The bytes under the signature of such an entry. Without one, whoever can add a row could have the service's next checkpoint sign a made-up purge."""
    return "\n".join([f"pinched-nerve-cds audit {kind} 1", *(f"{name}: {said.get(name)}" for name in VOUCHED[kind])]).encode()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement: at `recorded` (UTC, ISO 8601) the entry `sequence` was there and had this hash. `key` is the id of the key that signed."""

    sequence: int
    hash: bytes
    recorded: str
    key: str
    signature: bytes = b""

    def message(self) -> bytes:
        """The bytes under the signature."""
        return f"pinched-nerve-cds audit checkpoint 1\n{self.sequence}\n{self.hash.hex()}\n{self.recorded}\n{self.key}\n".encode()

    def line(self) -> str:
        """One line of the file that is shipped elsewhere, and of an export."""
        said = {"hash": self.hash.hex(), "recorded": self.recorded, "key": self.key, "signature": self.signature.hex()}
        return json.dumps({"kind": "checkpoint", "sequence": self.sequence, **said}) + "\n"


ENTRY_LINE, CHECKPOINT_LINE = b'{"sequence":', b'{"kind": "checkpoint",'
"""How the lines of an export begin."""


def read_checkpoint(line: str) -> Checkpoint:
    """A line of the checkpoint file. Raises ValueError for anything else."""
    try:
        said = json.loads(line)
        return Checkpoint(int(said["sequence"]), bytes.fromhex(said["hash"]), str(said["recorded"]), str(said["key"]), bytes.fromhex(said["signature"]))
    except (KeyError, TypeError, RecursionError):
        raise ValueError("not a checkpoint") from None
