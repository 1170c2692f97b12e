"""What is said of legs and backs, and of what brings cramps on: each kind of symptom with the phrases that name it, over lower-case text."""

from __future__ import annotations

CANNOT = r"(?:can't|cannot|unable to|not able to|couldn't|no longer able to)"
_LEG = r"(?:legs?|foot|feet|cal(?:f|ves)|thighs?)"
_GRADED = r"(?:(?:muscle |motor )?(?:power|strength|mrc|myotomes?)(?: (?:grade|is|of|at|in|to))*[ :=]{1,2})?(?:(?:left|right|lt|rt|l|r)[ :=]{1,2})?(?<![/.])(?<!pain )(?<!pain: )(?<!score )(?<! on )(?<! since )"
_OF_FIVE = r"[+-]? ?(?:/|out of) ?5(?![/\d]| ?dis[ck])"

LEGS = {
    "unsited-spasm": (r"cramps?", r"cramping", r"spasms?", r"charl(?:ey|ie) horses?"),
    "leg-only-spasm": (r"seizing up", r"seizes up", r"seized up", r"tightening"),
    "unsited-numbness": (
        r"numb",
        r"numbness",
        r"feels? (?:dead|asleep|different|odd|funny|strange|woolly)",
        r"less sensitive",
        r"(?:loss of|lost|reduced|decreased|diminished|altered) (?:\w+ )?sensitivity",
        r"changes? (?:in|to) (?:the )?(?:sensation|feeling)",
        r"dead (?:legs?|foot|feet)",
        r"(?:loss of|lack of|lost|reduced|decreased|diminished|altered|absent|no(?! (?:alter|reduc|abnormal|loss|lost|chang|impair|decreas|diminish|absent))|impaired) (?:(?!bladder|urethral|urinary|vesical|rectal)\w+ )?(?:sensation|feeling|pin ?prick|light touch)",
        r"sensory (?:loss|deficits?|impairment)",
        r"hypo?a?esthesia",
    ),
    "unsited-tingling": (r"tingl\w+", r"pins (?:and|\+) needles", r"dysa?esthesiae?s?", r"par(?:a|ae|e)sthesiae?s?"),
    "unsited-weakness": (
        r"weak",
        r"weaker",
        r"weakness",
        r"paresis",
        r"parapares\w+",
        r"paraparetic",
        r"(?:acute|new|sudden|recent)(?:[- ]onset)? parapleg\w+",
        r"parapleg\w+,? (?:acute|new|sudden|recent)(?: onset)?",
        r"paralys(?:is|ed)",
        r"paralyzed",
        r"legs? (?:\w+ )?(?:give(?:s|n)? (?:way|out)|giving (?:way|out)|gave (?:way|out)|buckl\w+|collaps\w+)",
        r"legs? (?:won't|don't|doesn't|will not) move",
        rf"{CANNOT} move (?:\w+ ){{0,2}}(?:legs?|foot|feet|toes|ankles?)",
        rf"{CANNOT} (?:lift|raise) (?:\w+ ){{0,2}}(?:legs?|thighs?|knees?)",
        r"no movement",
        r"(?:reduced|decreased|diminished|poor|impaired|loss of) (?:motor |muscle )?(?:power|strength)",
        r"(?:power|strength) (?:is )?(?:reduced|decreased|diminished|impaired)",
        rf"{CANNOT} (?:(?:heel|toe|tip-?toe)(?:[- ]walk\w*)?|(?:walk|stand|rise|(?:push|go) up)(?:ing)? on (?:\w+ ){{0,2}}(?:heels?|toes|tip-?toes?))",
    ),
    "graded-weakness": (
        rf"{_GRADED}[0-4]{_OF_FIVE}",
        r"mrc (?:grade )?[0-4]",
        r"grade [0-4][+-]? (?:power|strength)",
        r"(?:power|strength) grade [0-4]",
    ),
    "full-power": (rf"{_GRADED}5{_OF_FIVE}",),
    "foot-drop": (
        r"foot[- ]?drop",
        r"drop foot",
        r"foot[- ]slap(?:s|ping)?",
        r"(?:slapping|steppage|high[- ]stepping) gait",
        r"toe[- ]drag\w*",
        r"toes? catch\w*",
        r"trip(?:s|ping) over (?:\w+ )?(?:toes?|foot|feet)",
        rf"(?:{CANNOT} lift|(?:difficulty|trouble|struggl\w+) (?:with |in |to )?lift(?:ing)?) (?:\w+ )?(?:foot|feet|toes)",
        r"dragging (?:\w+ ){0,2}(?:leg|foot)",
    ),
    "radicular-pain": (
        r"sciatica",
        r"sciatic neuropathy",
        r"lesions? of (?:the )?sciatic nerve",
        r"sciatic (?:nerve )?pain",
        r"radicular (?:leg )?pain",
        r"radic(?:ular)? (?:sx|symptoms?)",
        rf"(?:radiat(?:es?|ing)|(?:pain )?radiation(?=:)|radiation of (?:the )?pain|pain radiation)(?: (?:to|towards?|into|down))?\??:?(?: (?:yes|to|towards|into|down|the|both|left|right|l|r|bilateral),?)* {_LEG}",
        r"(?:shooting|radiating|travelling|traveling) (?:\w+ )?pain",
        rf"(?:pain|lbp|ache) (?:(?:that|which|with) )?(?:\d+/\d+ )?(?:(?:shoot\w*|radiat\w+|travel\w+|run\w*|go\w*|spread\w*) )?(?:from (?:\w+ ){{1,3}})?(?:down|in ?to|to|radiating) (?:\w+ ){{0,3}}{_LEG}",
    ),
    "leg-pain": (r"(?:leg|calf|thigh|lower limb) pain", r"pain in (?:\w+ ){0,3}(?:legs?|calf|calves|thighs?|lower limbs?)"),
    "back-pain": (r"(?:low(?:er)?|lumbar) back pain", r"lbp", r"lumbago", r"back ?ache", r"back pain"),
    "unsited-radiculopathy": (r"radiculopathy", r"radiculitis", r"(?:trapped|pinched|compressed) nerve(?: root)?", r"nerve root compression"),
    "lumbar-disc": (
        r"(?:slipped|herniated|bulging|prolapsed) (?:\w+ ){0,2}dis[ck]",
        r"dis[ck] (?:herniation|prolapse|bulge|protrusion)",
        r"lumb\w+ (?:intervertebral )?dis[ck] (?:lesion|disorders?|displacement|degeneration)",
        r"(?:displacement|degeneration) of lumb\w+ (?:intervertebral )?dis[ck]",
        r"intervertebral dis[ck] displacement, lumb\w+ region",
    ),
    "lumbar-root-compression": (r"lumbosacral (?:plexus|root) disorders?", r"injury of nerve root of (?:lumbar|sacral) spine"),
    "lumbar-stenosis": (
        r"lumbar (?:spinal |canal ){0,2}stenosis",
        r"spinal stenosis(?: of|,)(?: the)? lumb\w+(?: region| spine)?",
        r"stenosis of (?:neural canal|intervertebral foramina) of lumb\w+(?: region)?",
        r"neurogenic claudication",
    ),
    "overuse": (r"overuse", r"over-?exert\w+", r"strenuous exercise", r"overtraining"),
    "static-posture": (
        r"prolonged (?:standing|sitting)",
        r"long sitting",
        r"(?:after|from|with|during|by|due to) long standing",
        r"(?:standing|sitting) for (?:long|hours)",
    ),
    "lumbar-mri": (
        r"(?:mri|mr imaging|magnetic resonance)\b.*?\b(?:lumb\w+|l-?spine|ls spine|l/s spine|(?:whole|entire|total|full) spine|cauda equina)",
        r"(?:lumb\w+|l-?spine|ls spine|l/s spine|(?:whole|entire|total|full) spine)\b.*?\b(?:mri|magnetic resonance)",
        r"mr (?:of (?:the )?)?(?:lumb\w+|l-?spine|whole spine|spine lumb\w+|cervical and thoracic and lumbar)",
    ),
    "power": (r"(?:muscle |motor )?(?:power|strength)", r"\bmrc\b"),
    "sleep-impact": (
        r"(?:awake|wak\w+|woke\w*|sleep\w*|insomnia|nights?)\b.*\b(?:cramp\w*|spasms?)",
        r"(?:cramp\w*|spasms?)\b.*\b(?:awake|wak\w+|woke\w*|sleep\w*|nights? (?:a|per) week)",
    ),
    "activity-impact": (
        rf"{CANNOT} (?:walk|work|exercise|climb|drive)\b[^.]{{0,40}}?\b(?:cramp\w*|spasms?)",
        r"(?:cramp\w*|spasms?|leg)\b[^.]{0,90}?\b(?:interfer\w+|limit\w*|prevent\w*|affect\w*)\b[^.]{0,60}?\b(?:activit\w+|daily|walking|work|mobility)",
    ),
    "cramp-frequency": (
        r"(?:cramp|spasm)s?(?: frequency| (?:episodes )?(?:per|a) week)",
        r"(?:frequency|number) of (?:leg |calf )?(?:cramp|spasm)s",
    ),
    "leg-pain-score": (r"pain (?:score|severity|intensity|nrs|rating)",),
    "sleep-disturbance": (r"insomnia", r"poor sleep", r"difficulty sleeping"),
}
