"""One Observation becomes evidence: status and subject first, then what was asked, then what was answered, each component on its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cards.guidance.findings import Concept, Evidence, Flag, Interval, Kind, Presence, Record
from cards.guidance.symptoms import LEG_SYMPTOMS
from fhir_mappings import answers, bladder_scans, details, meanings, text, text_answers
from fhir_mappings.answers import Answered
from fhir_mappings.dates import course, interval
from fhir_mappings.elements import Element, all_words, codings, has_value, is_yes, is_yes_or_no, items, mapping, reference, string, words
from fhir_mappings.outcome import Ignored, Outcome
from fhir_mappings.scales import SCALES
from fhir_mappings.sites import MAX_LENGTH, Region, side_of
from fhir_mappings.targets import NOWHERE, Site, Target, is_readable, one_site, regions_named, site, targets
from fhir_mappings.terminology import Terminology
from fhir_mappings.text_context import Assertion

DROPPED = {"entered-in-error": Ignored.ENTERED_IN_ERROR, "cancelled": Ignored.CANCELLED}
MAX_COMPONENTS = 200
"""No panel or form of ours has more; what lies beyond is counted as unread."""
RESULT_STATUSES = frozenset({"final", "amended", "corrected", "preliminary"})
OTHER_FLUIDS = ("urine", "stool", "sweat", "saliva", "csf", "cerebrospinal", "dialys", "ascit", "pleural", "drain", "faec", "feces")
PLAIN = frozenset({"yes", "no", "y", "n", "none", "normal", "wdl", "wnl", "intact", "present", "absent", "n/a"})
"""Answers that name nothing themselves, in whatever line they stand."""
NAMELESS = frozenset({"result", "value", "volume", "urine volume", "bladder volume", "amount", "finding", "answer", "response"})
STATUSES = frozenset({"registered", "preliminary", "final", "amended", "corrected", "unknown"})


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for every answer of one Observation."""

    record: Record
    where: Site
    flags: frozenset[Flag]
    terms: Terminology
    is_blood_result: bool = True


def read(observation: Element, terms: Terminology, flags: frozenset[Flag] = frozenset(), results_since: date = date.min) -> Outcome:
    """Everything this Observation says. `flags` are doubts about the whole resource; laboratory results from before `results_since` are passed over."""
    status = string(observation.get("status"))
    if status in DROPPED:
        return Outcome(ignored=DROPPED[status])
    if observation.get("focus"):
        return Outcome(ignored=Ignored.ABOUT_SOMEONE_ELSE)
    if status not in STATUSES or not is_readable(observation.get("code"), terms):
        return Outcome(ignored=Ignored.UNREADABLE)
    if _is_past_result(observation, terms, results_since):
        return Outcome(ignored=Ignored.PAST)
    flags |= {Flag.PRELIMINARY} if status == "preliminary" else frozenset()
    context = Context(_record(observation, status), site(observation.get("bodySite"), terms), flags, terms, _is_blood_result(observation, status))
    said = tuple(_asked(observation, context))
    unnamed = items(observation.get("component"))
    parts = [_completed(each, observation) for each in unnamed]
    if parts != unnamed:
        said = ()
    left_out = Ignored.UNREADABLE if len(parts) > MAX_COMPONENTS or any(map(_holds_a_note, (observation, *parts))) else None
    if not parts:
        return Outcome(tuple(dict.fromkeys(said)), left_out)
    told = details.of(parts, terms)
    own = tuple(told.added_to(each) for each in said)
    return Outcome(tuple(dict.fromkeys((*own, *_components(parts[:MAX_COMPONENTS], own, context)))), left_out)


def _completed(component: Element, whole: Element) -> Element:
    """A part called no more than 'Result' or 'Volume' answers what the whole asks and leaves open."""
    is_nameless = text.normal(words(component.get("code"))) in NAMELESS and not has_value(whole)
    return {**component, "code": whole.get("code")} if is_nameless else component


def _holds_a_note(element: Element) -> bool:
    """An answer too long to be read that speaks of red flags, whatever it says of them."""
    return text.is_unread_note(string(element.get("valueString")))


def _is_past_result(observation: Element, terms: Terminology, since: date) -> bool:
    """Nothing but a laboratory result, of a day before then by every date it gives."""
    named = targets(observation.get("code"), NOWHERE, terms)
    if not named or "component" in observation or not all(each.concepts and meanings.LABORATORY.issuperset(each.concepts) for each in named):
        return False
    days = [span.latest for span in (effective(observation)[0], interval(observation.get("issued"))) if span]
    return bool(days) and max(days) < since


def _is_blood_result(observation: Element, status: str) -> bool:
    """A laboratory value counts with a result status and from serum, plasma or blood; a specimen that names another fluid rules it out."""
    if status not in RESULT_STATUSES:
        return False
    specimen = string(mapping(observation.get("specimen")).get("display")).casefold()
    return not (specimen and any(each in specimen for each in OTHER_FLUIDS))


