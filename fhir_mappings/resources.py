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

    __slots__ = ("_body", "full_url", "glance", "raw", "type")

    def __init__(self, raw: bytes | msgspec.Raw, full_url: str = "") -> None:
        self.raw = bytes(raw)
        self.full_url = full_url
        self._body: Element | None = None
        self.glance: Glance | None = None
        try:
            self.glance = _glance.decode(self.raw)
            self.type = self.glance.resourceType
        except msgspec.ValidationError:
            self.type = string(self.body.get("resourceType"))

    @property
    def body(self) -> Element:
        """The whole resource as plain JSON; empty when it is no object."""
        if self._body is None:
            self._body = mapping(_plain.decode(self.raw))
        return self._body

    def starts(self, member: str) -> bytes:
        """The first byte of one of the members of a glance, as it is written; nothing when the resource has no such member."""
        if self.glance is None:
            return msgspec.json.encode(self.body[member])[:1] if member in self.body else b""
        stated = getattr(self.glance, member)
        return b"" if stated is msgspec.UNSET else bytes(stated)[:1]

    @property
    def is_malformed(self) -> bool:
        return self.glance is None

    @property
    def id(self) -> str:
        return (self.glance.id or "").strip() if self.glance else string(self.body.get("id"))

    @property
    def subject(self) -> str:
        """The literal reference of `subject`, without a version and in FHIR's own spelling of the type; a bare string is taken for one."""
        if self.glance is None:
            stated = self.body.get("subject")
            found = string(stated) or reference(stated)
        else:
            found = (self.glance.subject.reference if self.glance.subject else None) or ""
        tidy = found.strip().split("/_history/")[0].rstrip("/")
        is_plain = tidy.startswith("Patient/") and tidy.count("/") == 1
        return tidy if is_plain else _MISSPELT.sub(r"\1Patient/", tidy)

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
