"""What a short answer says of the thing asked: yes, maybe, no, or that nobody looked; and of which of its parts."""

from __future__ import annotations

import re
from enum import StrEnum

from cards.guidance.findings import Presence
from fhir_mappings import text_cues as cues
from fhir_mappings.sites import MAX_LENGTH, is_only_places, regions_in
from fhir_mappings.text import normal

CLAUSE_ENDS = re.compile(rf"[,.;!\n]|\s[-–—]\s|\b(?:but|however|although|though|whereas|now|until|then|(?:{cues.EXCEPT})(?!\W*$))\b")
SPARED = re.compile(r"\b(?:no|not|none|nil|without|normal|intact|preserved|spar(?:es|ed|ing)|except|excluding|unaffected|denies|denied)\b")
SAME_AGAIN = re.compile(
    r"^(?:no (?:significant |real )?(?:change|improvement|relief|better|worse|different)|not (?:yet )?(?:resolved|improved|better|improving|worse|gone|settled)|never (?:went|goes|gone)(?: away)?|without relief)\b"
)
BEFORE_NOW = re.compile(r"\b(?:before|previously|prior|initially|at first|last (?:week|month|year|visit)|used to)\b")
SITE_ANSWER = re.compile(
    r"(?:(?:since|for|after|from|every|x ?(?!0\b)\d+|most|several|some|many|few|once|twice|daily|nightly|weekly|often|frequent\w*|occasional\w*|intermittent\w*|sometimes|constant\w*|patchy|partial\w*|bilat\w*|b/l|both|left|right|[lr]t? sided?|(?:only|just|mainly|mostly) (?:on )?(?:the )?(?:left|right)|new|newly|started|began|onset)\b(?!.*\b(?:no|none|nil|fine|ok|normal|absent|numb|weak|tingl|pain|cramp))|"
    r"(?:about |approx\w* |up to )?(?:[<>~]?(?!0\b|5/5)\d+(?:[-–]\d+)? ?(?:/|(?:x|times?|d|days?|nights?|weeks?)\b)|(?:(?!0\b)\d+|an?|one|two|three|four|five|six|a few|few|several|couple of) (?:times|(?:\w+ )?(?:episodes?|accidents?|occasions?|leaks?))\b)).*"
)
HOW_MUCH = re.compile(
    r"rarely|seldom|(?:almost |nearly )?always|all (?:of )?the time|(?:(?:less|more) (?:often )?than|more often|about (?:once|half))\b.*|a little(?: bit)?|a bit|somewhat|quite a (?:bit|lot)|a lot|very much|a (?:small|moderate|large) amount"
)
"""What questionnaires offer to be ticked beside 'never' or 'not at all'."""
YES = re.compile(
    r"^(?:y|yes|yeah|yep|yup|affirmative|definitely|detected|changed(?! (?:to|the|his|her|my|pads?|nappy)\b)|i think so|at times|complete(?=\W*$)|deteriorat\w+|present|known present|positive|pos|true|confirmed|(?:reported|reports|complains|endorse[sd]|admit(?:s|ted)|noted|has|does have)(?! (?:an? )?(?:catheter|foley|suprapubic|stoma)\b)(?! (?:no|not|none|nil|never|normal)\b)|improv\w+|checked|selected|chronic|ongoing|unchanged|same|(?:(?:getting|becoming|become|got|gradually|slowly|much|a bit|a little|slightly) )*(?:worse|worsening)|severe|extreme(?:ly)?|wear\w* (?:\w+ )?pads?|moderate|mild|slight|marked|impaired|abnormal|incontinent|leaking|wet|dribbl\w+)\b|^(?:overflow|reflex|total|lost|loss(?: of (?:\w+ )?control)?)$|^x$|^\(?\+"
)
MAYBE = re.compile(r"(?:query|possibl[ey]|probabl[ey]|suspected|maybe|perhaps|likely)(?: (?:yes|present|so))?")
TELLER = re.compile(
    r"^(?:the )?(?:pt|patient|s?he) (?=\w)|\(?(?:\b(?:per|by) (?:the )?(?:pt|patient|report)\b|\b(?:pt|patient)[ -](?:self[ -])?report\w*(?=\)?$))\)?|"
    r"\b(?:reports?|reported|states?|stated|says?|said)(?: that)? (?=(?:yes|no|none|nil|never|normal|negative|denies)\b)"
)
"""Who tells an answer, which changes nothing of it."""
_LOSS = r"(?:absent|changed|(?<!un)affected|lost|loss|reduced|impaired|altered|decreased|abnormal|poor|diminished|numb\w*|lax|weak\w*|incontinen\w+|accidents?|leak\w*|soil\w*|wet\w*|dribbl\w*|flaccid|paraly\w+|trace|worse|worsening|deteriorat\w+|partial(?:ly)?|incomplete(?:ly)?|drift|unequal|flicker|against gravity|with (?:\w+ )?difficulty)"
NOT_LOST = re.compile(
    rf"\b(?:no|not|nil|never|without|denie[sd]|free of)(?: (?:any|been|new|recent|further|signs? of|episodes? of|urinary|bladder|bowel|f(?:a)?ecal|affected))* "
    rf"(?:{_LOSS}|{cues.TROUBLE}|affected|tingling|(?:abnormalit|impairment|concern|par(?:a|ae|e)sthesia)\w*)(?: of (?:\w+ )?(?:control|sensation|feeling|function))?\b"
)
"""What of a function is denied to be lost: 'never incontinent', 'no accidents'."""
FUNCTION_LOST = re.compile(
    rf"\b(?:(?:not|no longer) continent|{_LOSS}|(?:not|no longer|isn't) (?:\w+ )?(?:normal|intact|preserved|full|good|present|wnl|wdl|within)|exceptions? to (?:wnl|wdl)|none|unable|dulled?|less|different|patchy|asymmetric\w*)\b|\bexcept\W*$|^(?:(?:some|new|recent|ongoing) )?(?:issues?|problems?|concerns?|trouble|difficulties)\W*$|^(?:0|nil|fair|not (?:really|always|fully|completely|quite)|hardly|barely)\b(?!/)|^no(?:ne)?(?:\W*$| (?:\W|\d|x|sensation|feeling|control|function|strength|power|movement|tone|urge|contraction|response|wink|squeeze|light|pin|since|for|today|currently|now|noted|present|at all|unable|not|longer))"
)
FUNCTION_KEPT = re.compile(
    r"\b(?:continent|normal|intact|yes|present|preserved|full|complete|good|strong|purposeful|spontaneous|wnl|wdl|within (?:normal|defined) limits|unimpaired|nad|ok|okay|fine|no change)\b|^y$"
)
ASKS_CHANGE = re.compile(r"\bchang(?:e|es|ed)\b")
UNCHANGED = re.compile(r"\b(?:no (?:\w+ )?changes?|unchanged|not changed|(?:the )?same(?: as (?:before|usual|baseline))?|(?:at |per )?baseline|stable)\b")
"""To a question about a change these mean no."""


