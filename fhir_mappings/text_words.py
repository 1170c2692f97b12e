"""The words the text matcher knows: symptom stems, functions, and the cues that deny, doubt, date or hand them to somebody else."""

from __future__ import annotations

import re

from cards.guidance.findings import Severity

# kind -> pattern over lower-case text. Order matters only inside one place in the text: the longest match wins.
STEM_WORDS = (
    ("unsited-spasm", r"cramps?|cramping|spasms?|charl(?:ey|ie) horses?"),
    ("leg-only-spasm", r"seizing up|seizes up|seized up|tightening"),
    (
        "unsited-numbness",
        r"numb|numbness|dead (?:legs?|foot|feet)|(?:loss of|lost|reduced|decreased|diminished|altered|absent|no|impaired) (?:\w+ )?(?:sensation|feeling|pin ?prick|light touch)|sensory (?:loss|deficits?)|hypoa?esthesia",
    ),
    ("unsited-tingling", r"tingl\w+|pins and needles|pins & needles|par(?:a|ae|e)sthesiae?s?"),
    ("saddle-numbness", r"saddle (?:an(?:a)?esthesia|numbness)|(?:can(?:no|')t|can not|unable to) feel (?:\w+ ){0,2}(?:wip\w+|toilet paper)"),
    (
        "unsited-weakness",
        (
            r"weak|weakness|paresis|paralys(?:is|ed)|paralyzed|legs? (?:\w+ )?(?:give(?:s|n)? way|giving way|buckl\w+)|(?:can't|cannot|unable to|not able to) move (?:\w+ ){0,2}(?:legs?|foot|feet|toes|ankles?)|no movement|"
            r"(?:reduced|decreased|diminished|poor|impaired|loss of) (?:motor |muscle )?(?:power|strength)|(?:power|strength|mrc)(?: grade)? ?(?:is |of )?[0-4][+-]?/5"
        ),
    ),
    (
        "foot-drop",
        r"foot[- ]?drop|drop foot|trip(?:s|ping) over (?:\w+ )?(?:toes?|foot|feet)|(?:can't|cannot|unable to|not able to) lift (?:\w+ )?(?:foot|feet|toes)|dragging (?:\w+ )?(?:leg|foot)",
    ),
    (
        "radicular-pain",
        r"sciatica|sciatic (?:nerve )?pain|radicular (?:leg )?pain|(?:shooting|radiating|travelling|traveling) (?:\w+ )?pain|(?:pain|lbp|ache) (?:(?:that|which|with) )?(?:(?:shoot\w*|radiat\w+|travel\w+|run\w*|go\w*|spread\w*) )?(?:down|in ?to|to) (?:\w+ ){0,3}(?:legs?|foot|feet|cal(?:f|ves)|thighs?)",
    ),
    ("leg-pain", r"(?:leg|calf|thigh|lower limb) pain|pain in (?:\w+ ){0,3}(?:legs?|calf|calves|thighs?)"),
    ("back-pain", r"(?:low(?:er)?|lumbar) back pain|lbp|lumbago|back ?ache|back pain"),
    ("unsited-radiculopathy", r"radiculopathy|radiculitis|(?:trapped|pinched|compressed) nerve(?: root)?|nerve root compression"),
    ("lumbar-disc", r"(?:slipped|herniated|bulging|prolapsed) (?:\w+ )?dis[ck]|dis[ck] (?:herniation|prolapse|bulge|protrusion)"),
    ("lumbar-stenosis", r"lumbar (?:spinal |canal )?stenosis|neurogenic claudication"),
    (
        "cauda-equina-syndrome",
        r"cauda equina(?: syndrome| compression)?|ces(?= syndrome)|(?<=query )ces|(?<=suspected )ces|(?<=possible )ces|(?<=rule out )ces|(?<=r/o )ces|(?<=suspect )ces|(?<=exclude )ces|(?<=no )ces(?= red)",
    ),
    (
        "urinary-incontinence-own-mechanism",
        r"(?:stress|urge|mixed|functional|overactive bladder) (?:urinary )?incontinence|overactive bladder|(?:nocturnal )?enuresis|bed[- ]?wetting|post[- ]micturition dribbl\w+",
    ),
    (
        "urinary-incontinence",
        (
            r"urinary incontinence|bladder incontinence|incontinen(?:t|ce) of urine|incontinen(?:t|ce)|(?:no longer|not) continent(?: of urine)?|(?:wet|wetting|wets) (?:(?:my|him|her|them)sel(?:f|ves)|the bed)|(?:bladder|urinary|urine) accidents?|"
            r"leak(?:ing|s|age of)? (?:of )?urine|(?:urin(?:e|ary)|bladder) leak\w*|(?:can't|cannot|unable to|not able to|couldn't|no longer able to) (?:control|hold) (?:\w+ ){0,2}(?:bladder|urine|wee|pee|water)"
        ),
    ),
    (
        "both-incontinence",
        r"doubly incontinent|(?:double|(?:urinary|bladder)(?: and/or | and | or |/)(?:f(?:a)?ecal|bowel)|(?:f(?:a)?ecal|bowel)(?: and/or | and | or |/)(?:urinary|bladder)) incontinence|incontinen(?:t|ce) of (?:urine|bladder) and (?:stools?|f(?:a)?eces|bowels?)",
    ),
    (
        "bowel-incontinence",
        r"(?:f(?:a)?ecal|bowel|stool) incontinence|incontinen(?:t|ce) of (?:stools?|f(?:a)?eces|bowels?)|(?:f(?:a)?ecal )?soiling|soil(?:ed|ing|s) (?:(?:my|him|her|them)sel(?:f|ves)|underwear|clothes|pants|the bed)|(?:bowel|f(?:a)?ecal) accidents?|(?:can't|cannot|unable to|not able to|couldn't|no longer able to) (?:control|hold) (?:\w+ ){0,2}(?:bowels?|stools?|motions?)|(?:leak(?:ing|age of)?) stool|stool leakage",
    ),
    (
        "urinary-retention",
        r"urin(?:ary|e) retention|retention of urine|(?:in|into) retention|aur|(?:acute|painless|chronic) retention|(?:can(?:no|')t|can not|couldn't|unable to|not able to|inability to) (?:pee|wee|pass (?:any )?urine|urinate|void|pass water)|(?:not|hasn't|has not) (?:been )?pass(?:ing|ed) (?:any )?(?:urine|water)",
    ),
    (
        "voiding-difficulty",
        r"no urge to (?:void|urinate|pee)|(?:difficulty|trouble) (?:in |with )?(?:passing (?:urine|water)|urinating|voiding|micturition|weeing|peeing)|(?:can't|cannot|unable to|doesn't|not able to) feel (?:\w+ ){0,3}(?:bladder(?: filling| full)?|passing urine|urinat\w+|peeing|weeing)|(?:loss of|lost|reduced|decreased|altered|absent|impaired|no) (?:\w+ )?sensation (?:when |while |of |on |during )?(?:passing urine|urinat\w+|voiding|micturition|bladder (?:filling|fullness))|(?<!and )(?<!or )bladder (?=dysfunction|disturbance|problems?|symptoms?|difficult)(?:dysfunction|disturbance|problems?|symptoms?|difficult\w+)|incomplete (?:bladder )?emptying|(?:loss of|lost|reduced|decreased|altered|absent|impaired|no) (?:bladder|urinary|urethral) sensation|(?:poor|weak) (?:urinary |urine )?(?:stream|flow)|straining to (?:void|urinate|pee|wee|pass urine)",
    ),
    ("urinary-hesitancy", r"hesitancy|difficulty starting (?:to pass urine|urination)"),
    ("reduced-anal-tone", r"(?:no|lax|reduced|decreased|absent|poor|weak|diminished|loss of) (?:anal|rectal|sphincter)(?: sphincter)? tone"),
    ("sexual-dysfunction", r"erectile dysfunction|impotence|can(?:no|')t get an erection|sexual dysfunction|loss of erections?"),
    ("dehydration", r"dehydrat\w+"),
    ("hypokalaemia", r"hypokal(?:a)?emia|low potassium"),
    ("hyperkalaemia", r"hyperkal(?:a)?emia|high potassium"),
    ("hypomagnesaemia", r"hypomagnes(?:a)?emia|low magnesium"),
    ("hypocalcaemia", r"hypocalc(?:a)?emia|low calcium"),
    ("hypercalcaemia", r"hypercalc(?:a)?emia|high calcium"),
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
        (
            r"(?:mri|mr imaging|magnetic resonance)\b.*?\b(?:lumb\w+|l-?spine|ls spine|l/s spine|(?:whole|entire|total|full) spine|cauda equina)|(?:lumb\w+|l-?spine|ls spine|l/s spine|(?:whole|entire|total|full) spine)\b.*?\b(?:mri|magnetic resonance)|"
            r"mr (?:of (?:the )?)?(?:lumb\w+|l-?spine|whole spine|spine lumb\w+|cervical and thoracic and lumbar)"
        ),
    ),
    ("bladder-scan", r"bladder scan|post[- ]?void(?:ing)? residual|pvr|residual (?:urine|bladder) volume"),
    ("power", r"(?:muscle |motor )?(?:power|strength)|\bmrc\b"),
    (
        "sleep-impact",
        r"(?:awake|wak\w+|woke\w*|sleep\w*|insomnia|nights?)\b.*\b(?:cramp\w*|spasms?)|(?:cramp\w*|spasms?)\b.*\b(?:awake|wak\w+|woke\w*|sleep\w*|nights? (?:a|per) week)",
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
        r"(?:bladder|urinary|urine) (?:continence|control|function)|control of (?:\w+ )?(?:bladder|urine)|bladder(?=,? (?:and/or|and|or|/|&) ?bowels?\b)|bladder(?=/bowels?\b)|bladder(?=, bowels?\b)|(?<=bowel or )bladder|(?<=bowel and )bladder|(?<=bowel/)bladder|(?<=bowels or )bladder",
    ),
    (
        "bowel-incontinence",
        r"(?:bowels?|f(?:a)?ecal|stool) (?:continence|control|function)|control of (?:\w+ )?bowels?|bowels?(?= (?:and|or) bladder\b)|bowels?(?=/bladder\b)|(?<=bladder and )bowels?|(?<=bladder or )bowels?|(?<=bladder/)bowels?|(?<=bladder, )bowels?",
    ),
    (
        "saddle-numbness",
        r"(?:saddle|perineal|perianal|genital)(?: area)? (?:sensation|feeling|sensory \w+)|sensation (?:in|of) (?:the )?(?:saddle|perine\w+|perianal)(?: area| region)?",
    ),
    ("voiding-difficulty", r"(?:bladder|urethral|urinary) sensation|sensation of (?:bladder )?(?:filling|fullness)"),
    ("reduced-anal-tone", r"(?:anal|rectal|sphincter)(?: sphincter)? tone"),
)
FUNCTIONS = tuple((kind, re.compile(rf"\b(?:{stem})\b")) for kind, stem in FUNCTION_WORDS)

