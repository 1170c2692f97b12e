"""The form of /about.json. Its JSON schema is made from here; a change that breaks readers gets a new `schemaVersion`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

SCHEMA_VERSION: Literal["1"] = "1"
Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
Texts = tuple[Text, ...]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True)


class Citation(Part):
    """`grade` is the kind of source, 1 the strongest of five; nobody appraised the sources by GRADE. `read` says how much of it was."""

    id: Text
    label: Text
    url: Text
    grade: int = Field(ge=1, le=5)
    grade_means: Text
    read: Text
    note: Text


class Dates(Part):
    released: date
    revised: date


class Use(Part):
    used: bool
    how: Text


class SourceAttributes(Part):
    """The thirteen of 45 CFR 170.315(b)(11) for an evidence-based decision support intervention."""

    bibliographic_citation: tuple[Citation, ...] = Field(min_length=1)
    developer: Text
    funding: Text
    release_and_revision_dates: Dates
    race: Use
    ethnicity: Use
    language: Use
    sexual_orientation: Use
    gender_identity: Use
    sex: Use
    date_of_birth: Use
    social_determinants: Use
    health_status_assessments: Use


class Review(Part):
    """The last time the rule was held against its sources, and when that is due again."""

    on: date
    by: Text
    due: date
    overdue: bool


class Change(Part):
    version: Text
    on: date
    rules: Texts = Field(min_length=1)
    what: Text


class Figure(Part):
    question: Text
    figure: Text
    source: Text


class Line(Part):
    """One condition of a trigger, and how deep it stands under the others."""

    depth: int = Field(ge=0)
    text: Text


class Number(Part):
    """`value` is in force; nobody can change it where `least` is `most`.

    `grade`: A rests on the article, G on a guideline or study, E is an expert default without a published threshold. One that was changed is a local choice.
    """

    id: Text
    value: float
    unit: Text
    default: float
    overridden: bool
    least: float
    most: float
    meaning: Text
    reason: Text
    source: Text
    grade: Literal["A", "G", "E", "local choice"]


class Rule(Part):
    id: Text
    name: Text
    topic: Text
    url: Text
    enabled: bool
    urgency: Text
    ages: Text
    applies_when: tuple[Line, ...] = Field(min_length=1)
    summary: str
    why: Texts
    options: Texts
    would_change_it: Texts
    basis: Texts = Field(min_length=1)
    numbers: tuple[Number, ...]
    figures: tuple[Figure, ...]
    source_attributes: SourceAttributes
    review: Review
    changes: tuple[Change, ...] = Field(min_length=1)


class IntendedUse(Part):
    use: Text
    users: Texts
    population: Texts
    not_for: Texts
    status: Texts


class Versions(Part):
    """`rulesHash` changes with anything the guidance is made of, `valueSets` with any code; the audit log keeps all four with each entry."""

    software: Text
    rules: Text
    rules_hash: Text
    value_sets: Text


class Chosen(Part):
    """What the deployer chose that bears on advice."""

    profile: Text
    mode: Text
    critical_indicator: Text
    disabled_rules: tuple[str, ...]
    quiet_info_days: int
    numbers_overridden: tuple[str, ...]


class Input(Part):
    key: Text
    query: Text
    needed_for: Text


class Evidence(Part):
    figures: tuple[Figure, ...]
    inference: Text
    limits: Texts


class Control(Part):
    what: Text
    tests: Texts = Field(min_length=1)


class Hazard(Part):
    id: Text
    hazard: Text
    cause: Text
    harm: Text
    severity: Text
    controls: tuple[Control, ...] = Field(min_length=1)
    remains: Text


class Links(Part):
    """`sbom` is not there where none came with this installation."""

    page: Text
    json_schema: Text
    rules: Text
    change_log: Text
    hazards: Text
    regulation: Text
    sbom: Text | None = None


class About(Part):
    schema_version: Literal["1"]
    title: Text
    developer: Text
    intended_use: IntendedUse
    versions: Versions
    value_sets: dict[str, str]
    chosen: Chosen
    numbers: tuple[Number, ...]
    rules: tuple[Rule, ...]
    inputs: tuple[Input, ...]
    sources: tuple[Citation, ...]
    evidence: Evidence
    changes: tuple[Change, ...]
    hazards: tuple[Hazard, ...]
    links: Links


def schema(canonical_base: str) -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{canonical_base}/about/{SCHEMA_VERSION}/schema.json"}
    return {**head, **About.model_json_schema(mode="serialization")}
