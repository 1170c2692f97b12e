"""Which keys signed the log, and whether this host holds the one in force: hosts of one log sign with one key."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, desc, func, select

from cds_hooks.audit.form import key_id
from cds_hooks.audit.signing import NoKey
from cds_hooks.audit.tables import checkpoints, entries

FIRST_USED = select(checkpoints.c.key).group_by(checkpoints.c.key).order_by(func.min(checkpoints.c.sequence))
NEWEST = (
    select(entries.c.kind, entries.c.entry)
    .join_from(checkpoints, entries, checkpoints.c.sequence == entries.c.sequence)
    .order_by(desc(checkpoints.c.sequence))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Signers:
    """By their ids: the keys that signed checkpoints, the one in force last. None before the first checkpoint."""

    keys: tuple[str, ...]

    @classmethod
    def of(cls, connection: Connection) -> Signers:
        """A key that was rotated in and has signed nothing yet is in force too: the old one's last checkpoint lies over the entry that tells of it."""
        signed = [str(each.key) for each in connection.execute(FIRST_USED)]
        newest = connection.execute(NEWEST).first()
        return cls(tuple(dict.fromkeys([*signed, *(_brought(newest.entry) if newest and newest.kind == "rotate-key" else ())])))

    def check(self, own: str) -> None:
        """Raises NoKey when this host would sign with another key than the log is signed with."""
        if self.keys and own != self.keys[-1]:
            raise NoKey(
                f"The audit log is signed with the key {self.keys[-1]}, and the signing key here is {own}: all hosts of one log sign with the same key. "
                "Copy audit-signing-key.pem and audit-public-key.pem from a host that has it; only if it is lost for good, "
                "`pinched-nerve-cds audit rotate-key` puts a new one in its place, for which nobody vouches."
            )

    def unknown(self, known: Iterable[str]) -> list[str]:
        """Keys that signed, and are not among the public keys here: a verification here would call tampering what they signed."""
        here = set(known)
        return [each for each in self.keys if each not in here]


def _brought(entry: bytes) -> list[str]:
    """The id of the key that such an entry tells of; of one that is none of ours whoever verifies tells."""
    try:
        return [key_id(bytes.fromhex(json.loads(entry)["newKey"]))]
    except (ValueError, KeyError, TypeError):
        return []
