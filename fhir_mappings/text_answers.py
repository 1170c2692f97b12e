"""What a short answer says of the thing asked: yes, maybe, no, or that nobody looked; and of which of its parts."""

from __future__ import annotations

import re
from enum import StrEnum

from fhir_mappings import text_cues as cues
from fhir_mappings.sites import MAX_LENGTH, is_only_places
from fhir_mappings.text import normal

CLAUSE_ENDS = re.compile(rf"[,.;!\n]|\s[-–—]\s|\b(?:but|however|although|though|whereas|now|until|then|(?:{cues.EXCEPT})(?!\W*$))\b")
SPARED = re.compile(r"\b(?:no|not|none|nil|without|normal|intact|preserved|spar(?:es|ed|ing)|except|excluding|unaffected|denies|denied)\b")
SAME_AGAIN = re.compile(
    r"^(?:no (?:significant |real )?(?:change|improvement|relief|better|worse|different)|not (?:yet )?(?:resolved|improved|better|improving|worse|gone|settled)|never (?:went|goes|gone)(?: away)?|without relief)\b"
)
BEFORE_NOW = re.compile(r"\b(?:before|previously|prior|initially|at first|last (?:week|month|year|visit)|used to)\b")
SITE_ANSWER = re.compile(
    r"(?:(?:since|for|after|from|every|x ?(?!0\b)\d+|most|several|some|many|few|once|twice|daily|nightly|weekly|often|frequent\w*|occasional\w*|intermittent\w*|sometimes|constant\w*|patchy|partial\w*|bilat\w*|b/l|both|left|right|[lr]t? sided?|(?:only|just|mainly|mostly) (?:on )?(?:the )?(?:left|right)|new|newly|started|began|onset)\b(?!.*\b(?:numb|weak|tingl|pain|cramp))|"
    r"(?:about |approx\w* |up to )?(?:[<>~]?(?!0\b)\d+(?:[-–]\d+)? ?(?:/|(?:x|times?|d|days?|nights?|weeks?)\b)|(?:(?!0\b)\d+|an?|one|two|three|four|five|six|a few|few|several|couple of) (?:times|(?:\w+ )?(?:episodes?|accidents?|occasions?|leaks?))\b)).*"
)
HOW_MUCH = re.compile(
    r"rarely|seldom|(?:almost |nearly )?always|all (?:of )?the time|(?:(?:less|more) (?:often )?than|more often|about (?:once|half))\b.*|a little(?: bit)?|a bit|somewhat|quite a (?:bit|lot)|a lot|very much|a (?:small|moderate|large) amount"
)
"""What questionnaires offer to be ticked beside 'never' or 'not at all'."""
YES = re.compile(
    r"^(?:y|yes|yeah|yep|yup|affirmative|definitely|detected|i think so|at times|complete(?=\W*$)|deteriorat\w+|present|known present|positive|pos|true|confirmed|(?:reported|reports|complains|endorse[sd]|admit(?:s|ted)|noted|has|does have)(?! (?:no|not|none|nil|never|normal)\b)|improv\w+|checked|selected|chronic|ongoing|unchanged|same|(?:(?:getting|becoming|become|got|gradually|slowly|much|a bit|a little|slightly) )*(?:worse|worsening)|severe|extreme(?:ly)?|wear\w* (?:\w+ )?pads?|moderate|mild|slight|marked|impaired|abnormal|incontinent|leaking|wet|dribbl\w+)\b|^(?:overflow|reflex|total|lost|loss(?: of (?:\w+ )?control)?)$|^x$|^\(?\+"
)
MAYBE = re.compile(r"(?:query|possibl[ey]|probabl[ey]|suspected|maybe|perhaps|likely)(?: (?:yes|present|so))?")
TELLER = re.compile(
    r"^(?:the )?(?:pt|patient|s?he) (?=\w)|\(?(?:\b(?:per|by) (?:the )?(?:pt|patient|report)\b|\b(?:pt|patient)[ -](?:self[ -])?report\w*(?=\)?$))\)?|"
    r"\b(?:reports?|reported|states?|stated|says?|said)(?: that)? (?=(?:yes|no|none|nil|never|normal|negative|denies)\b)"
)
"""Who tells an answer, which changes nothing of it."""
_NOTHING = r"(?:symptoms?|issues?|complaints?|evidence|signs?|problems?|concerns?|numbness|tingling|weakness|cramps?|cramping|spasms?|pain|incontinence|leakage|leaking|accidents?|episodes?|retention|difficult\w+|deficits?|loss|control|abnormalit\w+|involvement)"
_SO_FAR = r"(?:today|currently|at present|now|at this time|reported|noted|present|seen|found|on (?:exam|examination|direct questioning)|bilaterally|on both sides|in (?:either|both|the) \w+|of note|at all|so far|this visit|by patient|per patient|any|current|new|such)"
NO = re.compile(
    rf"(?:n|no|no/no|nope|nah|neither|not any ?more|not detected|no longer|0/10|none|absent|negative|neg|false|nil|never|not at all|(?:(?:pt|patient|s?he) )?(?:denies|denied)|not present|not noted|not reported|nad|wnl|wdl|within (?:normal|defined) limits|normal|intact|free|(?:fully )?continent|dry|not numb|not weak|not (?:that i|to my)\b.*|not (?:at this time|currently|at present|now)|no longer present|-ve|no\.?)(?:(?: |/)(?:{_SO_FAR}|{_NOTHING}|or|and|of|denie[sd]))*|\(?- ?(?:ve)?\)?"
)
_LOSS = r"(?:absent|lost|loss|reduced|impaired|altered|decreased|abnormal|poor|diminished|numb\w*|lax|weak\w*|incontinen\w+|accidents?|leak\w*|soil\w*|wet\w*|dribbl\w*|flaccid|paraly\w+|trace|worse|worsening|deteriorat\w+|partial(?:ly)?|incomplete(?:ly)?|drift|unequal|flicker|against gravity|with (?:\w+ )?difficulty)"
NOT_LOST = re.compile(
    rf"\b(?:no|not|nil|never|without|denie[sd]|free of)(?: (?:any|been|new|recent|further|signs? of|episodes? of|urinary|bladder|bowel|f(?:a)?ecal|affected))* "
    rf"(?:{_LOSS}|{cues.TROUBLE}|affected|tingling|(?:abnormalit|impairment|concern|par(?:a|ae|e)sthesia)\w*)(?: of (?:\w+ )?(?:control|sensation|feeling|function))?\b"
)
"""What of a function is denied to be lost: 'never incontinent', 'no accidents'."""
FUNCTION_LOST = re.compile(
    rf"\b(?:(?:not|no longer) continent|{_LOSS}|(?:not|no longer|isn't) (?:\w+ )?(?:normal|intact|preserved|full|good|present|wnl|wdl|within)|exceptions? to (?:wnl|wdl)|none|dulled?|less|different|patchy|asymmetric\w*)\b|\bexcept\W*$|^(?:0|nil|fair|not (?:really|always|fully|completely|quite)|hardly|barely)\b(?!/)|^no(?:ne)?(?:\W*$| (?:\W|\d|x|sensation|feeling|control|function|strength|power|movement|tone|urge|contraction|response|wink|squeeze|light|pin|since|for|today|currently|now|noted|present|at all|unable|not|longer))"
)
FUNCTION_KEPT = re.compile(
    r"\b(?:continent|normal|intact|yes|present|preserved|full|complete|good|strong|wnl|wdl|within (?:normal|defined) limits|unimpaired|nad|ok|okay|fine|no change)\b|^y$"
)
ASKS_CHANGE = re.compile(r"\bchang(?:e|es|ed)\b")
UNCHANGED = re.compile(r"\b(?:no (?:\w+ )?changes?|unchanged|not changed|(?:the )?same(?: as (?:before|usual|baseline))?|(?:at |per )?baseline|stable)\b")
"""To a question about a change these mean no."""