# The first letters of one word that every stem above needs: a cheap way to pass over text that names none of them.
HEADS = frozenset(
    """cram spas char seiz tigh numb dead loss lost redu decr dimi alte abse no impa sens hypo ting pins pare para sadd feel weak give givi buck foot drop trip drag
    scia radi bedw awak lbp trip aur trou soil cari lift lle rle le les ble bles l/e ces can't no not unab coul hasn pain mri mr hypo hype low high can cont micr shoo pain lumb back trap pinc comp nerv slip hern bulg prol disc disk neur caud inco over enur post wett wet wets leak blad bowe soil stoo rete pee pass
    urin void diff hesi lax poor weak anal rect sphi erec impo sexu dehy exer stre stra prol long stan preg pros bph mult cere spin stro poly peri moto hemi mri mr
    magn pvr resi powe mrc wak woke slee nigh inso cont geni""".split()
)

# --- context: how far each cue reaches is written in text_context
SENTENCE_ENDS = re.compile(r"[.;!\n]|\?(?!\s*$)")
BREAKS = re.compile(
    r"[.;!?\n]|\b(?:but|however|except|although|though|whereas|not only|only|then|has|have|having|reports?|complains? of|presents? with|c/o|positive for|now)\b|,\s*(?=(?:has|reports|with)\b)"
)
QUERIED = re.compile(r"(?:^|(?<=[\s(,;:/-]))\?+\s*(?=\w)")
PSEUDO = re.compile(
    r"\b(?:no (?:significant |real )?(?:change|improvement|relief|resolution|better|worse|worsening)(?: in| of| to| from)?|not only|not (?:yet )?(?:resolved|improved|better|improving|settled|settling|gone)|"
    r"never (?:went|goes|gone|resolved|settled)(?: away)?|(?:without|no) (?:relief|improvement|warning|trauma|injury)|no longer (?=in control))\b"
)
"""Words that look like a denial and are none; taken out before anything is judged."""
DENY_BEFORE = re.compile(
    r"\b(?:(?:no|denies|without) (?:any |current |new )?(?:problems?|issues?|difficult\w+|trouble|concerns?) with|no|not|denies|denied|denying|without|negative for|neg for|negative|neg|never|none|absence of|free of|nil|neither|nor|isn't|hasn't|doesn't have|didn't have|(?<=-)ve)\b"
    r"(?! longer (?:able|continent|in control)\b)(?!.*\b(?:due to|because|secondary to|owing to|caused by|despite|after|following|when|during|since|with)\b)"
)
DENY_LIST = re.compile(
    r"\b(?:denies|denied|denying|negative for|absence of|free of|no (?:evidence|complaints?|signs?|symptoms?|history) of|no new|neither|nil|no red flags?:?)\b"
)
AFFIRM_AFTER = re.compile(r"^\W*(?:yes|present|positive|\+ve|true)\b|^\s*\(?\+")
OR, OR_NEXT = re.compile(r"\b(?:or|nor|and/or)\b"), re.compile(r"[\w\s,/-]*\b(?:or|nor|and/or) *$|^\s*(?:,\s*)?(?:or|nor)\b")
DENY_AFTER = re.compile(
    r"^\W*(?:(?:is|was|are|were|has been|have been|currently|today|all) )*(?:no|none|nil|absent|negative|neg|nad|denie[sd]|false|not (?:present|noted|reported|seen|evident|found|elicited|demonstrated)|ruled out|excluded|[-–]ve|-(?=\)|\s*$))"
    r"\s*\)?\s*(?=$|[.,;)!]|(?:today|at present|currently|now|on (?:examination|exam|direct|questioning)|o/e|bilaterally|on both sides|at this visit|so far|per patient|by patient|since)\b)"
)
WHERE_AFTER = re.compile(
    r"^\s+(?:in|of|at|over|to|on) (?:[\w-]+\s?){1,4}?(?=[:,;.(=–-]|\s-|$|\b(?:is|was|are|were|no|none|nil|absent|negative|denied|denies|not|ruled|excluded)\b)"
)
UNTIL = re.compile(r"^[^,.;]*\b(?:until|till|before (?:yesterday|today|this|last)|prior to (?:yesterday|today|this|last))\b")
SUSPECT_BEFORE = re.compile(
    r"\b(?:rule out|rule-out|r/o|cannot exclude|can't exclude|exclude|query|possible|possibly|suspected|suspect|suspicion of|probable|probably|likely|concern for|(?<!no )concerns? (?:about|re)|concerning for|differential|evaluate for|to exclude|may have|might have|"
    r"cannot rule out|can't rule out|consider)\b(?!.*\b(?:with|causing|leading to|and has)\b)"
)
SUSPECT_AFTER = re.compile(
    r"^\W*(?:(?:is|was|are|remains?) )?(?:suspected|possible|probable|likely|queried|to be (?:excluded|ruled out)|not (?:excluded|ruled out)|(?:cannot|can't) be (?:excluded|ruled out))\s*\)?\s*(?=$|[.,;)!])|^\s*\(?\?+\)?\s*(?=$|[.,;)!])"
)
NOW = re.compile(
    r"\b(?:now|new|newly|current|currently|today|yesterday|acute|since|recent|recently|started|for the (?:last|past)|x ?\d+|\d+ ?(?:d|/7|days?|hours?|weeks?))\b"
)
HISTORY_LIST = re.compile(r"\b(?:history of|history:|h/o|hx of|hx:|pmhx?|past medical history|past history)(?!.*\bwith\b)")
FORMER_BEFORE = re.compile(
    r"\b(?:previous(?:ly)?|prior|former(?:ly)?|old|past(?! (?:\d|few|several|couple|two|three|four|five|six|week|day|month|year|night|hour|48|24)))\s+(?:(?!with\b|surgery\b|operation\b)\w+\s+){0,2}$"
)
STILL = re.compile(
    r"\bnot (?:yet |fully |completely )?(?:resolved|recovered|settled|gone)\b|\bno resolution\b|\bunresolved\b|\b(?:recurred|returned|come back|came back|flared|now again)\b"
)
OVER_AFTER = re.compile(
    r"^\W*(?:(?!since\b|started\b|began\b|onset\b|for\b|after\b|following\b)[\w/]+\W+){0,3}?(?:resolved|recovered|in childhood|as a child|years ago|in the past|settled|cleared|gone|stopped|ceased)\b"
)
_RELATIVE = r"(?:mother|father|brother|sister|parents?|sibling|son|daughter|aunt|uncle|cousin|grand(?:mother|father|parent|dad|ma)\w*|mum|mom|dad)(?:'s)?"
_TELLS = r"(?:reports?|reported|says?|said|states?|stated|notic\w+|concern\w*|describ\w+|informs?|informed|tells?|told|worried|feels?|thinks?|called|brought|present|accompan\w+)"
FAMILY_BEFORE = re.compile(
    rf"\b(?:family history|fhx|fh|maternal|paternal)\b|(?<!per )(?<!per his )(?<!per her )(?<!by )(?<!from )(?<!with )(?<!according to )\b{_RELATIVE}\b(?!(?:/\w+)? {_TELLS}\b)(?!/{_RELATIVE} {_TELLS}\b)"
)
FAMILY_AFTER = re.compile(rf"^\s*(?:\(|in (?:his |her |my |the |their )?|of (?:his |her |my |the )?){_RELATIVE}\b")
ADVICE_BEFORE = re.compile(
    r"\b(?:return (?:immediately |urgently )?(?:if|for|with)|come back if|if|should (?:\w+ ){0,5}(?=develop|occur|$)|in case of|in the event of|advised (?:about|of|on|re|regarding|to (?:return|seek|watch|report|look|attend if|call)|that)|warned|watch(?:ing)? (?:out )?for|look out for|"
    r"educat\w+|counsell?ed|safety[- ]net\w*|leaflet|advice|instruct\w+)\b"
)
RISK_BEFORE = re.compile(r"\b(?:risks? (?:of|for)|fear of|afraid of|screen(?:ing|ed)? for|prevention of|prevent|prophylaxis (?:of|for|against)|to avoid)\b")
ADVICE_AFTER = re.compile(
    r"^\W*(?:pads?|products?|supplies|advice|leaflet|counsell?ing|education|screening|clinic|service|risk|prevention|exercises?|program(?:me)?|nurse|team|pathway|warning|warnings|symptoms? (?:explained|discussed))\b"
)
PAST_LABEL = re.compile(r"\b(?:past|previous|previously|prior|former|formerly)\b")
ASIDES = frozenset({"sleep-impact", "activity-impact", "cramp-frequency", "lumbar-mri"})
EFFECTS = frozenset({"sleep-impact", "activity-impact"})
NO_EFFECT = re.compile(
    r"\b(?:(?:not|never|no longer|without|doesn't|don't|didn't) (?:\w+ )?(?:disturb|wak|woke|affect|limit|interfer|prevent|keep)\w*|rarely|seldom|occasionally|once (?:a|per|every) (?:week|month|year|fortnight)|"
    r"(?:a|per|every) (?:month|year)|monthly|yearly|sleep(?:s|ing)? (?:is )?(?:undisturbed|unaffected|fine|ok|okay|good|well))\b"
)
NO_SLEEP = re.compile(r"\b(?:not|no|can't|cannot|unable to|poor|little) sleep")
# --- functions: words that say one is in trouble, lost or kept
LINK = re.compile(r"\s*(?:,|and/or|,?\s*and|,?\s*or|/|&)\s*")
_TROUBLE = r"(?:dysfunction|problems?|disturbances?|difficult\w+|symptoms?|issues?|changes?|alterations?|involvement|deficits?|abnormalit\w+|disorders?|trouble|complaints?|concerns?|upset)"
TROUBLE_AFTER = re.compile(rf"^\W*(?:control |function )?{_TROUBLE}\b")
TROUBLE_BEFORE = re.compile(
    rf"\b{_TROUBLE} (?:with|in|of|to|re|about|regarding|controlling) (?:(?:the|his|her|my|their|new|any|bladder|bowels?|urinary|and|or) )*$"
)
NO_FUNCTION = re.compile(r"\bno(?: longer has| longer)? (?:\w+ )?$")
NOT_KEPT = re.compile(r"\b(?:not|no longer|isn't|never) (?:\w+ )?(?:normal|intact|preserved|full|good|retained|there|present|continent|controlled)\b")
LOST = re.compile(
    r"\b(?:loss|lost|losing|impairment|reduced|reduction in|decreased|diminished|absent|impaired|altered|abnormal|poor|no|lax|weak|numb|cannot|can't|unable to|(?:not|isn't) (?:normal|intact|preserved|full|good))\b"
)
KEPT = re.compile(
    r"(?<!not )(?<!isn't )\b(?:normal|intact|preserved|full|good|retained|unaffected|unimpaired|maintained|has|yes|ok|okay|fine|nad|wnl|within normal limits)\b"
)
CONTINENT = (
    (
        "bowel-incontinence",
        re.compile(
            r"\bcontinent (?:of|for|to) (?:f(?:a)?eces|stools?|bowels?)\b|\bbowels? continent\b|\bcontinent of (?:urine|bladder) and (?:f(?:a)?eces|stools?|bowels?)\b|\bdoubly continent\b"
        ),
    ),
    ("urinary-incontinence", re.compile(r"\bcontinent (?:of|for|to) (?:urine|bladder)\b|\bbladder continent\b|\bdoubly continent\b")),
)
NOT_CONTINENT = re.compile(r"\b(?:no longer|not|isn't|never|un)\s+(?:\w+ )?$")
ONCE_CONTINENT = re.compile(r"\b(?:previously|formerly|usually|normally|was|used to be|had been|until)\s+(?:\w+ )?$")

