"""The closed vocabulary of the guidance: what a chart can record and what can be found in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Concept(StrEnum):
    """What one record says. The value is the plain label shown on cards."""

    LEG_SPASM = "leg spasm"
    UNSITED_SPASM = "spasm (site not recorded)"
    LEG_NUMBNESS = "leg numbness"
    LEG_TINGLING = "leg tingling"
    LEG_WEAKNESS = "leg weakness"
    FOOT_DROP = "foot drop"
    PARAPLEGIA = "paraplegia"
    MUSCLE_POWER = "leg muscle power"
    RADICULAR_PAIN = "radicular leg pain"
    LEG_PAIN = "leg pain"
    LEG_PAIN_SCORE = "leg pain score"
    CRAMP_FREQUENCY = "cramps a week"
    CRAMP_NIGHTS = "nights a week disturbed by cramps"
    BACK_PAIN = "low back pain"
    LUMBAR_DISC = "lumbar disc disorder"
    LUMBAR_RADICULOPATHY = "lumbar radiculopathy"
    LUMBAR_ROOT_COMPRESSION = "lumbar root compression"
    LUMBAR_STENOSIS = "lumbar spinal stenosis"
    UNSITED_RADICULOPATHY = "nerve root disorder (level not recorded)"
    CAUDA_EQUINA_SYNDROME = "cauda equina syndrome"
    URINARY_INCONTINENCE = "urinary incontinence"
    URINARY_INCONTINENCE_OWN_MECHANISM = "urinary incontinence (named type)"
    URINARY_RETENTION = "urinary retention"
    URINARY_RETENTION_OWN_MECHANISM = "urinary retention (named type)"
    POST_VOID_RESIDUAL = "post-void residual"
    VOIDING_DIFFICULTY = "voiding difficulty"
    URINARY_HESITANCY = "urinary hesitancy"
    NEUROGENIC_BLADDER = "neurogenic bladder"
    BOWEL_INCONTINENCE = "bowel incontinence"
    BOWEL_INCONTINENCE_OWN_MECHANISM = "bowel symptom (named type)"
    NEUROGENIC_BOWEL = "neurogenic bowel"
    REDUCED_BOWEL_SENSATION = "reduced bowel sensation"
    REDUCED_ANAL_TONE = "reduced anal tone"
    SADDLE_NUMBNESS = "saddle numbness"
    BUTTOCK_NUMBNESS = "buttock numbness"
    SEXUAL_DYSFUNCTION = "sexual dysfunction"
    SLEEP_DISTURBANCE = "disturbed sleep"
    ACTIVITY_LIMITATION = "limited daily activity"
    POTASSIUM = "potassium"
    MAGNESIUM = "magnesium"
    CALCIUM = "calcium"
    IONISED_CALCIUM = "ionised calcium"
    ALBUMIN = "albumin"
    SODIUM = "sodium"
    OSMOLALITY = "osmolality"
    UREA = "urea nitrogen"
    CREATININE = "creatinine"
    LOW_POTASSIUM = "hypokalaemia"
    HIGH_POTASSIUM = "hyperkalaemia"
    LOW_MAGNESIUM = "hypomagnesaemia"
    MAGNESIUM_DISORDER = "magnesium disorder"
    LOW_CALCIUM = "hypocalcaemia"
    HIGH_CALCIUM = "hypercalcaemia"
    CALCIUM_DISORDER = "calcium disorder"
    DEHYDRATION = "dehydration"
    OVERUSE = "overuse or fatigue"
    STATIC_POSTURE = "prolonged standing or sitting"
    PREGNANCY = "pregnancy"
    CHRONIC_NEUROLOGICAL_CAUSE = "long-term neurological condition"
    PROSTATE_CAUSE = "prostate condition"
    LUMBAR_MRI = "lumbar MRI"
    BLADDER_SCAN = "bladder scan"


class Presence(StrEnum):
    PRESENT = "present"
    ABSENT = "recorded absent"
    NOT_ASSESSED = "could not be assessed"


class Kind(StrEnum):
    CONDITION = "Condition"
    OBSERVATION = "Observation"
    ORDER = "ServiceRequest"
    PROCEDURE = "Procedure"
    STUDY = "ImagingStudy"


class Course(StrEnum):
    """Where a recorded problem stands. An observation is only ever NOTED."""

    ACTIVE = "active"
    RECURRED = "recurred"
    INACTIVE = "inactive"
    ENDED = "ended"
    NOTED = "noted"


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both sides"
    UNSTATED = ""


class Severity(StrEnum):
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


SEVERITY_RANK = {Severity.MILD: 1, Severity.MODERATE: 2, Severity.SEVERE: 3}


class Flag(StrEnum):
    """Doubts and qualifiers that travel with a fact to the card. The value is how the card says it."""

    FROM_TEXT = "from text"
    SUSPECTED = "suspected, not confirmed"
    NO_VALUE = "recorded without a value"
    PRELIMINARY = "preliminary result"
    SUBJECT_ASSUMED = "patient not stated on the record"
    MALFORMED = "unverified: the record is malformed"
    HAEMOLYSED = "haemolysis noted, unreliable"
    WORSENING = "recorded as worsening"
    CHRONIC = "recorded as chronic or persistent"
    SLEEP_RELATED = "tied to sleep"
    LEG_TIED = "tied to the leg symptom"
    UNCONFIRMED = "not confirmed"
    CONFIRMED = "confirmed"
    COVERING_ORDER = "active, stat, asap or urgent"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class Interval:
    """The first and the last day a recorded time may mean, both inclusive."""

    earliest: date
    latest: date


@dataclass(frozen=True, slots=True)
class Reading:
    """A measured number as recorded: `unit` is the UCUM code, `flag` the laboratory's own verdict, the range in the same unit."""

    value: float
    unit: str = ""
    flag: str = ""  # "low", "high", "abnormal", "normal" or nothing
    low: float | None = None
    high: float | None = None
    comparator: str = ""  # "<" or ">" when the true value lies beyond; as FHIR's Quantity.comparator