def _record(observation: Element, status: str) -> Record:
    id = string(observation.get("id"))
    shown = string(observation.get("effectiveDateTime")) or string(observation.get("effectiveInstant")) or string(observation.get("issued"))
    began, until = effective(observation)
    asked = words(observation.get("code"))
    return Record(
        reference=f"Observation/{id}" if id else "Observation",
        kind=Kind.OBSERVATION,
        onset=began,
        recorded=interval(observation.get("issued")),
        until=until,
        label=asked,
        words=_words(observation, asked),
        status="" if status == "final" else status,
        encounter=reference(observation.get("encounter")),
        shown_date=shown or string(mapping(observation.get("effectivePeriod")).get("start")),
    )


def effective(observation: Element) -> tuple[Interval | None, Interval | None]:
    """When what the Observation speaks of began, and the last day of it where it speaks of a span: effective[x] before issued."""
    at = interval(observation.get("effectiveDateTime")) or interval(observation.get("effectiveInstant"))
    timing = mapping(observation.get("effectiveTiming")).get("event")
    events = [found for each in (timing if isinstance(timing, list) else []) if (found := interval(each))]
    began, until = (at, None) if at else course(observation.get("effectivePeriod"))
    last = max(events, key=lambda each: each.latest, default=None)
    return began or last or interval(observation.get("issued")), until


def _words(element: Element, asked: str) -> str:
    """The question and, where it is words, the answer."""
    answer = string(element.get("valueString")) or words(element.get("valueCodeableConcept"))
    yes = {"True": "yes", "False": "no"}.get(str(element.get("valueBoolean")), "")
    return (" " if asked.endswith("?") else ": ").join(filter(None, (asked, answer or yes)))


# --- what is asked and answered
def _asked(element: Element, context: Context) -> Iterator[Evidence]:
    asked = _targets(element, context)
    questions = _questions([_as_question(each, element) for each in asked], element)
    answered = [each for target in questions for each in _answered(element, target, context)]
    open_questions = not asked or any(map(_may_be_answered_by_another, questions))
    named = list(_named_in_value(element, _label(element, questions), context)) if open_questions else []
    yield from (each for each in answered if not any(meanings.OWN_MECHANISM.get(each.concept) is other.concept for other in named))
    yield from (each for each in named if not any(each.concept in target.concepts for target in questions))


def _targets(element: Element, context: Context) -> tuple[Target, ...]:
    """What the label asks for. 'Cauda equina screen' asks for the syndrome where the answer is more than yes or no."""
    where = _place(element, context)
    asked = targets(element.get("code"), where, context.terms)
    subject = text_answers.subject_of(words(element.get("code")), string(element.get("valueString")) or words(element.get("valueCodeableConcept")))
    is_known = any(each.coded or each.kind in meanings.ASIDES for each in asked)
    if not subject or is_known or not has_value(element) or is_yes_or_no(element):
        return asked
    return targets.work({"text": subject}, where, context.terms)


def _may_be_answered_by_another(question: Target) -> bool:
    """Does a question about this symptom leave room to name another, 'Bladder symptoms: retention'?"""
    return question.kind not in SCALES and question.kind not in meanings.ASIDES and meanings.LABORATORY.isdisjoint(question.concepts)


def _label(element: Element, questions: list[Target]) -> str:
    """What stands before an answer that is read as a sentence: a question we do not know, or the organ of one about continence."""
    if not questions:
        return words(element.get("code"))
    asked = {concept for each in questions for concept in each.concepts}
    return meanings.LABELS.get(asked.pop(), "") if len(asked) == 1 else ""


def _place(element: Element, context: Context) -> Site:
    """The recorded site, or for a question that names none the one the answer names ('Yes - right calf', or a site's code)."""
    concept = element.get("valueCodeableConcept")
    written = string(element.get("valueString")) or words(concept)
    coded = [{"system": system, "code": code} for system, code in codings(concept)]
    if context.where.regions or not (written or coded) or regions_named(words(element.get("code"))):
        return context.where
    named = one_site({"coding": coded, "text": text_answers.affected(written)}, context.terms)
    return Site(named.regions, context.where.side or named.side)


def _questions(asked: list[Target], element: Element) -> list[Target]:
    """Asked about its effect or size a symptom is not itself asked for, nor the past or somebody else. 'Retention (PVR over 200)' yes is retention."""
    now = [each for each in asked if each.assertion is not Assertion.NOT_NOW]
    asides = [each for each in now if each.kind in meanings.ASIDES]
    if {each.kind for each in asides} == {"bladder-scan"} and len(now) > len(asides) and is_yes_or_no(element):
        return [each for each in now if each not in asides]
    return asides or now


