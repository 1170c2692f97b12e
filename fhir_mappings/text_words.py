"""The words the text matcher knows: symptom stems, functions, and the cues that deny, doubt, date or hand them to somebody else."""

from __future__ import annotations

import re

from cards.guidance.findings import Severity

# kind -> pattern over lower-case text. Order matters only inside one place in the text: the longest match wins.
STEM_WORDS = (
    ("unsited-spasm", r"cramps?|cramping|spasms?|charley horses?"),
    ("leg-only-spasm", r"seizing up|seizes up|seized up|tightening"),
    (
        "unsited-numbness",
        r"numb|numbness|dead (?:legs?|foot|feet)|(?:loss of|lost|reduced|decreased|diminished|altered|absent|no|impaired) (?:\w+ )?(?:sensation|feeling)|sensory loss|hypoa?esthesia",
    ),
    ("unsited-tingling", r"tingl\w+|pins and needles|pins & needles|para?esthesia"),
    ("saddle-numbness", r"saddle (?:an(?:a)?esthesia|numbness)|(?:can(?:no|')t|can not|unable to) feel (?:\w+ ){0,2}(?:wip\w+|toilet paper)"),
    ("unsited-weakness", r"weak|weakness|paresis|give(?:s|n)? way|giving way|buckl\w+"),
    ("foot-drop", r"foot[- ]?drop|drop foot|tripping over (?:\w+ )?toes|dragging (?:\w+ )?(?:leg|foot)"),
    (
        "radicular-pain",
        r"sciatica|sciatic (?:nerve )?pain|radicular (?:leg )?pain|(?:shooting|radiating|travelling|traveling) (?:\w+ )?pain|pain (?:that )?(?:shoot\w*|radiat\w+|travel\w+|run\w*|go\w*) (?:down|into|to) (?:\w+ ){0,3}(?:legs?|foot|feet|cal(?:f|ves)|thighs?)",
    ),
    ("leg-pain", r"(?:leg|calf|thigh|lower limb) pain|pain in (?:\w+ ){0,3}(?:legs?|calf|calves|thighs?)"),
    ("back-pain", r"(?:low(?:er)?|lumbar) back pain|lumbago|back ?ache|back pain"),
    ("unsited-radiculopathy", r"radiculopathy|radiculitis|(?:trapped|pinched|compressed) nerve(?: root)?|nerve root compression"),
    ("lumbar-disc", r"(?:slipped|herniated|bulging|prolapsed) (?:\w+ )?dis[ck]|dis[ck] (?:herniation|prolapse|bulge|protrusion)"),
    ("lumbar-stenosis", r"lumbar (?:spinal |canal )?stenosis|neurogenic claudication"),
    ("cauda-equina-syndrome", r"cauda equina(?: syndrome| compression)?"),
    (
        "urinary-incontinence-own-mechanism",
        r"(?:stress|urge|mixed|functional|overactive bladder) (?:urinary )?incontinence|overactive bladder|(?:nocturnal )?enuresis|post[- ]micturition dribbl\w+",
    ),
    (
        "urinary-incontinence",
        r"urinary incontinence|bladder incontinence|incontinen(?:t|ce) of urine|incontinen(?:t|ce)|(?:wet|wetting|wets) (?:my|him|her|them)sel(?:f|ves)|bladder accidents?|leak(?:ing|s|age of)? urine|urin(?:e|ary) leak\w*",
    ),
    (
        "both-incontinence",
        r"(?:double|urinary and f(?:a)?ecal|bladder and bowel) incontinence|incontinen(?:t|ce) of (?:urine|bladder) and (?:stools?|f(?:a)?eces|bowels?)",
    ),
    (
        "bowel-incontinence",
        r"(?:f(?:a)?ecal|bowel|stool) incontinence|incontinen(?:t|ce) of (?:stools?|f(?:a)?eces|bowels?)|soil(?:ed|ing|s) (?:my|him|her|them)sel(?:f|ves)|bowel accidents?|(?:leak(?:ing|age of)?) stool|stool leakage",
    ),
    ("urinary-retention", r"urinary retention|retention of urine|(?:can(?:no|')t|can not|unable to|inability to) (?:pee|pass urine|urinate|void|pass water)"),
    (
        "voiding-difficulty",
        r"no urge to (?:void|urinate|pee)|difficulty (?:passing urine|urinating|voiding)|incomplete (?:bladder )?emptying|(?:loss of|lost|reduced|decreased|altered|absent|impaired|no) (?:bladder|urinary|urethral) sensation|poor (?:urinary )?stream|straining to (?:void|urinate)",
    ),
    ("urinary-hesitancy", r"hesitancy|difficulty starting (?:to pass urine|urination)"),
    ("reduced-anal-tone", r"(?:no|lax|reduced|decreased|absent|poor|weak|diminished|loss of) (?:anal|rectal|sphincter)(?: sphincter)? tone"),
    ("sexual-dysfunction", r"erectile dysfunction|impotence|sexual dysfunction|loss of erections?"),
    ("dehydration", r"dehydrat\w+"),
    ("overuse", r"overuse|over-?exert\w+|strenuous exercise|overtraining"),
    ("static-posture", r"(?:prolonged|long) (?:standing|sitting)|(?:standing|sitting) for (?:long|hours)"),
    ("pregnancy", r"pregnan(?:t|cy)"),
    ("prostate-cause", r"benign prostatic hyperplasia|\bbph\b|enlarged prostate|prostat(?:e|ic) enlargement|prostatectomy"),
    (
        "chronic-neurological-cause",
        r"multiple sclerosis|cerebral palsy|spinal cord injury|stroke|polyneuropathy|peripheral neuropathy|motor neurone? disease|hemipleg\w+|parapleg\w+",
    ),
    (
        "lumbar-mri",
        r"(?:mri?|magnetic resonance)\b.*\b(?:lumb\w+|l-?spine|whole spine|spine)|(?:lumb\w+|l-?spine|whole spine|spine)\b.*\b(?:mri?|magnetic resonance)",
    ),
    ("bladder-scan", r"bladder scan|post[- ]?void(?:ing)? residual|pvr|residual (?:urine|bladder) volume"),
    ("power", r"(?:muscle |motor )?(?:power|strength)|\bmrc\b"),
    (
        "sleep-impact",
        r"(?:wak\w+|woke\w*|sleep\w*|insomnia|nights?)\b.*\b(?:cramp\w*|spasms?)|(?:cramp\w*|spasms?)\b.*\b(?:wak\w+|woke\w*|sleep\w*|nights? (?:a|per) week)",
    ),
    ("activity-impact", r"(?:cramp\w*|spasms?|leg\b.*)\b.*\b(?:interfer\w+|limit\w*|prevent\w*|affect\w*)\b.*\b(?:activit\w+|daily|walking|work|mobility)"),
    ("cramp-frequency", r"(?:cramp|spasm)s?(?: frequency| (?:episodes )?(?:per|a) week)|(?:frequency|number) of (?:leg |calf )?(?:cramp|spasm)s"),
    ("leg-pain-score", r"pain (?:score|severity|intensity|nrs|rating)"),
    ("sleep-disturbance", r"insomnia|poor sleep|difficulty sleeping"),
)
STEMS = tuple((kind, re.compile(rf"(?<![\w-])(?:{stem})(?![\w-])")) for kind, stem in STEM_WORDS)

