"""The words the text matcher looks for: symptoms, functions, organs, and the first letters of each."""

from __future__ import annotations

import re

from fhir_mappings.text_words_legs import LEGS
from fhir_mappings.text_words_pelvis import OPEN_BOWELS, PELVIS

_EATEN = r"(?! (?:diets?|foods?|intake|snacks?|drinks?))"
OTHER = {
    "dehydration": (r"dehydrat(?:ion|ed)", r"hypovol(?:a)?emia", r"volume deplet(?:ion|ed)"),
    "hypokalaemia": (r"hypokal(?:a)?emia", rf"low (?:potassium|k\+?){_EATEN}"),
    "hyperkalaemia": (r"hyperkal(?:a)?emia", rf"high (?:potassium|k\+?){_EATEN}"),
    "hypomagnesaemia": (r"hypomagnes(?:a)?emia", rf"low (?:magnesium|mg\+?){_EATEN}"),
    "hypocalcaemia": (r"hypocalc(?:a)?emia", rf"low calcium{_EATEN}"),
    "hypercalcaemia": (r"hypercalc(?:a)?emia", rf"high calcium{_EATEN}"),
    "pregnancy": (r"pregnan(?:t|cy)",),
    "prostate-cause": (r"benign prostatic hyperplasia", r"\bbph\b", r"enlarged prostate", r"prostat(?:e|ic) enlargement", r"prostatectomy"),
    "chronic-neurological-cause": (
        r"multiple sclerosis",
        r"cerebral palsy",
        r"spinal cord injury",
        r"stroke",
        r"polyneuropathy",
        r"peripheral neuropathy",
        r"motor neurone? disease",
        r"hemipleg\w+",
        r"spastic para(?:pleg|pares)\w+",
        r"(?:known|long-?standing|chronic|established|congenital|old) (?:\w+ )?parapleg\w+",
    ),
    "paraplegia": (r"parapleg\w+",),
}
STEM_WORDS = tuple((kind, "|".join(phrases)) for kind, phrases in (LEGS | PELVIS | OTHER).items())
"""Of each kind of symptom the pattern over lower-case text. Of several that match in one place the longest wins."""
STEMS = tuple((kind, re.compile(rf"(?<![\w-])(?:{stem})(?![\w-])")) for kind, stem in STEM_WORDS)

SAYS_WHERE = frozenset({"radicular-pain", "foot-drop"})
"""Symptoms whose own name says where they are."""

PAINS = frozenset({"leg-pain", "back-pain", "radicular-pain"})
PELVIC = frozenset(
    {"urinary-incontinence", "bowel-incontinence", "both-incontinence", "urinary-retention", "voiding-difficulty", "saddle-numbness", "reduced-anal-tone"}
)
"""What no list of pains goes on with: 'no leg pain, urinary retention' is two statements."""

