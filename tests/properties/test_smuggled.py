"""Nothing written anywhere in a chart can come alive on a card, also where the EHR renders raw HTML in `detail` as the official sandbox does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from connecting_docs import links
from evaluating import NOW, evaluated
from official_sandbox import GITHUB

from cds_hooks.chart.bundle import call_for
from cds_hooks.sandbox.samples import samples

SMUGGLED = (
    "<iframe srcdoc='<script>parent.x=1</script>'></iframe>",
    "<img src=x onerror=alert(1)> <script>alert(1)</script>",
    "![x](https://evil.example/x.png) [y](javascript:alert(1))",
    "`</code><svg onload=alert(1)>` <https://evil.example>",
    "\n\n<b>\n\n- [ ] www.evil.example\n\n[r]: https://evil.example",
    "&lt;iframe src=https://evil.example&gt; &#60;b&#62;",
)
QUIET = re.compile(r"(bullet_list|list_item|paragraph|strong|em|ordered_list|heading)_(open|close)|inline|text|code_inline|softbreak|hardbreak")
SHAPED = ("resourceType", "reference")
"""Members without which a record is not this patient's, or none at all."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each text in a record."""
    if isinstance(value, str):
        yield path
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if key not in SHAPED:
            yield from places(each, (*path, key))


def changed(value: Any, path: tuple[Any, ...], change: Callable[[str], str]) -> Any:
    """A copy with the text at that place changed."""
    copy = json.loads(json.dumps(value))
    at = copy
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = change(at[path[-1]])
    return copy


def living(markdown: str) -> list[str]:
    """What is more than words in it: HTML, images, links to elsewhere."""
    tokens = [child for token in GITHUB.parse(markdown) for child in (token, *(token.children or ()))]
    targets = {str(each.attrGet("href")) for each in tokens if each.type == "link_open"} - set(links())
    return [*targets, *(each.type for each in tokens if not QUIET.fullmatch(each.type) and each.type not in {"link_open", "link_close"})]


def assert_harmless(bundle: dict[str, Any], where: object) -> str:
    """Gives what the cards say."""
    call = call_for(bundle, "x")
    cards = evaluated(call["prefetch"], NOW, patient=call["context"]["patientId"]).cards
    for card in cards:
        assert living(card.detail) == [], where
        assert living(card.summary) == [], where
        assert not re.search(r"<[a-zA-Z/!]", card.summary + card.detail), where
        assert living(" ".join([each.label for each in card.suggestions or ()])) == [], where
    return "\n".join(card.detail for card in cards)


@pytest.mark.parametrize("name", samples())
def test_one_text_at_a_time(name) -> None:
    """Added to what stands there, and in its place."""
    bundle = samples()[name].as_of(NOW.date())
    said = ""
    for number, place in enumerate(places(bundle["entry"])):
        smuggled = SMUGGLED[number % len(SMUGGLED)]
        for change in (lambda said, more=smuggled: f"{said} {more}", lambda _, more=smuggled: more):
            if place[1] == "resource" and place[-1] == "id" and bundle["entry"][place[0]]["resource"]["resourceType"] == "Patient":
                continue  # another patient's chart then
            said += assert_harmless({**bundle, "entry": changed(bundle["entry"], place, change)}, (place, smuggled))
    assert said or name == "nothing-to-say"


@pytest.mark.parametrize("smuggled", SMUGGLED)
@pytest.mark.parametrize("name", samples())
def test_all_words_at_once(name, smuggled) -> None:
    """In every display, text, unit and name, and as words added to every concept."""
    bundle = json.loads(json.dumps(samples()[name].as_of(NOW.date())))
    for place in list(places(bundle["entry"])):
        if place[-1] in {"display", "text", "unit", "family"}:
            bundle["entry"] = changed(bundle["entry"], place, lambda said: f"{said} {smuggled}")
    for entry in bundle["entry"]:
        if "code" in entry["resource"]:
            words = entry["resource"]["code"].get("text") or entry["resource"]["code"]["coding"][0].get("display", "")
            entry["resource"]["code"]["text"] = words if smuggled in words else f"{words} {smuggled}"
            entry["resource"]["note"] = [{"text": smuggled}]
    if name != "nothing-to-say":
        assert re.search("evil|alert|parent", assert_harmless(bundle, smuggled))