def _as_question(target: Target, element: Element) -> Target:
    """'Incontinence?' with an answer is a question, not a doubt: what it asks is what its words say without the mark."""
    asked = words(element.get("code")).rstrip()
    if target.assertion is not Assertion.SUSPECTED or not has_value(element) or not asked.endswith("?"):
        return target
    said = next((each.assertion for each in text.mentions(asked.rstrip(" ?")) if each.kind == target.kind), Assertion.AFFIRMED)
    return replace(target, assertion=said, flags=target.flags - {Flag.SUSPECTED})


def _answered(element: Element, target: Target, context: Context) -> Iterator[Evidence]:
    if target.kind in SCALES:
        concept = SCALES[target.kind].concept
        looking_back = replace(context, record=_looking_back(context.record, target.kind))
        yield _stated(concept, target, answers.read(element, target, concept, context.terms), looking_back)
    elif target.kind == "bladder-scan":
        if has_value(element):
            asked = bladder_scans.residual(words(element.get("code"))) if is_yes(element) else None
            yield _stated(Concept.POST_VOID_RESIDUAL, target, asked or bladder_scans.volume(element), context)
    elif Concept.MUSCLE_POWER in target.concepts and answers.is_in_words(element):
        of_weakness = text.asks_what_is_amiss(words(element.get("code")))
        weakness = replace(target, kind="unsited-weakness", concepts=meanings.concepts("unsited-weakness", Region.LEG), asks_function=not of_weakness)
        yield from _answered(element, weakness, context)
    else:
        counts_nights = target.kind == "sleep-impact" and answers.number_of(element) is not None
        for concept in (Concept.CRAMP_NIGHTS,) if counts_nights else target.concepts:
            answer = answers.read(element, target, concept, context.terms)
            unusable = concept in meanings.LABORATORY and not context.is_blood_result
            yield _stated(concept, target, answers.NOT_ASSESSED if unusable else answer, context)


def _named_in_value(element: Element, label: str, context: Context) -> Iterator[Evidence]:
    """An answer that is itself a symptom, as a code or in a few words; where it names no site, the question may."""
    asked, said = words(element.get("code")), string(element.get("valueString"))
    value = mapping(element.get("valueCodeableConcept")) or ({"text": text_answers.in_full(asked, said)} if said else {})
    if not _may_name_something(value) or text.is_about_past_or_others(asked):
        return
    where = context.where if context.where.regions or regions_named(words(value)) else Site(regions_named(asked), context.where.side or side_of(asked))
    for target in targets.work(_in_one_line(label, value), where, context.terms):
        if target.assertion in {Assertion.NOT_NOW, Assertion.ASKED}:
            continue
        if target.kind == "bladder-scan" and (measured := bladder_scans.residual(words(value))):
            yield _stated(Concept.POST_VOID_RESIDUAL, target, measured, context)
        if target.kind in meanings.ASIDES:
            continue
        presence = Presence.ABSENT if target.assertion is Assertion.DENIED else Presence.PRESENT
        for concept in target.concepts:
            if concept not in meanings.LABORATORY:
                yield _stated(concept, target, Answered(presence), context)


def _may_name_something(value: Element) -> bool:
    """A quick look, for most answers are 'yes', 'no' or of no concern."""
    said = all_words(value)
    return bool(codings(value)) or any(each.casefold() not in PLAIN and text.may_name_something(each) for each in said)


def _in_one_line(label: str, value: Element) -> Element:
    """An answer behind its label, 'Bowel: incontinent', as the sentence that the two make; a long answer, and one to a history, stands alone."""
    alone = not label or "history" in label.casefold()
    lines = [each if alone or len(line := f"{label}: {each}") > MAX_LENGTH else line for each in all_words(value)]
    return {"coding": [*({"system": system, "code": code} for system, code in codings(value)), *({"display": each} for each in lines)]}


def _stated(concept: Concept, target: Target, answer: Answered, context: Context) -> Evidence:
    return Evidence(
        concept=concept,
        record=context.record,
        presence=answer.presence,
        side=target.side or answer.side,
        severity=answer.severity or target.severity,
        reading=answer.reading,
        score=answer.score,
        flags=context.flags | target.flags | answer.flags,
        coded=target.coded,
    )


def _looking_back(record: Record, scale: str) -> Record:
    """A routine item speaks of the days before the assessment too."""
    days = timedelta(days=SCALES[scale].looks_back_days)
    return replace(record, onset=Interval(record.onset.earliest - days, record.onset.latest)) if record.onset else record


# --- components
def _components(parts: list[Element], own: tuple[Evidence, ...], context: Context) -> Iterator[Evidence]:
    """Each component judged alone; inside an Observation about a leg symptom a pain score is about the leg."""
    about_leg = any(each.concept in LEG_SYMPTOMS for each in own)
    where = Site((Region.LEG,), context.where.side) if about_leg and not context.where.regions else context.where
    for component in parts:
        said = " / ".join(filter(None, (context.record.words, _words(component, words(component.get("code"))))))
        yield from _asked(component, replace(context, where=where, record=replace(context.record, words=said)))
