"""The CDS Hooks 2.0.1 card as it goes over the wire. Names are the specification's own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
MAX_SUMMARY = 139
"""The specification wants fewer than 140 characters (CARD-02); counted in UTF-16 units, as browsers do."""


class Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def on_the_wire(self) -> dict[str, Any]:
        """The members that have a value; null and empty members never leave (GEN-03)."""
        return self.model_dump(exclude_none=True, exclude_defaults=True)


class Coding(Wire):
    system: Text
    code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,100}$")]
    display: Text | None = None


class Source(Wire):
    label: Text
    url: Url | None = None
    topic: Coding


class Link(Wire):
    label: Text
    url: Url
    type: Literal["absolute"] = Field()


class Action(Wire):
    type: Literal["create"] = Field()
    description: Text
    resource: dict[str, Any]


class Suggestion(Wire):
    label: Text
    uuid: Uuid
    actions: tuple[Action, ...] = Field(min_length=1, max_length=1)


class Card(Wire):
    uuid: Uuid
    summary: Text
    detail: Text
    indicator: Literal["info", "warning", "critical"]
    source: Source
    suggestions: tuple[Suggestion, ...] | None = None
    selectionBehavior: Literal["any"] | None = None  # noqa: N815 - the specification's name
    overrideReasons: tuple[Coding, ...] | None = None  # noqa: N815 - the specification's name
    links: tuple[Link, ...] | None = None

    @model_validator(mode="after")
    def _keeps_the_specification(self) -> Card:
        if len(self.summary.encode("utf-16-le")) // 2 > MAX_SUMMARY or "\n" in self.summary:
            raise ValueError("summary must be one line of fewer than 140 characters")
        if bool(self.suggestions) != bool(self.selectionBehavior):
            raise ValueError("suggestions and selectionBehavior go together")
        if any(reason.display is None for reason in self.overrideReasons or ()):
            raise ValueError("an override reason needs a display")
        return self
