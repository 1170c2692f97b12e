"""Dated evidence becomes findings. One line a finding; the words NEW, PERSISTENT and WORSENING get their meaning here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache, lru_cache, partial
from types import MappingProxyType

from cards.guidance import changes, continence, labs, symptoms, weakness, workup
from cards.guidance.case import Case
from cards.guidance.chart import Supplied
from cards.guidance.continence import Age
from cards.guidance.findings import Concept, Evidence, Finding, Flag, Found, Presence, Status
from cards.guidance.found import as_found, days_ago, label, not_present
from cards.guidance.silence import Silence, silence

Derivation = Callable[[Case], Found]


# --- legs
def _bilateral(case: Case) -> Found:
    facts = (*symptoms.radicular(case, red_flag=True), *case.current(Concept.LEG_PAIN, *symptoms.SENSORY, red_flag=True))
    both, days = symptoms.on_both_sides(case, (each for each in facts if not symptoms.explained(case, each)))
    fresh = any(day is None or case.within(day, "new_leg_days") for day in days) or bool(symptoms.worsening(case, both))
    if not both or not fresh:
        return not_present(case, (Concept.RADICULAR_PAIN, *symptoms.SENSORY))
    return Found(Status.PRESENT, both, f"{label(both[0])} of both legs")


def _new_leg_neurology(case: Case) -> Found:
    """By each record's own day: beside a bladder, bowel or saddle change no older record of the leg may lower the alarm."""
    facts = (*symptoms.radicular(case, red_flag=True), *case.current(*symptoms.SENSORY, red_flag=True))
    new = [each for each in (*facts, *weakness.weak(case, red_flag=True)) if case.within(case.positive_day(each), "new_leg_days")]
    return as_found(case, tuple(new), Concept.RADICULAR_PAIN)


def _unassessed_neurology(case: Case) -> Found:
    """New leg neurology with no continence record since; drawn only from complete sources, for absence is no finding in half a chart."""
    if not case.chart.supplied.complete:
        return Found(Status.NOT_ASSESSABLE)
    facts = (*symptoms.radicular(case, red_flag=False), *case.current(*symptoms.SENSORY, red_flag=False), *weakness.weak(case, red_flag=False))
    new = [each for each in symptoms.began_within(case, facts, "unassessed_days") if not symptoms.explained(case, each)]
    assessed = continence.last_assessed(case, changes.CONTINENCE_CONCEPTS)
    open_ones = tuple(each for each in new if assessed is None or assessed < (symptoms.began(case, each) or case.as_of))
    unread = any(each.presence is Presence.NOT_ASSESSED for each in case.facts(*changes.CONTINENCE_CONCEPTS))
    gap = (
        "the bladder, bowel or saddle record found gives no readable answer" if unread else "no bladder, bowel or saddle assessment found in the data supplied"
    )
    return as_found(case, open_ones, Concept.RADICULAR_PAIN, say=f"New {{label}}: {gap}")


def _severe_weakness(case: Case) -> Found:
    facts = weakness.severe_weakness(case)
    worse = weakness.getting_worse(case, facts)
    graded = [each for each in facts if weakness.is_severe(case, each) or each in worse]
    legs = "both legs" if symptoms.on_both_sides(case, graded or facts)[0] else "one leg"
    return as_found(
        case, facts, *symptoms.WEAK, say=f"Severe or worsening weakness of {legs} recorded" if graded else f"Weakness of {legs} recorded without a date"
    )


def _suspected_syndrome(case: Case) -> Found:
    """Says what is recorded, and truly which imaging was looked for and not found."""
    facts = workup.suspected_syndrome(case)
    doubted = any(each.has(Flag.UNCONFIRMED) or each.has(Flag.SUSPECTED) for each in facts)
    first = "Suspected cauda equina syndrome recorded" if doubted else "Cauda equina syndrome newly recorded"
    older = workup.earlier_imaging(case, case.as_of + timedelta(days=1))
    return as_found(case, facts, Concept.CAUDA_EQUINA_SYNDROME, say=f"{first}; no lumbar MRI {'since then' if older else 'found'}")


def _persistent_spasm(case: Case) -> Found:
    concepts = dict.fromkeys(each.concept for each in symptoms.leg_spasm(case))
    lasting = tuple(fact for concept in concepts for fact in symptoms.persistent(case, concept))
    return as_found(case, lasting, Concept.LEG_SPASM, say=_lasting(case, lasting))