# A function that is asked about, and the words that say it is lost or kept.
_SADDLE = r"(?:anal|sacral|saddle|perineal|perianal|peri-anal|genital|perineum)"
_ANSWERED = r"(?=(?: ?[-:=?])? (?:yes|no|y|n|positive|negative|(?:no )?(?:problems?|issues?))(?:\W*$|\s?[,.;/]))"
"""Of an organ alone only what is asked about trouble with it."""
FUNCTIONS_ASKED = {
    "urinary-incontinence": (
        r"continence(?! (?:care|products?|pads?|aids?|nurse|clinic|service|team|advice|advisor|chart|plan|program(?:me)?|management|needs|promotion|assessment|review)\b)",
        rf"(?<!of )bladder{_ANSWERED}",
        r"continent(?=[:?]\s?(?:yes|no|y|n)\b)",
        r"(?:bladder|urinary|urine) (?:continence|control|function)",
        r"continence of (?:bladder|urine)",
        r"control (?:of|over) (?:\w+ )?(?:bladder|urine)",
        r"(?:able to|can you) (?:control|hold) (?:\w+ )?(?:bladder|urine)",
    ),
    "bowel-incontinence": (
        rf"(?<!of )(?<!opening )(?<!open )(?<!moving )bowels?{_ANSWERED}",
        r"(?:bowels?|f(?:a)?ecal|stool) (?:continence|control|function)",
        r"continence of (?:bowels?|stools?|f(?:a)?eces)",
        r"control (?:of|over) (?:\w+ )?bowels?",
        r"(?:able to|can you) (?:control|hold) (?:\w+ )?(?:bowels?|stools?)",
    ),
    "both-incontinence": (
        r"(?<!anal )sphincters?(?: (?:control|function)|(?= (?:disturbance|dysfunction|symptoms?|problems?|involvement|intact|normal|nad|lost|affected|involved)))",
    ),
    "saddle-numbness": (
        rf"{_SADDLE}(?: area)? (?:sensation|feeling|pin ?prick|light touch|sensory (?:exam\w*|function|testing|level))",
        rf"(?:sensation|feeling) (?:in|of|at|over|around|to) (?:(?:the|your|my|his|her) )?(?:{_SADDLE}|genitals|private parts|back passage|bottom)(?: area| region)?",
        r"deep anal (?:pressure|sensation)",
        r"saddle(?=: (?:nad|intact|normal|ok|okay|fine|wnl)\b)",
        r"sensation s[2-5](?:\s?[-/]\s?s?[2-5])?",
        r"s[2-5](?:\s?[-/]\s?s?[2-5])? (?:sensation|pin ?prick|light touch|dermatom\w+)",
        r"(?:able to|can you|do you) feel (?:your|my|the) (?:bottom|bum|private parts|genitals?|vagina|penis|back passage|saddle area)",
        r"sensation when (?:you )?wip(?:e|ing)",
        r"feel (?:the )?(?:toilet paper|loo roll|wiping)",
        r"feel (?:\w+ ){0,2}?when (?:you |i )?wip(?:e|ing)",
    ),
    "unsited-numbness": (
        r"(?:(?<!ing )|(?<=worsening )|(?<=deteriorating )|(?<=regarding ))(?<!needles )(?<!numb )sensation",
        r"sensory (?:exam\w*|function|testing|(?=(?:[lr]le|ble|left|right|legs?|foot|feet|lower)\b))",
        r"light touch",
        r"pin ?prick",
        r"(?:able to|can you) feel (?=(?:\w+ )?(?:legs?|feet|foot)\b)",
        r"feeling in (?=(?:(?:your|both|the|my) )*(?:legs?|feet|foot)\b)",
    ),
    "unsited-weakness": (
        r"motor (?:exam\w*|function)",
        r"able to move",
        r"(?:able to|can you) (?:move|lift|raise|wiggle) (?=(?:\w+ )?(?:legs?|feet|foot|toes|ankles?)\b)",
        r"(?:able to|can you) walk on (?:\w+ )?(?=heels|toes|tip-?toes)",
        r"moves (?=(?:(?:both|left|right) )?(?:legs?|feet|foot|lower (?:limbs?|extremit\w+))\b)",
        r"(?<!periodic )(?<!restless )(?<!sia )(?:[lr]le|legs?|foot|lower (?:limb|extremity)) movements?",
        r"movements? (?:of )?(?:(?:left|right) )?(?:[lr]le|legs?|foot|lower (?:limbs?|extremit\w+))",
    ),
    "sexual-dysfunction": (r"(?:sexual|erectile) function",),
    "foot-drop": (r"able to (?:lift|dorsiflex) (?:\w+ )?(?:foot|feet|toes)",),
    "voiding-difficulty": (
        r"(?:bladder|urethral|urinary) sensation",
        r"sensation of (?:bladder )?(?:filling|fullness)",
        r"(?:awareness|sensation) of (?:the )?(?:need|urge) to (?:empty (?:the )?bladder|void|urinate|pass urine)",
        r"water ?works",
        r"(?:bladder|urinary) voiding",
        r"bladder emptying",
        r"(?:able to|can you|do you) feel (?:yourself )?(?:pass urine|pee|wee|urinat\w+)",
        r"(?:able to|can you|do you) feel when you need to (?:go|pee|wee|pass urine)",
        r"(?:(?:able|ability) to (?:tell|feel)|can you (?:tell|feel)|do you know) (?:when|if|that) (?:\w+ )?bladder",
        r"(?:able to|can you|do you) feel (?:when (?:you )?|the )?(?:pass(?:ing)? urine|urine passing|pee(?:ing)?|wee(?:ing)?|urinat\w+)",
        r"urge to (?:void|urinate|pass urine|pee|wee)",
        r"(?:able to tell|can you tell|do you (?:know|feel)) when you need to go to the (?:toilet|loo|bathroom)",
        r"bladder (?:empties|is emptying)",
    ),
    "both-sensation": (r"(?:bladder(?: and/or | and | or | ?[/+&] ?)bowel|bowel(?: and/or | and | or | ?[/+&] ?)bladder) (?:sensation|feeling)",),
    "reduced-bowel-sensation": (
        r"bowel (?:sensation|feeling)",
        rf"(?:able to|can you|do you) (?:feel|tell|know) (?:when (?:you )?(?:need to )?)?(?:{OPEN_BOWELS})",
        rf"(?:awareness|sensation) of (?:the )?(?:need|urge) to (?:{OPEN_BOWELS})",
        r"rectal (?:sensation|fullness)",
        r"sensation of rectal (?:fullness|filling)",
    ),
    "urinary-retention": (
        r"(?:able to|can you) (?:void|urinate|pee|wee|pass (?:urine|water)|empty (?:\w+ )?bladder)",
        r"^passing (?:urine|water)(?=\W*$|:)",
    ),
    "reduced-anal-tone": (
        r"(?:anal|rectal|sphincter)(?: sphincter)? (?:tone|squeeze)",
        r"voluntary (?:anal|sphincter) contraction",
        r"tone",
        r"anal wink",
        r"anocutaneous reflex",
        r"bulbo ?cavernosus reflex",
    ),
}
FUNCTION_WORDS = tuple((kind, "|".join(phrases)) for kind, phrases in FUNCTIONS_ASKED.items())
FELT_SOMEWHERE = frozenset({"unsited-numbness", "unsited-weakness"})
"""Functions of which it matters where they are lost."""
FUNCTIONS = tuple((kind, re.compile(rf"\b(?:{stem})\b")) for kind, stem in FUNCTION_WORDS)