# --- places
BARE_SITE = re.compile(
    r"\s*(?:(?:and|also|&|the|then|both|bilateral(?:ly)?|left|right|lt|rt|l|r|upper|lower|more|than|worse|sides?|side|on|in|of|legs?|cal(?:f|ves)|thighs?|foot|feet|toes?|ankles?|knees?|buttocks?|perineum|saddle(?: area)?|perianal(?: area)?|groin|genitals?|arms?|hands?|hips?|big|great|dorsiflexion|plantar ?flexion|flexion|extension|inversion|eversion)\b[\s/&-]*)+"
)
SIDE_LINK = re.compile(
    r"\s*(?:(?:the|lower|upper|lumbar|posterior|lateral|medial|anterior|great|big|sided|side|side of(?: the)?|and|right|left|or|more|than|new|severe|acute|leg|foot|l[1-5]|s1)\b[\s/&,-]*)*"
)

# --- course and severity
_STANDS_ALONE = r"(?=\s*(?:$|[,.;):]|(?:at|in|on|over|since|for|when|after|during|and|to|than|but|today|now|this|last|despite|with)\b))"
WORSE = re.compile(
    r"\b(?:worsening|worsened|increasing|increasingly|progressive|progressively|progressing|deteriorat\w+|(?:getting|got|become|becoming|much|now|feels?) worse|worse(?! (?:at|with|in the (?:evening|morning|night)|after|on|when|by|during|overnight|lying|walking|if)\b))\b"
)
NOT_WORSE = re.compile(r"\b(?:not|no|isn't|without|never) (?:\w+ )?(?:worse|worsening|worsened|increasing|progress\w+|deteriorat\w+)\b")
CHRONIC = re.compile(r"\b(?<!not )(?<!non-)(?:chronic|persistent|persisting|long-?standing|longstanding|ongoing|constant)\b")
SEVERE = (
    (Severity.SEVERE, re.compile(r"(?<!not )(?<!non-)(?<!less )(?<!no )(?<!never )\b(?:severe|severely|very severe|excruciating|unbearable)\b")),
    (Severity.MODERATE, re.compile(r"(?<!not )\bmoderate(?:ly)?\b")),
    (Severity.MILD, re.compile(r"(?<!not )\b(?:mild|mildly|slight|slightly)\b")),
)
SEVERE_POWER = re.compile(r"\b[0-3][+-]?/5\b")
OTHER_SUBJECT = re.compile(r"\b(?:with|due to|secondary to|because of|caused by|in the setting of|from|and has|plus)\b|[.;!?\n]")
QUALIFIER_ALONE = re.compile(
    rf"\s*(?:(?:is|are|was|very|more|quite|now|getting|much|often) )*(?:chronic|persistent|ongoing|constant|severe|severely|moderate|mild|slight|worse|worsening|increasing|progressive|excruciating|unbearable|deteriorating){_STANDS_ALONE}.*"
)
BLURRED = re.compile(
    r"saddle (?:embol\w+|thromb\w+|nose)|numb(?:ing|ed)? (?:cream|gel|spray|with)|leg bag|anaesthe(?:tic|tist)|anesthe(?:tic|siolog)\w*|spastic colon|local an(?:a)?esthesia|general an(?:a)?esthesia|spinal an(?:a)?esthesia|"
    r"heat ?stroke|stroke (?:prevention|clinic|unit|risk|volume|pathway)|breast ?stroke"
)

