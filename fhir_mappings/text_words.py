"""The words the text matcher looks for: stems of symptoms, functions, and the first letters of each."""

from __future__ import annotations

import re

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
