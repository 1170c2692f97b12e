"""Rows of labels and answers, however they are set apart: all made to read 'label: answer; '."""

from __future__ import annotations

import re

ANSWER = r"yes|no|y|n|present|absent|positive|negative|normal|abnormal|intact|impaired|denies|denied|none|unknown|n/a"
_NAMES = r"[a-z][\w/&'()-]*(?: [\w/&'()-]+){0,4}"
_APART = r"\s+(?:[-–—/|]{1,2}\s+)?"
_NEXT = re.compile(
    rf"(?i)((?:[:=?]|\s[-–—])\s*(?:{ANSWER}|nil|lost|reduced|decreased|continent|incontinent|numb|endorses|reports|reported|wnl|wdl)\)?){_APART}(?!(?:{ANSWER})\b)(?={_NAMES}\s?(?:[:=?]|\s[-–—]\s))"
)
"""Ends an answer that another question follows on the same line: 'Saddle numbness: N Urinary retention: Y'."""
_SAID_NO = re.compile(r"(?i)((?:(?:[:=?]|\s[-–—])\s*(?:no|none|nil|denie[sd])|\w\s(?:no|none|nil|denied)))\s+[-–—/|]{1,2}\s+(?=[a-z])(?!(?:yes|no|y|n|n/a)\b)")
"""'Trauma: no - unable to void': behind the sign something else is said."""
_ANSWER_LABEL = re.compile(r"(?i)\?\s*(?:a\d*:|a\d+\b|ans:|answer:)(?=\s)")
_NEGATIVES = re.compile(r"(?i)^\s*(?:neg(?:ative)?s?)\s+[-–]\s")
_LETTER_FIRST = re.compile(r"(?i)^\s*(?:(n)|y)\s?:(?=\s)")
_ROW = re.compile(
    r"(?i)^\s*([a-z][^.:;?,]{2,40}?)(?<![ (]y)(?<!yes)\s*(?<!y )(?<!yes )(?:[-=–—]*>|→|\.{2,}|…|[,;./|^~]|--?|\(|\[)\s*(yes|no|y|n|none|nil)\b\W*$"
)
"""'Saddle numbness -> no': whatever stands between a label and its answer."""
_DOTS = re.compile(r"(?i)(?<=\w)\s?\.{2,}\s*(?=(?:yes|no|none|nil)\b)")
_EACH_SIDE = re.compile(r"(?i)((?:\b[lr]|left|right)\s*[-:=]\s*\w+)\s*;\s*(?=(?:[lr]|left|right)\s*[-:=])")
_SIDES = re.compile(r"(?i)\s+(?=(?:pos|neg|positive|negative|yes|no)\s?:)")
_SIDED = re.compile(r"(?i)^\s*(?:pos|neg|positive|negative|yes|no)\s?:")
_PLACE_BEHIND = re.compile(
    r"(?i)\b(numbness|weakness|tingling|incontinence|an(?:a)?esthesia)(?:,\s*|\s?[(\[])((?:both |left |right )?(?:saddle|perianal|genitals?|legs?|feet|foot|urine|urinary|bladder|bowels?|f(?:a)?ecal))[)\]]?(?=\s*(?:[:?=]|[-–]\s))"
)
_DENIED_ITEMS = re.compile(r"(?i)\b(?:den(?:y|ie[sd])|negative(?: for)?|neg|pertinent negatives?|absent)(?: (?:any of )?the following)?:[^.]*")
"""'Denies: numbness; weakness': what stands behind the colon is one list."""
_PLACE = r"(?:(?:left|right|both|l|r) )?(?:saddle|perianal|legs?|feet|foot|arms?|hands?|face|[lr][lu]e|thighs?|cal(?:f|ves))"
_SAID = r"(?:yes|no|none|nil|normal|present|absent)"
_BETWEEN, _BEHIND = r"\s*(?:[-–:=]\s*)?", r"\b[;,/\s]*"
_BY_PLACE = re.compile(rf"(?i)\b(numbness|weakness|tingling|sensory loss)\s*:\s*((?:{_PLACE}{_BETWEEN}{_SAID}{_BEHIND})+)(?=$|[.;])")
_EACH_PLACE = re.compile(rf"(?i)({_PLACE}){_BETWEEN}({_SAID}){_BEHIND}")
"""'Weakness: legs - no; arms - yes': the answer for each place."""
_BRACKETED = re.compile(r"(?i)(?<=\w)\s*[\[{]\s*(yes|no|y|n)\s*[\]}](?=\s*(?:$|[,;.]))")
_UNMARKED = re.compile(r"\b(Yes|No|YES|NO|Y|N|yes|no|none|nil|denied|confirmed|absent|present|neg|pos|negative|positive)\b")
_OF_A_SENTENCE = re.compile(r"(?i)\b(?:and|or|is|are|was|has|have|had|there|of|any|with|the|says?|reports?)\s*$")
_NAME = re.compile(r"\s*[A-Za-z][\w/'()-]*(?: [\w/'()-]+){0,4}\s*")


def rows(line: str) -> str:
    """One line with each answer behind a colon and a stop behind each answer."""
    line = _NEGATIVES.sub("Negative: ", line)
    line = _LETTER_FIRST.sub(lambda match: "No:" if match[1] else "Yes:", line)
    line = _EACH_SIDE.sub(r"\1, ", line)
    line = _DOTS.sub(": ", line)
    line = _PLACE_BEHIND.sub(r"\2 \1", _ROW.sub(r"\1: \2", line))
    line = _BY_PLACE.sub(lambda match: _EACH_PLACE.sub(rf"\1 {match[1]}: \2; ", match[2]), line)
    line = _SIDES.sub("; ", line) if _SIDED.match(line) else line
    line = _DENIED_ITEMS.sub(lambda match: match[0].replace(";", ","), line)
    line = _BRACKETED.sub(r": \1", _ANSWER_LABEL.sub("?", _in_turn(line)))
    return _SAID_NO.sub(r"\1; ", _NEXT.sub(r"\1; ", line))


def _in_turn(text: str) -> str:
    """'Leg weakness N Saddle numbness Y': names and answers in turn, and nothing else."""
    names, answers = (pieces := _UNMARKED.split(text))[::2], pieces[1::2]
    if len(answers) < 2 or names.pop().strip(" .") or not all(map(_NAME.fullmatch, names)) or any(map(_OF_A_SENTENCE.search, names)):
        return text
    return " ".join(f"{name.strip()}: {answer};" for name, answer in zip(names, answers, strict=True))