_RESOLVED = re.compile(r"(?:(?:now|since|has|have|fully|completely|all) )*(?:resolved|gone|settled|in the past|historical(?:ly)?)(?: now)?")
_ORGAN = r"(?:urine|urinary|bladder|stools?|f(?:a)?eces|f(?:a)?ecal|bowels?)"
_YES_OF_A_KIND = re.compile(r"(?i)^\s*y(?:es)?\s*[-–,:(]\s*(?=(?:stress|urge|mixed|functional)\b)")
_NO_THEN = re.compile(r"(?i)^\s*(?:no|nil|none)\s*(?:[-–—]\s|\()")
_NO_SINCE = re.compile(r"^(?:no|none|nil)\s*[-–—,]\s*(?=since\b)")
_BESIDE_ORGANS = rf"(?:{_ORGAN}|yes|no|not|only|just|both|and|or|but|y|n|the|my)"
_OF_ORGANS = re.compile(rf"{_BESIDE_ORGANS}(?:[ ,;/+:-]+{_BESIDE_ORGANS})*\W*")
_EACH_ORGAN = re.compile(rf"\b{_ORGAN}\b")
_ASKS_LOSS = re.compile(r"incontinen|accident|leak|\b(?:loss|lost|losing|no) (?:of )?(?:\w+ )?(?:control|function)|\blos(?:t|ing|e) control")
_ASKS_CONTROL = re.compile(r"control|contine")
_ASKS_TROUBLE = re.compile(rf"\b{cues.TROUBLE}\b")


_FULL_POWER = re.compile(
    r"\b(?:(?:power |strength )?5/5|full (?:power|strength))(?: (?:power|strength|throughout|bilaterally|bilat|both (?:legs|sides)|all(?: groups)?))*"
)
_SAVE = re.compile(rf"\b(?:{cues.EXCEPT})\b")
_OF_SIDE = re.compile(r"^(?:left|right|both|l|r|lt|rt|lle|rle)(?: (?:leg|side|foot))?\s?[:=]?\s(?=(?:no|yes|none|nil|n|y|normal|\d/5)\b)")
_TONE = re.compile(r"\btone\b|\breflex")
_SPARED_PLACE = re.compile(r"(?:\w+ ){1,2}(?:spared|unaffected)")


