"""Serial assessments of continence and pain: what each answer means. MDS, OASIS, H0350 and H0400 from the CMS data specifications, Barthel from its guides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cards.guidance.findings import Concept as C
from cards.guidance.findings import Score


@dataclass(frozen=True, slots=True)
class Scale:
    """One questionnaire item: grade by answer code and by number (0 is best), the answers that cannot be rated, the days it looks back."""

    concept: C
    answers: Mapping[str, int]
    numbers: Mapping[float, tuple[int, str]]
    best: int = 0
    unrated: frozenset[str] = frozenset()
    looks_back_days: int = 0


def _plain(highest: int) -> Mapping[float, tuple[int, str]]:
    return {float(grade): (grade, "") for grade in range(highest + 1)}


# The 0-20 form scores 2, 1, 0 and the 0-100 form 10, 5, 0 from continent to incontinent; 0 is the same in both.
_BARTHEL = {0.0: (2, ""), 1.0: (1, "0-20"), 2.0: (0, "0-20"), 5.0: (1, "0-100"), 10.0: (0, "0-100")}

SCALES: Mapping[str, Scale] = MappingProxyType(
    {
        "mds-urinary-continence": Scale(
            C.URINARY_INCONTINENCE,
            {"LA11042-1": 0, "LA11043-9": 1, "LA11044-7": 2, "LA11045-4": 3},
            _plain(3),
            unrated=frozenset({"LA11046-2"}),
            looks_back_days=7,
        ),
        "mds-bowel-continence": Scale(
            C.BOWEL_INCONTINENCE,
            {"LA11042-1": 0, "LA11048-8": 1, "LA11049-6": 2, "LA11050-4": 3},
            _plain(3),
            unrated=frozenset({"LA11051-2"}),
            looks_back_days=7,
        ),
        "oasis-urinary-continence": Scale(
            C.URINARY_INCONTINENCE, {"LA6278-1": 0, "LA6332-6": 1}, {0.0: (0, ""), 1.0: (1, "")}, unrated=frozenset({"LA6339-1"})
        ),
        "oasis-bowel-continence": Scale(
            C.BOWEL_INCONTINENCE,
            {"LA6440-7": 0, "LA6252-6": 1, "LA6307-8": 1, "LA6201-3": 1, "LA6302-9": 1, "LA6263-3": 1},
            {0.0: (0, ""), **{float(each): (1, "") for each in range(1, 6)}},
            unrated=frozenset({"LA6330-0", "LA4489-6"}),
        ),
        "three-day-bladder-continence": Scale(C.URINARY_INCONTINENCE, {}, _plain(4), looks_back_days=3),
        "three-day-bowel-continence": Scale(C.BOWEL_INCONTINENCE, {}, _plain(3), looks_back_days=3),
        "mds2-bladder-continence": Scale(C.URINARY_INCONTINENCE, {"LA126-5": 0, "LA127-3": 1, "LA128-1": 2, "LA129-9": 3, "LA130-7": 4}, _plain(4), best=1),
        "barthel-bladder": Scale(C.URINARY_INCONTINENCE, {"LA31625-9": 0, "LA31626-7": 1, "LA31628-3": 2}, _BARTHEL),
        "barthel-bowel": Scale(C.BOWEL_INCONTINENCE, {"LA31625-9": 0, "LA31626-7": 1, "LA31627-5": 2}, _BARTHEL),
    }
)


def scored(name: str, code: str, value: float | None) -> Score | None:
    """The score an answer stands for, by its code first and its number second; None when it cannot be rated."""
    scale = SCALES[name]
    if code in scale.answers:
        return Score(name, scale.answers[code], "coded" if scale.numbers is _BARTHEL else "")
    if code in scale.unrated or value is None or value not in scale.numbers:
        return None
    grade, form = scale.numbers[value]
    return Score(name, grade, form)
