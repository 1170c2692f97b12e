"""One resource of a chart, decoded no further than needed: a glance says what and whom it is about, the body is read only when it matters."""

from __future__ import annotations

import json
import re
from typing import Any, Protocol

import msgspec

from fhir_mappings.elements import Element, mapping, reference, string

TYPES = frozenset({"Patient", "Condition", "Observation", "ServiceRequest", "Procedure", "ImagingStudy"})


class Coding(msgspec.Struct, gc=False):
    system: str | None = None
    code: str | None = None
    display: str | None = None


class Concept(msgspec.Struct, gc=False):
    coding: list[Coding] | None = None
    text: str | None = None

    @property
    def words(self) -> str:
        """The text, or the display of the first coding that has one."""
        return (self.text or "").strip() or next((said for each in self.coding or () if (said := (each.display or "").strip())), "")


class Reference(msgspec.Struct, gc=False):
    reference: str | None = None

    @property
    def literal(self) -> str:
        """Without a version."""
        return (self.reference or "").strip().split("/_history/")[0]


class Answer(msgspec.Struct, gc=False):
    """What is asked, and what is answered in words or codes: of an Observation or one of its components."""

    code: Concept | None = None
    valueString: str | None = None  # noqa: N815 - FHIR's name
    valueCodeableConcept: Concept | None = None  # noqa: N815 - FHIR's name


class Answers(Answer, gc=False):
    component: list[Answer] | None = None


Member = msgspec.Raw | msgspec.UnsetType
"""Kept as written: it matters whether it is there, and how it begins, or it is read later."""


class Glance(msgspec.Struct, gc=False):
    """As much of every resource as tells what it is and whom it is about. One that does not fit is read as plain JSON instead.

    The members stand in FHIR's order, in which nearly all are written: the decoder finds each right behind the last.
    """

    resourceType: str = ""  # noqa: N815 - FHIR's name
    id: str | None = None
    clinicalStatus: Member = msgspec.UNSET  # noqa: N815 - FHIR's name
    status: Any = None
    category: Member = msgspec.UNSET
    code: Member = msgspec.UNSET
    subject: Reference | None = None
    focus: Member = msgspec.UNSET
    encounter: Member = msgspec.UNSET
    effectiveDateTime: Any = None  # noqa: N815 - FHIR's name
    issued: Any = None
    valueQuantity: Member = msgspec.UNSET  # noqa: N815 - FHIR's name
    valueCodeableConcept: Member = msgspec.UNSET  # noqa: N815 - FHIR's name
    valueString: Member = msgspec.UNSET  # noqa: N815 - FHIR's name
    interpretation: Member = msgspec.UNSET
    note: Member = msgspec.UNSET
    bodySite: Member = msgspec.UNSET  # noqa: N815 - FHIR's name
    specimen: Member = msgspec.UNSET
    referenceRange: Member = msgspec.UNSET  # noqa: N815 - FHIR's name
    component: Member = msgspec.UNSET
    assertedDate: Member = msgspec.UNSET  # noqa: N815 - FHIR's name
    patient: Member = msgspec.UNSET
    context: Member = msgspec.UNSET
    comment: Member = msgspec.UNSET
    related: Member = msgspec.UNSET

    @property
    def has_words(self) -> bool:
        """Is anything answered that is not a number? Components may hold anything."""
        return not (self.component is self.valueString is self.valueCodeableConcept is msgspec.UNSET)


_USUAL = re.compile(r"(?:Patient/[A-Za-z0-9.-]+)?")
_MISSPELT = re.compile(r"(?i)(^|/)patient/(?=[^/]+$)")
_glance = msgspec.json.Decoder(Glance)
_answers = msgspec.json.Decoder(Answers)
_plain = msgspec.json.Decoder()


def plain(raw: bytes | memoryview) -> Any:
    """Strict JSON as plain values. A number out of range is infinite, which no reading takes for a number."""
    try:
        return _plain.decode(raw)
    except msgspec.ValidationError:
        return json.loads(bytes(raw), parse_int=float)


class Written(Protocol):
    """Several resources as they were written."""

    def __getitem__(self, place: int, /) -> bytes: ...


class Resource(msgspec.Struct, eq=False, gc=False):
    """A resource as it arrived: what a glance at it tells, and its bytes, `written[place]`, which are looked for once they are needed.

    `stated` is the reference to its subject as it is written.
    """

    type: str
    id: str
    stated: str
    glance: Glance | None
    written: Written
    place: int = 0
    full_url: str = ""
    decoded: Element | None = None

    @classmethod
    def at_a_glance(cls, glance: Glance, written: Written, place: int, full_url: str) -> Resource:
        subject = glance.subject
        stated = (subject.reference or "") if subject else ""
        return cls(glance.resourceType, (glance.id or "").strip(), stated, glance, written, place, full_url)

    @classmethod
    def read(cls, raw: bytes, full_url: str = "") -> Resource:
        """A resource from its bytes alone."""
        try:
            return cls.at_a_glance(_glance.decode(raw), (raw,), 0, full_url)
        except msgspec.ValidationError:
            body = mapping(plain(raw))
        subject = body.get("subject")
        stated = string(subject) or reference(subject)  # a bare string is taken for a reference
        return cls(string(body.get("resourceType")), string(body.get("id")), stated, None, (raw,), 0, full_url, body)

    @property
    def raw(self) -> bytes:
        return self.written[self.place]

    @property
    def body(self) -> Element:
        """The whole resource as plain JSON; empty when it is no object."""
        if self.decoded is None:
            self.decoded = mapping(plain(self.raw))
        return self.decoded

    @property
    def identity(self) -> tuple[str, str | bytes]:
        """The same record arriving twice has the same."""
        return self.type, self.id or self.raw

    @property
    def subject(self) -> str:
        return tidy(self.stated)

    @property
    def answers(self) -> Answers | None:
        """What is asked and answered; None when the resource is malformed."""
        try:
            return _answers.decode(self.raw) if self.glance else None
        except msgspec.ValidationError:
            return None

    @property
    def is_malformed(self) -> bool:
        return self.answers is None

    @property
    def has_unreadable_subject(self) -> bool:
        """A subject that is there and says nothing in any form we know: whose record it is cannot be told."""
        if self.glance is not None:
            return False
        stated = self.body.get("subject")
        inner = mapping(stated).get("reference")
        return stated is not None and (not isinstance(stated, dict | str) or (inner is not None and not isinstance(inner, str)))

    @classmethod
    def of(cls, resource: Element, full_url: str = "") -> Resource:
        """A resource that is already plain JSON."""
        return cls.read(msgspec.json.encode(resource), full_url)


def tidy(subject: str) -> str:
    """A literal reference without a version and in FHIR's own spelling of the type."""
    if _USUAL.fullmatch(subject):
        return subject
    bare = subject.strip().split("/_history/")[0].rstrip("/")
    is_plain = bare.startswith("Patient/") and bare.count("/") == 1
    return bare if is_plain else _MISSPELT.sub(r"\1Patient/", bare)
