"""Is the audit log whole? Needs the entries, the checkpoints and the public key, and of the writer's code only the form of an entry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from cds_hooks.audit.form import GENESIS, VOUCHED, Checkpoint, columns, digest, key_id, vouched

Progress = Callable[[int], None]
EVERY = 1_000
"""Entries between two calls of the progress function."""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it was found. An export has only the bytes; `stored` are the columns beside them."""

    entry: bytes
    hash: bytes | None = None
    stored: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and with which entry: the first that can be told."""

    sequence: int
    what: str


@dataclass(slots=True)
class Report:
    """What was looked at, and the first problem. Entries after `signed_through` are chained but not signed yet."""

    entries: int = 0
    first: int = 0
    last: int = 0
    signed_through: int = 0
    checkpoints: int = 0
    problem: Problem | None = None

    @property
    def whole(self) -> bool:
        """Nothing is wrong, and a signature says so of at least some of it: a chain alone can be made by anybody."""
        return self.problem is None and self.checkpoints > 0

    def as_json(self) -> dict[str, Any]:
        wrong = {"problem": {"sequence": self.problem.sequence, "what": self.problem.what}} if self.problem else {}
        looked = {name: getattr(self, name) for name in ("entries", "first", "last", "checkpoints")}
        return {"good": self.whole, **looked, "signedThrough": self.signed_through, **wrong}


class Damaged(Exception):
    """A log that cannot be read to the end; the message is one sentence for the operator."""


class Tampered(Exception):
    def __init__(self, sequence: int, what: str) -> None:
        super().__init__(what)
        self.problem = Problem(sequence, what)


@dataclass(frozen=True, slots=True)
class Read:
    """A row whose bytes say what its columns say."""

    sequence: int
    previous: bytes
    hash: bytes
    members: Mapping[str, Any]


def verify(
    rows: Iterable[Row],
    stored: Sequence[Checkpoint],
    keys: Iterable[Ed25519PublicKey],
    shipped: Sequence[Checkpoint] = (),
    progress: Progress = lambda _: None,
    *,
    every: bool = True,
) -> Report:
    """Check every entry, its place in the chain, and every checkpoint.

    `stored` are the checkpoints beside the entries, and all there must be, unless not `every` one need be there; `shipped` were kept elsewhere.
    """
    report = Report()
    try:
        _Check(report, Trust.of(keys), stored, shipped, progress, every=every).run(rows)
    except Tampered as wrong:
        report.problem = wrong.problem
    except Damaged as wrong:
        report.problem = Problem(report.last + 1, str(wrong))
    return report


@dataclass(slots=True)
class Trust:
    """The keys that may sign. A key that an entry brings is trusted once a trusted key has vouched for it and signed that very entry."""

    keys: dict[str, Ed25519PublicKey]
    brought: dict[int, Ed25519PublicKey] = field(default_factory=dict)

    @classmethod
    def of(cls, keys: Iterable[Ed25519PublicKey]) -> Trust:
        return cls({_id(each): each for each in keys})

    def note(self, entry: Read) -> None:
        """A made-up purge or new key is tampering, also when the service signed the chain with it in it."""
        kind = str(entry.members.get("kind"))
        if kind in VOUCHED and not self._vouches(kind, entry.members):
            raise Tampered(entry.sequence, f"it says {kind}, and no key that is known here vouches for that")
        if kind == "rotate-key":
            try:
                self.brought[entry.sequence] = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(entry.members.get("newKey"))))
            except ValueError:
                raise Tampered(entry.sequence, "the new key it tells of is no key") from None

    def _vouches(self, kind: str, members: Mapping[str, Any]) -> bool:
        try:
            self.keys[str(members.get("key"))].verify(bytes.fromhex(str(members.get("signature"))), vouched(kind, members))
        except (KeyError, ValueError, InvalidSignature):
            return False
        return True

    def check(self, checkpoint: Checkpoint) -> None:
        """Raises Tampered unless a trusted key signed it."""
        key = self.keys.get(checkpoint.key)
        if key is None:
            raise Tampered(checkpoint.sequence, f"its checkpoint is signed by a key that is not known here ({checkpoint.key})")
        try:
            key.verify(checkpoint.signature, checkpoint.message())
        except InvalidSignature:
            raise Tampered(checkpoint.sequence, "the signature of its checkpoint is wrong") from None
        new = self.brought.pop(checkpoint.sequence, None)
        if new:
            self.keys[_id(new)] = new


class _Check:
    def __init__(self, report: Report, trust: Trust, stored: Sequence[Checkpoint], shipped: Sequence[Checkpoint], progress: Progress, *, every: bool) -> None:
        self.report = report
        self.trust = trust
        self.progress = progress
        self.expected: dict[int, list[Checkpoint]] = {}
        for each in (*stored, *shipped):
            known = self.expected.setdefault(each.sequence, [])
            if each not in known:
                known.append(each)
        self.stored, self.every = {each.sequence for each in stored}, every
        self.purges: list[tuple[int, object]] = []

    def run(self, rows: Iterable[Row]) -> None:
        before: Read | None = None
        for row, following in _pairs(rows):
            entry = _read(row, before.sequence + 1 if before else None)
            self._check_place(entry, before, following)
            self.trust.note(entry)
            self._check_checkpoints(entry.sequence, entry.hash)
            if entry.members.get("kind") == "purge":
                self.purges.append((entry.sequence, entry.members.get("through")))
            self.report.entries, self.report.last = self.report.entries + 1, entry.sequence
            if self.report.entries % EVERY == 0:
                self.progress(self.report.entries)
            before = entry
        self.progress(self.report.entries)
        self._check_ends()

    def _check_place(self, entry: Read, before: Read | None, following: Row | None) -> None:
        if before is None:
            self._check_beginning(entry)
        elif entry.previous != before.hash:
            sound = self._follows(following, entry) or self._is_attested(entry)
            blamed = before.sequence if sound and not self._is_signed(before) else entry.sequence
            raise Tampered(blamed, f"the chain breaks between the entries {before.sequence} and {entry.sequence}: one of them was changed")

    def _check_beginning(self, entry: Read) -> None:
        """The first entry follows nothing, or what a purge left out up to a signed checkpoint."""
        self.report.first = entry.sequence
        if entry.sequence == 1 and entry.previous != GENESIS:
            raise Tampered(1, "it is not the first entry that was written")
        if entry.sequence > 1 and self._is_signed_anywhere():
            self._check_checkpoints(entry.sequence - 1, entry.previous)
            if self.report.signed_through != entry.sequence - 1:
                raise Tampered(1, f"the entries 1 to {entry.sequence - 1} are missing, and no checkpoint says that they ended there")

    def _check_checkpoints(self, sequence: int, hash: bytes) -> None:
        since = self.report.signed_through + 1
        for each in self.expected.get(sequence, ()):
            self.trust.check(each)
            if each.hash != hash:
                raise Tampered(sequence, f"it is not the entry that was signed; what was changed lies among the entries {since} to {sequence}")
            self.report.signed_through = sequence
            self.report.checkpoints += 1

    def _check_ends(self) -> None:
        """The end first: what is missing there may be what tells of a purge at the beginning."""
        first, last = self.report.first, self.report.last
        purged = [through for sequence, through in self.purges if sequence <= self.report.signed_through and isinstance(through, int)]
        for sequence, found in sorted(self.expected.items()):
            if sequence > last or (sequence < max(first, 1) and sequence in self.stored):
                self._check_signatures(found)
            if sequence > last:
                raise Tampered(last + 1, f"the entries {last + 1} to {sequence} are missing: a checkpoint says that they were there")
            if sequence >= first and self.every and sequence not in self.stored:
                raise Tampered(sequence, "its checkpoint was removed from the database")
        if first > 1 and first - 1 > max(purged, default=0) and self._is_signed_anywhere():
            raise Tampered(1, f"the entries 1 to {first - 1} are missing, and no signed entry tells of a purge up to there")

    def _check_signatures(self, found: Sequence[Checkpoint]) -> None:
        for each in found:
            self.trust.check(each)

    def _follows(self, following: Row | None, entry: Read) -> bool:
        try:
            return following is not None and _read(following, entry.sequence + 1).previous == entry.hash
        except Tampered:
            return False

    def _is_signed_anywhere(self) -> bool:
        """An export may come without checkpoints; then nothing can be said of its beginning."""
        return self.every or bool(self.expected)

    def _is_signed(self, entry: Read) -> bool:
        return self.report.signed_through == entry.sequence

    def _is_attested(self, entry: Read) -> bool:
        """Does a checkpoint that is still to come say that it is the one that was written?"""
        try:
            self._check_signatures(found := [each for each in self.expected.get(entry.sequence, ()) if each.hash == entry.hash])
        except Tampered:
            return False
        return bool(found)


def _read(row: Row, sequence: int | None) -> Read:
    """The row, its bytes checked against its hash and its columns. Raises Tampered, naming the entry that should stand here."""
    found = row.stored.get("sequence") if row.stored else None
    named = sequence or (found if isinstance(found, int) else 1)
    if not isinstance(row.entry, bytes):
        raise Tampered(named, "its bytes are no bytes")
    hash = digest(row.entry)
    if row.stored is not None and found != named:
        raise Tampered(named, f"the entry {named} is missing: {found} stands in its place")
    if row.stored is not None and row.hash != hash:
        raise Tampered(named, "its bytes do not have its hash")
    try:
        members = json.loads(row.entry)
        said, previous = members["sequence"], bytes.fromhex(members["previous"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Tampered(named, "its bytes are not an entry") from None
    if not isinstance(said, int) or ((sequence or row.stored) and said != named):
        raise Tampered(named, f"its bytes are those of the entry {said}")
    if row.stored is not None and dict(row.stored) != columns(members):
        raise Tampered(named, "its columns do not say what its bytes say")
    return Read(said, previous, hash, members)


def _pairs(rows: Iterable[Row]) -> Iterator[tuple[Row, Row | None]]:
    """Each row with the one after it."""
    iterator = iter(rows)
    current = next(iterator, None)
    while current is not None:
        following = next(iterator, None)
        yield current, following
        current = following


def public_keys(pem: bytes) -> list[Ed25519PublicKey]:
    """Every Ed25519 public key in a PEM file. Raises ValueError when there is none, or something else."""
    end = b"-----END PUBLIC KEY-----"
    found = [load_pem_public_key(each.strip() + b"\n" + end + b"\n") for each in pem.split(end) if each.strip()]
    if not found or not all(isinstance(each, Ed25519PublicKey) for each in found):
        raise ValueError("no Ed25519 public key in PEM")
    return [each for each in found if isinstance(each, Ed25519PublicKey)]


def _id(key: Ed25519PublicKey) -> str:
    return key_id(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
