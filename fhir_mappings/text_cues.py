"""The cues that deny, doubt, date or hand a symptom to somebody else, that grade it. How far each reaches is written in text_context."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cards.guidance.findings import Severity

_ANSWERED = r"(?!\s*(?:no|n|nil|none|not|denie[sd]|yes|y|absent|present|negative|positive|normal|intact|reduced|lost|impaired|ok|fine|unchanged|left|right|both|bilateral|[-+](?:ve)?)\b)"
SENTENCE_ENDS = re.compile(rf"[.;!\n]|\?(?!\s*$){_ANSWERED}")
_STATES = r"has|have|having|reports?|complains? of|c/o|presents? with|positive for|admits?|describes|notes|endorses|developed|develops|admitted"
EXCEPT = r"except|apart from|aside from|other than|besides|bar|save"
_SUBJECT = r"(?:(?:(?:he|she|they|it|pt|patient|the patient|legs?|(?:the |his |her |both |left |right |l |r )*(?:legs?|foot|feet|bladder|bowels?|saddle(?: area)?|perineum|bottom)|(?:my|the|his|her|their) \w+(?: \w+)?(?= (?:is|are|was|were|feels?)\b))) )?"
_PREDICATE = r"has|is|are|was|were|feels?|unable|can't|cannot|couldn't|hasn't|haven't|isn't|doesn't|no longer|wets|wet|soils|soiled|drags|leaks|found|not (?:emptying|working)|states?|says|gave|gives|won't"
PART = r"(?:legs?|foot|feet|cal(?:f|ves)|thighs?|perineum|saddle(?: area)?|buttocks?|bottom|genitals?|toes|[lr]le|ble)"
BREAKS = re.compile(
    rf"(?P<held>\bused to (?:have|get|be)\b|\b(?:no|not|nil|never|without|denie[sd]|denying|\w+n't)(?: (?:any|longer|that|s?he|they|it|pt|patient|the|has|have|had|having|been|ever|known|found|currently|further|new|recent|yet|actively|appears?|seems?|to|c/o|reports?|reporting|complain\w*|experienc\w*|notic\w*)(?![\w/]))+)"
    rf"|[.;!\n]|\?{_ANSWERED}|\b(?:but|however|{EXCEPT}|although|though|whereas|(?<!as )(?<!not )(?<!n't )yet(?= (?!to )\w)|not only|(?<!not )(?:just|simply|merely)|only|then|later|subsequently|{_STATES}|now)\b"
    rf"|(?:,|\band\b)\s*(?=(?:and )?{_SUBJECT}(?:{_PREDICATE})\b)|,\s*(?=(?:and )?(?:reports|with|not|lost|loses)\b)|\band (?=(?:new|newly|in (?:\w+ )?retention|(?:power|strength) [0-4])\b)"
)
"""Where a statement ends and another begins. What is matched as `held` is no break: 'denies having', 'no c/o', 'used to have'."""
_CLOSED = r"\w(?<!flags)(?<!flag)(?<!following)(?<!flag symptoms)(?<!flag signs)(?<!flag features)(?<!ces sx)(?<!ces symptoms)(?<!equina sx)(?<!equina symptoms)\s*\)?(?::|\s[-–—]{1,2})\s"


@dataclass(frozen=True, slots=True, eq=False)
class Cue:
    """Words before a symptom that say something about it, and what ends their reach."""

    says: re.Pattern[str]
    ends: re.Pattern[str]


def _cue(says: str, *ends: str) -> Cue:
    """A colon or dash behind what a cue speaks of always ends it; behind 'red flags' it opens the list."""
    closed = rf"{_CLOSED}|\b(?:{'|'.join(ends)})\b" if ends else _CLOSED
    return Cue(re.compile(says), re.compile(closed))


def _beside(says: str, ends: str) -> Cue:
    return Cue(re.compile(says), re.compile(ends))


RELATIVE = r"(?:mother|father|brother|sister|parents?|sibling|son|daughter|aunt|uncle|cousin|grand(?:mother|father|parent|dad|pa|ma)\w*|gran(?:ny|dad)?|nan(?:a|ny)?|mum|mom|dad|wife|husband|partner|spouse|(?:boy|girl)friend|friend|neighbou?r|room-?mate|niece|nephew)s?"
TELLS = r"(?:reports?|reported|says?|said|states?|stated|notic\w+|concern\w*|describ\w+|informs?|informed|tells?|told|worried|feels?|thinks?|called|found|witness\w*|brought|present|accompan\w+)"
_DENIES = r"(?:no|not(?! (?!having|complaining|reporting|experiencing|noticing|describing)(?:\w+ing|able|managing)\b[^,.;]*\band\b)|deny|denies|denied|denying|without|negative for|neg for|(?:negatives?|neg|ruled out|excluded|(?<!\w )absent)(?=:)|(?:not |un)aware of any|negative ros(?=:)|ros negative(?=:)|neg(?= (?:leg|foot|bowel|bladder|urinary|saddle)\b)|nothing to suggest|(?:not|doesn't|nothing) suggest\w*|never|none of(?: the following| these)?:|none|(?:negative|absent|nil|clear),? including|absence of|free (?:of|from)|clear of|yet to (?:develop|have)|nil|neither|nor|\w+n't)"
DENY_BEFORE = _cue(
    rf"\b(?:{_DENIES}|(?<=-)ve)(?![\w'])"
    r"(?! longer (?:able|continent|in control)\b)(?! urine output\b)",
    r"due to|because|secondary to|owing to|caused by|despite|after|following(?!:)|when|during|since|while|yes|beyond|(?<!problem )(?<!problems )(?<!issue )(?<!issues )(?<!difficulty )(?<!difficulties )(?<!trouble )(?<!concerns )(?<!consistent )(?<!compatible )(?<!keeping )with",
)
_BRACKETED = r"\w(?<!flags)(?<!flag)(?<!symptoms)(?<!signs)(?<!sx)(?<!concerns)(?<!issues)(?<!features)(?<!changes)(?<!problems)(?<!disturbance)(?<!deficit)(?<!deficits)(?<!neurology)(?<!neuro)(?<!dysfunction)(?<!ces)(?<!syndrome)(?<!equina)(?<!bladder)(?<!bowel)(?<!bowels)(?<!urinary)(?<!pain) \("
DENY_BEFORE = Cue(DENY_BEFORE.says, re.compile(f"{DENY_BEFORE.ends.pattern}|{_BRACKETED}"))
"""A bracket behind a thing denied holds another one, 'no leg weakness (foot drop L)'; behind 'red flags' it says which."""
DENY_BESIDE = _beside(r"\b(?:negative|neg|absent|normal|excluded|ruled out(?: for)?)\b", r"\S")
"""These deny only what they stand right before: 'absent reflexes and saddle numbness'."""
DENY_LIST = re.compile(
    r"\b(?:deny|denies|denied|denying|(?:negative|neg) for|absence of|free of|no (?:evidence|complaints?|signs?|symptoms?) of|no new|neither|(?:no|nil|negatives?|neg|absent)(?=:)|none of(?=:| the following| these)|pertinent negatives? (?:include|are)|no red flags?:?|(?:not |un)aware of any|negative ros|ros negative)\b"
)
SINCE = re.compile(
    r"\bsince (?:mon|tue|wed|thu|fri|sat|sun|yesterday|today|this|early|morning|\d|last (?:night|week|mon|tue|wed|thu|fri|sat|sun))|\b(?:today|yesterday|overnight|last night|this (?:am|morning|afternoon|evening))\b|\bx ?\d|\bfor (?:the (?:last|past)|\d)"
)
OWN_STATEMENT = re.compile(
    r"\s*(?:loss|lost|losing|reduced|decreased|difficulty|acute|sudden|worsening|increasing|progressive|severe|mild|slight|moderate|marked|existing|ongoing|persist\w+|unchanged|known|some|also|still|plus|in|wet|leaks|leaking urine|found|incontinent of|fail\w+|catheteri[sz]ed|aur|wetting|altered|no|nil|absent|numb (?:in|over|around|at)|(?:bladder|bowels?) (?:incontinent|leaking|retaining))\b"
    rf"|\s*(?:(?:the|his|her|both|left|right|l|r|b/l|bilateral) )*{PART} (?:(?:is|are|feels?|very|now) )*(?:weak|weaker|numb|dead|gave|gives?|giving)\b"
)
"""What begins so is no further item of 'no numbness, tingling, weakness'."""
NOT_DENIED = re.compile(
    r"\s*(?:(?:pre-?)?existing|ongoing|known|unchanged|persist\w+|same|old|usual|baseline|long-?standing|chronic)\b|.*(?:\b[0-4][+-]?/5|\b\d{3,4} ?(?:ml|cc)s?|\b(?:confirmed|on scan|requiring|needing|overnight|this (?:am|morning)|unchanged|as before|twice))\b"
)
"""What is measured, dated or was there before is no item of a list of things denied."""
ONE_SIDE = re.compile(r"\b(?:left|right|lt|rt|l|r|daytime|nocturnal)\b")
SOUND = re.compile(r"\b(?:5/5|normal|intact|preserved|full)\b")
"""Said of one item of a list it ends a denial: 'no weakness, strength 5/5, saddle numbness'."""
GENERAL = re.compile(
    r"\b(?:fevers?|chills?|rigors?|(?:night )?sweats?|weight (?:loss|change|gain)|trauma|injur(?:y|ies)|falls?|ivdu|cancer|malignancy|infections?|night pain|headaches?|neck pain|chest pain|sob|shortness of breath|cough|palpitations|nausea|vomiting|n/v|diarrh?oea|constipation|dysuria|ha?ematuria|rash|dizziness|urgency|frequency|loc|tenderness|deformity|rotation|bruising|swelling|redness|focal neurology|gait disturbance|(?:ca|cancer) (?:hx|history)|steroid(?: use|s)|syncope|visual changes?|abdominal pain)$"
)
CLOSES = re.compile(r".*\b(?:no|nil|not|without)\b|\s*(?:or|and|nor)\b")
"""An item that begins so is the last of a list of negatives, or begins another."""
OWN_NO = re.compile(r"\b(?:no|nil|not|without)\b")
AFFIRM_AFTER = re.compile(r"^\W*(?:yes|y|present|positive|\+ve|true)\b|^\s*\(?\+")
WELL_AFTER = re.compile(r"\b(?:continent|normal|intact|ok|okay|fine|independent)\b")
OR, OR_NEXT = re.compile(r"\b(?:or|nor|and/or)\b"), re.compile(r"[\w\s,/-]*\b(?:or|nor|and/or) *$|^\s*(?:,\s*)?(?:or|nor)\b")
DENY_AFTER = re.compile(
    r"^[^\w/]*(?:(?:symptoms?|signs?|sx|features?|red flags?|qs|questions?|screen(?:ing)?|nerve roots?)\W+)?(?:a(?:ns(?:wer)?)?: )?(?:(?:is|was|are|were|has been|have been|currently|previously|already|today|all) )*(?:no to all|none of these|no|none|nil|n|absent|0(?:/10)?(?![.\d])|negative|neg|nad|(?:(?:pt|patient|s?he) )?denie[sd]|false|never|not at all|nope|not suspected|(?:criteria )?not met|r/o'?d|not (?:present|noted|reported|endorsed|seen|evident|found|elicited|demonstrated)|ruled out|excluded|(?:(?:appears|looks) )?(?:normal|unremarkable|intact|free|clear)|no longer(?: present| there| an issue| a problem| evident)?|not compressed|[-–]ve|-(?=\s*[),]|\s*$))"
    r"\s*\)?\s*(?=$|[.,;:)!(]|x ?\d|[-–—]\s|(?:and|but|today|at present|currently|now|on (?:examination|exam|direct|questioning|mri|imaging|scan|ct)|by mri|with|via|using|clinically|radiologically|o/e|bilaterally|on both sides|at this visit|so far|per patient|by patient|since)\b)"
)
WHERE_AFTER = re.compile(
    rf"^\s+(?:left|right|bilaterally|both sides)(?=\s*[:?=])|^\s+(?:(?:both|left|right|l|r|of|in) )*{PART}(?=\s*(?:[:?=(]|[-–—]\s|no\b|none\b|nil\b|absent\b|denied\b))|"
    r"^\s+(?:in|of|at|over|to|on|between|around|down) (?:[\w/-]+\s?){1,4}?(?=[:?,;.(=–-]|\s-|$|\b(?:is|was|are|were|no|none|nil|absent|negative|denied|denies|not|ruled|excluded)\b)"
)
_LATELY = r"(?:yesterday|today|overnight|last night|this (?:am|morning|week|afternoon|evening)|(?:days?|hours?|hrs?) ago)"
NOT_ANY_MORE = re.compile(
    rf"^(?!.*\b{_LATELY}\b).*?(?:,|\bbut|\bthough|\s-)\s*(?:it's |is |has |are )?(?:not|none|nil) (?:now|any ?more|currently|at present)\b"
)
UNTIL = re.compile(
    r"^[^.;]*(?:,|\b(?:then|but|later|now)\b)\s*(?:(?:but|then|later|now|has|is|was) )*(?:present|developed|admit\w*|yes|started)\s*(?:$|[.,;]|at\b|today\b|now\b|on\b|since\b|to it\b)|^[^,.;]*\b(?:until|till|before (?:yesterday|today|this|last)|prior to (?:yesterday|today|this|last))\b|^[^.;]*\b(?:now|today) (?:is|are|has|does|yes|present|incontinent|leaking|numb|weak)\b"
    r"|^\W*new (?:since|today|onset|now|from)\b|^[^.;]*\b(?:now|later|then|subsequently|but) (?:report|admit|describ|complain|disclos|confirm|notic)\w* (?:to |of )?(?:it|this|that|them|these|some)\b"
)
SUSPECT_BEFORE = _cue(
    r"\b(?:(?:not|to be) (?:yet )?(?:ruled out|excluded):?|ruling out|excluding|rule out|rule-out|r/o|cannot exclude|can't exclude|exclude|query|possible|possibly|suspected|suspect|(?<!no )suspicion (?:of|for)|possibility of|doubt(?:ful)?(?! about)|(?<!not )suggestive of|suspicious (?:for|of)|not sure (?:if|whether)|(?:can't|cannot|unable to) say (?:if|whether)|(?:not|\w+n't) know (?:if|whether)|unsure (?:if|whether|re|about)|cannot confirm|can't confirm|may be|might be|probable|probably|likely|(?<!no )(?<!not )concern(?:s|ed)? (?:about|re|for)|concerning for|differential|ddx|evaluate for|to exclude|may have|might have|"
    r"cannot rule out|can't rule out|consider|(?:(?:not|isn't|wasn't) |un)aware of(?! any\b)|unlikely(?: to be)?)\b",
    "with|causing|leading to|and has|given|because of|in view of|in light of|based on",
)
SETTLED = re.compile(r"^\W*(?:(?:is|was|now|since|has been) )*(?:excluded|ruled out)\b")
"""A doubt that was cleared up: '?CES - excluded'."""
SUSPECT_AFTER = re.compile(
    r"^\W*(?:(?:is|was|are|remains?) )?(?:suspected|possible|probable|likely|queried|(?:un|less )likely(?: clinically)?|to be (?:excluded|ruled out)|until proven otherwise|not confirmed|unlikely|less likely|(?:vs|versus)\b.*|not (?:excluded|ruled out)|(?:cannot|can't) be (?:excluded|ruled out))\s*\)?\s*(?=$|[.,;)!])|"
    r"^\s*\(?(?:(?:present|today|now|or not|at all) ?)*\?+\)?\s*(?=$|[.,;)!])"
)
NOW = re.compile(
    r"\b(?:now|new|newly|current|currently|today|yesterday|acute|since|recent|recently|started|for the (?:last|past)|x ?\d+|\d+ ?(?:d|/7|days?|hours?|weeks?))\b"
)
PRESENTLY = re.compile(
    rf"\b(?:now|since|currently|x ?\d|\d+ ?(?:/7|/24)|for (?:the (?:last|past)|\d)|new|{_LATELY})\b|^\s*(?:he|she|pt|patient)\b|\b(?:he|she|pt|patient) (?:has|is)\b"
)
UNASKED_BEFORE = _cue(r"\b(?:not|didn't|wasn't|hasn't)(?: yet| been| yet been)? (?:examin|assess|test|ask|check|screen)\w*(?: for| about| re)?\b")
HISTORY_LIST = _cue(r"\b(?:history:|hx:|pmhx?|(?<!no )past medical history|(?<!no )past history)", "with")
HISTORY_OF = _cue(r"(?<!no )(?<!nil )(?<!denies )(?<!any )(?<!no past )(?<!no previous )(?<!no prior )\b(?:history of|h/o|hx(?: of)?(?!:))(?!\w)", "with")
FORMER_BEFORE = re.compile(
    r"\b(?:childhood|previous(?:ly)?|prior(?! to\b)|former(?:ly)?|old|past(?! (?:\d|few|several|couple|two|three|four|five|six|week|day|month|year|night|hour|48|24)))\s+(?:(?!with\b|surgery\b|operation\b)\w+\s+){0,2}$|"
    r"\bused to (?:have|get|be)\s+(?:\w+\s+){0,2}$|\b(?:s/p|status post)\s+(?:[\w/-]+\s+){0,5}for\s+(?:\w+\s+){0,2}$|\b(?:s/p|status post)\s+$|"
    r"\b(?:resolved|inactive|past|old|closed)(?: (?:problems?|issues?|diagnos[ei]s|conditions?))?:\s*(?:\w+ ){0,3}$"
)
STILL = re.compile(
    r"\bnow (?:yes|present|developed)\b|\bnot (?:yet |fully |completely )?(?:resolved|recovered|settled|gone)\b|\bno resolution\b|\bunresolved\b|\b(?:recurred|returned|come back|came back|flared|now again)\b|^\W*new (?:since|today|onset|now|from)\b"
)
OVER_AFTER = re.compile(
    r"^\W*(?:(?:is|are|was|were|has|have|had|been|now|since|fully|completely|entirely|all|both|spontaneously|that|which|a|few|several|many|some|two|three|four|five|ten|\d+|left|right|(?:of|in|on) (?:(?:the|his|her|both|left|right) )*\w+)\W+){0,4}?"
    r"(?:(?:resolved|recovered|settled|subsided|disappeared|abated|went away|back to normal|cleared|gone|stopped|ceased)(?=\s*(?:$|[].,;:)!-]|(?:with|after|on|in|by|when|and|now|but|today|yesterday|last|this|post|spontaneously|fully|completely|following|within|\d+)\b))|in remission\b|"
    r"in childhood|during childhood|as a child|(?:years?|yrs?) ago|last year|in the past(?! (?:\d|few|several|couple|two|three|four|five|six|week|day|month|year|night|hour)))"
    r"|^[^.,;]{0,25},\s*(?:but )?(?:now|since|has|have)(?: (?:fully|completely|all|since|now))? (?:(?:resolved|settled|gone|cleared|stopped)(?=\s*(?:$|[.,;]))|(?:passing|voiding|able|continent|dry|normal|ok|fine)\b)"
    r"|^\s*\(?(?:in )?(?:19|20)\d\d\)?(?=\s*(?:$|[.,;:)!]|\w))"
)
FAMILY_BEFORE = _cue(
    rf"\b(?:family history|fhx|fh|maternal|paternal)\b|\b(?:caring|cares?|carer) for\b|\b{RELATIVE}(?: (?:and|or|&) (?:\w+ )?{RELATIVE})?"
    rf"(?:'s\b|\s*[:(](?! ?(?:he|she|pt|patient)\b)|\s-|(?: also)? (?:with|has|had|have|having|is|was|were|suffer\w*|gets?|got|who|diagnosed|developed|died of)\b(?! {TELLS}))",
    "he|she|they|pt|patient",
)
FAMILY_BESIDE = _beside(rf"\b{RELATIVE}\b", rf"\b(?:{TELLS}|drove|took|rang|phoned)\b|[^\w\s]|_|(?:\w+\s+){{3}}")
FAMILY_LABEL = re.compile(rf"\b(?:family history|fhx|fh|maternal|paternal|{RELATIVE})\b")
FAMILY_AFTER = re.compile(rf"^\s*(?:\(|in (?:his |her |my |the |their )?|of (?:his |her |my |the )?)?{RELATIVE}\b(?! {TELLS}\b)")
_URGED = r"(?:return|come back|re-?attend|attend|seek|call|ring|phone|contact|present|review|a&e|ed|999|111|911|gp|urgently|immediately|help|advised|told)"
ADVICE_BEFORE = _cue(
    rf"\b(?:return (?:immediately |urgently )?(?:if|for|with)|return to (?:the )?(?:ed|er|a&e|hospital|clinic) (?:if|for)|when to (?:call|return|seek)\b(?: help)?:?|handout:?|understanding of|understands?\b|aware to report|(?:discussed|explained|reviewed) (?:the )?signs|(?:return|er|ed) (?:precautions?|instructions?)(?: (?:discussed|given|reviewed|explained|provided))*:?|(?:go|come|attend|present|return)(?: back)? to (?:the )?(?:a&e|ed|er|hospital|emergency\w*)(?: department)? (?:with|if|for) any\b|warning (?:signs?|symptoms?)(?: to \w+(?: for)?)?:|seek (?:\w+ ){{0,3}}(?:for|with|if)\b|goals?:|come back if|should (?:\w+ ){{0,5}}(?=develop|occur)|in case of|in the event of|advised (?:about|of|on|re|regarding|to (?:return|seek|watch|report|look|(?:re-?)?attend|call)|that)|warned|watch(?:ing)? (?:out )?for|look out for|"
    rf"educat\w+|counsell?ed|safety[- ]net\w*(?: (?:re|about|for))?:?|leaflet|(?<!on )(?<!gp )(?<!surg )(?<!surgical )(?<!spinal )(?<!spines )(?<!ortho )(?<!paedic )(?<!team )advice(?= (?:re|about|on|regarding|if|for|given|to)\b|:)|instruct\w+|(?<!un)aware of(?:(?= (?:ces|cauda equina)(?: syndrome)? (?:red flags?|symptoms|signs))| (?:\w+ )?red flags?)|consent\w*[^.;]{{0,60}}\brisks? (?:of|incl\w*|:)|red flags? (?:discussed|explained|given|advised|reviewed|reiterated)|"
    rf"(?:discussed|explained) (?:\w+ )?red flags?|risks?,? (?:(?:includ\w+|incl|such as)|(?:discussed|explained):)|(?:possible|potential|known|about|re) side effects?:?|side effects?:|side effects?(?: of \w+)? (?:includ\w+|such as)|complications?(?: (?:includ\w+|incl|such as|are)|:)|information (?:given|provided|sheet)?)|(?:(?:^|[.;!?])\s*|\b{_URGED}\b[^.;,]{{0,30}} )if\b(?: (?:you|they|s?he|pt|patient) (?:have|has|develops?|notices?|gets?|experiences?)\b[^,.;:]{{0,30}}:)?|"
    r"\b(?:call|notify|inform)(?: (?:md|provider|doctor|dr|gp|surgeon|office|clinic|nurse|team|us|the|your))* (?:for|with)\b|"
    r"^precautions?:|(?:^|[.;!?]\s*|\bplan: ?)(?:please |continue to )?(?:assess|check|ask|look|watch|screen|monitor|observe)(?: (?:pt|patient|closely))? (?:for|about)\b|"
    r"\b(?:pt|patient) will (?:be free|remain|maintain|verbali[sz]e|demonstrate|report|state)\b"
)
_OPENING = r"\w(?<!given)(?<!provided)(?<!discussed)(?<!explained)(?<!develop)(?<!notice)(?<!experience)(?<!get)(?<!occur)(?<! re)(?<!flags)"
_TELLS_OF_NOW = r"\s[-–]{1,2} (?:the )?(?:pt|patient|s?he) (?:(?:is|has|was|now|reports?|presents?|unable|can't|cannot)\b|$)"
ADVICE_BEFORE = Cue(ADVICE_BEFORE.says, re.compile(rf"{_CLOSED.replace(chr(92) + 'w(?<!flags)', _OPENING)}|{_TELLS_OF_NOW}"))
"""Reaches over commas to the end of the sentence; 'given:' opens the list of what is advised."""
ADVICE_BESIDE = _beside(r"\bshould\b|\bwarnings?\b", r"(?:\w+\s+){5}|[^\w\s]|\b(?:he|she|not|is|was)\b")
CONDITION_BEFORE = _cue(r"(?<!sure )(?<!know )(?<!worse )(?<!better )(?<!pain )(?<!painful )(?<!sore )(?<!even )(?<!only )\bif\b")
RISK_BEFORE = _cue(
    r"(?<!fall )(?<!falls )\b(?:risks? (?:of|for)|risks?:|allerg(?:y|ies)(?: to (?:\w+ )?)?:|fear(?:ful)? of|afraid of|screen(?:ing|ed)? for|prevention of|prevent|prophylaxis (?:of|for|against)|to avoid|monitor(?:ing|ed)?(?: \w+)? for|observ\w+ for|worr(?:y|ied|ies) (?:about|re)(?! (?:her|his|my|the|new|this|their|ongoing|recent|numb)\b))",
    "related to|r/t|due to|secondary to",
)
ADVICE_AFTER = re.compile(
    r"^(?!\s*,)(?: (?:pads?|products?|supplies)|\W*(?:syndrome )?(?:advice|leaflet|counsell?ing|education|screening|clinic|service|risk|precautions?|protocol|prevention|exercises?|program(?:me)?|nurse|team|pathway|warnings?|information|care plan|assessment form|to (?:go|attend|call|come|ring|seek|report|return)|(?:sx|symptoms?|screen(?:ing)?|red flags?|signs?|questions?)(?=\W*:\s(?!(?:yes|no|nil|none|not|all|denie[sd]|pos\w*|neg\w*|present|absent|clear|normal|n|y)\b))|screen(?:ing)?(?=\W*(?:$|done\b|completed\b|performed\b))|to be reported|symptoms? (?:explained|discussed)|safety[- ]?net\w*|red flags? (?:discussed|explained|given)))\b"
)
PAST_LABEL = re.compile(
    r"\b(?:past|previous|previously|prior|former|formerly|allerg(?:y|ies)|intolerances?|adverse reactions?|side effects?|surgical history|consent|complications? (?:discussed|explained))\b"
)
SAID_BESIDES = frozenset({"sleep-impact", "activity-impact", "cramp-frequency", "lumbar-mri"})
EFFECTS = frozenset({"sleep-impact", "activity-impact"})
NO_EFFECT = re.compile(
    r"\b(?:(?:not|never|no longer|without|doesn't|don't|didn't) (?:\w+ )?(?:disturb|wak|woke|affect|limit|interfer|prevent|keep)\w*|rarely|seldom|occasionally|once (?:a|per|every) (?:week|month|year|fortnight)|"
    r"(?:a|per|every) (?:month|year)|monthly|yearly|sleep(?:s|ing)? (?:is )?(?:undisturbed|unaffected|fine|ok|okay|good|well))\b"
)
NO_SLEEP = re.compile(r"\b(?:not|no|can't|cannot|unable to|poor|little) sleep")
# --- functions: words that say one is in trouble, lost or kept
NEXT_ONE = re.compile(r",|\b(?:and|but|with)\b")
AND_THEN = re.compile(r"\b(?:but|and|with|although|however|yet)\b")
LINK = re.compile(r"\s*(?:,|and/or|,?\s*and|,?\s*or|/|&)\s*(?:(?:any|new|legs?|bilateral|left|right|lower limb) )*")
ANSWERS_LIST = re.compile(r"\s*(?:[:=)?]|[-–—]\s(?=all\b|no to all\b|n(?:il|one|ad)\b)|(?:are|were|all)\b)")
"""Behind a list: what follows is said of each of it."""
TROUBLE = r"(?:dysfunction|problems?|disturbances?|difficult\w+|symptoms?|issues?|changes?|alterations?|involvement|deficits?|abnormalit\w+|disorders?|trouble|sx|complaints?|concerns?|upset)"
LIST_LINK = re.compile(rf"(?:\s{TROUBLE})?{LINK.pattern}")
TROUBLE_AFTER = re.compile(rf"^\W*(?:control |function )?{TROUBLE}\b")
TROUBLE_AT_END = re.compile(rf"\b{TROUBLE}$")
UNTROUBLED = re.compile(
    rf"\b(?:no|nil|without|denies)(?: (?:new|acute|current|any|significant|other|obvious))? (?:{TROUBLE}|loss|red flags?)\b|"
    r"\bnot (?:reduced|lax|impaired|altered|diminished|decreased|lost|affected|absent|weak|numb|abnormal|changed|changing|different|worse|worsened|deteriorat\w+)\b|"
    r"\bno (?:worse|different|deterioration|worsening)\b"
)
TROUBLE_BEFORE = re.compile(
    rf"\b{TROUBLE} (?:with|in|of|to|re|about|regarding|controlling) (?:(?:the|his|her|my|your|their|(?:pt|patient|person)(?:'s)?|new|any|bladder|bowels?|urinary|and|or|function|of) )*$"
)
NO_FUNCTION = re.compile(
    r"\bno (?:return|recovery) of (?:\w+ )?$|\b(?:no|nil)(?: longer has| longer)? (?:\w+ )?$|\bnot (?:(?:always|fully|completely|quite|really|reliably) )?$|\b(?:without|absence of|lacks) (?:(?:any|full|normal|good) )?$"
)
NOT_KEPT = re.compile(r"\b(?:not|no longer|isn't|never) (?:\w+ )?(?:normal|intact|preserved|full|good|retained|there|present|continent|controlled)\b")
LOST = re.compile(
    r"\b(?:chang(?:e|es|ed|ing)|alterations?|worse|worsen\w*|deteriorat\w+|declin\w+|decreas\w+|affect\w*|disturbed|differen(?:t|ces?)|less|weaker|poorer|loss|lost|loses|losing|lack(?:ing)?|impairment|reduced|reduction in|decreased|diminished|absent|impaired|altered|abnormal|patchy|blunted|dulled|poor|no|lax|weak|numb|cannot|can't|unable to|(?:not|isn't) (?:normal|right|intact|preserved|full|good))\b"
)
AMISS = re.compile(rf"{LOST.pattern}|\b{TROUBLE}\b")
"""A question with any of these asks whether something is wrong, however it is put."""
_PLACE = r"(?:left|right|lt|rt|l|r|s[1-5](?:\s?[-/]\s?s?[1-5])?)"
LOST_ELSEWHERE = re.compile(
    rf"(?:,|\b(?:and|but)\b)\s*(?:(?:and|but|is|on|at|the)\s+)*(?:{_PLACE}\s+(?:side\s+|is\s+|[-:=]\s*)?)?(?:lost|reduced|decreased|diminished|absent|impaired|altered|abnormal|patchy|blunted|dulled|poor|numb|not)"
    rf"\s*(?:(?:on|at|over|in|the)\s+)*(?:(?:{_PLACE}|perianally|side)\s*)*(?=$|[,;.\N{{HORIZONTAL ELLIPSIS}}])"
)
"""'Intact on the right, reduced on the left': one side or level is kept and another lost."""
KEPT = re.compile(
    r"(?<!not )(?<!isn't )\b(?:normally|independent(?:ly)?|(?:working|functioning|managing) (?:well|ok|okay|fine)|normal|intact|preserved|full|good|retained|unaffected|unimpaired|maintained|has|yes|y(?=\W*(?:$|[.,;]))|ok|okay|fine|nad|nl|present|wnl|wdl|within (?:normal|defined) limits)\b|\bin(?: full)?\s*$"
)
_WELL = r"(?:normally|well|freely|spontaneously|fine|ok|okay|without (?:any )?(?:difficulty|problems?|issues?))"
_URINE, _STOOL = r"(?:urine|bladder)", r"(?:f(?:a)?eces|stools?|bowels?)"
_EVERY = rf"(?:{_URINE} and {_STOOL}|{_STOOL} and {_URINE})"
_CONTINENT_OF = r"\bcontinent (?:(?:of|for|to) )?(?:both )?"
CONTINENT = (
    (
        "bowel-incontinence",
        re.compile(rf"{_CONTINENT_OF}(?:{_EVERY}|{_STOOL})\b|\b(?:{_EVERY}|{_STOOL})(?: is|:)? continent\b|\bdoubly continent\b|\bcontinent x ?2\b"),
    ),
    (
        "urinary-incontinence",
        re.compile(
            rf"{_CONTINENT_OF}(?:{_EVERY}|{_URINE})\b|\b(?:{_EVERY}|{_URINE})(?: is|:)? continent\b|\bdoubly continent\b|\bcontinent x ?\d|^(?:are you |(?:is )?(?:the )?(?:pt|patient|s?he) )?(?:is )?continent(?=\W*$)|\bcontinent(?= (?:until|till)\b| ?,? ?(?:but )?now (?:incontinent|leaking|wet)\b)"
        ),
    ),
    (
        "voiding-difficulty",
        re.compile(
            rf"\b(?:(?:passing|passes) (?:urine|water)|void(?:s|ing):?|urinat(?:es|ing)) {_WELL}\b|\bpu(?:(?: and | & |/)bo)? {_WELL}\b|\bbo(?: and | & |/)pu {_WELL}\b"
        ),
    ),
)
CONTINENT_BEFORE, CONTINENT_AFTER = (
    re.compile(r"(?<!in)\bcontinent\W+(?:(?:of|for|to|both|the|his|her|your) )*$"),
    re.compile(r"\W*(?:(?:is|are|both) )*continent\b"),
)
ANSWERED_NO = re.compile(r"[:?]\s*(?:no|n)\b(?=\W*$|[.,;])")
NOT_CONTINENT = re.compile(r"\b(?:no longer|not|isn't|never|un)\s+(?:\w+ )?$")
ONCE_CONTINENT = re.compile(r"\b(?:previously|formerly|usually|normally|was|used to be|had been|until)\s+(?:\w+ )?$")

# --- places
PAIN_THERE = re.compile(r"[\w ]{0,12}?\b(?:pain|ache|sore\w*|stiff\w*|tender\w*|injur\w+|fracture|spondyl\w+|arthritis)\b")
BARE_SITE = re.compile(
    r"\s*(?:(?:and|also|&|the|then|both|bilateral(?:ly)?|left|right|lt|rt|l|r|upper|lower|more|than|worse|sides?|side|on|in|of|legs?|cal(?:f|ves)|thighs?|foot|feet|toes?|ankles?|knees?|buttocks?|perineum|saddle(?: area)?|perianal(?: area)?|groin|genitals?|arms?|hands?|hips?|big|great|dorsiflexion|plantar ?flexion|flexion|extension|inversion|eversion)\b[\s/&-]*)+"
)
SIDE_LINK = re.compile(
    r"\s*(?:(?:the|lower|upper|lumbar|posterior|lateral|medial|anterior|great|big|sided|side(?: of)?|and|right|left|or|more|than|new|severe|acute|leg|foot|l[1-5]|s1)\b[\s/&,-]*)*"
)

# --- course and severity
_STANDS_ALONE = r"(?=\s*(?:$|[,.;):]|(?:at|in|on|over|since|for|when|after|during|and|to|than|but|today|now|this|last|despite|with)\b))"
WORSE = re.compile(
    r"\b(?:worsening|worsened|increasing|increasingly|progressive|progressively|progressing|deteriorat\w+|(?:getting|got|become|becoming|much|now|feels?) worse|worse(?! (?:at|with|in the (?:evening|morning|night)|after|on|when|by|during|overnight|lying|walking|if)\b))\b"
)
NOT_WORSE = re.compile(r"\b(?:not|no|isn't|without|never) (?:\w+ )?(?:worse|worsening|worsened|increasing|progress\w+|deteriorat\w+)\b")
CHRONIC = re.compile(r"\b(?<!not )(?<!non-)(?:chronic|persist(?:s|ed|ent|ently|ing)?|long-?standing|longstanding|ongoing|constant)\b")
SEVERE = (
    (Severity.SEVERE, re.compile(r"(?<!not )(?<!non-)(?<!less )(?<!no )(?<!never )\b(?:severe|severely|very severe|excruciating|unbearable)\b")),
    (Severity.MODERATE, re.compile(r"(?<!not )\bmoderate(?:ly)?\b")),
    (Severity.MILD, re.compile(r"(?<!not )\b(?:mild|mildly|slight|slightly)\b")),
)
SEVERE_POWER = re.compile(r"\b(?:[0-3][+-]? ?(?:/|out of) ?5|(?:grade|mrc) [0-3])\b")
OTHER_SUBJECT = re.compile(r"\b(?:with|due to|secondary to|because of|caused by|in the setting of|from|and has|plus)\b|[.;!?\n]")
QUALIFIER_ALONE = re.compile(
    rf"\s*(?:(?:is|are|was|very|more|quite|now|getting|much|often) )*(?:chronic|persistent|ongoing|constant|severe|severely|moderate|mild|slight|worse|worsening|increasing|progressive|excruciating|unbearable|deteriorating){_STANDS_ALONE}.*"
)

# --- notes
RED_FLAG = re.compile(r"(?i)\b(?:saddle|perianal|incontinen(?:t|ce)|urinary retention|retention of urine|cauda equina|foot drop)\b")

# --- answers
_NOTHING = r"(?:symptoms?|issues?|complaints?|evidence|signs?|problems?|concerns?|numbness|tingling|weakness|cramps?|cramping|spasms?|pain|incontinence|leakage|leaking|accidents?|episodes?|retention|difficult\w+|deficits?|red flags?|loss|control|abnormalit\w+|involvement)"
_SO_FAR = r"(?:today|currently|at present|now|at this time|reported|noted|present|seen|found|on (?:exam|examination|direct questioning)|bilaterally|on both sides|in (?:either|both|the) \w+|of note|at all|so far|this visit|by patient|per patient|any|current|new|such|asked|when asked|twice|since \w+)"
NO = re.compile(
    rf"(?:n|no|no/no|nope|nah|neither|not any ?more|not detected|no longer|0/10|asymptomatic|(?:all |both )?normal(?: ?/ ?normal)*|n/n|none|absent|negative|neg|false|nil|never|not at all|(?:(?:pt|patient|s?he) )?(?:denies|denied)|not present|not noted|not reported|nad|wnl|wdl|within (?:normal|defined) limits|normal|intact|free|(?:fully )?continent|dry|not numb|not weak|not (?:that i|to my)\b.*|not (?:at this time|currently|at present|now)|no longer present|-ve|no\.?)(?:(?: |/)(?:{_SO_FAR}|{_NOTHING}|or|and|of|denie[sd]))*|\(?- ?(?:ve)?\)?"
)
ANSWER_BEHIND = re.compile(r"(?:\s(?:symptoms?|signs?|sx|features?|red flags?|qs|questions?|screen(?:ing)?))*\s*(?:[:=?]|[-–—]\s)\s*([^,.;(]*)")
"""The answer behind a label."""

# --- questions that were not put
UNASKED = re.compile(
    r"\b(?:not assessed|not examined|not asked|not tested|not done|not known|not documented|not recorded|unk|unable to (?:assess|answer|test|obtain)|unknown|unsure|n/a|not applicable|declined|refused|deferred|equivocal|inconclusive|indeterminate|unreliable|difficult to assess|cannot be assessed|could not be assessed|pending|\w*ostomy|stoma)\b"
)
UNASKED_AFTER = re.compile(rf"^\W*(?:is |was )?(?:{UNASKED.pattern}|to be (?:checked|assessed|examined|tested)\b|tbc\b)")
EVERY_CUE = (
    DENY_BEFORE,
    DENY_BESIDE,
    SUSPECT_BEFORE,
    UNASKED_BEFORE,
    HISTORY_LIST,
    HISTORY_OF,
    FAMILY_BEFORE,
    FAMILY_BESIDE,
    ADVICE_BEFORE,
    ADVICE_BESIDE,
    CONDITION_BEFORE,
    RISK_BEFORE,
)
"""All that a text is searched for once."""
