"""One resource of a chart, decoded no further than needed: a glance says what and whom it is about, the body is read only when it matters."""

from __future__ import annotations

import re
from typing import Any

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


class Reference(msgspec.Struct, gc=False):
    reference: str | None = None


class Component(msgspec.Struct, gc=False):
    code: Concept | None = None
    valueString: str | None = None  # noqa: N815 - FHIR's name
    valueCodeableConcept: Concept | None = None  # noqa: N815 - FHIR's name


Member = msgspec.Raw | msgspec.UnsetType
"""Of which it matters that it is there, and how it begins."""


class Glance(msgspec.Struct, gc=False):
    """The members that decide whether a resource matters. A resource that does not fit is read as plain JSON instead."""

    resourceType: str = ""  # noqa: N815 - FHIR's name
    id: str | None = None
    subject: Reference | None = None
    code: Concept | None = None
    component: list[Component] | None = None
    valueString: str | None = None  # noqa: N815 - FHIR's name
    valueCodeableConcept: Concept | None = None  # noqa: N815 - FHIR's name
    clinicalStatus: Member = msgspec.UNSET  # noqa: N815 - FHIR's name
    category: Member = msgspec.UNSET
    assertedDate: Member = msgspec.UNSET  # noqa: N815 - FHIR's name
    patient: Member = msgspec.UNSET
    context: Member = msgspec.UNSET
    comment: Member = msgspec.UNSET
    related: Member = msgspec.UNSET


_MISSPELT = re.compile(r"(?i)(^|/)patient/(?=[^/]+$)")
_glance = msgspec.json.Decoder(Glance)
_plain = msgspec.json.Decoder()


class Resource:
    """A resource as it arrived: its bytes, and what has been decoded of them so far."""

    __slots__ = ("_body", "full_url", "glance", "id", "raw", "subject", "type")

    def __init__(self, raw: bytes | msgspec.Raw, full_url: str = "") -> None:
        self.raw = bytes(raw)
        self.full_url = full_url
        self._body: Element | None = None
        self.glance: Glance | None = None
        try:
            glance = self.glance = _glance.decode(self.raw)
        except msgspec.ValidationError:
            self.type, self.id = string(self.body.get("resourceType")), string(self.body.get("id"))
            stated = self.body.get("subject")
            subject = string(stated) or reference(stated)  # a bare string is taken for a reference
        else:
            self.type, self.id = glance.resourceType, (glance.id or "").strip()
            subject = (glance.subject and glance.subject.reference) or ""
        self.subject = _tidy(subject)

    @property
    def body(self) -> Element:
        """The whole resource as plain JSON; empty when it is no object."""
        if self._body is None:
            self._body = mapping(_plain.decode(self.raw))
        return self._body

    @property
    def is_malformed(self) -> bool:
        return self.glance is None

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
        return cls(msgspec.json.encode(resource), full_url)

    def identity(self) -> tuple[str, Any]:
        """The same record arriving twice has the same identity."""
        return (self.type, self.id or self.raw)


def _tidy(subject: str) -> str:
    """A literal reference without a version and in FHIR's own spelling of the type."""
    tidy = subject.strip().split("/_history/")[0].rstrip("/")
    is_plain = tidy.startswith("Patient/") and tidy.count("/") == 1
    return tidy if is_plain else _MISSPELT.sub(r"\1Patient/", tidy)
