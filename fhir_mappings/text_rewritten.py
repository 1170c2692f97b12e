"""Text rewritten before it is judged: signs in words, and what only looks like a symptom, a denial, a history or a relative's illness blotted out."""

from __future__ import annotations

import re
from collections.abc import Callable

from fhir_mappings import text_cues as cues

_ONE_OF_TWO = re.compile(r"\b(urinary|bladder|f(?:a)?ecal|bowel) (?:but not|not|and not) (urinary|bladder|f(?:a)?ecal|bowel) incontinence\b")
_SIGNED = re.compile(r"^(?:\W*\w+:)?\s*\([-+]\)\s?[a-z]|^(?=.*(?:^|[\s,;])\+\s?(?!ve\b)[a-z]).*(?:[\s,;]-(?!ve\b)[a-z]|[,;:]\s*-\s[a-z])")
"""'(+) saddle numbness (-) incontinence', '+ leg pain, - weakness': each sign stands before what it speaks of."""
_MINUS, _PLUS = (
    re.compile(r"\(-\)\s?(?=[a-z])|(?:^|(?<=[\s,;]))-(?=[a-z])|(?<=[\s,;:])-\s(?=[a-z])"),
    re.compile(r"\(\+\)\s?(?=[a-z])|(?:^|(?<=[\s,;]))\+\s?(?=[a-z])"),
)
_ADDED = re.compile(r"(?:(?<=\s)\(\+\)\s?|[,;]\s*\+\s?(?:for )?|(?<=\s)\+(?!ve\b))(?=[a-z])")
_DENIES = re.compile(r"\b(?:no|nil|without|negative|den(?:y|ie[sd]|ying))\b")
"""'Denies trauma +saddle numbness': behind a denial a plus says what there is."""
_VE_FIRST = re.compile(r"^\W*[-+]ve\s+[a-z]")
_MINUS_VE, _PLUS_VE = re.compile(r"(?:^|(?<=[\s,;]))-ve\s+(?=[a-z])"), re.compile(r"(?:^|(?<=[\s,;]))\+ve\s+(?=[a-z])")
_UNSUSPECTED = re.compile(
    r"\bno (?:clinical |real |strong |current |high )?suspicion (?:of|for)\b|\b(?:do(?:es)? not|don't|doesn't) suspect\b|\b(?:no|without) (?:\w+ ){0,2}(?:symptoms?|signs?|features?|findings?) (?:suggestive|suspicious|concerning) (?:of|for)\b"
)
_SPARES = re.compile(
    rf"\b(?:no|nil|without|denies(?: any)?) ((?:\w+ ){{1,3}}?)(?:{cues.EXCEPT})(?: (?:for|in|the|his|her|at|over|around))* (?=(?:(?:left|right|big|l|r|lt|rt) )*(?:saddle|peri\w+|genital\w*|buttocks?|legs?|foot|feet|toes?|thighs?|cal(?:f|ves)|ankles?|[lr]le)\b(?! (?:drop|weak|numb|pain|an(?:a)?esth)))"
)
"""'No numbness other than the saddle area' is one there."""
_AND_LOST = re.compile(
    r"\b((?:no|not|nil|never|without|den(?:y|ies|ied|ying))\b[^.;,]*?) and (?=(?:lost|progressive|worsening|increasing)\b)|"
    r"\b((?:no|nil|never|without)\b[^.;,]*?) and (?=(?:absent|lax|reduced|palpable|distended|poor|marked|known|baseline)\b)"
)
"""What somebody says that he has not may be a reduced thing; what an examiner says was found."""
_AND_PART = re.compile(
    rf"\b((?:no|not|nil|never|without|den(?:y|ies|ied|ying))\b[^.;]*?) and (?=(?:(?:the|his|her|both|left|right|l|r) )*{cues.PART} (?:weak|numb)\b)"
)
"""'No incontinence and legs weak': a place with what is the matter with it is a statement of its own."""
_OF_UNKNOWN_CAUSE = re.compile(
    r"\b(?:cause|a?etiology|reason) (?:of|for) ((?:\w+ ){1,4}?)(?:is |remains )?(?:unknown|unclear|not known)\b|,? ?\b(?:cause|a?etiology) (?:is )?(?:unknown|unclear|not known)\b"
)
_INTACT_BUT = re.compile(
    rf"\b(sensation|feeling|pin ?prick|light touch)\s?:? (?:is )?(?:intact|normal|preserved|full)(?: \w+)? (?:{cues.EXCEPT})(?: (?:for|in|over|at|the))* (?=(?:(?:left|right|l|r) )*(?:saddle|peri\w+|genital\w*|s[2-5]))"
)
"""'Sensation intact except perianal' is reduced there."""
_UNABLE_AND = re.compile(
    r"\b((?:can't|couldn't|didn't|doesn't|don't|hasn't|haven't|isn't|wasn't|not) (?:walk|sleep|slept|stand|sit|eat|eaten|work|drive|bend|lie|climb|cope|manage|walked|opened bowels)(?: \w+)?) and (?!(?:no|not|is|was|can|does|has)\b)"
)
"""'Can't walk and numb saddle': what somebody cannot do denies nothing behind it."""
_NORMAL_BUT = re.compile(rf"\b(?:normal|intact|full) (sensation|power|strength) (?:{cues.EXCEPT})(?: (?:for|in|over|at|the))* (?=\w)")
_POWER_BUT = re.compile(
    rf"\b(power|strength)\s?:? (?:is )?(?:intact|normal|full|5/5)(?: \w+)? (?:{cues.EXCEPT})(?: (?:for|in|at|the))* (?=(?:(?:left|right|l|r|lt|rt) )*(?:legs?|foot|feet|ankles?|toes?|knees?|hip|ehl|ta|[lr]le|quads)\b)"
)
_QUERIED = re.compile(r"(?:^|(?<=[\s(,;:/-]))\?+\s*(?=\w)")
_NO_SYMPTOM = r"(?! (?:incontinence|retention|numbness|an(?:a)?esth\w+|par(?:a|ae|e)sth\w+|tingling|leak\w*|hesitancy)\b)"
_PSEUDO = re.compile(
    rf"\b(?:no (?:significant |real |further )?(?:change|improvement|relief|resolution|better|worse|worsening|reduction|let-?up|difference|deterioration|progression|recovery|return)(?! (?:in|of|to|with) (?:\w+ )?(?:bladder|bowels?|saddle|perianal|urinary|waterworks){_NO_SYMPTOM})(?: in| of| to| from)?|"
    r"no (?:\w+ ){0,2}?(?:cause|explanation|reason|treatment|cure|catheter|medication|mri|scan|imaging|appointment|follow[- ]?up|referral|plan|surgery|operation|pads?|help|input|physio)(?: (?:found|identified|seen|made|given|needed|available|indicated|required))? (?:for|of|to explain)|no (?:\w+ ){0,2}?(?:lesion|compression|abnormality|dis[ck]|pathology) (?:causing|to explain|to account for|accounting for|explaining)|no insight into|not forthcoming|no one|initially denie[sd]|no warning before(?= (?:the )?(?:incontinen|accident|leak|wet))|"
    r"no (?:complete|total|full)(?= loss)|not (?:much|a lot of)|(?:not|\w+n't) (?:completely|fully|totally|entirely|quite|as|merely|just|simply)(?= (?:numb|incontinen|paraly|weak|saddle|leg|urinary|bowel|bladder)\w*\b(?! (?:empty|control)))|"
    r"not (?:just|merely|simply)|not only|not without|no longer den(?:ies|y)|(?:not|\w+n't) (?:know|reali[sz]e)(?! (?:if|whether|when|of|about)\b)|no doubt(?: about| of)?|(?:not|cannot|\w+n't) deny|not (?:yet )?(?:resolved|improved|better|improving|settled|settling|gone)|never (?:went|goes|gone|resolved|settled)(?: away)?|"
    r"(?:without|no) (?:relief|improvement|warning(?! (?:\w+ )?(?:before|when|that|of)\b)|(?:trauma|injury)(?! ?(?:,|/|or\b|and\b)))|(?:no|absent) (?!bulbo|anocut|anal)(?:\w+ )?(?:reflex\w*|jerks?|response))\b"
)
"""Words that look like a denial and are none, or are one of something else; taken out before anything is judged."""
NEW_HISTORY = re.compile(
    r"\b(?:(?:(?:\d+(?:[-–]\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|several|few|couple of|many)[ -]?)?(?:hours?|hrs?|days?|weeks?|wks?|months?|years?|yrs?|/24|/7|/52|/12)'?[ -]?|"
    r"(?:short|long|brief|recent|acute|sudden|new|rapid|progressive|current)(?:[- ]onset)? )(?:history|hx|h/o)(?: of)?\b|\bhistory of (?:the )?(?:present|presenting|current)(?: illness| complaint| problem)?\b"
)
"""'Three day history of' and 'history of present illness' introduce what is the matter now."""
_AGE = re.compile(r"\b(?:\d{1,3}|\w+)[ -]?(?:years?|yrs?|months?|weeks?|days?)[ -]old\b|\bold (?=man|woman|lady|gentleman|male|female|patient)")
_WHOSE = r"(?:(?:his|her|the|my|their|pt's|patient's) )?"
_SOURCE = re.compile(
    rf"\b{cues.TELLS} (?:that )?{_WHOSE}{cues.RELATIVE}\b(?!'s)|\b(?:per|by|from|with|according to|via|phoned|rang|informed|told|spoke to) {_WHOSE}{cues.RELATIVE}\b(?!'s)|\b{cues.RELATIVE} of (?:\d|one|two|three|four|five|six)\b|"
    r"\b(?:fhx?|pmhx?|family history|past medical history)[: ]{1,2}(?:nil|none|nad|unremarkable|nothing)\b"
)
"""A relative who tells or comes along, the patient who is somebody's relative, and an empty family or past history."""
_JOINED = re.compile(r"\b(leg|calf|thigh|saddle|perineal|genital|urinary|urine|bladder|bowel|f(?:a)?ecal|stool)-(?=[a-z]{4})")
"""'Bladder-incontinence' is two words; every other hyphen makes another word, as 'non-incontinence' does."""
_BLURRED = re.compile(
    r"saddle (?:embol\w+|thromb\w+|nose)|numb(?:ing|ed)? (?:cream|gel|spray|with)|leg bag|anaesthe(?:tic|tist)|anesthe(?:tic|siolog)\w*|spastic colon|local an(?:a)?esthesia|general an(?:a)?esthesia|spinal an(?:a)?esthesia|"
    r"(?:wound|nappy|diaper|dressing|bandage|linen) soiling|soil(?:ed|ing) (?:of )?(?:the )?(?:wound|nappy|diaper|dressing|bandage|linen)s?|catheter(?: is| was)? leak\w*(?: urine)?|leak\w* (?:\w+ )?catheter|incontinence[- ]associated dermatitis|"
    r"incontinent (?:patients|residents|people|adults)|emotional(?:ly)? incontinen\w+|heat ?stroke|stroke (?:prevention|clinic|unit|risk|volume|pathway)|breast ?stroke"
)