# --- answers
UNASKED = re.compile(
    r"\b(?:not assessed|not examined|not asked|not tested|not done|not known|unable to (?:assess|answer|test|obtain)|unknown|unsure|n/a|not applicable|declined|refused|deferred|cannot be assessed|could not be assessed|pending)\b"
)
CLAUSE_ENDS = re.compile(r"[,.;!\n]|\s[-–—]\s|\b(?:but|however|although|though|whereas|now|until|then|except)\b")
SAME_AGAIN = re.compile(
    r"^(?:no (?:significant |real )?(?:change|improvement|relief|better|worse|different)|not (?:yet )?(?:resolved|improved|better|improving|worse|gone|settled)|never (?:went|goes|gone)(?: away)?|without relief)\b"
)
BEFORE_NOW = re.compile(r"\b(?:before|previously|prior|initially|at first|last (?:week|month|year|visit)|used to)\b")
SITE_ANSWER = re.compile(
    r"(?:(?:since|for|after|from|every|most|several|some|many|few|once|twice|daily|nightly|weekly|often|frequent\w*|occasional\w*|intermittent\w*|sometimes|constant\w*|patchy|partial\w*|bilateral\w*|both|left|right|new|newly|started|began|onset)\b|[<>~]?\d+ ?(?:x|times|d|days?|weeks?|/)).*"
)
YES = re.compile(
    r"^(?:y|yes|yeah|present|known present|positive|pos|true|confirmed|reported|reports|complains|ongoing|unchanged|same|worse|worsening|severe|moderate|mild|slight|marked|impaired|abnormal|incontinent|leaking|wet)\b|^\(?\+"
)
_NOTHING = r"(?:symptoms?|issues?|complaints?|evidence|signs?|problems?|concerns?|numbness|tingling|weakness|cramps?|cramping|spasms?|pain|incontinence|leakage|leaking|accidents?|episodes?|retention|difficult\w+|deficits?|loss|abnormalit\w+|involvement)"
_SO_FAR = r"(?:today|currently|at present|now|at this time|reported|noted|present|seen|found|on (?:exam|examination|direct questioning)|bilaterally|on both sides|in (?:either|both|the) \w+|of note|at all|so far|this visit|by patient|per patient|any|current|new|such)"
NO = re.compile(
    rf"(?:n|no|none|absent|negative|neg|false|nil|never|denies|denied|not present|not noted|not reported|nad|wnl|within normal limits|normal|free|(?:fully )?continent|dry|not numb|not weak|-ve|no\.?)(?: (?:{_SO_FAR}|{_NOTHING}|or|and|any|of))*|\(?-(?:ve)?\)?"
)
FUNCTION_LOST = re.compile(
    r"\b(?:(?:in|not |no longer )\s*continent|incontinen\w+|(?:not|no longer|isn't) (?:\w+ )?(?:normal|intact|preserved|full|good|present)|absent|lost|loss|reduced|impaired|altered|decreased|abnormal|poor|diminished|numb\w*|lax|weak\w*|none|dulled?|less|different|patchy|asymmetric\w*)\b|^no(?:ne)?\b(?! (?:abnormal|deficit|loss|numb|impairment|change|concern|issue|problem))"
)
FUNCTION_KEPT = re.compile(
    r"\b(?:continent|normal|intact|yes|present|preserved|full|good|wnl|within normal limits|unimpaired|nad|ok|okay|fine|no (?:abnormalit\w+|deficits?|loss|numbness|impairment|change|concerns?|issues?|problems?))\b|^y$"
)