# A function that is asked about, and the words that say it is lost or kept.
FUNCTION_WORDS = (
    (
        "urinary-incontinence",
        r"(?:bladder|urinary|urine) (?:continence|control)|control of (?:\w+ )?(?:bladder|urine)|bladder(?= (?:and|or) bowel control)|bladder(?= (?:and|or) bowels?\b)",
    ),
    (
        "bowel-incontinence",
        r"(?:bowels?|f(?:a)?ecal|stool) (?:continence|control)|control of (?:\w+ )?bowels?|bowels?(?= (?:and|or) bladder control)|(?<=bladder and )bowels?|(?<=bladder or )bowels?",
    ),
    (
        "saddle-numbness",
        r"(?:saddle|perineal|perianal|genital)(?: area)? (?:sensation|feeling|sensory \w+)|sensation (?:in|of) (?:the )?(?:saddle|perine\w+|perianal)(?: area| region)?",
    ),
    ("voiding-difficulty", r"(?:bladder|urethral|urinary) sensation|sensation of (?:bladder )?(?:filling|fullness)"),
    ("reduced-anal-tone", r"(?:anal|rectal|sphincter)(?: sphincter)? tone"),
)
FUNCTIONS = tuple((kind, re.compile(rf"\b(?:{stem})\b")) for kind, stem in FUNCTION_WORDS)
LOST = re.compile(r"\b(?:loss of|lost|losing|reduced|decreased|diminished|absent|impaired|altered|abnormal|poor|no|lax|weak|numb|cannot|can't|unable to)\b")
KEPT = re.compile(r"\b(?:normal|intact|preserved|full|good|retained|unaffected|unimpaired|maintained|has|yes)\b")
CONTINENT = (
    (
        "bowel-incontinence",
        re.compile(
            r"\bcontinent (?:of|for|to) (?:f(?:a)?eces|stools?|bowels?)\b|\bbowels? continent\b|\bcontinent of (?:urine|bladder) and (?:f(?:a)?eces|stools?|bowels?)\b|\bdoubly continent\b"
        ),
    ),
    ("urinary-incontinence", re.compile(r"\bcontinent (?:of|for|to) (?:urine|bladder)\b|\bbladder continent\b|\bdoubly continent\b")),
)

# The first letters of one word that every stem above needs: a cheap way to pass over text that names none of them.
HEADS = frozenset(
    """cram spas char seiz tigh numb dead loss lost redu decr dimi alte abse no impa sens hypo ting pins pare para sadd feel weak give givi buck foot drop trip drag
    scia radi shoo pain lumb back trap pinc comp nerv slip hern bulg prol disc disk neur caud inco over enur post wett wet wets leak blad bowe soil stoo rete pee pass
    urin void diff hesi lax poor weak anal rect sphi erec impo sexu dehy exer stre stra prol long stan preg pros bph mult cere spin stro poly peri moto hemi mri mr
    magn pvr resi powe mrc wak woke slee nigh inso cont geni""".split()
)

