"""Ways to tamper with an audit log, for whoever can write to its database, but has neither the signing key nor the checkpoints that were shipped.

Each is a small function: what it does to the tables, and which entry the verifier is right to name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import ColumnElement, Executable, delete, insert, update

from cds_hooks.audit.form import GENESIS, Checkpoint, key_id, sealed
from cds_hooks.audit.signing import raw
from cds_hooks.audit.tables import checkpoints, entries

Row = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """A whole log: its rows, and the checkpoints that lie in it; the last entry is signed. All of them were shipped."""

    rows: tuple[Row, ...]
    signed: tuple[Row, ...]

    @property
    def last(self) -> int:
        return len(self.rows)

    def row(self, sequence: int) -> Row:
        return self.rows[sequence - 1]

    def before(self, sequence: int) -> bytes:
        """The hash that the entry follows."""
        return self.row(sequence - 1)["hash"] if sequence > 1 else GENESIS

    def signed_after(self, sequence: int) -> int:
        """The first checkpoint that covers the entry."""
        return min(each["sequence"] for each in self.signed if each["sequence"] >= sequence)


@dataclass(frozen=True)
class Tampering:
    statements: tuple[Executable, ...]
    right: Collection[int]
    """The sequences that may be named."""


Kind = Callable[[Prepared, Random], Tampering]


def at(sequence: int) -> ColumnElement[bool]:
    return entries.c.sequence == sequence


def signed_at(sequence: int) -> ColumnElement[bool]:
    return checkpoints.c.sequence == sequence


def flipped(value: Any, chance: Random) -> Any:
    """One byte, or one character, is another."""
    if isinstance(value, int):
        return value ^ (1 << chance.randrange(40))
    place = chance.randrange(len(value))
    other = bytes([value[place] ^ chance.randint(1, 255)]) if isinstance(value, bytes) else chr((ord(value[place]) ^ chance.randint(1, 31)) or 63)
    return value[:place] + other + value[place + 1 :]


def two(log: Prepared, chance: Random) -> tuple[int, int]:
    first, second = sorted(chance.sample(range(1, log.last + 1), 2))
    return first, second


def flip_a_value(log: Prepared, chance: Random) -> Tampering:
    sequence, column = chance.randint(1, log.last), chance.choice(["entry", "hash", "recorded", "kind", "correlation_id"])
    changed = {column: flipped(log.row(sequence)[column], chance)}
    return Tampering((update(entries).where(at(sequence)).values(changed),), {sequence})


def flip_a_sequence(log: Prepared, chance: Random) -> Tampering:
    """The row goes where there is none: after the end, or before the beginning, where the stranger is named."""
    sequence = chance.randint(1, log.last)
    moved = chance.choice([log.last + chance.randint(1, 999), -chance.randint(0, 999)])
    return Tampering((update(entries).where(at(sequence)).values(sequence=moved),), {min(sequence, moved)})


def delete_one(log: Prepared, chance: Random) -> Tampering:
    sequence = chance.randint(1, log.last)
    return Tampering((delete(entries).where(at(sequence)),), {sequence})


def delete_some(log: Prepared, chance: Random) -> Tampering:
    first, last = two(log, chance)
    return Tampering((delete(entries).where(entries.c.sequence.between(first, last)),), {first})


def delete_the_beginning(log: Prepared, chance: Random) -> Tampering:
    """Up to a checkpoint, as if it had been a purge."""
    through = chance.choice(log.signed)["sequence"]
    gone = [delete(entries).where(entries.c.sequence <= through), delete(checkpoints).where(checkpoints.c.sequence < through)]
    return Tampering(tuple(gone), {1})


def truncate(log: Prepared, chance: Random) -> Tampering:
    """With the checkpoints over what is gone; only the shipped ones are left."""
    last = chance.randint(0, log.last - 1)
    return Tampering((delete(entries).where(entries.c.sequence > last), delete(checkpoints).where(checkpoints.c.sequence > last)), {last + 1})


def insert_a_copy(log: Prepared, chance: Random) -> Tampering:
    copy = {**log.row(chance.randint(1, log.last)), "sequence": log.last + 1}
    return Tampering((insert(entries).values(copy),), {log.last + 1})


def insert_between(log: Prepared, chance: Random) -> Tampering:
    """An invented entry that follows the one before it in every way; those after it move up."""
    place = chance.randint(1, log.last)
    invented = resealed(log.row(place), log.before(place))
    aside = update(entries).where(entries.c.sequence >= place).values(sequence=-entries.c.sequence)
    back = update(entries).where(entries.c.sequence < 0).values(sequence=1 - entries.c.sequence)
    return Tampering((aside, back, insert(entries).values(invented)), {place, place + 1})


def reorder(log: Prepared, chance: Random) -> Tampering:
    first, second = two(log, chance)
    moves = [(first, -1), (second, first), (-1, second)]
    return Tampering(tuple(update(entries).where(at(old)).values(sequence=new) for old, new in moves), {first})


def swap_a_column(log: Prepared, chance: Random) -> Tampering:
    (first, second), column = two(log, chance), chance.choice(["entry", "hash", "correlation_id"])
    swap = [(first, second), (second, first)]
    return Tampering(tuple(update(entries).where(at(to)).values({column: log.row(other)[column]}) for to, other in swap), {first})


def edit_and_reseal(log: Prepared, chance: Random) -> Tampering:
    """One entry with a new hash. What follows it, or a checkpoint over what follows, tells which side of the broken link was changed."""
    sequence = chance.randint(1, log.last)
    changed = resealed(log.row(sequence), log.before(sequence))
    return Tampering((update(entries).where(at(sequence)).values(changed),), {sequence})


def rewrite(log: Prepared, chance: Random) -> Tampering:
    """Everything from one entry on, each following the one before it. What was signed is another entry, and since when lies between two checkpoints."""
    sequence = chance.randint(1, log.last)
    return Tampering(rewritten(log, sequence), {log.signed_after(sequence)})


def rewrite_without_checkpoints(log: Prepared, chance: Random) -> Tampering:
    sequence = chance.randint(1, log.last)
    gone = delete(checkpoints).where(checkpoints.c.sequence >= sequence)
    return Tampering((*rewritten(log, sequence), gone), {log.signed_after(sequence)})


def rewrite_and_sign(log: Prepared, chance: Random) -> Tampering:
    """With another key."""
    return rewritten_by(log, chance.randint(1, log.last), Ed25519PrivateKey.generate())


def rewritten_by(log: Prepared, sequence: int, key: Ed25519PrivateKey) -> Tampering:
    """Everything from one entry on, with checkpoints that this key signs."""
    new = written(log, sequence)
    covered = [each for each in log.signed if each["sequence"] >= sequence]
    forged = [by(key, each["sequence"], new[each["sequence"] - sequence]["hash"], each["recorded"]) for each in covered]
    signed = [update(checkpoints).where(signed_at(each["sequence"])).values(each) for each in forged]
    return Tampering((*rewritten(log, sequence), *signed), {log.signed_after(sequence)})


def remove_a_checkpoint(log: Prepared, chance: Random) -> Tampering:
    sequence = chance.choice(log.signed)["sequence"]
    return Tampering((delete(checkpoints).where(signed_at(sequence)),), {sequence})


def remove_all_checkpoints(log: Prepared, _: Random) -> Tampering:
    return Tampering((delete(checkpoints),), {log.signed[0]["sequence"]})


def edit_a_checkpoint(log: Prepared, chance: Random) -> Tampering:
    chosen, column = chance.choice(log.signed), chance.choice(["hash", "recorded", "key", "signature"])
    changed = update(checkpoints).where(signed_at(chosen["sequence"])).values({column: flipped(chosen[column], chance)})
    return Tampering((changed,), {chosen["sequence"]})


def move_a_checkpoint(log: Prepared, chance: Random) -> Tampering:
    sequence = chance.choice(log.signed)["sequence"]
    taken = {each["sequence"] for each in log.signed}
    moved = chance.choice([each for each in range(1, log.last + 50) if each not in taken])
    return Tampering((update(checkpoints).where(signed_at(sequence)).values(sequence=moved),), {sequence, moved})


def sign_with_another_key(log: Prepared, chance: Random) -> Tampering:
    sequence = chance.choice([each for each in range(1, log.last) if log.signed_after(each) != each])
    forged = by(Ed25519PrivateKey.generate(), sequence, log.row(sequence)["hash"], log.signed[0]["recorded"])
    return Tampering((insert(checkpoints).values(forged),), {sequence})


KINDS: tuple[Kind, ...] = (
    flip_a_value,
    flip_a_sequence,
    delete_one,
    delete_some,
    delete_the_beginning,
    truncate,
    insert_a_copy,
    insert_between,
    reorder,
    swap_a_column,
    edit_and_reseal,
    rewrite,
    rewrite_without_checkpoints,
    rewrite_and_sign,
    remove_a_checkpoint,
    remove_all_checkpoints,
    edit_a_checkpoint,
    move_a_checkpoint,
    sign_with_another_key,
)


def resealed(row: Row, previous: bytes) -> Row:
    """The row with other words in its entry, and the hash that goes with them."""
    body = json.loads(row["entry"])
    del body["sequence"], body["previous"]
    entry, hash = sealed(row["sequence"], previous, json.dumps({**body, "outcome": "rules ran, none fired"}).encode())
    return {**row, "entry": entry, "hash": hash}


def written(log: Prepared, first: int) -> list[Row]:
    """The rows from one on, each changed and following the one before it."""
    rows, previous = [], log.before(first)
    for sequence in range(first, log.last + 1):
        rows.append(resealed(log.row(sequence), previous))
        previous = rows[-1]["hash"]
    return rows


def rewritten(log: Prepared, first: int) -> tuple[Executable, ...]:
    return delete(entries).where(entries.c.sequence >= first), insert(entries).values(written(log, first))


def by(key: Ed25519PrivateKey, sequence: int, hash: bytes, recorded: str) -> Row:
    bare = Checkpoint(sequence, hash, recorded, key_id(raw(key.public_key())))
    return {"sequence": sequence, "hash": hash, "recorded": recorded, "key": bare.key, "signature": key.sign(bare.message())}
