"""Dated evidence becomes findings. One line a finding; the words NEW, PERSISTENT and WORSENING get their meaning here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from types import MappingProxyType

from cards.guidance import continence, labs, symptoms, weakness, workup
from cards.guidance.case import Case
from cards.guidance.continence import Age, Change, Feature
from cards.guidance.findings import Concept, Evidence, Finding, Flag, Found, Kind, Presence, Status

Derivation = Callable[[Case], Found]

BLADDER_CONCEPTS = (
    Concept.URINARY_INCONTINENCE,
    Concept.URINARY_INCONTINENCE_OWN_MECHANISM,
    Concept.URINARY_RETENTION,
    Concept.URINARY_RETENTION_OWN_MECHANISM,
    Concept.POST_VOID_RESIDUAL,
    Concept.VOIDING_DIFFICULTY,
    Concept.URINARY_HESITANCY,
    Concept.NEUROGENIC_BLADDER,
)
BOWEL_CONCEPTS = (Concept.BOWEL_INCONTINENCE, Concept.BOWEL_INCONTINENCE_OWN_MECHANISM, Concept.NEUROGENIC_BOWEL, Concept.REDUCED_ANAL_TONE)
SADDLE_CONCEPTS = (Concept.SADDLE_NUMBNESS,)
CONTINENCE_CONCEPTS = (*BLADDER_CONCEPTS, *BOWEL_CONCEPTS, *SADDLE_CONCEPTS)

STRONG = {
    Finding.NEW_URINARY_INCONTINENCE: (continence.BLADDER_CONTROL,),
    Finding.NEW_RETENTION: (continence.RETENTION,),
    Finding.NEW_VOIDING_CHANGE: (continence.VOIDING, continence.HESITANCY, continence.NEUROGENIC_BLADDER),
    Finding.NEW_BOWEL_LOSS: (continence.BOWEL_CONTROL, continence.NEUROGENIC_BOWEL, continence.ANAL_TONE),
    Finding.NEW_SADDLE_NUMBNESS: (continence.SADDLE,),
}
ALL_STRONG = tuple(feature for features in STRONG.values() for feature in features)
NAMED = (continence.BLADDER_OWN, continence.RETENTION_OWN, continence.BOWEL_OWN)
NEUROGENIC = (continence.NEUROGENIC_BLADDER, continence.NEUROGENIC_BOWEL)


# --- bladder, bowel, saddle
def _changes(case: Case, age: Age, *features: Feature) -> list[Change]:
    return [found for feature in features if (found := continence.change(case, feature)).age is age]


def _new_change(features: tuple[Feature, ...], case: Case) -> Found:
    firm = [feature for feature in features if not _accounted_for(case, feature)]
    return _changed(case, features, _changes(case, Age.NEW, *firm))


def _accounted_for(case: Case, feature: Feature) -> bool:
    """Hesitancy beside a prostate condition, or a neurogenic bladder or bowel after its cause: a question, not an alarm."""
    if feature is continence.HESITANCY:
        return bool(workup.prostate_cause(case))
    return feature in NEUROGENIC and workup.cause_before(case, continence.change(case, feature).day)


def _changed(case: Case, features: tuple[Feature, ...], changes: list[Change]) -> Found:
    evidence = tuple(fact for found in changes for fact in found.evidence)
    if not evidence:
        return _not_present(case, tuple(concept for feature in features for concept in feature.lost))
    days = [found.day for found in changes]
    return Found(Status.PRESENT, evidence, label(evidence[0]), None if None in days else max(day for day in days if day))


def _aged_change(age: Age, features: tuple[Feature, ...], case: Case) -> Found:
    return _changed(case, features, _changes(case, age, *features))


def _subacute(case: Case) -> Found:
    return _aged_change(Age.SUBACUTE, tuple(feature for feature in ALL_STRONG if not _accounted_for(case, feature)), case)


def _subacute_alongside(case: Case) -> Found:
    """Subacute changes beside an active leg problem or an observed leg symptom close enough in time."""
    near = [found for found in _changes(case, Age.SUBACUTE, *ALL_STRONG) if _alongside(case, found)]
    return _changed(case, ALL_STRONG, near)


def _alongside(case: Case, found: Change) -> bool:
    leg = (*symptoms.leg_symptoms(case, red_flag=True), *_root_diagnosis(case))
    days = [case.asserted_day(each) for each in found.evidence]
    return any(each.record.kind is Kind.CONDITION or _near(case, case.asserted_day(each), days) for each in leg)


def _near(case: Case, day: date, days: list[date]) -> bool:
    return any(abs((day - other).days) <= case.numbers["alongside_days"] for other in days)


def _named_mechanism(case: Case) -> Found:
    neurogenic = [feature for feature in NEUROGENIC if _accounted_for(case, feature)]
    return _changed(case, NAMED, [*_changes(case, Age.NEW, *NAMED), *_changes(case, Age.NEW, *neurogenic)])


def _hesitancy_with_prostate_cause(case: Case) -> Found:
    found = _changed(case, (continence.HESITANCY,), _changes(case, Age.NEW, continence.HESITANCY))
    cause = workup.prostate_cause(case)
    return Found(found.status, (*found.evidence, *cause), found.label, found.day) if found.present and cause else _not_present(case, continence.HESITANCY.lost)


def _new_sexual_dysfunction(case: Case) -> Found:
    dated = [found for found in _changes(case, Age.NEW, continence.SEXUAL) if found.day]
    return _changed(case, (continence.SEXUAL,), dated)


# --- legs
def _bilateral(case: Case) -> Found:
    facts = (*symptoms.radicular(case, red_flag=True), *case.current(Concept.LEG_PAIN, *symptoms.SENSORY, red_flag=True))
    both, day = symptoms.on_both_sides(case, (each for each in facts if not symptoms.explained(case, each)))
    fresh = bool(both) and (day is None or case.within(day, "new_leg_days") or bool(symptoms.worsening(case, both)))
    return Found(Status.PRESENT, both, f"{label(both[0])} of both legs", day) if fresh else _not_present(case, (Concept.RADICULAR_PAIN, *symptoms.SENSORY))


def _new_leg_neurology(case: Case) -> Found:
    facts = (*symptoms.radicular(case, red_flag=True), *case.current(*symptoms.SENSORY, red_flag=True))
    new = (*symptoms.began_within(case, facts, "new_leg_days"), *weakness.new_weakness(case, "new_leg_days"))
    return _from(case, new, Concept.RADICULAR_PAIN)


def _unassessed_neurology(case: Case) -> Found:
    """New leg neurology with no continence record since; drawn only from complete sources, for absence is no finding in half a chart."""
    if not case.chart.supplied.complete:
        return Found(Status.NOT_ASSESSABLE)
    facts = (*symptoms.radicular(case, red_flag=False), *case.current(*symptoms.SENSORY, red_flag=False), *weakness.weak(case, red_flag=False))
    new = [each for each in symptoms.began_within(case, facts, "unassessed_days") if not symptoms.explained(case, each)]
    open_ones = tuple(each for each in new if not continence.assessed_since(case, CONTINENCE_CONCEPTS, case.positive_day(each)))
    return _from(case, open_ones, Concept.RADICULAR_PAIN)


def _persistent_spasm(case: Case) -> Found:
    concepts = dict.fromkeys(each.concept for each in symptoms.leg_spasm(case))
    lasting = tuple(fact for concept in concepts for fact in symptoms.persistent(case, concept))
    first = case.first_day(lasting)
    return _from(case, lasting, Concept.LEG_SPASM, say=f"over {(case.as_of - first).days} days" if first else "as lasting, start not recorded")


def _sensory(facts: Callable[[Case], tuple[Evidence, ...]], say: str, case: Case) -> Found:
    return _from(case, tuple(each for each in facts(case) if not symptoms.explained(case, each)), *symptoms.SENSORY, say=say)


def _result(pick: Callable[[Case], tuple[Evidence, ...]], case: Case) -> Found:
    """A laboratory result or diagnosis, with its age in the words of the summary."""
    evidence = pick(case)
    day = case.positive_day(evidence[0]) if evidence else None
    return _from(case, evidence, say="{label}, " + days_ago(case, day))


def _persistent_sensory(case: Case) -> tuple[Evidence, ...]:
    return tuple(fact for concept in symptoms.SENSORY for fact in symptoms.persistent(case, concept))


# --- work-up
def _workup_covers(case: Case) -> Found:
    """Imaging on or after the last of the changes that raise the alarm; an undated change is covered by nothing."""
    changes = [found for features in STRONG.values() if (found := _new_change(features, case)).present]
    days = [found.day for found in changes]
    if not changes and _subacute(case).present:
        days = [case.positive_day(each) for each in _new_leg_neurology(case).evidence]
    covering = () if None in days else workup.imaging_since(case, max((day for day in days if day), default=None))
    return _from(case, covering, Concept.LUMBAR_MRI)


def _from(case: Case, evidence: tuple[Evidence, ...], *concepts: Concept, say: str = "") -> Found:
    """Present when there is evidence; otherwise the state the chart gives these concepts. `say` replaces the label in summaries."""
    if not evidence:
        return _not_present(case, concepts)
    words = say.format(label=label(evidence[0])) if say else label(evidence[0])
    return Found(Status.PRESENT, tuple(dict.fromkeys(evidence)), words, case.first_day(evidence))


def _not_present(case: Case, concepts: tuple[Concept, ...]) -> Found:
    """Recorded absent, could not be assessed, or not recorded: told apart by what the records say."""
    denied = case.negatives(*concepts)
    if denied:
        return Found(Status.ABSENT, denied)
    unread = tuple(each for each in case.facts(*concepts) if each.presence is Presence.NOT_ASSESSED)
    return Found(Status.NOT_ASSESSABLE, unread) if unread else Found(Status.NOT_RECORDED)


def label(evidence: Evidence) -> str:
    """The few words a summary uses for one fact: ours, never the chart's; only numbers come from the chart."""
    if evidence.reading and evidence.concept in labs.UNITS:
        return f"{evidence.concept.value} {evidence.reading.value:g} {evidence.reading.unit}"
    if evidence.reading and evidence.concept is Concept.POST_VOID_RESIDUAL:
        return f"post-void residual {evidence.reading.value:g} mL"
    return evidence.concept.value


