"""Forms and lists in plain words: ticked boxes, yes and no to choose from, blanks, and lines that each say something of their own."""

from __future__ import annotations

import re

from fhir_mappings.text_rows import ANSWER, rows

_OPEN = r"(?:\[\s*\]|\(\s*\)|[☐□❏❑✗✘❌])"
_TICKED = r"(?:\[\s*[xX✓✔√*+]\s*\]|\(\s*[xX✓✔√*]\s*\)|[☑☒✓✔√✅■])"
_BOX = rf"(?:{_OPEN}|{_TICKED})"
_YES, _NO = r"\b(?:yes|y)\b", r"\b(?:no|n)\b"
_CHOICE = rf"(?:{ANSWER})\b"
_EITHER = re.compile(
    rf"(?i)(?:\((?:circle|check|tick|select|choose)[^)]{{0,30}}\)\s*)?[(\[]?{_YES}\s?(?:/|or)\s?{_NO}(?:\s?/\s?(?:n/?a|unk\w*|u)\b)?[)\]]?\s*[:=?-]*\s*(?P<said>(?:yes|no|y|n)\b)?"
)
"""'(Y/N): n'; without an answer behind it only the question."""
_BLANK = re.compile(r"[:=?]\s*_{2,}(?!\w)")
_LEADERS = re.compile(r"\.{4,}")
_CHOICES = re.compile(
    rf"(?i)(?:{_YES}\s*{_BOX}[\s,/|]*{_NO}\s*{_BOX}|{_NO}\s*{_BOX}[\s,/|]*{_YES}\s*{_BOX}|(?:{_BOX}\s*{_CHOICE}[\s,/|]*){{2,}}|{_BOX}\s*{_CHOICE}(?=\s*(?:$|[;,./|)])))"
)
"""'[ ] Yes [x] No', and 'Yes [ ] No [x]'. In '[x] No saddle numbness' the word belongs to a label."""
_CHOSEN = re.compile(rf"(?i){_TICKED}\s*({_CHOICE})"), re.compile(rf"(?i)({_YES}|{_NO})\s*{_TICKED}")
_ASKS, _DENIES = re.compile(rf"(?i){_YES}"), re.compile(r"(?i)(?:no|not|denie[sd]|without|negative)\b")
_FORM = re.compile(rf"{_BOX}|{_EITHER.pattern}|{_BLANK.pattern}|{_LEADERS.pattern}".replace("(?i)", "").replace("?P<said>", "?:"), re.IGNORECASE)
_BOXES = re.compile(f"({_BOX})")
_ENDS = re.compile(r"[.;:]")
_UNANSWERED = "not assessed"
SHORT = 30
"""Characters; prose that goes on with the next line is mostly longer."""
_COMPLETE = re.compile(
    r"(?i)\b(?:pain|fever|numbness|weakness|tingling|ana?esthesia|incontinence|retention|deficits?|flags?|symptoms?|sx|trauma|falls?|neuro|numb|weak|ok|okay|fine|normal|intact|nad|nil|none|well|"
    r"unchanged|resolved|today|yesterday|overnight|am|pm|incontinent|continent|absent|present|negative|positive|denied|pos|neg|yes|no|never|all|y|n|days?|weeks?|x ?\d|\d+)\W*$|[-+]ve\W*$|[:=?]\s*(?:no|not|yes|none|nil|never|nah|nope|false|true)\b[^,]{0,20}$"
)
"""So ends a short line that says all it has to say."""
_CARRIES_ON = re.compile(r"(?:in|of|on|at|and|or|with|to|for|from|since|after|but|by|when|which|that|over|around|below|down|is|are|was|has|have|not?|nor)\b")
_PROSE_NO = re.compile(
    rf"(?im)([,.(]\s*(?:no|nil|not|without))[ \t]*\n[ \t]*(?=(?-i:[a-z]))(?![^\n]*(?:\b(?:{ANSWER})\W*$|\bx ?\d|\b(?:since|present|today|overnight)\b))"
)
"""'Weak legs, no' at the end of a line that goes on with 'bladder problems'."""
_BEGINS_WITH_ANSWER = re.compile(r"(?i)(?:yes|no|none|nil|n|y)\b")
_ASKED_AND_ANSWERED = re.compile(r"(?im)^\s*(?:q\d*\s?:|q\d+[.)]?\s|(?:a\d*|ans|answer)\s?:(?=\s*(?:yes|no|y|n|none|nil)\b))\s*")
LONGEST = 2_000
"""Characters; no text as long as this is read."""
_LINES = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]|\s(?=[|*~]\s)|(?=[•·▪‣◦●∙])|(?=\\\.br\\)|(?i:(?=<(?:br\s*/?|/(?:p|li|div|tr))>))")
_MARK = re.compile(r"(?i)\s*(?:[-–—*|~](?=\s)|\d{1,2}[.)](?=\s)|[•·▪‣◦●∙]|\\\.br\\|<[a-z/]+\s*/?>)\s*")
"""Begins a line that carries no other one on."""
_GOES_ON = re.compile(r"(?i)(?:[,:;(/]|\b(?:and|or|nor|of|no|not|any|with|without|denie[sd]|the|an?|in|to|for))\s*$")
"""So ends a line that the next one carries on."""
_SIGNED_ANSWER = re.compile(rf"(?i)(?:[:=?]|\s[-–—])\s*(?:(?:pt|patient|s?he) )?(?:{ANSWER}|not)\W*$")
_UNSIGNED_NO = re.compile(r"(?i)[\w,]\s+(?:(?P<no>not?|none|nil)|denie[sd])\W*$")
_ENDS_WITH_ANSWER = re.compile(rf"(?i)\b(?:{ANSWER})\W*$")
_TAKES_A_WORD = re.compile(rf"(?i)\b(?:{ANSWER}|was|were|is|are|has|have|been|be)\W*$")
"""Ends with an answer already, or with a verb that the next word belongs to."""
_ONLY_ANSWER = re.compile(r"(?i)(?:yes|no|y|n|none|nil|denie[sd])[.!]?")
_HEADS_A_LIST = re.compile(
    r"(?i)^\s*(?:(?:pt|patient|he|she) )?(?:denie[sd]|negative(?: for)?)\s*$|\b(?:den(?:y|ie[sd])|negative|no|not|without|absent|safety[- ]?net\w*|look out|explained|discussed|warning|precautions?|advice|educat\w*|goals?|risks?|history|if|return|monitor|watch)\b[^:]*:\s*$"
)
"""What stands alone before a colon and says something of all lines below it: 'Denies:', 'Return precautions:'."""