# Organs named together: 'bladder, bowel or gait disturbance'. One alone names nothing.
OTHER_ORGAN = "other"
ORGAN_WORDS = (
    ("urinary-incontinence", r"bladder|urinary"),
    ("bowel-incontinence", r"bowels?|f(?:a)?ecal"),
    ("saddle-numbness", r"saddle|perineal|perianal"),
    (OTHER_ORGAN, r"gait|sexual|erectile|limbs?|legs?|motor|sensory|balance|mobility"),
)
ORGANS = tuple((kind, re.compile(rf"\b(?:{stem})\b")) for kind, stem in ORGAN_WORDS)
_ORGAN = "|".join(stem for _, stem in ORGAN_WORDS)
ORGAN = re.compile(_ORGAN)
CONTROL = re.compile(r"\b(?:control|function|continence)\b")
PELVIC_ORGAN = re.compile(r"bladder|urinary|bowel|f(?:a)?ecal")
ORGANS_TOGETHER = re.compile(rf"\b(?:{_ORGAN})(?:\s*(?:,\s*(?:and/or|and|or|nor)?|and/or|and|or|nor|/|&|\+)\s*(?:any |other )?(?:{_ORGAN})\b)+")

# Short words that count only beside others: 'CES' in a text about a spine, 'tone' of a rectal examination, '2/5' of muscle power;
# a bladder scan unless it was done before voiding.
ONLY_BESIDE = {
    "ces": re.compile(
        r"\b(?:mri|cauda|saddle|sciati\w+|dis[ck]|lumbar|bladder|retention|incontinen\w+|back|legs?|decompress\w+|spin\w+|exclud\w*|exclude|rule\w*|r/o|query|suspect\w*|possib\w+|probable|likely|concern\w*|impression|confirmed|acute|new|red|safety|had|reassured|suspicion|suggest\w*|consistent|incomplete|unlikely|nothing|no(?= ces)|diagnos\w+|symptoms|syndrome|evidence|doubt\w*|dx|ddx|imp|differential|diff|provisional|admitted|referred|transferred|early|impending|threatened|evolving|mscc|signs|keeping|c/w|criteria|known|until|screen\w*|ruling|r/o'?d|\d{4})\b|\bces ?\?"
    ),
    **dict.fromkeys(
        ("leaking", "leaks", "leakage", "dribbling"),
        re.compile(r"\bincontinen\w+,? (?:but|although|though|however|some)\b|\b(?:bladder|urin\w+)\b.*\b(?:but|though|although|however)\b"),
    ),
    **dict.fromkeys(
        ("ui", "fi"),
        re.compile(
            r"\b(?:new|newly|since|x ?\d|\d+ ?(?:days?|weeks?|/7|/52)|bladder|saddle|retention|legs?|back|numbness|ui (?:and|/|&) fi|ui and|and fi)\b|\bui ?/ ?fi\b"
        ),
    ),
    "bladder-scan": re.compile(r"^(?!.*\b(?:pre[- ]?(?:void|mict)|(?:before|prior to) (?:void|mict|urinat|passing|bladder scan)))|\bpost[- ]?(?:void|mict)"),
    "tone": re.compile(r"\b(?:lax|pr|dre|anal|rectal|sphincter|squeeze)\b|\bperianal\b.*\btone\b"),
    "graded-weakness": re.compile(
        r"\b(?:power|strength|mrc|myotomes?|motor(?! vehicle| ?cycle)|ehl|fhl|(?:dorsi|plantar) ?flex\w+|df|pf|ta(?= [0-5])|gastroc\w*|(?:[lr]le|ble|l[2-5]|s1|legs|lower limbs?|lower ext\w*)(?=:? [0-5][+-]?/5)|(?:hip|knee|toe|hallux) (?:flex|exten|abduct|adduct)\w+|quad(?:s|riceps)|hamstrings?|tib(?:ialis)? ant\w*|gastrocnemius)\b|/5 (?:in )?(?:both |the )?(?:[lr]le|ble|legs?|feet|foot)\b"
    ),
}