def days_ago(case: Case, day: date | None) -> str:
    if day is None:
        return "date not recorded"
    age = (case.as_of - day).days
    return "today" if age == 0 else "1 day ago" if age == 1 else f"{age} days ago"


def _when(pick: Callable[[Case], tuple[Evidence, ...]], *concepts: Concept, say: str = "") -> Derivation:
    return lambda case: _from(case, pick(case), *concepts, say=say)


def _leg_symptom(case: Case) -> tuple[Evidence, ...]:
    return symptoms.leg_symptoms(case, red_flag=True)


def _root_diagnosis(case: Case) -> tuple[Evidence, ...]:
    return case.current(*symptoms.ROOT, Concept.UNSITED_RADICULOPATHY, Concept.CAUDA_EQUINA_SYNDROME, red_flag=True)


def _back_pain_only(case: Case) -> tuple[Evidence, ...]:
    if _leg_symptom(case) or _root_diagnosis(case):
        return ()
    return case.current(Concept.BACK_PAIN, Concept.LUMBAR_DISC, Concept.LEG_PAIN, red_flag=True)


def _saddle_alone(case: Case) -> Found:
    if _leg_symptom(case) or _root_diagnosis(case) or _back_pain_only(case):
        return Found(Status.NOT_RECORDED)
    return _new_change((continence.SADDLE,), case)