_RESOLVED = re.compile(r"(?:(?:now|since|has|have|fully|completely|all) )*(?:resolved|gone|settled|in the past|historical(?:ly)?)(?: now)?")
_ORGAN = r"(?:urine|urinary|bladder|stools?|f(?:a)?eces|f(?:a)?ecal|bowels?)"
_OF_ORGANS = re.compile(
    rf"(?:{_ORGAN}|yes|no|not|only|just|both|and|or|but|y|n|the|my)(?:[ ,;/+:-]+(?:{_ORGAN}|yes|no|not|only|just|and|or|but|y|n|the|my))*\W*"
)
_EACH_ORGAN = re.compile(rf"\b{_ORGAN}\b")
_ASKS_LOSS = re.compile(r"incontinen|accident|leak|\b(?:loss|lost|losing|no) (?:of )?(?:\w+ )?(?:control|function)|\blos(?:t|ing|e) control")
_ASKS_CONTROL = re.compile(r"control|contine")
_ASKS_TROUBLE = re.compile(rf"\b{cues.TROUBLE}\b")


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"
    NOT_ASSESSED = "not assessed"


def answer(text: str, question: str = "", *, asks_function: bool = False) -> Answer | None:
    """What a short answer means for the symptom asked about; None when it cannot be read, or names organs one by one.

    For a function 'yes' and 'normal' both mean no symptom; 'N' is 'no' only behind a question mark, else it may be 'normal'.
    """
    if len(text) > MAX_LENGTH or in_full(question, text) != text:
        return None
    lower = TELLER.sub("", normal(text)).strip(" :")
    if cues.UNASKED.search(lower):
        return Answer.NOT_ASSESSED
    if _asks_change(question):
        lower = UNCHANGED.sub("no", lower)
    if lower.strip(".") == "n" and question.endswith("?"):
        lower = "no"
    if any(_RESOLVED.fullmatch(part.strip()) for part in CLAUSE_ENDS.split(lower)[1:]):
        return None
    said = [each for part in CLAUSE_ENDS.split(lower) if (each := part.strip()) and not BEFORE_NOW.search(each)]
    if asks_function:
        return _verdict([_function_clause(each) for each in said])
    return _verdict([_symptom_clause(each) for each in said])