# --- context
BREAKS = re.compile(
    r"[.;!?\n]|\b(?:but|however|except|although|though|whereas|not only|only|then|has|have|having|reports?|complains? of|presents? with|c/o|positive for)\b|,\s*(?=(?:has|reports|with)\b)"
)
SEGMENTS = re.compile(r"[.;!?\n]")
PSEUDO = re.compile(
    r"\b(?:no (?:significant )?(?:change|improvement|relief|resolution)(?: in| of| to| from)?|not only|not (?:yet )?(?:resolved|improved|better|improving)|no longer (?:able|continent|in control)|without (?:relief|improvement))\b"
)
DENY_BEFORE = re.compile(
    r"\b(?:no|not|denies|denied|denying|without|negative for|never|none|absence of|free of|nil|neither|nor|no evidence of|no complaints? of|does not have|has not had|isn't|hasn't)\b"
)
DENY_AFTER = re.compile(
    r"^\W*(?::|=|-|–|—)?\s*(?:no\b|none\b|nil\b|absent\b|negative\b|denie[sd]\b|not present\b|not noted\b|not reported\b|\(-\)|-ve\b|false\b|\(?neg\)?\b|was denied\b|is absent\b|not seen\b|(?:was |were |has been |have been )?(?:ruled out|excluded)\b)|^\s*\(-\)"
)
AFFIRM_AFTER = re.compile(r"^\W*(?:yes\b|present\b|positive\b|\+ve\b|\(\+\)|true\b)|^\s*\(\+\)")
SUSPECT = re.compile(
    r"\b(?:rule out|r/o|cannot exclude|can't exclude|exclude|query|\?|possible|possibly|suspected|suspect|suspicion of|probable|probably|likely|concern for|concerning for|differential|evaluate for|to exclude|may have|might have|rule-out)\b|\?"
)
HISTORY = re.compile(
    r"\b(?:history of|h/o|hx of|past|previous|previously|prior|former|formerly|resolved|resolution of|in childhood|years ago|recovered|no longer has)\b"
)
NOT_RESOLVED = re.compile(r"\bnot (?:yet )?resolved\b|\bno resolution\b|\bunresolved\b")
FAMILY = re.compile(
    r"\b(?:family history|fhx|fh|mother|father|brother|sister|parents?|sibling|son|daughter|aunt|uncle|grand(?:mother|father|parent)\w*|maternal|paternal)\b"
)
HYPOTHETICAL = re.compile(
    r"\b(?:return (?:immediately )?(?:if|for)|come back if|if (?:\w+ ){0,6}(?:develops?|occurs?|worsens?|happens?|appears?|you)|should (?:\w+ ){0,5}(?:develop|occur)|in case of|in the event of|advised|warned|watch for|risk of|educat\w+|counsell?ed|safety[- ]net\w*|leaflet|advice|instruct\w+|screening for|prevention of|prophylaxis)\b"
)
WORSE = re.compile(r"\b(?:worse|worsening|worsened|increasing|increasingly|progressive|progressing|deteriorat\w+)\b")
NOT_WORSE = re.compile(r"\b(?:not|no|isn't|without) (?:\w+ )?(?:worse|worsening|worsened|increasing|progress\w+|deteriorat\w+)\b")
CHRONIC = re.compile(r"\b(?:chronic|persistent|persisting|long-?standing|longstanding|ongoing|constant)\b")
SEVERE = (
    (Severity.SEVERE, re.compile(r"\b(?:severe|severely|very severe|excruciating|unbearable)\b")),
    (Severity.MODERATE, re.compile(r"\bmoderate(?:ly)?\b")),
    (Severity.MILD, re.compile(r"\b(?:mild|mildly|slight|slightly)\b")),
)
BLURRED = re.compile(
    r"saddle (?:embol\w+|thromb\w+|nose)|numb(?:ing)? (?:cream|gel|spray)|leg bag|anaesthe(?:tic|tist)|anesthe(?:tic|siolog)\w*|spastic colon|local an(?:a)?esthesia|general an(?:a)?esthesia|spinal an(?:a)?esthesia"
)

YES = re.compile(r"^(?:y|yes|present|positive|pos|true|confirmed|reported|ongoing|unchanged|no change|same|worse|worsening|severe|moderate|mild)\b|^\(?\+")
NO = re.compile(
    r"^(?:n|no|none|absent|negative|neg|false|nil|never|denies|denied|not present|not noted|not reported|nad|wnl|within normal limits|normal|without|free|resolved)\b"
    r"|^\(?-(?:ve)?\)?$"
)
UNASKED = re.compile(
    r"\b(?:not assessed|not examined|not asked|not tested|not done|not known|unable to (?:assess|answer|test|obtain)|unknown|unsure|n/a|not applicable|declined|refused|deferred|cannot be assessed|could not be assessed|pending)\b"
)
NO_CHANGE = re.compile(r"^no (?:significant )?change\b")