def plain(text: str) -> str:
    """One line of plain words. A line of its own is a statement of its own: 'no fever' says nothing of the retention on the next line."""
    if len(text) > LONGEST:
        return text
    if not _LINES.search(text):
        return _filled_in(text)
    told: list[str] = []
    before, listing, apart = "", False, False
    for line in _LINES.split(_ASKED_AND_ANSWERED.sub("", _PROSE_NO.sub(r"\1 ", text))):
        mark = _MARK.match(line)
        said = _filled_in(line[mark.end() :] if mark else line).strip()
        listing = bool(_HEADS_A_LIST.search(before)) or (listing and not said.endswith(":"))
        apart = apart or mark is not None or not said
        if (before[-1:].isalnum() or before.endswith("?")) and _ONLY_ANSWER.fullmatch(said) and not _TAKES_A_WORD.search(before):
            told.append(f"{' ' if before.endswith('?') else ': '}{said}")  # the answer to the line above
            said = before + told[-1]
        elif said:
            told += (_between(before, said, apart=apart, listing=listing), said)
        if said:
            before, apart = said, False
    return "".join(told)


def _between(before: str, line: str, *, apart: bool, listing: bool) -> str:
    answered = _is_answered(before, line)
    answers = before.endswith("?") and _BEGINS_WITH_ANSWER.match(line) is not None
    if not before or answers or (_GOES_ON.search(before) and not answered):
        return " "
    if listing:
        return ", "
    if apart or answered or not line[:1].islower():
        return "; "
    return "; " if len(before) <= SHORT and _COMPLETE.search(before) and not _CARRIES_ON.match(line) else " "


def _is_answered(row: str, following: str) -> bool:
    """Does a row end with its answer? A 'no' without a sign before it is one only where the next line begins anew or has an answer of its own."""
    if _ONLY_ANSWER.fullmatch(row):
        return following[:1].isupper() or _ENDS_WITH_ANSWER.search(following) is not None
    unsigned = _UNSIGNED_NO.search(row)
    begins_anew = unsigned is not None and (_ENDS_WITH_ANSWER.search(following) is not None or (unsigned["no"] is not None and following[:1].isupper()))
    return begins_anew or _SIGNED_ANSWER.search(row) is not None


def _filled_in(text: str) -> str:
    """Without its boxes: what is ticked or chosen stands there as words, what is not is left out, and what nobody answered says so."""
    text = rows(text)
    if not _FORM.search(text):
        return text
    text = _BLANK.sub(f": {_UNANSWERED}; ", text)
    text = _LEADERS.sub(": ", text)
    text = _CHOICES.sub(_chosen, text)
    text = _EITHER.sub(lambda match: _behind(match, match["said"] or _UNANSWERED), text)
    return _of_line(text)


def _chosen(match: re.Match[str]) -> str:
    """Of several that are ticked the first that is no 'no'. Where none is and 'yes' is not among them, they are labels like any other."""
    choices, (before, after) = match[0], _CHOSEN
    said: list[str] = (before if _BOXES.match(choices) else after).findall(choices)
    if not said:
        return _behind(match, _UNANSWERED) if _ASKS.search(choices) else choices
    return _behind(match, next((each for each in said if each.casefold() not in {"no", "n"}), said[0]))


def _behind(match: re.Match[str], said: str) -> str:
    """The answer behind its question, where there is one."""
    return f"{': ' if match.string[: match.start()].rstrip()[-1:].isalnum() else ' '}{said}; "


def _of_line(line: str) -> str:
    """Boxes stand before what they are for, unless the line begins with words and ends with a box."""
    pieces = [each.strip() for each in _BOXES.split(line)]
    if len(pieces) == 1:
        return line
    head, labels, boxes = pieces[0], pieces[2::2], pieces[1::2]
    if not any(labels) and (not head or head.endswith(":")):
        return f"{head} {'yes' if re.fullmatch(_TICKED, boxes[0]) else _UNANSWERED}"
    if head and not head.endswith(":") and not labels[-1]:
        ticked = [_ticked(label, box, behind=True) for label, box in zip([head, *labels], boxes, strict=False)]
        return ", ".join(filter(None, ticked))
    ticked = [*filter(None, map(_ticked, labels, boxes))]
    return f"{head} {('; ' if not head or any(map(_DENIES.match, ticked)) else ', ').join(ticked)}"


def _ticked(label: str, box: str, *, behind: bool = False) -> str:
    """The label if its box is ticked. Of another one what stands beyond the next stop stays: it is no part of it."""
    if not re.fullmatch(_OPEN, box):
        return label
    parts = _ENDS.split(label)
    return ";".join(parts[:-1] if behind else parts[1:]).strip()
