"""The audit store as the settings describe it: opened for writing, prepared before anything is served, read by whoever looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from cds_hooks.audit.database import Database, database
from cds_hooks.audit.form import key_id
from cds_hooks.audit.identifiers import KEY_FILE as IDENTIFIER_KEY_FILE
from cds_hooks.audit.identifiers import Identifiers, identifiers
from cds_hooks.audit.log import ChainedLog
from cds_hooks.audit.record import Entry
from cds_hooks.audit.signers import Signers
from cds_hooks.audit.signing import KEY_FILE, PUBLIC_FILE, Signer, make_key, publish, published, raw, signing_key
from cds_hooks.audit.tables import entries as table
from cds_hooks.settings import Settings


def database_of(settings: Settings) -> Database:
    return database(settings.database_url, settings.data_dir)


def existing(settings: Settings) -> Database:
    """The store, which somebody must have made before. Raises FileNotFoundError."""
    found = database_of(settings)
    if found.file and not found.file.exists():
        raise FileNotFoundError(found.file)
    return found


def key_file(settings: Settings) -> Path:
    return settings.signing_key_file or settings.data_dir / KEY_FILE


def signer(settings: Settings, now: Callable[[], datetime]) -> Signer:
    """Whoever signs for this service. Its public key is put into the data directory, and older ones that came beside the signing key.

    Raises NoKey or OSError.
    """
    file = key_file(settings)
    make_key(file)
    for each in (*published(file.with_name(PUBLIC_FILE)), signing_key(file).public_key()):
        publish(each, settings.data_dir)
    return Signer(file, now)


def open_log(settings: Settings, now: Callable[[], datetime], told: Callable[[float], None] = lambda _: None) -> ChainedLog:
    """`told` hears how many seconds each entry took."""
    return ChainedLog(database_of(settings), signer(settings, now), settings.data_dir, identifiers_of(settings), told)


def identifiers_of(settings: Settings) -> Identifiers:
    """What the log calls patients and users. Raises OSError when the key cannot be read."""
    return identifiers(settings.identifiers, settings.identifier_key_file or settings.data_dir / IDENTIFIER_KEY_FILE)


def prepare(settings: Settings, now: Callable[[], datetime]) -> list[str]:
    """Make the store and its keys, or see that they can be used. Returns the ids of keys that signed the log and are not among the public keys here.

    Raises NoKey, also when this host would sign with another key than the others; OSError or SQLAlchemyError.
    """
    own = signer(settings, now).key()
    identifiers_of(settings)
    migrate(settings)
    store = database_of(settings)
    try:
        with store.reading() as connection:
            signers = Signers.of(connection)
    finally:
        store.engine.dispose()
    signers.check(own)
    return signers.unknown(key_id(raw(each)) for each in published(settings.data_dir / PUBLIC_FILE))


def migrate(settings: Settings) -> None:
    """Make the store, or bring it up to this version, and see that it can be written. Raises OSError or SQLAlchemyError."""
    store = database_of(settings)
    try:
        connection = store.ready()
        with store.writing(connection):
            pass
        connection.close()
    finally:
        store.engine.dispose()


def entries(store: Database) -> list[Entry]:
    """Every entry, oldest first. For small logs; whoever looks for something searches instead."""
    with store.reading() as connection:
        return [json.loads(each.entry) for each in connection.execute(select(table.c.entry).order_by(table.c.sequence))]
