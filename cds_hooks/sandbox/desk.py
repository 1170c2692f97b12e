"""What a visitor has on the desk: the chart as it was given and what is wanted otherwise. It travels in the form; the server keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from cds_hooks.errors import Refusal
from cds_hooks.sandbox import changes
from cds_hooks.sandbox.form import Form
from cds_hooks.sandbox.given import Call
from cds_hooks.sandbox.servers import Asked

T = TypeVar("T")
Shown = Sequence[tuple[str, str]]
"""Indicator and summary of each card."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was done with a card: in words, as the feedback that was sent, and the draft that an accepted suggestion left."""

    words: str
    feedback: str
    correlation: str
    draft: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`again` is where to start over, `before` are the cards shown before, `asked` and `remark` what is known of a chart that was just read."""

    call: Call
    title: str = ""
    again: str = ""
    wishes: Mapping[str, str] = field(default_factory=dict)
    drafts: Sequence[Mapping[str, Any]] = ()
    before: Shown | None = None
    answer: Answer | None = None
    asked: Sequence[Asked] = ()
    remark: str = ""

    def held(self) -> Call:
        """The chart as the EHR has it: with the facts that were changed, and the drafts that were kept."""
        return changes.with_drafts(changes.changed(self.call, self.wishes), [dict(each) for each in self.drafts])


def desk(form: Form, call: Call, answer: Answer | None = None) -> Desk:
    """What the form says; the chart as it was given where everything was to be undone. Raises Refusal for a form that is none of ours."""
    drafts = [decoded(each, dict[str, Any]) for each in form.fields.getlist("draft")]
    return Desk(
        call=call,
        title=form["title"],
        again=form["again"] if form["again"].startswith("/samples/") else "",
        wishes={} if form["undo"] else {name: value for name, value in form.fields.items() if name == "all" or name.startswith(("day:", "state:", "key:"))},
        drafts=[] if form["undo"] else [*drafts, *([answer.draft] if answer and answer.draft else [])],
        before=decoded(form["before"], list[tuple[str, str]]) if form["before"] and not answer else None,
        answer=answer,
    )


def decoded(text: str, shape: type[T]) -> T:
    """What a page of ours put into the form. Raises Refusal."""
    try:
        return msgspec.json.decode(text.encode(), type=shape)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Refusal("invalid-request", "The form cannot be read.") from None
