"""A server's patients of a name, for somebody who has to choose one: few of them, and of each no more than tells him or her apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from cds_hooks.chart.access import Access
from cds_hooks.chart.prefetch import State
from cds_hooks.chart.reads import understood
from cds_hooks.chart.transport import ReadFailed, Transport
from cds_hooks.errors import Refusal
from cds_hooks.protocol import bare_id
from fhir_mappings.elements import Element, items, string

MAX_FOUND = 20
MAX_ASKED, MAX_SHOWN = 100, 80
"""Characters of a name that are searched for, and shown."""
NAMELESS = "(no name)"
_SPECIAL = re.compile(r"([\\$,|])")
"""Characters that mean something in a FHIR search value (R4 search, 3.2.1.5.7)."""
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
_GENDERS = frozenset({"male", "female", "other", "unknown"})


@dataclass(frozen=True, slots=True)
class Person:
    """One patient to choose. The words are the server's own: escape them. `birth_date` and `gender` are empty where not recorded."""

    id: str
    name: str
    birth_date: str = ""
    gender: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Those found, in the server's order; `more` when it holds others of that name."""

    found: tuple[Person, ...]
    more: bool = False


async def find_patients(transport: Transport, access: Access, name: str, until: float) -> People:
    """The server's patients of that name; some of them when it is empty. `until`: seconds on the transport's clock. Raises ReadFailed."""
    body = await transport.get(access, f"{access.server.base}/Patient?{_wanted(name)}_count={MAX_FOUND}", until)
    came = understood("patients", body)
    if came.state not in {State.DATA, State.EMPTY, State.TRUNCATED}:
        raise ReadFailed(came.reason)
    people = tuple(found for each in came.resources if each.type == "Patient" and (found := _person(each.body)))
    return People(people[:MAX_FOUND], more=came.state is State.TRUNCATED or len(people) > MAX_FOUND)


def _wanted(name: str) -> str:
    """The search parameter for a name, which may hold anything."""
    said = " ".join("".join(each if each.isprintable() else " " for each in name).split())[:MAX_ASKED]
    plain = _SPECIAL.sub(r"\\\1", said)
    return f"name={quote(plain, safe='')}&" if said else ""


def _person(body: Element) -> Person | None:
    """None for a Patient who cannot be asked for, because the id is none."""
    try:
        id = bare_id(string(body.get("id")), "Patient")
    except Refusal:
        return None
    birth_date, gender = string(body.get("birthDate")), string(body.get("gender"))
    return Person(id, _name(body), birth_date if _DATE.fullmatch(birth_date) else "", gender if gender in _GENDERS else "")


def _name(body: Element) -> str:
    """The first name in use, as text or from its parts."""
    names = items(body.get("name"))
    current = [each for each in names if each.get("use") != "old"]
    for each in current or names:
        given = each.get("given")
        parts = [*(given if isinstance(given, list) else [given]), each.get("family")]
        said = string(each.get("text")) or " ".join(filter(None, map(string, parts)))
        shown = " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
        if shown:
            return shown[:MAX_SHOWN]
    return NAMELESS
