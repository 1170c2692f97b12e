"""The words the text matcher looks for: stems of symptoms, functions, and the first letters of each."""

from __future__ import annotations

import re

_URINE = r"(?:urine|urinary|bladder)"
_STOOL = r"(?:(?:loose |liquid )?(?:stools?|f(?:a)?eces|f(?:a)?ecal|bowels?|bms?|bowel movements?|motions?))"
_LINKED = r"(?: and/or | and | or | ?[/+] ?)"
_BOTH = rf"(?:{_URINE}{_LINKED}{_STOOL}|{_STOOL}{_LINKED}{_URINE})"
_UNCONTROLLED = r":? (?:loss of|lost|no) control"
_CANNOT = r"(?:can't|cannot|unable to|not able to|couldn't|no longer able to)"
_OPEN_BOWELS = r"(?:open(?:s|ed|ing)? (?:\w+ )?bowels|(?:\w+ )?bowels open(?:ed|ing)?|poo(?:ing)?|def(?:a)?ecat\w+|pass(?:es|ing)? (?:a )?(?:stools?|motions?|f(?:a)?eces)|(?:a )?(?:bowel movements?|bms?)|pass(?:es|ing)? wind|wind passing)"
_GRADED = r"(?:(?:muscle |motor )?(?:power|strength|mrc|myotomes?)(?: (?:grade|is|of|at|in|to))*[ :=]{1,2})?(?:(?:left|right|lt|rt|l|r)[ :=]{1,2})?(?<![/.])(?<!pain )(?<!pain: )(?<!score )(?<! on )(?<! since )"
_OF_FIVE = r"[+-]? ?(?:/|out of) ?5(?![/\d]| ?dis[ck])"
# kind -> pattern over lower-case text. Order matters only inside one place in the text: the longest match wins.
STEM_WORDS = (
    ("unsited-spasm", r"cramps?|cramping|spasms?|charl(?:ey|ie) horses?"),
    ("leg-only-spasm", r"seizing up|seizes up|seized up|tightening"),
    (
        "unsited-numbness",
        r"numb|numbness|feels? (?:dead|asleep|different|odd|funny|strange|woolly)|less sensitive|(?:loss of|lost|reduced|decreased|diminished|altered) (?:\w+ )?sensitivity|changes? (?:in|to) (?:the )?(?:sensation|feeling)|dead (?:legs?|foot|feet)|(?:loss of|lack of|lost|reduced|decreased|diminished|altered|absent|no(?! (?:alter|reduc|abnormal|loss|lost|chang|impair|decreas|diminish|absent))|impaired) (?:(?!bladder|urethral|urinary|vesical|rectal)\w+ )?(?:sensation|feeling|pin ?prick|light touch)|sensory (?:loss|deficits?)|hypo?a?esthesia",
    ),
    ("unsited-tingling", r"tingl\w+|pins (?:and|\+) needles|dysa?esthesiae?s?|par(?:a|ae|e)sthesiae?s?"),
    (
        "saddle-numbness",
        (
            r"saddle numbness|saddle(?=:? (?:[-+](?:ve)?|positive|negative|yes|no)(?:\W*$|[,;.]))|(?:numb|numbness|(?:no|lost|loss of|reduced|decreased|altered) (?:sensation|feeling)) (?:when|on|while|after) (?:(?:i|you|s?he) )?wip\w+|(?:can(?:no|')t|unable to|not able to) tell (?:if|when|whether) (?:\S+ ){0,3}wip\w+|(?:saddle|perineal|perianal|peri-anal|genital|perineum)(?: area| region)? (?:an(?:a)?esth(?:esia)?|sensory (?:loss|deficits?|disturbances?|impairment|changes?|alteration))|"
            r"(?:can(?:no|')t|can not|couldn't|don't|doesn't|unable to|(?:not|hasn't|haven't) (?:been )?able to) feel (?:\w+ ){0,2}(?:wip\w*|toilet paper|loo roll|bum|bottom|backside|privates?|private parts|bits|genitals?|vagina|penis|saddle|perineum|down below|down there)"
        ),
    ),
    (
        "unsited-weakness",
        (
            r"weak|weaker|weakness|paresis|parapares\w+|paraparetic|(?:acute|new|sudden|recent)(?:[- ]onset)? parapleg\w+|parapleg\w+,? (?:acute|new|sudden|recent)(?: onset)?|paralys(?:is|ed)|paralyzed|legs? (?:\w+ )?(?:give(?:s|n)? (?:way|out)|giving (?:way|out)|gave (?:way|out)|buckl\w+|collaps\w+)|legs? (?:won't|don't|doesn't|will not) move|"
            r"(?:can't|cannot|unable to|not able to) move (?:\w+ ){0,2}(?:legs?|foot|feet|toes|ankles?)|no movement|"
            r"(?:reduced|decreased|diminished|poor|impaired|loss of) (?:motor |muscle )?(?:power|strength)|(?:power|strength) (?:is )?(?:reduced|decreased|diminished|impaired)|"
            rf"{_CANNOT} (?:(?:heel|toe|tip-?toe)(?:[- ]walk\w*)?|(?:walk|stand|rise|(?:push|go) up)(?:ing)? on (?:\w+ ){{0,2}}(?:heels?|toes|tip-?toes?))"
        ),
    ),
    ("graded-weakness", rf"{_GRADED}[0-4]{_OF_FIVE}|mrc (?:grade )?[0-4]|grade [0-4][+-]? (?:power|strength)|(?:power|strength) grade [0-4]"),
    ("full-power", rf"{_GRADED}5{_OF_FIVE}"),
    (
        "foot-drop",
        r"foot[- ]?drop|drop foot|foot[- ]slap(?:s|ping)?|(?:slapping|steppage|high[- ]stepping) gait|toe[- ]drag\w*|toes? catch\w*|trip(?:s|ping) over (?:\w+ )?(?:toes?|foot|feet)|(?:(?:can't|cannot|unable to|not able to) lift|(?:difficulty|trouble|struggl\w+) (?:with |in |to )?lift(?:ing)?) (?:\w+ )?(?:foot|feet|toes)|dragging (?:\w+ ){0,2}(?:leg|foot)",
    ),
    (
        "radicular-pain",
        r"sciatica|sciatic (?:nerve )?pain|radicular (?:leg )?pain|radic(?:ular)? (?:sx|symptoms?)|(?:radiat(?:es?|ing)|(?:pain )?radiation(?=:)|radiation of (?:the )?pain|pain radiation)(?: (?:to|towards?|into|down))?\??:?(?: (?:yes|to|towards|into|down|the|both|left|right|l|r|bilateral),?)* (?:legs?|foot|feet|cal(?:f|ves)|thighs?)|(?:shooting|radiating|travelling|traveling) (?:\w+ )?pain|(?:pain|lbp|ache) (?:(?:that|which|with) )?(?:\d+/\d+ )?(?:(?:shoot\w*|radiat\w+|travel\w+|run\w*|go\w*|spread\w*) )?(?:down|in ?to|to|radiating) (?:\w+ ){0,3}(?:legs?|foot|feet|cal(?:f|ves)|thighs?)",
    ),
    ("leg-pain", r"(?:leg|calf|thigh|lower limb) pain|pain in (?:\w+ ){0,3}(?:legs?|calf|calves|thighs?)"),
    ("back-pain", r"(?:low(?:er)?|lumbar) back pain|lbp|lumbago|back ?ache|back pain"),
    ("unsited-radiculopathy", r"radiculopathy|radiculitis|(?:trapped|pinched|compressed) nerve(?: root)?|nerve root compression"),
    ("lumbar-disc", r"(?:slipped|herniated|bulging|prolapsed) (?:\w+ )?dis[ck]|dis[ck] (?:herniation|prolapse|bulge|protrusion)"),
    ("lumbar-stenosis", r"lumbar (?:spinal |canal )?stenosis|neurogenic claudication"),
    (
        "cauda-equina-syndrome",
        r"cauda equina(?: syndrome| compression)?|ces-? ?[ir]|ces (?:incomplete|retention)|ces",
    ),
    (
        "urinary-incontinence-own-mechanism",
        r"(?:stress|urge(?:ncy)?|mixed|functional|overactive bladder|post[- ]?prostatectomy) (?:urinary )?incontinence(?: of urine)?|(?:urinary |bladder )?incontinence(?: type)?: (?:stress|urge(?:ncy)?|mixed|functional)|sui|uui|oab|incontinence (?:after|following|since|post) (?:\w+ )?prostatectomy|overactive bladder|(?:nocturnal )?enuresis|bed[- ]?wetting|(?:coital|postural) (?:urinary )?incontinence|post[- ](?:micturition|void) dribbl\w+",
    ),
    (
        "both-incontinence",
        rf"doubly incontinent|(?:no longer|not) continent(?: of)? {_BOTH}|(?:double|{_BOTH}) incont(?:inen(?:ce|t))?|incont(?:inen(?:ce|t))?(?: of| to)?(?: both)? {_BOTH}|{_CANNOT} (?:control|hold) (?:(?:the|my|your|his|her|their) )?{_BOTH}",
    ),
    (
        "urinary-incontinence",
        (
            rf"{_URINE}{_UNCONTROLLED}|(?:loss of|lost|no) control (?:(?:the|my|your|his|her|their) )?{_URINE}|"
            r"urinary incontinence|bladder incontinence|incontinen(?:t|ce)(?: of)? urine|(?:urinary )?incont|incontinen(?:t|ce)|(?:no longer|not) continent(?! (?:of|for|to) (?:fa?eces|stools?|bowels?))(?: of urine)?|(?:wet|wetting|wets|pee|pees|peed|peeing|wees|weed|weeing|piss\w*|urinat\w+(?: on)?) (?:(?:my|your|him|her|them)sel(?:f|ves)|(?:the )?bed)|(?:bladder|urinary|urine) accidents?|(?:bed (?:was )?|woke(?: up)? )wet|wet without (?:noticing|knowing|realising|realizing|feeling)|accidents? in (?:the|my|your|his|her) bed|(?:no longer|not) in control (?:of|over) (?:\w+ )?(?:bladder|urine)|"
            r"(?:leak(?:ing|s|age of)?|dribbl(?:ing|es?)) (?:of )?urine|urin(?:e|ary) dribbling|(?:los(?:es|ing|t)|loss of) urine(?! samples?| specimens?)|(?:urin(?:e|ary)|bladder) leak\w*|(?:urine|wee|pee) (?:just )?(?:comes|coming|came|dribbles|runs) out|(?:can't|cannot|unable to|not able to|couldn't|no longer able to) (?:control|hold) (?:\w+ ){0,2}(?:bladder|urine|wee|pee|water)|(?:trouble|difficult\w+|problems?|struggl\w+) (?:with |in |to )?(?:control|hold)(?:ling|ing)? (?:(?:the|my|your|his|her|their) )?(?:bladder|urine|wee|pee|water)"
        ),
    ),
    (
        "neurogenic-bladder",
        r"(?:neurogenic|neuropathic|atonic|acontractile|areflexic|flaccid|hypotonic) (?:urinary )?bladder(?: dysfunction)?|bladder atony|(?:atony|paralysis) of (?:the )?bladder|detrusor (?:areflexia|atony)",
    ),
    (
        "bowel-incontinence-own-mechanism",
        r"functional f(?:a)?ecal incontinence|f(?:a)?ecal (?:smearing|urgency)|encopresis",
    ),
    (
        "bowel-incontinence",
        (
            rf"bowels?{_UNCONTROLLED}|(?:loss of|lost|no) control (?:(?:(?:the|my|your|his|her|their) )?bowels?|(?:of )?(?:wind|flatus))|(?:{_STOOL}|anal|flatus)(?: continence| control| function| status| incontinence)?(?: |: )incont(?:inen(?:ce|t))?|incont(?:inen(?:ce|t))?(?: of| to)? (?:{_STOOL}|flatus)|"
            r"(?:f(?:a)?ecal )?soiling|open(?:ed|s|ing) (?:\w+ )?bowels (?:\w+ ){0,3}?(?:unknowingly|without (?:knowing|noticing|realising|realizing|feeling|awareness))|(?:bowels open(?:ed|ing)?|pass(?:es|ed|ing) (?:a )?(?:stools?|motions?)) without (?:knowing|noticing|realising|realizing|feeling|awareness)|soil(?:ed|ing|s) (?:(?:my|your|him|her|them)sel(?:f|ves)|underwear|clothes|pants|the bed)|(?:bowel|f(?:a)?ecal|stool|poo) accidents?|(?:can't|cannot|unable to|not able to|couldn't|no longer able to) (?:control|hold) (?:\w+ ){0,2}(?:bowels?|stools?|motions?|wind|flatus)|(?:trouble|difficult\w+|problems?|struggl\w+) (?:with |in |to )?(?:control|hold)(?:ling|ing)? (?:(?:the|my|your|his|her|their) )?(?:bowels?|stools?|motions?)|leak(?:ing|s|age of)? (?:of )?(?:stools?|f(?:a)?eces|poo)|(?:stool|f(?:a)?ecal|f(?:a)?eces) leak\w*|poo(?:s|ed|ing|ped|ping)? (?:(?:my|your|him|her|them)sel(?:f|ves)|in (?:\w+ )?bed)|(?:no longer|not) in control (?:of|over) (?:\w+ )?bowels?"
        ),
    ),
    (
        "urinary-retention-own-mechanism",
        r"(?:chronic|(?:drug|medication)[- ]induced|post-?op(?:erative)?) (?:(?:urinary |urine )?retention|retention of urine)",
    ),
    (
        "urinary-retention",
        (
            r"urin(?:ary|e) retention|retention of urine|(?:in|into) retention|aur|(?:acute|painless) retention|(?<!fluid )(?<!water )(?<!salt )(?<!sodium )(?<!co2 )(?<!dioxide )(?<!sputum )(?<!data )(?<!faecal )(?<!fecal )(?<!stool )(?<!placental )retention(?! of (?!\d)| cysts?\b| sutures?\b)|"
            r"(?:can(?:no|')t|can not|couldn't|unable to|not (?:yet |currently )?able to|inability to) (?:\w+ or |open (?:\w+ )?bowels or )?(?:pee|wee|go for a (?:wee|pee)|pass (?:any )?urine|urinate|void|pass water|empty (?:\w+ )?bladder)|(?:not|bladder (?:won't|doesn't|isn't|not)) empty(?:ing)?(?: (?:\w+ )?bladder)?|"
            r"(?:not|hasn't|has not|haven't|have not) (?:been )?(?:pass(?:ing|ed) (?:any )?(?:urine|water)|able to (?:pee|wee|go for a (?:pee|wee)|void|urinate|pass (?:any )?(?:urine|water))|urinated|voided|peed|weed)|(?:not|nil|no|hasn't|has not|haven't) pu(?:'?d)?|hnpu|(?:hasn't|has not|haven't|have not) been (?:to (?:the )?(?:toilet|loo) )?for a (?:wee|pee)|(?:lost|loss of|no) (?:the )?ability to (?:void|urinate|pee|pass (?:urine|water))|(?:not|isn't) (?:voiding|urinating)(?! (?:at|in|during) )|fail(?:s|ed|ing) to (?:void|urinate|pee|wee|pass (?:any )?urine)|fail(?:s|ed|ing) (?:\w+ )?(?:twoc|tov|void(?:ing)? trial|trial (?:without catheter|of void\w*))|(?:twoc|tov) fail(?:ed|ure)|(?:no|nil) (?:urine output|uo)|retaining urine"
        ),
    ),
    (
        "voiding-difficulty",
        r"no warning (?:\w+ )?(?:before|when|that|of) (?:\w+ ){0,3}?(?:pass(?:ing)? urine|urinat\w+|voiding|void|pee\w*|wee\w*|bladder)|(?:no|lost (?:\w+ )?|loss of (?:\w+ )?|reduced|absent) ?(?:urge|desire|need|sensation) to (?:void|urinate|pee|wee|pass urine)|voiding (?:difficult\w+|dysfunction|problems)|micturition difficult\w+|(?:(?:not|isn't|wasn't) |un)aware of (?:passing(?! (?:a )?(?:stools?|motions?|f(?:a)?eces|wind))|needing(?! to (?:open|pass (?:a )?(?:stools?|motions?)|poo|defecate))|bladder)(?: (?:to )?(?:urine|pass urine|pee|void|filling))?|(?:can't|cannot|unable to|not able to) tell (?:if|when|whether) (?:\w+ ){0,3}(?:bladder|full|pee\w*|wee\w*|urin\w+)|insensate (?:to |during |for )?(?:bladder|passing urine|micturition|voiding)|(?:difficulty|trouble|problems?|struggl\w+) (?:in |with |to )?(?:pass(?:ing)? (?:urine|water)|urinat(?:ing|e)|void(?:ing)?|micturition|wee(?:ing)?|pee(?:ing)?)|hard to (?:pee|wee|void|urinate|pass (?:urine|water))|(?:can't|cannot|unable to|inability to|doesn't|does not|do not|don't|not able to) feel (?:\w+ ){0,5}?(?:bladder(?: filling| full)?|passing urine|urine passing|urinat\w+|pee|wee|peeing|weeing)|(?:loss of|lost|reduced|decreased|altered|absent|impaired|no) (?:\w+ )?(?:sensation|feeling) (?:when |while |of |on |during )?(?:passing urine|urinat\w+|voiding|micturition|bladder(?: filling| fullness)?)|(?<!and )(?<!or )bladder (?=dysfunction|disturbance|problems?|symptoms?|difficult|changes?\b)(?:dysfunction|disturbance|problems?|symptoms?|changes?|difficult\w+)|incomplete (?:bladder )?emptying|(?:loss of|lack of|lost|reduced|decreased|altered|absent|impaired|no) (?:bladder|urinary|urethral) (?:sensation|feeling)|(?:poor|weak|intermittent|interrupted|stop[- ](?:and[- ])?start) (?:urinary |urine )?(?:stream|flow)|(?:slow|reduced) (?:(?:urinary|urine) (?:stream|flow)|stream)|(?:urinary|urine) (?:stream|flow) (?:is )?(?:poor|weak)|(?:strain|push)(?:e?s|ing)? to (?:start|void|urinate|pee|wee|pass urine)|push(?:es|ing)? on (?:\w+ )?(?:tummy|bladder|abdomen|belly|stomach) to (?:void|urinate|pee|wee|pass urine)|(?:pu(?:'?d)?|pass(?:ing|es|ed)|voids?|voiding) only (?:in )?dribbl\w+|only pass(?:ing|es) dribbl\w+|bladder (?:is |feels )?numb(?:ness)?|numb bladder|insensate to (?:\w+ )?catheter(?: tug)?|(?:no|absent|negative) catheter tug",
    ),
    (
        "urinary-hesitancy",
        r"hesitancy|takes (?:\w+ ){1,3}to start (?:wee\w*|pee\w*|passing urine|to pass urine|urinat\w+|voiding)|(?:difficulty|trouble) (?:starting|initiating|beginning) (?:to pass urine|urination|micturition|voiding|(?:the |urine |urinary )?stream|(?:urine |urinary )?flow)",
    ),
    (
        "reduced-anal-tone",
        r"(?:no|lax|reduced|decreased|absent|poor|weak|diminished|loss of) (?:anal|rectal|sphincter)(?: sphincter)? tone|(?:lax|weak|patulous|incompetent) (?:anal |rectal )?sphincter|(?:no|nil|absent|lost|reduced) anal wink|anal wink (?:absent|lost|reduced)|(?:anal )?sphincter (?:is )?(?:lax|weak|patulous)|(?:anal|rectal|sphincter) (?:tone|squeeze) (?:is )?weak",
    ),
    ("neurogenic-bowel", r"(?:neurogenic|neuropathic) bowel(?: dysfunction)?"),
    (
        "reduced-bowel-sensation",
        (
            rf"(?:no longer (?:gets?|has|feels?) (?:the |any )?|lost (?:the )?|loss of |no )(?:sensation|feeling|urge) (?:of (?:needing )?)?to (?:{_OPEN_BOWELS})|"
            rf"(?:(?:not|isn't|wasn't) |un)aware of (?:needing to |having )?(?:{_OPEN_BOWELS})|(?:loss of|lost|reduced|decreased|altered|absent|impaired|no) (?:sensation|feeling) (?:when |while |of |on |during |in )(?:{_OPEN_BOWELS}|(?:the )?rect(?:um|al (?:fullness|filling)))|"
            rf"(?:can(?:no|')t|unable to|doesn't|does not|don't|not able to) feel (?:when |that )?(?:\w+ )?(?:{_OPEN_BOWELS})"
        ),
    ),
    (
        "sexual-dysfunction",
        r"erectile dysfunction|impotence|sexual (?:difficult\w+|problems?)|changes? in sexual function|erection (?:problems?|difficult\w+)|(?:can(?:no|')t|unable to) (?:get|achieve|maintain) (?:an )?erections?|sexual dysfunction|loss of erections?",
    ),
    ("dehydration", r"dehydrat\w+"),
    ("hypokalaemia", r"hypokal(?:a)?emia|low potassium"),
    ("hyperkalaemia", r"hyperkal(?:a)?emia|high potassium"),
    ("hypomagnesaemia", r"hypomagnes(?:a)?emia|low magnesium"),
    ("hypocalcaemia", r"hypocalc(?:a)?emia|low calcium"),
    ("hypercalcaemia", r"hypercalc(?:a)?emia|high calcium"),
    ("overuse", r"overuse|over-?exert\w+|strenuous exercise|overtraining"),
    (
        "static-posture",
        r"prolonged (?:standing|sitting)|long sitting|(?:after|from|with|during|by|due to) long standing|(?:standing|sitting) for (?:long|hours)",
    ),
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
    ("bladder-scan", r"bladder scan|post[- ]?void(?:ing)? residual|pvrv?|residual (?:(?:urine|bladder) )?volume|residual \d{2,4} ?mls?|\d{2,4} ?mls? residual"),
    ("power", r"(?:muscle |motor )?(?:power|strength)|\bmrc\b"),
    (
        "sleep-impact",
        r"(?:awake|wak\w+|woke\w*|sleep\w*|insomnia|nights?)\b.*\b(?:cramp\w*|spasms?)|(?:cramp\w*|spasms?)\b.*\b(?:awake|wak\w+|woke\w*|sleep\w*|nights? (?:a|per) week)",
    ),
    (
        "activity-impact",
        r"(?:cramp\w*|spasms?|leg)\b[^.]{0,90}?\b(?:interfer\w+|limit\w*|prevent\w*|affect\w*)\b[^.]{0,60}?\b(?:activit\w+|daily|walking|work|mobility)",
    ),
    ("cramp-frequency", r"(?:cramp|spasm)s?(?: frequency| (?:episodes )?(?:per|a) week)|(?:frequency|number) of (?:leg |calf )?(?:cramp|spasm)s"),
    ("leg-pain-score", r"pain (?:score|severity|intensity|nrs|rating)"),
    ("sleep-disturbance", r"insomnia|poor sleep|difficulty sleeping"),
)
STEMS = tuple((kind, re.compile(rf"(?<![\w-])(?:{stem})(?![\w-])")) for kind, stem in STEM_WORDS)