def is_ticked(text: str) -> bool:
    """Is the answer one that a questionnaire offers, and nothing besides?"""
    return len(text) <= MAX_LENGTH and HOW_MUCH.fullmatch(normal(text).strip(" .")) is not None


def in_full(question: str, answer: str) -> str:
    """An answer that names no more than organs, as words that say what is the matter with them: 'stool incontinence', 'bladder problems yes'."""
    said = normal(answer) if len(answer) <= MAX_LENGTH else ""
    if not (_EACH_ORGAN.search(said) and _OF_ORGANS.fullmatch(said)):
        return answer
    asked = normal(question)
    nouns = ((_ASKS_LOSS, "incontinence"), (_ASKS_TROUBLE, "problems"), (_ASKS_CONTROL, "control"))
    noun = next((each for asks, each in nouns if asks.search(asked)), "")
    return _EACH_ORGAN.sub(lambda organ: f"{organ[0]} {noun}", said) if noun else answer


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
    if MAYBE.fullmatch(clause):
        return Answer.MAYBE
    return Answer.NO if NO.fullmatch(clause) else None


def _function_clause(clause: str) -> Answer | None:
    clause = NOT_LOST.sub("normal", clause)
    if FUNCTION_LOST.search(clause):
        return Answer.YES
    return Answer.NO if FUNCTION_KEPT.search(clause) else None


def _asks_change(question: str) -> bool:
    """'Change in bladder function': whoever answers 'no change' says no."""
    return len(question) <= MAX_LENGTH and ASKS_CHANGE.search(normal(question)) is not None