def _lasting(case: Case, facts: tuple[Evidence, ...]) -> str:
    """How long, in the words of a summary: by the dates when they reach far enough, else by what the records say of it."""
    first = case.first_day(facts)
    days = (case.as_of - first).days if first else 0
    stated = max((each.duration_days or 0 for each in facts), default=0)
    if max(days, stated) >= case.numbers["persistent_days"]:
        return f"over {max(days, stated):.0f} days"
    return "as chronic or persistent" if any(each.has(Flag.CHRONIC) for each in facts) else "as lasting, start not recorded"


def _sensory(facts: Callable[[Case], tuple[Evidence, ...]], say: str, case: Case) -> Found:
    return as_found(case, tuple(each for each in facts(case) if not symptoms.explained(case, each)), *symptoms.SENSORY, say=say)


def _result(pick: Callable[[Case], tuple[Evidence, ...]], concepts: tuple[Concept, ...], case: Case) -> Found:
    """A laboratory result or diagnosis, with its age in the words of the summary."""
    evidence = pick(case)
    day = case.positive_day(evidence[0]) if evidence else None
    return as_found(case, evidence, *concepts, say="{label}, " + days_ago(case, day))


def _persistent_sensory(case: Case) -> tuple[Evidence, ...]:
    return tuple(fact for concept in symptoms.SENSORY for fact in symptoms.persistent(case, concept))


# --- work-up
def _workup_covers(case: Case) -> Found:
    """Imaging on or after the last of the changes that raise the alarm; an undated change is covered by nothing."""
    new = [change for features in changes.STRONG.values() if (change := changes.new_change(features, case)).present]
    days = [change.day for change in new]
    if not new and changes.subacute(case).present:
        days = [symptoms.began(case, each) for each in _new_leg_neurology(case).evidence]
    covering = () if None in days else workup.imaging_since(case, max((day for day in days if day), default=None))
    return as_found(case, covering, Concept.LUMBAR_MRI)


def _when(pick: Callable[[Case], tuple[Evidence, ...]], *concepts: Concept, say: str = "") -> Derivation:
    return lambda case: as_found(case, pick(case), *concepts, say=say)


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
    return changes.changed(
        case, (continence.SADDLE,), [*changes.of_age(case, Age.NEW, continence.SADDLE), *changes.of_age(case, Age.SUBACUTE, continence.SADDLE)]
    )


def _overuse_or_posture(case: Case) -> tuple[Evidence, ...]:
    facts = [each for each in case.positives(Concept.OVERUSE, Concept.STATIC_POSTURE) if not each.has(Flag.SUSPECTED)]
    return tuple(each for each in facts if case.within(case.positive_day(each), "contributor_days"))


def _root_link(case: Case) -> tuple[Evidence, ...]:
    return (*symptoms.root_diagnosis(case), *case.current(Concept.RADICULAR_PAIN, red_flag=False))