SAYS_WHERE = frozenset({"radicular-pain", "foot-drop"})
"""Symptoms whose own name says where they are."""

PAINS = frozenset({"leg-pain", "back-pain", "radicular-pain"})
PELVIC = frozenset(
    {"urinary-incontinence", "bowel-incontinence", "both-incontinence", "urinary-retention", "voiding-difficulty", "saddle-numbness", "reduced-anal-tone"}
)
"""What no list of pains goes on with: 'no leg pain, urinary retention' is two statements."""

# A function that is asked about, and the words that say it is lost or kept.
_SADDLE = r"(?:anal|saddle|perineal|perianal|peri-anal|genital|perineum)"
FUNCTION_WORDS = (
    (
        "urinary-incontinence",
        r"continence|(?:bladder|urinary|urine) (?:continence|control|function)|continence of (?:bladder|urine)|control (?:of|over) (?:\w+ )?(?:bladder|urine)|(?:able to|can you) (?:control|hold) (?:\w+ )?(?:bladder|urine)",
    ),
    (
        "bowel-incontinence",
        r"(?:bowels?|f(?:a)?ecal|stool) (?:continence|control|function)|continence of (?:bowels?|stools?|f(?:a)?eces)|control (?:of|over) (?:\w+ )?bowels?|(?:able to|can you) (?:control|hold) (?:\w+ )?(?:bowels?|stools?)",
    ),
    ("both-incontinence", r"(?<!anal )sphincters?(?: (?:control|function)|(?= (?:disturbance|dysfunction|symptoms?|problems?|involvement)))"),
    (
        "saddle-numbness",
        (
            rf"{_SADDLE}(?: area)? (?:sensation|feeling|pin ?prick|light touch|sensory (?:exam\w*|function|testing|level))|sensation (?:in|of|at|over|around|to) (?:the )?{_SADDLE}(?: area| region)?|"
            r"sensation s[2-5](?:\s?[-/]\s?s?[2-5])?|s[2-5](?:\s?[-/]\s?s?[2-5])? (?:sensation|pin ?prick|light touch|dermatom\w+)|feel (?:the )?(?:toilet paper|loo roll|wiping|when (?:you |i )?wip(?:e|ing))"
        ),
    ),
    (
        "unsited-numbness",
        r"(?<!ing )(?<!needles )(?<!numb )sensation|sensory (?:exam\w*|function|testing|(?=(?:[lr]le|ble|left|right|legs?|foot|feet|lower)\b))|light touch|pin ?prick",
    ),
    ("unsited-weakness", r"motor (?:exam\w*|function)|able to move"),
    ("foot-drop", r"able to (?:lift|dorsiflex) (?:\w+ )?(?:foot|feet|toes)"),
    (
        "voiding-difficulty",
        r"(?:bladder|urethral|urinary) sensation|sensation of (?:bladder )?(?:filling|fullness)|water ?works|(?:bladder|urinary) voiding|(?:able to (?:tell|feel)|can you (?:tell|feel)|do you know) (?:when|if|that) (?:\w+ )?bladder|(?:able to|can you|do you) feel (?:when (?:you )?|the )?(?:pass(?:ing)? urine|urine passing|pee(?:ing)?|wee(?:ing)?|urinat\w+)|urge to (?:void|urinate)",
    ),
    (
        "reduced-bowel-sensation",
        rf"(?:able to|can you|do you) feel (?:when (?:you )?)?(?:{_OPEN_BOWELS})|rectal (?:sensation|fullness)|sensation of rectal (?:fullness|filling)",
    ),
    ("urinary-retention", r"able to (?:void|urinate|pass (?:urine|water)|empty (?:the )?bladder)"),
    (
        "reduced-anal-tone",
        r"(?:anal|rectal|sphincter)(?: sphincter)? (?:tone|squeeze)|voluntary (?:anal|sphincter) contraction|tone|anal wink|anocutaneous reflex|bulbo ?cavernosus reflex",
    ),
)
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