@dataclass(frozen=True, slots=True)
class Score:
    """One answer on a serial assessment: `grade` 0 is best; `form` tells apart scorings that must not be compared."""

    scale: str
    grade: int
    form: str = ""

    def comparable(self, other: Score) -> bool:
        return self.scale == other.scale and (self.form == other.form or not self.form or not other.form)


IN_WORDS = "questionnaire, in words"
"""The scale of what somebody ticked: any answer but "never" is one step worse; without an earlier answer it is no complaint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The one resource a fact came from: who it is, when it speaks of, and in what words.

    `onset` is when it began, `until` the last day of a span it speaks of, `ended` when it was over. `label` is what was asked, `words` also what was answered.
    `shown_date` is the time as written.
    """

    reference: str
    kind: Kind
    course: Course = Course.NOTED
    onset: Interval | None = None
    recorded: Interval | None = None
    until: Interval | None = None
    ended: Interval | None = None
    label: str = ""
    words: str = ""
    status: str = ""
    encounter: str = ""
    shown_date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One dated statement of one record about one concept. `coded` are the codes of the record that say so."""

    concept: Concept
    record: Record
    presence: Presence = Presence.PRESENT
    side: Side = Side.UNSTATED
    severity: Severity | None = None
    reading: Reading | None = None
    score: Score | None = None
    duration_days: float | None = None
    flags: frozenset[Flag] = frozenset()
    coded: str = ""

    def __hash__(self) -> int:
        """Cheap: facts are looked up often, and few of one record share concept and words."""
        return hash((self.record.reference, self.concept, self.record.words))

    def has(self, flag: Flag) -> bool:
        return flag in self.flags


class Status(StrEnum):
    """The four states of a finding; they are never merged."""

    PRESENT = "present"
    ABSENT = "recorded absent"
    NOT_RECORDED = "not recorded in the data supplied"
    NOT_ASSESSABLE = "could not be assessed"


class Finding(StrEnum):
    """What the rules combine. The value is how a rule is read aloud."""

    NEW_URINARY_INCONTINENCE = "new urinary incontinence"
    NEW_RETENTION = "new urinary retention or high post-void residual"
    NEW_VOIDING_CHANGE = "new voiding difficulty or lost bladder sensation"
    NEW_BOWEL_LOSS = "new loss of bowel control, bowel sensation or anal tone"
    NEW_SADDLE_NUMBNESS = "new saddle numbness"
    SUBACUTE_CHANGE = "bladder, bowel or saddle change, no longer new and not long-standing"
    SUBACUTE_CHANGE_ALONGSIDE = "bladder, bowel or saddle change, no longer new and not long-standing, alongside a leg symptom"
    SUBACUTE_CHANGE_WITH_BACK_PAIN = "retention, bowel or saddle change, no longer new and not long-standing, alongside back pain"
    OWN_MECHANISM_CHANGE = "new bladder or bowel symptom that names its own mechanism"
    SURVEY_WITHOUT_BASELINE = "incontinence on a survey item without an earlier answer"
    HESITANCY_WITH_PROSTATE_CAUSE = "new hesitancy with a recorded prostate condition"
    CHANGE_LATER_DENIED = "bladder, bowel or saddle change, later recorded absent"
    SUSPECTED_CHANGE = "suspected bladder, bowel or saddle change"
    SADDLE_NUMBNESS_ALONE = "saddle numbness, not long-standing, with no leg or back symptom"
    BUTTOCK_NUMBNESS = "new buttock numbness"
    NEW_SEXUAL_DYSFUNCTION = "new sexual dysfunction"
    BILATERAL_LEG_SYMPTOM = "new or worse pain, numbness or tingling of both legs"
    LEG_SYMPTOM = "current leg symptom"
    LUMBAR_ROOT_DIAGNOSIS = "active lumbar root diagnosis"
    BACK_PAIN_ONLY = "back pain, lumbar disc disorder or unspecified leg pain, and no leg symptom"
    NEW_LEG_NEUROLOGY = "new radicular pain, numbness, tingling or weakness of a leg"
    RADICULAR_SYMPTOM = "current radicular symptom"
    BOTH_LEGS_WEAK_URGENT = "weakness of both legs that is new, worsening or severe"
    LEG_WEAKNESS_SEVERE = "foot drop, severe or worsening weakness of a leg, or undated weakness of both"
    LEG_SPASM = "current leg spasm or cramp"
    LEG_WEAKNESS = "leg weakness without an earlier explanation"
    PERSISTENT_SENSORY = "persistent numbness or tingling of a leg"
    RECENT_SENSORY = "numbness or tingling of a leg"
    SEVERE_SPASM = "severe leg spasm"
    WORSENING_SPASM = "worsening leg spasm"
    PERSISTENT_SPASM = "persistent leg spasm"
    SLEEP_DISTURBED = "sleep often disturbed by leg cramp"
    ACTIVITY_LIMITED = "daily activity limited by leg cramp"
    ELECTROLYTE_ABNORMAL = "abnormal potassium, magnesium or calcium"
    ELECTROLYTE_SEVERE = "severely abnormal potassium, magnesium or calcium"
    DEHYDRATION = "recorded or measured dehydration"
    OVERUSE_OR_POSTURE = "overuse, fatigue, long standing or sitting"
    ROOT_LINK = "active lumbar root diagnosis or sciatica"
    NEUROLOGY_WITHOUT_CONTINENCE_RECORD = "new leg neurology with no bladder, bowel or saddle record since its onset"
    WORKUP_COVERS_CHANGE = "lumbar MRI done, or ordered stat, asap or urgent, on or after the change"
    CAUDA_EQUINA_SUSPECTED = "cauda equina syndrome recorded as suspected or recent, no lumbar MRI found"


@dataclass(frozen=True, slots=True)
class Found:
    """The answer for one finding: its state, the facts behind it, the few words a summary uses, and the day it began where that matters."""

    status: Status
    evidence: tuple[Evidence, ...] = ()
    label: str = ""
    day: date | None = None
    finding: Finding | None = None

    @property
    def present(self) -> bool:
        return self.status is Status.PRESENT

    def named(self, finding: Finding) -> Found:
        return Found(self.status, self.evidence, self.label, self.day, finding)
