"""Phrases of a second review: a loss beside its denial, the many ways to say one, and noise. Same signs as in red_flag_sentences."""

KEPT_HERE_LOST_THERE = [
    ("saddle sensation intact on right, reduced on left", "SN+"),
    ("saddle sensation normal left, absent right", "SN+"),
    ("perianal sensation intact left, reduced right", "SN+"),
    ("sensation S2 intact, S3-5 reduced perianally", "SN+"),
    ("no bladder symptoms apart from retention", "VD- UR+"),
    ("no red flags apart from saddle numbness", "SN+"),
    ("no red flags other than saddle numbness", "SN+"),
    ("no red flags besides saddle numbness", "SN+"),
    ("denied incontinence initially, later admitted wetting herself", "UI+"),
    ("initially denied saddle numbness, now reports it", "SN+"),
    ("not aware of soiling", "BI?"),
    ("no nocturnal incontinence, daytime incontinence", "UI+"),
    ("denies daytime incontinence, wets bed", "UI+"),
    ("no back pain, no fever, no incontinence, numb perineum", "UI- SN+"),
    ("no leg pain, urinary retention", "UR+"),
    ("bladder normal, bowel incontinent", "BI+"),
    ("not continent of faeces", "BI+"),
    ("saddle sensation intact, left ankle jerk absent", "SN-"),
    ("saddle sensation normal on left but not on right", "SN+"),
    ("not aware of any incontinence", "UI-"),
]