# Short words that count only beside others: 'CES' in a text about a spine, 'tone' of a rectal examination, '2/5' of muscle power.
ONLY_BESIDE = {
    "ces": re.compile(
        r"\b(?:mri|cauda|saddle|sciati\w+|dis[ck]|lumbar|bladder|retention|incontinen\w+|back|legs?|decompress\w+|spin\w+|exclud\w*|exclude|rule\w*|r/o|query|suspect\w*|possib\w+|probable|likely|concern\w*|impression|confirmed|acute|new|red|safety|had|reassured|suspicion|suggest\w*|consistent|incomplete|unlikely|nothing|no(?= ces)|diagnos\w+|symptoms|syndrome|evidence|doubt\w*|\d{4})\b|\bces ?\?"
    ),
    "tone": re.compile(r"\b(?:pr|dre|anal|rectal|sphincter|squeeze)\b"),
    "graded-weakness": re.compile(
        r"\b(?:power|strength|mrc|myotomes?|motor(?! vehicle| ?cycle)|ehl|fhl|(?:dorsi|plantar) ?flex\w+|(?:hip|knee|toe|hallux) (?:flex|exten|abduct|adduct)\w+|quad(?:s|riceps)|hamstrings?|tib(?:ialis)? ant\w*|gastrocnemius)\b"
    ),
}

