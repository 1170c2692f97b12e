"""Fills /about.json from the rule table, the numbers in force and the tables beside them; the pages are made from the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from cards.guidance import attributes, history, intended
from cards.guidance.article import ARTICLE_GRADE, ARTICLE_READ, GUIDELINES, STATEMENTS, TITLE, URL, Grade
from cards.guidance.criteria import outline
from cards.guidance.evidence import FIGURES, INFERENCE, LIMITS
from cards.guidance.interpretations import LOCAL_CHOICE, Numbers
from cards.guidance.rule import Rule, Urgency
from cards.guidance.rules import (
    NOT_EVALUATED,
    NOT_EVALUATED_CITES,
    NOT_EVALUATED_NAME,
    NOT_EVALUATED_SUMMARY,
    NOT_EVALUATED_TOPIC,
    NOT_EVALUATED_WHEN,
    NOT_EVALUATED_WHY,
    RULES,
    VERSION,
)
from cards.render import NOT_A_CLEARANCE
from cds_hooks import services, version
from cds_hooks.about import form, thresholds
from cds_hooks.about.hazards import HAZARDS
from cds_hooks.audit.record import rules_hash
from cds_hooks.settings import Settings
from fhir_mappings.queries import QUERIES
from fhir_mappings.terminology import terminology

MARKS = {"A": "rests on the article", "G": "rests on a guideline or study", "E": "expert default, no published threshold found"}
LEVEL = {grade: level for level, grade in enumerate(Grade, 1)}
ARTICLE = form.Citation(
    id="article",
    label=TITLE,
    url=URL,
    grade=LEVEL[ARTICLE_GRADE],
    grade_means=ARTICLE_GRADE.value,
    read=ARTICLE_READ,
    note="the seed of the rules, kept as statements A1 to A34 in our own words",
)


def about(settings: Settings, today: date, *, sbom: bool = False) -> form.About:
    """Everything that is told, as of a day."""
    base, numbers = settings.public_base_url, settings.numbers()
    listed = thresholds.thresholds(settings)
    return form.About(
        schema_version=form.SCHEMA_VERSION,
        title=services.TITLE,
        developer=attributes.DEVELOPER,
        intended_use=form.IntendedUse(use=intended.USE, users=intended.USERS, population=intended.POPULATION, not_for=intended.NOT_FOR, status=intended.STATUS),
        versions=form.Versions(software=version(), rules=VERSION, rules_hash=rules_hash(), value_sets=terminology().version),
        value_sets=dict(sorted(terminology().versions.items())),
        chosen=_chosen(settings, numbers),
        numbers=tuple(listed.values()),
        rules=(*(_rule(each, settings, listed, today) for each in RULES), _not_evaluated(settings, listed, today)),
        inputs=tuple(form.Input(key=each.key, query=each.template, needed_for=each.needed_for) for each in QUERIES.values()),
        sources=(ARTICLE, *(_guideline(each) for each in GUIDELINES)),
        evidence=form.Evidence(figures=_figures(), inference=INFERENCE, limits=LIMITS),
        changes=_changes(),
        hazards=HAZARDS,
        links=form.Links(
            page=f"{base}/about",
            json_schema=f"{base}/about.schema.json",
            rules=f"{base}/rules",
            change_log=f"{base}/rules#changes",
            hazards=f"{base}/about/hazards",
            regulation=f"{base}/about/regulation",
            sbom=f"{base}/about/sbom.json" if sbom else None,
        ),
    )


def _rule(rule: Rule, settings: Settings, numbers: Mapping[str, form.Number], today: date) -> form.Rule:
    bearing = thresholds.of(rule, numbers)
    changed = [each.id for each in bearing if each.overridden]
    return form.Rule(
        id=rule.id,
        name=rule.name,
        topic=rule.topic,
        url=f"{settings.public_base_url}/rules/{rule.id}",
        enabled=not settings.disabled_rules & {rule.id, rule.id.rstrip("ciw")},
        urgency=rule.urgency.value,
        ages="every age" if rule.red_flag else f"from {numbers['adult_years'].value:g} years, or where age is not recorded",
        applies_when=tuple(form.Line(depth=depth, text=text) for depth, text in outline(rule.when)),
        summary=rule.summary,
        why=rule.why,
        options=rule.options,
        would_change_it=rule.changes,
        basis=(*(f"{mark}: {MARKS[mark]}" for mark in rule.marks.split("+")), *([f"{LOCAL_CHOICE}: {', '.join(changed)}, changed here"] if changed else [])),
        numbers=bearing,
        figures=_figures(rule.id),
        source_attributes=_attributes(rule.id, rule.cites),
        review=_review(rule.id, today),
        changes=_changes(rule.id),
    )


def _not_evaluated(settings: Settings, numbers: Mapping[str, form.Number], today: date) -> form.Rule:
    """R12 has no trigger among findings: its card stands where the others could not be judged."""
    when = ("any of", *NOT_EVALUATED_WHEN)
    return form.Rule(
        id=NOT_EVALUATED,
        name=NOT_EVALUATED_NAME,
        topic=NOT_EVALUATED_TOPIC,
        url=f"{settings.public_base_url}/rules/{NOT_EVALUATED}",
        enabled=True,
        urgency=Urgency.ROUTINE.value,
        ages="every age",
        applies_when=tuple(form.Line(depth=min(place, 1), text=text) for place, text in enumerate(when)),
        summary=NOT_EVALUATED_SUMMARY,
        why=(NOT_EVALUATED_WHY, NOT_A_CLEARANCE),
        options=(),
        would_change_it=(),
        basis=("safety: says that no advice was worked out",),
        numbers=tuple(numbers[each] for each in (*attributes.deciding(NOT_EVALUATED, (), red_flag=True), *thresholds.LOOK_BACKS)),
        figures=_figures(NOT_EVALUATED),
        source_attributes=_attributes(NOT_EVALUATED, NOT_EVALUATED_CITES),
        review=_review(NOT_EVALUATED, today),
        changes=_changes(NOT_EVALUATED),
    )


def _attributes(rule: str, cites: tuple[str, ...]) -> form.SourceAttributes:
    dates = [each.on for each in history.CHANGES if rule in each.rules]
    return form.SourceAttributes(
        bibliographic_citation=tuple(map(_citation, cites)),
        developer=attributes.DEVELOPER,
        funding=attributes.FUNDING,
        release_and_revision_dates=form.Dates(released=min(dates), revised=max(dates)),
        **{name: form.Use(used=use.used, how=use.how) for name, use in attributes.uses(rule).items()},
    )


def _citation(id: str) -> form.Citation:
    if id not in STATEMENTS:
        return _guideline(id)
    statement = STATEMENTS[id]
    return ARTICLE.model_copy(update={"id": id, "label": f"{TITLE}, section “{statement.section}”", "note": statement.text})


def _guideline(id: str) -> form.Citation:
    found = GUIDELINES[id]
    return form.Citation(id=id, label=found.label, url=found.url, grade=LEVEL[found.grade], grade_means=found.grade.value, read=found.read, note=found.note)


def _figures(rule: str = "") -> tuple[form.Figure, ...]:
    return tuple(form.Figure(question=each.question, figure=each.figure, source=each.source) for each in FIGURES if not rule or rule in each.bears_on)


def _changes(rule: str = "") -> tuple[form.Change, ...]:
    return tuple(form.Change(version=each.version, on=each.on, rules=each.rules, what=each.what) for each in history.CHANGES if not rule or rule in each.rules)


def _review(rule: str, today: date) -> form.Review:
    found = history.REVIEWS[rule]
    return form.Review(on=found.on, by=found.by, due=found.due, overdue=today > found.due)


def _chosen(settings: Settings, numbers: Numbers) -> form.Chosen:
    return form.Chosen(
        profile=settings.profile,
        mode=settings.mode,
        critical_indicator=settings.critical_indicator,
        disabled_rules=tuple(sorted(settings.disabled_rules)),
        quiet_info_days=settings.quiet_days(),
        numbers_overridden=tuple(numbers.overridden()),
    )