def _overuse_or_posture(case: Case) -> tuple[Evidence, ...]:
    facts = [each for each in case.positives(Concept.OVERUSE, Concept.STATIC_POSTURE) if not each.has(Flag.SUSPECTED)]
    return tuple(each for each in facts if case.within(case.positive_day(each), "contributor_days"))


def _root_link(case: Case) -> tuple[Evidence, ...]:
    return (*symptoms.root_diagnosis(case), *case.current(Concept.RADICULAR_PAIN, red_flag=False))


DERIVATIONS: Mapping[Finding, Derivation] = MappingProxyType(
    {
        **{finding: partial(_new_change, features) for finding, features in STRONG.items()},
        Finding.SUBACUTE_CHANGE: _subacute,
        Finding.SUBACUTE_CHANGE_ALONGSIDE: _subacute_alongside,
        Finding.OWN_MECHANISM_CHANGE: _named_mechanism,
        Finding.SURVEY_WITHOUT_BASELINE: partial(_aged_change, Age.SURVEY, ALL_STRONG),
        Finding.HESITANCY_WITH_PROSTATE_CAUSE: _hesitancy_with_prostate_cause,
        Finding.CHANGE_LATER_DENIED: partial(_aged_change, Age.DENIED, ALL_STRONG),
        Finding.SUSPECTED_CHANGE: partial(_aged_change, Age.SUSPECTED, ALL_STRONG),
        Finding.BUTTOCK_NUMBNESS: partial(_aged_change, Age.NEW, (continence.BUTTOCK,)),
        Finding.NEW_SEXUAL_DYSFUNCTION: _new_sexual_dysfunction,
        Finding.BILATERAL_LEG_SYMPTOM: _bilateral,
        Finding.LEG_SYMPTOM: _when(_leg_symptom, *symptoms.LEG_SYMPTOMS),
        Finding.LUMBAR_ROOT_DIAGNOSIS: _when(_root_diagnosis, *symptoms.ROOT),
        Finding.BACK_PAIN_ONLY: _when(_back_pain_only, Concept.BACK_PAIN),
        Finding.SADDLE_NUMBNESS_ALONE: _saddle_alone,
        Finding.NEW_LEG_NEUROLOGY: _new_leg_neurology,
        Finding.RADICULAR_SYMPTOM: _when(partial(symptoms.radicular, red_flag=True), Concept.RADICULAR_PAIN),
        Finding.BOTH_LEGS_WEAK_URGENT: _when(weakness.both_legs_weak_urgent, *symptoms.WEAK),
        Finding.LEG_WEAKNESS_SEVERE: _when(weakness.severe_weakness, *symptoms.WEAK),
        Finding.LEG_SPASM: _when(symptoms.leg_spasm, Concept.LEG_SPASM),
        Finding.LEG_WEAKNESS: _when(weakness.unexplained_weakness, *symptoms.WEAK),
        Finding.PERSISTENT_SENSORY: partial(_sensory, _persistent_sensory, "persistent {label}"),
        Finding.RECENT_SENSORY: partial(_sensory, lambda case: case.current(*symptoms.SENSORY, red_flag=False), "{label}"),
        Finding.SEVERE_SPASM: _when(lambda case: symptoms.severe(case, symptoms.leg_spasm(case)), Concept.LEG_SPASM, say="severe"),
        Finding.WORSENING_SPASM: _when(symptoms.spasm_worsening, Concept.LEG_SPASM, say="worsening"),
        Finding.PERSISTENT_SPASM: _persistent_spasm,
        Finding.SLEEP_DISTURBED: _when(symptoms.sleep_disturbed, Concept.SLEEP_DISTURBANCE, say="sleep"),
        Finding.ACTIVITY_LIMITED: _when(symptoms.activity_limited, Concept.ACTIVITY_LIMITATION, say="daily activity"),
        Finding.ELECTROLYTE_ABNORMAL: partial(_result, labs.abnormal_electrolytes),
        Finding.ELECTROLYTE_SEVERE: partial(_result, labs.severe_electrolytes),
        Finding.DEHYDRATION: partial(_result, labs.dehydration),
        Finding.OVERUSE_OR_POSTURE: _when(_overuse_or_posture, Concept.OVERUSE),
        Finding.ROOT_LINK: _when(_root_link, *symptoms.ROOT),
        Finding.NEUROLOGY_WITHOUT_CONTINENCE_RECORD: _unassessed_neurology,
        Finding.WORKUP_COVERS_CHANGE: _workup_covers,
        Finding.CAUDA_EQUINA_SUSPECTED: _when(workup.suspected_syndrome, Concept.CAUDA_EQUINA_SYNDROME),
    }
)


class Findings:
    """The findings of one case, each worked out when first asked for. One that fails is kept as not assessable and named in `failed`."""

    def __init__(self, case: Case, derivations: Mapping[Finding, Derivation] = DERIVATIONS) -> None:
        self.case = case
        self.failed: dict[Finding, str] = {}
        self._derivations = derivations
        self._known: dict[Finding, Found] = {}

    def __call__(self, finding: Finding) -> Found:
        if finding not in self._known:
            self._known[finding] = replace(self._derive(finding), finding=finding)
        return self._known[finding]

    def looked_at(self) -> Mapping[Finding, Found]:
        return MappingProxyType(self._known)

    def _derive(self, finding: Finding) -> Found:
        try:
            return self._derivations[finding](self.case)
        except Exception as failure:  # noqa: BLE001 - becomes a visible line on the card and an audit fact
            self.failed[finding] = type(failure).__name__
            return Found(Status.NOT_ASSESSABLE)
