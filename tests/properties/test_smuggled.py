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


def change(value: Any, path: tuple[Any, ...], new: Callable[[str], str]) -> None:
    """Changes the text at that place."""
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new(value[path[-1]])


def chart(name: str) -> Any:
    """A chart to be changed."""
    return json.loads(json.dumps(samples()[name].as_of(NOW.date())))


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
    """Added to what stands there, or in its place."""
    said = ""
    for number, place in enumerate(places(chart(name)["entry"])):
        bundle, smuggled = chart(name), SMUGGLED[number % len(SMUGGLED)]
        if place[-1] == "id" and bundle["entry"][place[0]]["resource"]["resourceType"] == "Patient":
            continue  # another patient's chart then
        change(bundle["entry"], place, lambda said, more=smuggled, added=number % 2: f"{said} {more}" if added else more)
        said += assert_harmless(bundle, (place, smuggled))
    assert said or name == "nothing-to-say"


@pytest.mark.parametrize("smuggled", SMUGGLED)
@pytest.mark.parametrize("name", [each for each in samples() if each != "nothing-to-say"])
def test_all_words_at_once(name, smuggled) -> None:
    """In every display, text, unit and name, in the words of every concept, and in a note."""
    bundle = chart(name)
    for entry in bundle["entry"]:
        if "code" in entry["resource"]:
            code = entry["resource"]["code"]
            code["text"] = code.get("text") or code["coding"][0].get("display", "")
            entry["resource"]["note"] = [{"text": "Seen"}]
    for place in list(places(bundle["entry"])):
        if place[-1] in {"display", "text", "unit", "family"}:
            change(bundle["entry"], place, lambda said: f"{said} {smuggled}")
    assert re.search("evil|alert|parent", assert_harmless(bundle, smuggled))