_FORM = r"(?:assessments?|checklists?|questionnaires?|scales?|scores?|index|inventory|screen(?:ing)?s?|tool|form|diary|log|pathway|protocol|survey|panel|evaluation|exam(?:ination)?)"
_DONE = re.compile(
    r"(?i)\W*(?:(?:was|is|been|form|see) )*(?:done|completed?|performed|initiated|started|in place|in progress|given|reviewed|notes?|scanned|attached|due|overdue)\W*"
)
_DETAIL = r"(?:onset|duration|location|date|time|severity|frequency|type|side|site)"
_ADDRESSED = re.compile(rf"(?i)\byour?\b|\brisk\b|\b{_FORM}\b|\b(?:date|time|onset|duration|location|severity) of\b|\b{_DETAIL}\W*$")
_TITLE = re.compile(
    rf"(?i)^(?!.*\b(?:positive|found|reported|noted|on|at|by|per|in)\b.*\b{_FORM}\b).*\b{_FORM}(?=\s*$|\s*\(|\s+(?:for|of|form|tool|scores?|total|completed?|done|performed)\b)"
)
_SINCE = r"(?: (?:since|than|after|with|at|in|of|now|compared)\b.*)?"
_COURSES: tuple[tuple[re.Pattern[str], dict[Presence, Presence]], ...] = (
    (
        re.compile(rf"\b(?:resolved|gone(?: away)?|settled|stopped|cleared(?: up)?|recovered|ceased){_SINCE}\?"),
        {Presence.PRESENT: Presence.ABSENT, Presence.ABSENT: Presence.PRESENT},
    ),
    (re.compile(rf"\b(?:better|improv(?:ed|ing|ement)){_SINCE}\?"), {Presence.PRESENT: Presence.PRESENT, Presence.ABSENT: Presence.PRESENT}),
    (re.compile(rf"\bworse{_SINCE}\?"), {Presence.PRESENT: Presence.PRESENT}),
)
"""Questions about the course of a symptom that is there, and what yes (present) and no (absent) say of it."""
_OF_FUNCTION = re.compile(r"\b(?:control|continence|function|sensation|feeling|tone|strength|power)\b")


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"
    NOT_ASSESSED = "not assessed"


def answer(text: str, question: str = "", *, asks_function: bool = False) -> Answer | None:
    """What a short answer means for the symptom asked about; None when it cannot be read, or names organs one by one.

    For a function 'yes' and 'normal' both mean no symptom; 'N' is 'no' only behind a question mark, else it may be 'normal'.
    """
    if len(text) > MAX_LENGTH or _organ_by_organ(question, text):
        return None
    lower = TELLER.sub("", normal(text)).strip(" :")
    if cues.UNASKED.search(lower):
        return Answer.NOT_ASSESSED
    if asks_function and (spared := _SAVE.search(lower)) and regions_in(lower[spared.end() :]):
        return Answer.YES
    clauses = CLAUSE_ENDS.split(_to_the_question(lower, question.casefold(), asks_function=asks_function))
    if any(_RESOLVED.fullmatch(each.strip(" ()")) for each in clauses[1:]):
        return None
    said = [stripped for each in clauses if (stripped := _OF_SIDE.sub("", each.strip(" ()"))) and not _is_beside(stripped, question.casefold())]
    if said and cues.NO.fullmatch(said[0]):
        said = [said[0], *(each for each in said[1:] if not _is_elsewhere(each, question.casefold()))]
    return _verdict([(_function_clause if asks_function else _symptom_clause)(each) for each in said])


def _to_the_question(lower: str, question: str, *, asks_function: bool) -> str:
    """An answer with what only its question tells: what 'no change', '5/5' and 'n' say of the thing asked."""
    if _asks_change(question):
        lower = UNCHANGED.sub("no", lower)
    if "weak" in question and not asks_function:
        lower = _FULL_POWER.sub("no", lower)
    if lower.strip(".") == "n" and question.endswith("?"):
        return "no"
    return _NO_SINCE.sub("no ", lower.replace(" (", ", "))


def _is_elsewhere(clause: str, question: str) -> bool:
    """Behind a no, another symptom at another place: 'Saddle numbness: no, has numb legs'."""
    asked = {region for _, _, region in regions_in(question)}
    named = {region for _, _, region in regions_in(clause)}
    return bool(asked and named) and asked.isdisjoint(named)


def _is_beside(clause: str, question: str) -> bool:
    """Of another organ, of an earlier time, or of the tone where another thing is asked."""
    organs = _organs_in(clause)
    if organs and (asked := _organs_in(question)) and organs.isdisjoint(asked):
        return True
    return BEFORE_NOW.search(clause) is not None or (_TONE.search(clause) is not None and _TONE.search(question) is None)