DERIVATIONS: Mapping[Finding, Derivation] = MappingProxyType(
    {
        **{finding: partial(changes.new_change, features) for finding, features in changes.STRONG.items()},
        Finding.SUBACUTE_CHANGE: changes.subacute,
        Finding.SUBACUTE_CHANGE_ALONGSIDE: partial(changes.subacute_alongside, changes.ALL_STRONG, lambda case: (*_leg_symptom(case), *_root_diagnosis(case))),
        Finding.SUBACUTE_CHANGE_WITH_BACK_PAIN: partial(changes.subacute_alongside, changes.BACK_PAIN_FEATURES, _back_pain_only),
        Finding.OWN_MECHANISM_CHANGE: changes.named_mechanism,
        Finding.SURVEY_WITHOUT_BASELINE: partial(changes.aged, Age.SURVEY, changes.ALL_STRONG),
        Finding.HESITANCY_WITH_PROSTATE_CAUSE: changes.hesitancy_with_prostate_cause,
        Finding.CHANGE_LATER_DENIED: partial(changes.aged, Age.DENIED, changes.ALL_STRONG),
        Finding.SUSPECTED_CHANGE: partial(changes.aged, Age.SUSPECTED, changes.ALL_STRONG),
        Finding.BUTTOCK_NUMBNESS: partial(changes.aged, Age.NEW, (continence.BUTTOCK,)),
        Finding.NEW_SEXUAL_DYSFUNCTION: changes.new_sexual_dysfunction,
        Finding.BILATERAL_LEG_SYMPTOM: _bilateral,
        Finding.LEG_SYMPTOM: _when(_leg_symptom, *symptoms.LEG_SYMPTOMS),
        Finding.LUMBAR_ROOT_DIAGNOSIS: _when(_root_diagnosis, *symptoms.ROOT),
        Finding.BACK_PAIN_ONLY: _when(_back_pain_only, Concept.BACK_PAIN),
        Finding.SADDLE_NUMBNESS_ALONE: _saddle_alone,
        Finding.NEW_LEG_NEUROLOGY: _new_leg_neurology,
        Finding.RADICULAR_SYMPTOM: _when(partial(symptoms.radicular, red_flag=True), Concept.RADICULAR_PAIN),
        Finding.BOTH_LEGS_WEAK_URGENT: _when(weakness.both_legs_weak_urgent, *symptoms.WEAK),
        Finding.LEG_WEAKNESS_SEVERE: _severe_weakness,
        Finding.LEG_SPASM: _when(symptoms.leg_spasm, Concept.LEG_SPASM),
        Finding.LEG_WEAKNESS: _when(weakness.unexplained_weakness, *symptoms.WEAK),
        Finding.PERSISTENT_SENSORY: partial(_sensory, _persistent_sensory, "persistent {label}"),
        Finding.RECENT_SENSORY: partial(_sensory, lambda case: case.current(*symptoms.SENSORY, red_flag=False), "{label}"),
        Finding.SEVERE_SPASM: _when(lambda case: symptoms.severe(case, symptoms.leg_spasm(case)), Concept.LEG_SPASM, say="severe"),
        Finding.WORSENING_SPASM: _when(symptoms.spasm_worsening, Concept.LEG_SPASM, say="worsening"),
        Finding.PERSISTENT_SPASM: _persistent_spasm,
        Finding.SLEEP_DISTURBED: _when(symptoms.sleep_disturbed, Concept.SLEEP_DISTURBANCE, say="sleep"),
        Finding.ACTIVITY_LIMITED: _when(symptoms.activity_limited, Concept.ACTIVITY_LIMITATION, say="daily activity"),
        Finding.ELECTROLYTE_ABNORMAL: partial(_result, labs.abnormal_electrolytes, labs.SALTS),
        Finding.ELECTROLYTE_SEVERE: partial(_result, labs.severe_electrolytes, labs.SALTS),
        Finding.DEHYDRATION: partial(_result, labs.dehydration, (Concept.DEHYDRATION, Concept.OSMOLALITY, Concept.SODIUM)),
        Finding.OVERUSE_OR_POSTURE: _when(_overuse_or_posture, Concept.OVERUSE),
        Finding.ROOT_LINK: _when(_root_link, *symptoms.ROOT),
        Finding.NEUROLOGY_WITHOUT_CONTINENCE_RECORD: _unassessed_neurology,
        Finding.WORKUP_COVERS_CHANGE: _workup_covers,
        Finding.CAUDA_EQUINA_SUSPECTED: _suspected_syndrome,
    }
)


@cache
def silences(supplied: Supplied) -> Mapping[Finding, Silence]:
    """What each finding is in a chart that records nothing of what it looks at."""
    heard = {finding: silence(derivation, supplied) for finding, derivation in DERIVATIONS.items()}
    return MappingProxyType({finding: replace(each, found=each.found.named(finding)) for finding, each in heard.items()})


@lru_cache(maxsize=1_024)
def silent(supplied: Supplied, recorded: frozenset[Concept]) -> Mapping[Finding, Found]:
    """The findings of which a chart with these concepts records nothing. Charts are many, the sets of concepts they record are few."""
    return MappingProxyType({finding: each.found for finding, each in silences(supplied).items() if each.concepts.isdisjoint(recorded)})


class Findings(dict[Finding, Found]):
    """The findings of one case, each worked out when first asked for. One that fails is kept as not assessable and named in `failed`.

    `silent` are those of which the chart records nothing: they are what they are in every chart that records the same concepts (`recorded`).
    """

    def __init__(self, case: Case, derivations: Mapping[Finding, Derivation] = DERIVATIONS) -> None:
        self.case = case
        self.failed: dict[Finding, str] = {}
        self.recorded = frozenset(case.recorded)
        self.silent = silent(case.chart.supplied, self.recorded) if derivations is DERIVATIONS else {}
        self._derivations = derivations
        super().__init__(self.silent)

    def __missing__(self, finding: Finding) -> Found:
        found = self[finding] = self._derive(finding).named(finding)
        return found

    def looked_at(self) -> Mapping[Finding, Found]:
        """Those of which the chart records anything, as far as any rule asked for them."""
        return {finding: found for finding, found in self.items() if finding not in self.silent} if len(self) > len(self.silent) else {}

    def _derive(self, finding: Finding) -> Found:
        try:
            return self._derivations[finding](self.case)
        except Exception as failure:  # noqa: BLE001 - becomes a visible line on the card and an audit fact
            self.failed[finding] = type(failure).__name__
            return Found(Status.NOT_ASSESSABLE)
