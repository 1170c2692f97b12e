"""A reviewer's walk in a real browser without JavaScript: yesterday's overridden critical cards, one story, why, an export, and the look in the log."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from many_entries import Plan, fill, invented
from playwright.sync_api import Browser, Page, expect
from serving import serving

from cds_hooks.app import utc_now
from cds_hooks.audit.database import database
from cds_hooks.audit.store import prepare
from cds_hooks.audit.writer import append
from cds_hooks.audit.writing import Writing
from cds_hooks.settings import Settings

HOSTILE = "<script>document.title='x'</script>=cmd() \x1b[31m abc\u202egnp.exe"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A sandbox whose log holds two days of use, and a critical card that was overridden yesterday with a hostile comment."""
    folder = tmp_path_factory.mktemp("service")
    prepare(Settings(data_dir=folder / "data"), utc_now)
    log = database(None, folder / "data")
    fill(log, Plan(200, end=utc_now() - timedelta(days=2), days=2))
    connection = log.ready()
    with log.writing(connection):
        append(connection, [Writing(each["recorded"], each["kind"], each["correlationId"], msgspec.json.encode(each)) for each in yesterdays(201)])
    connection.close()
    log.engine.dispose()
    with serving(folder) as running:
        yield running.base


def yesterdays(sequence: int) -> list[dict[str, Any]]:
    """A call with a critical card, and what the clinician did with it."""
    at = datetime.combine(utc_now().date(), datetime.min.time(), utc_now().tzinfo) - timedelta(hours=9)
    call = next(each for each in invented(Plan(400)) if each["kind"] == "call" and each["cards"] and each["cards"][0]["indicator"] == "critical")
    call = {**call, "recorded": at.isoformat(timespec="milliseconds"), "patient": "Patient/the-one", "user": HOSTILE}
    answer = {
        "card": call["cards"][0]["uuid"],
        "outcome": "overridden",
        "reason": {"code": "examined-no-red-flag"},
        "comment": HOSTILE,
        "known": True,
        "call": sequence,
        "rule": call["shown"][0]["rule"],
        "indicator": "critical",
    }
    later = (at + timedelta(minutes=4)).isoformat(timespec="milliseconds")
    kept = {name: call[name] for name in ("versions", "client", "service", "correlationId")}
    return [call, {"recorded": later, "kind": "feedback", **kept, "feedback": [answer], "outcome": "feedback taken", "latencyMs": 3.1}]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    yield opened
    context.close()
    assert complaints == []


def test_a_reviewers_walk(page: Page, base: str, tmp_path: Path) -> None:
    page.goto(f"{base}/audit")
    expect(page.locator(".seal")).to_contain_text("Verified")
    page.get_by_role("link", name="Overridden critical cards, yesterday").click()
    expect(page.locator("table.entries tbody tr")).to_have_count(1)
    expect(page.locator("table.entries")).to_contain_text("Patient/the-one")
    page.locator("table.entries tbody a").first.click()

    expect(page.locator("h1")).to_contain_text("Card overridden")
    expect(page.locator("main")).to_contain_text("Examined today, no red flag found")
    expect(page.locator("article.card.critical")).to_be_visible()
    page.locator("details summary", has_text="rules did not apply").click()
    expect(page.locator("table.rules").last).to_contain_text("not recorded in the data supplied")
    expect(page.locator("#seal")).to_be_visible()
    assert page.title() != "x"
    expect(page.locator("blockquote")).to_have_text("<script>document.title='x'</script>=cmd() \\x1b[31m abc\\u202egnp.exe")

    page.go_back()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV, for spreadsheets").click()
    started.value.save_as(tmp_path / "export.csv")
    assert "feedback taken" in (tmp_path / "export.csv").read_text()

    page.get_by_role("link", name="Who looked").click()
    looks = page.locator("table.entries tbody tr")
    expect(looks.filter(has_text="Log looked at: view")).to_have_count(1)
    expect(looks.filter(has_text="Log looked at: search")).not_to_have_count(0)
    page.goto(f"{base}/audit?kind=export")
    expect(looks).to_have_count(1)
    expect(looks).to_contain_text("Log exported: csv")


def test_the_form_is_usable_by_keyboard_and_by_name(page: Page, base: str) -> None:
    page.goto(f"{base}/audit")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.get_by_label("Patient").fill("the-one")
    page.get_by_label("Kind of entry").select_option("Calls")
    page.get_by_label("Patient").press("Enter")
    expect(page.locator("table.entries tbody tr")).to_have_count(1)
    expect(page.get_by_label("Patient")).to_have_value("the-one")
    for control in page.locator("main input, main select").all():
        assert control.evaluate("each => each.labels.length") == 1
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("table caption").count() == page.locator("table").count()


@pytest.mark.parametrize(
    "path", ["/audit", "/audit/entries/202", "/audit/rules", "/audit/rules/R01", "/audit/verification", "/about", "/rules", "/rules/R01", "/about/regulation"]
)
def test_nothing_is_wider_than_a_phone(browser: Browser, base: str, path: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto(base + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    if path.startswith("/audit"):
        assert page.evaluate("[...document.querySelectorAll('.wide')].every(each => each.scrollWidth <= each.clientWidth)")
    context.close()


def test_ids_are_not_broken_in_the_middle_of_a_word(browser: Browser, base: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{base}/audit?kind=call")
    users = page.locator("td[data-of=User] .line", has_text=re.compile(r"^Practitioner/\d+$"))
    assert users.count() > 10
    assert {each.evaluate("each => each.firstElementChild.getClientRects().length") for each in users.all()} == {1}
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(browser: Browser, base: str, scheme: Any) -> None:
    """WCAG's 4.5 to 1, for every text on the busiest pages."""
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    for path in ("/audit?kind=", "/audit/entries/202", "/audit/rules", "/about", "/rules", "/rules/R01"):
        page.goto(base + path)
        weak = [each for each in page.evaluate(CONTRAST) if each["ratio"] < 4.5]
        assert weak == [], json.dumps(weak[:5])
    context.close()


CONTRAST = """() => {
  const parts = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const ground = each => { for (; each; each = each.parentElement) { const c = parts(getComputedStyle(each).backgroundColor); if (c.length === 3 || c[3] > 0) return c; } return [255, 255, 255]; };
  return [...document.querySelectorAll('main *, header *')].filter(each => [...each.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && each.checkVisibility())
    .map(each => { const [a, b] = [light(parts(getComputedStyle(each).color)), light(ground(each))].sort((x, y) => y - x); return {text: each.textContent.slice(0, 40), tag: each.tagName, ratio: (a + .05) / (b + .05)}; });
}"""


def test_screens_are_kept_for_whoever_looks(browser: Browser, base: str, tmp_path: Path) -> None:
    """Light and dark; charts are drawn, and nothing of them was stopped by the policy of the page."""
    complaints: list[str] = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{base}/audit/rules/R01")
        assert page.screenshot(path=tmp_path / f"{scheme}.png")
        assert page.locator("svg.pygal-chart").count() == 3
        assert re.fullmatch(r"rgba?\(.*\)", page.locator("svg .color-0").first.evaluate("each => getComputedStyle(each).fill"))
        context.close()
    assert complaints == []
