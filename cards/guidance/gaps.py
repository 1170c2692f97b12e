"""What a card must own up to: continence that was not recorded, sources that did not come, and other limits of the chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from cards.guidance import labs, workup
from cards.guidance.case import Case
from cards.guidance.changes import BLADDER_CONCEPTS, BOWEL_CONCEPTS, SADDLE_CONCEPTS
from cards.guidance.continence import assessed_since, known_syndrome_day
from cards.guidance.decide import Advice
from cards.guidance.findings import Concept, Evidence, Flag, Presence, Status
from cards.guidance.symptoms import LEG_SYMPTOMS, began

DOMAINS = (("bladder", BLADDER_CONCEPTS), ("bowel", BOWEL_CONCEPTS), ("saddle sensation", SADDLE_CONCEPTS))
IMAGING = frozenset({"mri-lumbosacral-stat", "mri-lumbosacral-urgent", "mri-whole-spine-stat"})
SCANS = frozenset({"bladder-scan-stat", "bladder-scan-urgent"})
PANEL = "metabolic-panel"


@dataclass(frozen=True, slots=True)
class Domain:
    """One of the three functions to ask for: its state of late, and the records that say so beside those the advice rests on."""

    name: str
    status: Status
    evidence: tuple[Evidence, ...] = ()


def onset(case: Case, advice: Advice) -> date | None:
    """The day the leg symptoms behind this advice began, as far as recorded."""
    legs = [each for each in advice.evidence if each.concept in (*LEG_SYMPTOMS, Concept.LUMBAR_RADICULOPATHY)]
    return min((day for each in legs if (day := began(case, each)) is not None), default=None)


def window(case: Case, advice: Advice) -> date:
    """From when on a record speaks of now: the onset of the leg symptom, but no answer of long ago."""
    oldest = case.as_of - timedelta(days=case.numbers["symptom_days"])
    return max(onset(case, advice) or oldest, oldest)


def continence(case: Case, advice: Advice) -> tuple[Domain, ...]:
    """Bladder, bowel and saddle sensation in that window, and as the advice itself found them."""
    since = window(case, advice)
    return tuple(_domain(case, advice, name, concepts, since) for name, concepts in DOMAINS)


def _domain(case: Case, advice: Advice, name: str, concepts: tuple[Concept, ...], since: date) -> Domain:
    found = any(each.concept in concepts for each in advice.evidence)
    said = tuple(each for each in assessed_since(case, concepts, since) if each not in advice.evidence)
    if found or any(each.presence is Presence.PRESENT for each in said):
        return Domain(name, Status.PRESENT, said)
    if said:
        return Domain(name, Status.ABSENT, said)
    unread = tuple(each for each in case.facts(*concepts) if each.presence is Presence.NOT_ASSESSED)
    return Domain(name, Status.NOT_ASSESSABLE, unread) if unread else Domain(name, Status.NOT_RECORDED)


def older_continence(case: Case, advice: Advice) -> tuple[Evidence, ...]:
    """Lost bladder, bowel or saddle function recorded before the leg symptom began and not among the advice's facts: context, never a trigger by itself."""
    since = onset(case, advice)
    if since is None:
        return ()
    lost = [each for each in case.positives(*(concept for _, domain in DOMAINS for concept in domain)) if each.concept is not Concept.POST_VOID_RESIDUAL]
    older = [each for each in lost if (day := case.positive_day(each)) is not None and day < min(since, window(case, advice))]
    return tuple(each for each in older if each not in advice.evidence)[-2:]


def has_symptom_or_continence_finding(case: Case) -> bool:
    """Does the chart hold a leg symptom or a continence finding at all? Decides between saying 'not evaluated' and asking for data."""
    concepts = (*LEG_SYMPTOMS, Concept.LUMBAR_RADICULOPATHY, *(concept for _, domain in DOMAINS for concept in domain))
    return any(case.current(*concepts, red_flag=True))


def offered(case: Case, advice: Advice) -> tuple[str, ...]:
    """The rule's suggestions without those already ordered, or done since the last of the facts that raised it."""
    held: set[str] = set()
    change = _last_change(case, advice)
    if workup.standing_order(case, Concept.LUMBAR_MRI, change) or workup.imaging_since(case, change):
        held |= IMAGING
    if workup.standing_order(case, Concept.BLADDER_SCAN, change) or _measured_today(case, advice):
        held |= SCANS
    if not _panel_is_due(case, advice):
        held.add(PANEL)
    return tuple(each for each in advice.rule.suggests if each not in held)


