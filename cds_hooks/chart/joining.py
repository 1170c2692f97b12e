"""What was sent and what was read, put together: nothing counts twice, nothing that was sent is lost, and every failure stays told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cds_hooks.chart.prefetch import MORE_PAGES, Answer, State
from fhir_mappings.elements import items, mapping, reference
from fhir_mappings.resources import Resource

Answers = Mapping[str, Answer]


def joined(sent: Answers, read: Answers, patient_id: str, *, known: bool) -> Answers:
    """Every key as it was sent, or with what was read for it. `known`: the server did not say that there is no such patient."""
    together = {**sent, **read}
    if not known or _is_of_nobody(together):
        read = {key: _of_nobody(each) for key, each in read.items()}
    mine = _ids(patient_id, together.values())
    return {**sent, **{key: _with_what_was_sent(sent[key], each, mine) for key, each in read.items()}}


def with_page(found: Answer, following: Answer) -> Answer:
    """Two pages as one answer: whole when nothing follows the second and no more was promised. A page that brings nothing new changes nothing."""
    known = {each.identity for each in found.resources}
    new = tuple(each for each in following.resources if each.identity not in known)
    if following.resources and not new:
        return found
    weight, broken = found.weight + following.weight, found.broken + following.broken
    both = replace(found, resources=(*found.resources, *new), broken=broken, next_page=following.next_page, weight=weight)
    failed = following.state in {State.ERROR, State.WRONG_VERSION} or following.reason not in {"", MORE_PAGES}
    if failed:
        return replace(both, reason=reasons(found.reason, following.reason))
    if both.next_page or both.entries < found.total:
        return both
    return replace(both, state=State.DATA if both.resources else State.EMPTY, reason="")


def without_more(came: Answer, reason: str) -> Answer:
    """A read that failed leaves what had been sent, and says why there is no more."""
    if came.state is State.TRUNCATED:
        return replace(came, reason=reasons(came.reason, reason))
    return Answer(came.key, State.ERROR, came.resources, reasons(came.reason, reason), came.broken, weight=came.weight)


def reasons(*each: str) -> str:
    """Several reasons as one, in the order they came, each once."""
    return "; ".join(dict.fromkeys(part for one in each for part in one.split("; ") if part))


def _ids(patient_id: str, answers: Iterable[Answer]) -> frozenset[str]:
    """The patient's ids: the one in context, and those that his record says are his too."""
    patients = [each for answer in answers for each in answer.resources if each.type == "Patient" and each.id == patient_id]
    linked = [reference(mapping(each.get("other"))) for patient in patients for each in items(patient.body.get("link"))]
    return frozenset({patient_id, *(each.rpartition("/")[2] for each in linked if each)})


def _with_what_was_sent(came: Answer, found: Answer, mine: frozenset[str]) -> Answer:
    """What was read, and every record that had been sent: reading more never takes one away.

    Some servers ignore the patient in a search: of what we read, records of others are passed over. What such a server left out
    is known only where it says how many there are.
    """
    sent = frozenset(came.resources)
    kept = [each for each in found.resources if each in sent or not _is_anothers(each, mine)]
    known = {each.identity for each in kept}
    others = len(found.resources) - len(kept)
    resources = (*kept, *(each for each in came.resources if each.identity not in known))
    if others and found.state is State.DATA and found.total != found.entries:
        found = replace(found, state=State.TRUNCATED, reason="the server did not search for this patient alone")
    return replace(found, resources=resources, passed_over=others, weight=came.weight + found.weight)


def _is_anothers(resource: Resource, mine: frozenset[str]) -> bool:
    """Another patient under his own id is a matter for the evaluation."""
    owner, _, id = resource.subject.rpartition("/")
    return resource.type != "Patient" and owner.rpartition("/")[2] == "Patient" and id not in mine


def _is_of_nobody(answers: Answers) -> bool:
    """Neither a Patient nor a single record: nothing shows that the server knows this patient at all."""
    return not any(each.resources for each in answers.values())


def _of_nobody(found: Answer) -> Answer:
    """An empty answer about a patient whom the server does not know says nothing."""
    return replace(found, state=State.ERROR, reason="the server knows no such patient") if found.state is State.EMPTY else found