def is_question(asked: str) -> bool:
    """Is a label put to somebody, the name of a form, or of a detail? Without an answer it says nothing."""
    return asked.rstrip().endswith("?") or (len(asked) <= MAX_LENGTH and _ADDRESSED.search(asked) is not None)


def subject_of(title: str, answer: str) -> str:
    """What a form or an examination is about: 'Cauda equina' of 'Cauda equina screen'; nothing where the label is no title, or the answer that it was done."""
    return re.split(rf"(?i)\b{_FORM}\b", title)[0].strip() if is_title(title) and not _DONE.fullmatch(answer) else ""


def is_title(asked: str) -> bool:
    """Does a label name a form or an examination? Then yes says that it was done, and a number is its score."""
    return len(asked) <= MAX_LENGTH and _TITLE.search(asked) is not None


def of_its_course(question: str) -> dict[Presence, Presence] | None:
    """What yes and no mean where it is asked whether a symptom is over, better or worse: 'Has the numbness resolved?' No. None for any other question."""
    if not question.rstrip().endswith("?") or len(question) > MAX_LENGTH:
        return None
    asked = normal(question)
    return None if _OF_FUNCTION.search(asked) else next((said for asks, said in _COURSES if asks.search(asked)), None)


def _organs_in(said: str) -> frozenset[str]:
    return frozenset("bladder" if each[0] in {"urine", "urinary", "bladder"} else "bowel" for each in _EACH_ORGAN.finditer(said))


def is_ticked(text: str) -> bool:
    """Is the answer one that a questionnaire offers, and nothing besides?"""
    return len(text) <= MAX_LENGTH and HOW_MUCH.fullmatch(normal(text).strip(" .")) is not None


def in_full(question: str, answer: str) -> str:
    """An answer in words that stand for themselves: 'stool incontinence', 'bladder problems yes'; what stands behind 'No - ' is another statement."""
    return _organ_by_organ(question, answer) or _YES_OF_A_KIND.sub("", _NO_THEN.sub("No; ", answer))


def _organ_by_organ(question: str, answer: str) -> str:
    """An answer that names no more than organs, with what the question asks of them; nothing where it names more."""
    said = normal(answer) if len(answer) <= MAX_LENGTH else ""
    if not (_EACH_ORGAN.search(said) and _OF_ORGANS.fullmatch(said)):
        return ""
    asked = normal(question)
    nouns = ((_ASKS_LOSS, "incontinence"), (_ASKS_TROUBLE, "problems"), (_ASKS_CONTROL, "control"))
    noun = next((each for asks, each in nouns if asks.search(asked)), "")
    return _EACH_ORGAN.sub(lambda organ: f"{organ[0]} {noun}", said) if noun else ""


def affected(answer: str) -> str:
    """Of an answer the clauses that do not spare what they name, 'left leg' of 'left leg, perineum normal'; all of it where none is left."""
    if len(answer) > MAX_LENGTH:
        return answer
    return " ; ".join(each for each in CLAUSE_ENDS.split(normal(answer)) if each and not SPARED.search(each)) or answer


def _verdict(clauses: list[Answer | None]) -> Answer | None:
    """Any yes is a yes; a no stands only when nothing beside it goes unread."""
    for each in (Answer.YES, Answer.MAYBE):
        if each in clauses:
            return each
    return Answer.NO if clauses and all(each is Answer.NO for each in clauses) else None


def _symptom_clause(clause: str) -> Answer | None:
    if SAME_AGAIN.match(clause) or YES.match(clause) or HOW_MUCH.fullmatch(clause) or SITE_ANSWER.fullmatch(clause) or is_only_places(clause):
        return Answer.YES
    if _SPARED_PLACE.fullmatch(clause):
        return Answer.NO
    if MAYBE.fullmatch(clause):
        return Answer.MAYBE
    return Answer.NO if cues.NO.fullmatch(clause) else None


def _function_clause(clause: str) -> Answer | None:
    clause = NOT_LOST.sub("normal", clause)
    if FUNCTION_LOST.search(clause):
        return Answer.YES
    return Answer.NO if FUNCTION_KEPT.search(clause) else None


def _asks_change(question: str) -> bool:
    """'Change in bladder function': whoever answers 'no change' says no."""
    asked = normal(question) if len(question) <= MAX_LENGTH else ""
    return ASKS_CHANGE.search(asked) is not None or (_EACH_ORGAN.search(asked) is not None and _OF_ORGANS.fullmatch(asked) is not None)