def _measured_today(case: Case, advice: Advice) -> bool:
    return any(each.concept is Concept.POST_VOID_RESIDUAL and case.positive_day(each) == case.as_of for each in advice.evidence)


def _last_change(case: Case, advice: Advice) -> date | None:
    """The day of the newest fact behind the advice; None when any of them has no day, for then nothing is known to come after it."""
    days = [case.positive_day(each) for each in advice.evidence]
    return None if None in days else max((day for day in days if day), default=None)


def _panel_is_due(case: Case, advice: Advice) -> bool:
    """For a metabolic card a repeat when the result is a week old or in doubt; for others when there is no recent result."""
    results = [each for each in case.facts(*labs.SALTS) if labs.canonical(each) is not None]
    if advice.rule.id.startswith("R07"):
        recent = [each for each in results if case.within(case.positive_day(each), "severe_lab_days")]
        return not recent or any(each.has(Flag.HAEMOLYSED) for each in recent)
    return not any(case.within(case.positive_day(each), "lab_days") for each in results)


def remarks(case: Case, advice: Advice) -> tuple[str, ...]:
    """Lines that depend on the person or the chart, in our own words."""
    red_flag = advice.rule.red_flag
    said = list(_of_pregnancy(advice)) if workup.is_pregnant(case) else []
    if red_flag and not case.is_adult():
        said.append("The patient is a child: these rules were written for adults; consider the paediatric pathway.")
    if _needs_catheter(case, advice):
        said.append("Consider catheterisation: the post-void residual is high.")
    if red_flag and set(advice.rule.suggests) & IMAGING:
        said += _of_orders(case, _last_change(case, advice))
    if IMAGING & set(advice.rule.suggests) and (older := workup.earlier_imaging(case, _last_change(case, advice))):
        said.append(f"The lumbar MRI of {case.negative_day(older[0])} is older than what is reported here and does not answer it.")
    if red_flag and (known := known_syndrome_day(case)):
        said.append(f"Cauda equina syndrome has been on record since {known}: consider whether this is a change since then.")
    if advice.rule.id.startswith("R07") and (ratio := labs.urea_ratio(case)):
        said.append(f"Urea nitrogen to creatinine ratio {ratio:.0f}: weak sign of dehydration.")
    return tuple(said)


def _of_orders(case: Case, change: date | None) -> Iterator[str]:
    if standing := workup.standing_order(case, Concept.LUMBAR_MRI, change):
        yield f"A lumbar MRI is already ordered ({_told(case, standing[-1])}), so no second one is offered; consider whether its urgency fits."
    elif older := workup.older_order(case, Concept.LUMBAR_MRI, change):
        yield f"An older lumbar MRI order ({_told(case, older[-1])}) is not known to answer what is reported here."


def _told(case: Case, order: Evidence) -> str:
    """An order by its state and day."""
    day = case.positive_day(order)
    return f"{order.record.status}, {f'of {day}' if day else 'not dated'}"


def _of_pregnancy(advice: Advice) -> Iterator[str]:
    if advice.rule.red_flag:
        yield "Pregnancy is recorded: it explains none of this away. MRI without gadolinium is the imaging of choice; consider contacting obstetrics."
    elif advice.rule.id[:3] in {"R04", "R05", "R06"}:
        yield "Pregnancy is recorded: leg cramps are common in pregnancy, and other causes still count."


def context(case: Case) -> tuple[str, ...]:
    """Background told on general cards: cauda equina syndrome that is known without a recorded change, or that is suspected and imaged."""
    if suspected := workup.imaged_suspicion(case):
        since = f" since {first}" if (first := case.first_day(suspected)) else ""
        return (f"Cauda equina syndrome is recorded as suspected{since}; a lumbar MRI was done or ordered on or after that day. Consider its result.",)
    day = known_syndrome_day(case)
    return (f"Cauda equina syndrome has been on record since {day.isoformat()}; no change since then was found in the data supplied.",) if day else ()


def _needs_catheter(case: Case, advice: Advice) -> bool:
    limit = case.numbers["catheter_ml"]
    return any(each.concept is Concept.POST_VOID_RESIDUAL and each.reading and each.reading.value >= limit for each in advice.evidence)


def calcium_lines(case: Case, advice: Advice) -> tuple[str, ...]:
    """Total calcium as corrected for albumin, or that it could not be."""
    corrected = [labs.corrected_calcium(case, each) for each in advice.evidence if each.concept is Concept.CALCIUM]
    return tuple(
        "Not corrected for albumin: none drawn close by was found." if value is None else f"Corrected for albumin the calcium is {value:.1f} mg/dL."
        for value in corrected
    )
