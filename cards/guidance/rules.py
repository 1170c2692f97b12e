"""The rule table in the order of the ladder: of the rules that apply, the highest makes the card."""

from __future__ import annotations

from cards.guidance.general_rules import GENERAL_RULES
from cards.guidance.red_flag_rules import RED_FLAG_RULES
from cards.guidance.rule import Rule

VERSION = "2026.11.0"
"""Changes whenever a rule, a number's default or a derivation changes what is advised."""

LADDER = ("R01", "R03c", "R11w", "R02", "R03w", "R11i", "R04w", "R05w", "R04i", "R09", "R06", "R05i", "R10", "R07w", "R07i", "R08")
"""Highest first. R07 has a lane of its own and R08 is only told on other cards."""

RULES: tuple[Rule, ...] = tuple(sorted((*RED_FLAG_RULES, *GENERAL_RULES), key=lambda rule: LADDER.index(rule.id)))

NEVER_DISABLED = frozenset({"R01", "R12"})
MENTIONED_ON = frozenset({"R04w", "R04i", "R05w", "R05i", "R06", "R09"})
"""The rules whose cards also tell what R08 found."""

NOT_EVALUATED = "R12"
NOT_EVALUATED_TOPIC = "NotEvaluated"
NOT_EVALUATED_NAME = "Not evaluated"
NOT_EVALUATED_WHEN = (
    "records of another patient were supplied",
    "a leg symptom or continence finding is recorded, no rule applies, and part of the chart is missing or could not be read",
    "a rule failed, and no other makes a card",
)
NOT_EVALUATED_SUMMARY = "Leg and continence guidance not evaluated: {reason}."
NOT_EVALUATED_WHY = "Silence must only ever mean that the rules ran and none applied; otherwise a lost bladder or bowel control (A30, A31) could pass unseen."
NOT_EVALUATED_CITES = ("A30", "A31", "HSSIB")