# The first letters of one word that every stem above needs: a cheap way to pass over text that names none of them.
HEADS = frozenset(
    """cram spas char seiz tigh numb dead loss lost redu decr dimi alte abse no impa sens hypo ting pins pare para sadd feel weak give givi buck foot drop trip drag
    scia radi bedw awak lbp trip aur trou soil cari lift lle rle le les ble bles ces no not unab coul hasn pain mri mr hypo hype low high can cont micr shoo pain lumb back trap pinc comp nerv slip hern bulg prol disc disk neur caud inco over enur post wett wet wets leak blad bowe soil stoo rete pee pass
    urin void diff hesi lax poor weak anal rect sphi erec impo sexu dehy exer stre stra prol long stan preg pros bph mult cere spin stro poly peri moto hemi mri mr
    magn pvr pvrv resi powe mrc wak woke slee nigh inso cont geni
    ache have feca faec cann sitt leg legs un s2 s3 s4 s5 myot pee peei peed pees wee weei weed wees pud uo piss inte stop warn slap step depl high dela awar toe toes take slow poo pooe pooi poop poos acci urge inse wate tone lack cesi cesr hnpu nil unaw isn wasn mict move pu push fail twoc nega cath lose losi open moti
    oab sui uui hnp bm bms bath defe defa ehl dors ui fi npu df pf yet tov wear stru flop toil loo inab soak invo sacr fail reta aton acon aref dyse dysa hypa enco func mixe drug medi coit post flac detr drib bulb ligh pin pinp anoc""".split()
)
