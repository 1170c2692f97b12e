"""What was found when the log was last verified, kept beside it for whoever watches over the service."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

FILE = "audit-verified.json"


@dataclass(frozen=True, slots=True)
class Verified:
    """`at`: epoch seconds."""

    at: float
    whole: bool


def note_verified(folder: Path, found: Verified) -> None:
    """Kept whole or not at all. Raises OSError."""
    new = folder / f"{FILE}.{os.getpid()}"
    new.write_bytes(msgspec.json.encode(found))
    new.replace(folder / FILE)


def last_verified(folder: Path) -> Verified | None:
    """None where nobody verified the log from here, or what he left cannot be read."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Verified)
    except (OSError, msgspec.MsgspecError):
        return None