# The first letters of one word that every stem above needs: a cheap way to pass over text that names none of them.
HEADS = frozenset(
    """cram spas char seiz tigh numb dead loss lost redu decr dimi alte abse no impa sens hypo ting pins pare para sadd feel weak give givi buck foot drop trip drag
    scia radi bedw awak lbp trip aur trou soil cari lift lle rle le les ble bles ces no not unab coul hasn pain mri mr hypo hype low high can cont micr shoo pain lumb back trap pinc comp nerv slip hern bulg prol disc disk neur caud inco over enur post wett wet wets leak blad bowe soil stoo rete pee pass
    urin void diff hesi lax poor weak anal rect sphi erec impo sexu dehy exer stre stra prol long stan preg pros bph mult cere spin stro poly peri moto hemi mri mr
    magn pvr pvrv resi powe mrc wak woke slee nigh inso cont geni
    ache have feca faec cann sitt leg legs un s2 s3 s4 s5 myot pee peei peed pees wee weei weed wees pud uo piss inte stop warn slap step high toe toes take slow poo pooe pooi poop poos acci urge inse wate tone lack cesi cesr hnpu nil unaw isn wasn mict move pu push fail twoc nega cath lose losi open moti
    oab sui uui ehl dors aton acon aref dyse dysa hypa enco func mixe drug medi coit post flac detr drib bulb ligh pin pinp anoc""".split()
)