_REWRITTEN: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (_OF_UNKNOWN_CAUSE, lambda match: match[1] or ""),
    (_AND_PART, r"\1; "),
    (_AND_LOST, lambda match: f"{match[1] or match[2]}; "),
    (_UNABLE_AND, r"\1; "),
    (_NORMAL_BUT, r"reduced \1 "),
    (_POWER_BUT, r"reduced \1 "),
    (_INTACT_BUT, r"reduced \1 "),
    (_SPARES, r"\1in "),
    (_UNSUSPECTED, "no evidence of"),
    (_QUERIED, "query "),
    (_ONE_OF_TWO, r"\1 incontinence but not \2 incontinence"),
    (_JOINED, r"\1 "),
    *((blurred, lambda match: "_" * len(match[0])) for blurred in (_BLURRED, _PSEUDO, NEW_HISTORY, _AGE, _SOURCE)),
)
"""What is said otherwise, in this order; the last of them are blotted out."""


def rewritten(lower: str) -> str:
    """Signs and ellipses in words; what only looks like a symptom, a denial, a history or a relative's illness is blotted out."""
    if _SIGNED.match(lower):
        lower = _PLUS.sub("; ", _MINUS.sub("; no ", lower))
    elif _VE_FIRST.match(lower):
        lower = _PLUS_VE.sub("; ", _MINUS_VE.sub("; no ", lower))
    elif _DENIES.search(lower):
        lower = _ADDED.sub("; ", lower)
    for pattern, otherwise in _REWRITTEN:
        lower = pattern.sub(otherwise, lower)
    return lower
