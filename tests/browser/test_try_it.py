"""The try-it page in a real browser, as a clinician, an integrator and somebody with a keyboard alone would use it."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from charts import Chart, person, problem, seen
from markdown_it import MarkdownIt
from playwright.sync_api import Browser, Locator, Page, expect
from serving import free_port, serving, wait_until_ready

from cds_hooks.app import utc_now
from cds_hooks.sandbox.samples import samples

expect.set_options(timeout=10_000)
SEKMET = Path(__file__).parents[2] / ".venv-peers" / "bin" / "sekmet"
SANDBOX_MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": True})
"""As the official CDS Hooks Sandbox shows details: with raw HTML."""
TOP = {
    "cauda-equina": "critical",
    "bilateral-sciatica": "warning",
    "both-legs-weak": "critical",
    "long-standing-incontinence": "info",
    "low-potassium": "info",
    "nerve-root-link": "info",
    "night-cramps": "info",
    "nothing-to-say": "",
    "spasm-with-numbness": "warning",
    "workup-under-way": "info",
    "worsening-spasms": "warning",
}
"""The first card of each sample patient."""
SMUGGLED = (
    "<script>document.title='taken'</script><img src='/taken.png' onerror=\"document.title='taken'\">"
    "<iframe srcdoc=\"<script>parent.document.title='taken'</script>\"></iframe><svg onload=\"document.title='taken'\"></svg>"
    "![x](/taken.png) [y](javascript:document.title='taken') </textarea></pre>'\"><iframe src='/taken'>"
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("service")) as running:
        yield running.base


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda failure: complaints.append(str(failure)))
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A browser that runs no script."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def cards(page: Page) -> Locator:
    return page.locator("article.card")


def ago(days: int) -> str:
    return (utc_now().date() - timedelta(days=days)).isoformat()


def bundle(chart: Chart) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in chart.resources()]})


# --- as a clinician
def test_one_click_from_the_start_page_to_a_critical_card(plain: Page, base: str) -> None:
    """A cold visitor: one command, one click."""
    plain.goto(base)
    actions = [lambda: plain.get_by_role("link", name="start here").click()]
    for act in actions:
        act()
    expect(cards(plain).first).to_have_class("card critical")
    expect(cards(plain).first).to_be_in_viewport()
    assert len(actions) == 1


def test_each_sample_patient_to_the_cards(plain: Page, base: str) -> None:
    assert set(TOP) == set(samples())
    plain.goto(base)
    offered = [each.get_attribute("href") for each in plain.locator(".tiles a").all()]
    assert {f"/samples/{name}" for name in TOP} == set(offered)
    for name, indicator in TOP.items():
        plain.goto(f"{base}/samples/{name}")
        expect(plain.locator("h1")).to_have_text(samples()[name].person)
        expect(cards(plain).first if indicator else plain.locator(".empty")).to_have_class(f"card {indicator}" if indicator else "empty")


def test_suggestions_are_accepted_one_after_another_and_kept(page: Page, base: str) -> None:
    page.goto(f"{base}/samples/cauda-equina")
    page.get_by_role("button", name="MRI of lumbosacral spine, stat").click()
    expect(page.get_by_role("status")).to_contain_text("Accepted: MRI of lumbosacral spine, stat")
    expect(page.get_by_role("status")).to_be_focused()
    page.get_by_role("button", name="Bladder scan").click()
    expect(page.get_by_role("status")).to_have_count(2)
    page.get_by_role("button", name="Open chart again").click()
    expect(page.locator(".record")).to_contain_text("draft, stat")
    expect(cards(page).first).to_contain_text("Red-flag card answered")


def test_a_card_is_dismissed_with_a_reason_that_the_audit_pages_have(page: Page, base: str) -> None:
    page.goto(f"{base}/samples/cauda-equina")
    page.locator("summary", has_text="Dismiss").click()
    page.get_by_label("Examined today, no red flag found").check()
    page.get_by_label("Comment").fill("seen with Dr <b>Who</b>")
    page.get_by_role("button", name="Dismiss this card").click()
    expect(page.get_by_role("status")).to_contain_text("Dismissed: Examined today, no red flag found")
    expect(page.get_by_role("button", name="MRI")).to_be_hidden()
    page.get_by_role("link", name="in the audit log", exact=True).click()
    page.locator("table.entries tbody tr", has_text="Card overridden").get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("Examined today, no red flag found")
    expect(page.locator("blockquote")).to_have_text("seen with Dr <b>Who</b>")
    expect(page.locator("article.card.critical")).to_be_visible()


def test_without_script_an_answer_opens_the_chart_again(plain: Page, base: str) -> None:
    plain.goto(f"{base}/samples/cauda-equina")
    plain.get_by_role("button", name="MRI of lumbosacral spine, stat").click()
    expect(plain.get_by_role("status")).to_contain_text("Accepted: MRI of lumbosacral spine, stat")
    expect(cards(plain)).to_contain_text("Red-flag card answered")


def test_moving_a_date_turns_a_critical_card_into_a_warning_and_back(page: Page, base: str) -> None:
    page.goto(f"{base}/samples/cauda-equina")
    fact = page.get_by_role("group", name="Urinary incontinence")
    fact.get_by_label("Date").fill(ago(40))
    page.get_by_role("button", name="Open chart again").click()
    expect(cards(page).first).to_have_class("card warning")
    expect(page.locator(".before")).to_contain_text("Possible cauda equina red flags")
    expect(fact).to_contain_text("recorded as")
    page.get_by_role("button", name="Undo all changes").click()
    expect(cards(page).first).to_have_class("card critical")


# --- as an integrator
def test_a_broken_bundle_is_told_in_words_that_help_and_a_dropped_one_opens(page: Page, base: str) -> None:
    page.goto(base)
    page.get_by_label("FHIR R4 Bundle").fill("[" + SMUGGLED)
    page.get_by_role("button", name="Open chart", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("stops making sense at line 1, column 2")
    expect(page.get_by_label("FHIR R4 Bundle")).to_be_focused()
    expect(page.get_by_label("FHIR R4 Bundle")).to_have_value("[" + SMUGGLED)
    assert page.locator("iframe, img, main script").count() == 0
    text = bundle(Chart((person(), problem("leg cramps", ago(5)), problem("urinary incontinence", ago(3)))))
    page.get_by_label("or drop a file here").set_input_files({"name": "chart.json", "mimeType": "application/json", "buffer": b"\xef\xbb\xbf" + text.encode()})
    page.get_by_role("button", name="Open chart", exact=True).click()
    expect(cards(page).first).to_have_class("card critical")


def test_what_happened_behind_the_cards(page: Page, base: str) -> None:
    page.goto(f"{base}/samples/nothing-to-say")
    page.locator("summary", has_text="Rules: which fired").click()
    expect(page.locator("table.rules")).to_contain_text("not recorded in the data supplied: new urinary incontinence; new urinary retention")
    page.locator("summary", has_text="Request, as sent").click()
    expect(page.locator("pre").first).to_contain_text('"hook": "patient-view"')
    page.locator("summary", has_text="Response, as sent: HTTP 200").click()
    expect(page.locator("pre").last).to_contain_text('"cards": []')
    page.get_by_role("link", name="This call in the audit log").click()
    expect(page.locator("table.entries tbody tr")).to_have_count(1)
    expect(page.locator("table.entries")).to_contain_text("No card: no rule applied")


@pytest.fixture
def ehr(tmp_path: Path) -> Iterator[str]:
    """A FHIR server of other people's making that holds a sample patient."""
    if not SEKMET.exists():
        pytest.skip("needs the FHIR server of `make peers`")
    port = free_port()
    address = f"http://127.0.0.1:{port}/fhir"
    (tmp_path / "settings.yaml").write_text(
        f'base_url: {address}\nhost: 127.0.0.1\nport: {port}\ndata_dir: data\nsimulator: {{enabled: false}}\nvalidation: {{inbound: "off"}}\n'
    )
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([SEKMET, "serve", "-c", "settings.yaml"], cwd=tmp_path, stdout=log, stderr=log)
    try:
        wait_until_ready(address, process, path="/metadata")
        resources = [each["resource"] for each in samples()["cauda-equina"].as_of(utc_now().date())["entry"]]
        entries = [{"resource": each, "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"}} for each in resources]
        body = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode()
        urllib.request.urlopen(urllib.request.Request(address, body, {"Content-Type": "application/fhir+json"}), timeout=20)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_a_patient_of_a_fhir_server_is_found_by_name_and_opened(page: Page, base: str, ehr: str) -> None:
    page.goto(base)
    page.get_by_label("Base address of the server").fill(ehr)
    page.get_by_label("or part of a name").fill("arch")
    page.get_by_role("button", name="Read and open chart").click()
    page.get_by_role("button", name="Ann Archer").click()
    expect(cards(page).first).to_have_class("card critical")
    page.locator("summary", has_text="Read from the FHIR server: 13 searches").click()
    expect(page.get_by_role("region", name="Read from the FHIR server")).to_contain_text("data, 3 records")


# --- with a keyboard alone, on a phone, by ear
def test_keyboard_only(page: Page, base: str) -> None:
    page.goto(base)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, page.get_by_role("link", name="start here"))
    page.keyboard.press("Enter")
    expect(cards(page).first).to_have_class("card critical")
    reach(page, page.get_by_role("button", name="Bladder scan"))
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_be_focused()
    reach(page, page.locator("summary", has_text="Dismiss"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_role("radio").first)
    page.keyboard.press("ArrowDown")
    reach(page, page.get_by_role("button", name="Dismiss this card"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Dismissed: MRI requested or done")
    expect(page.get_by_role("status")).to_be_focused()
    reach(page, page.get_by_role("button", name="Open chart again"))
    page.keyboard.press("Enter")
    expect(cards(page).first).to_contain_text("Red-flag card answered")


@pytest.mark.parametrize("field", ["Date", "Comment"])
def test_enter_in_a_field_never_accepts_anything(page: Page, base: str, field: str) -> None:
    """It opens the chart again, as a form without suggestions would."""
    page.goto(f"{base}/samples/cauda-equina")
    if field == "Comment":
        page.locator("summary", has_text="Dismiss").click()
    wanted = page.get_by_label(field).first
    wanted.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/try")
    expect(page.get_by_text("Accepted:")).to_have_count(0)
    expect(cards(page).first).to_have_class("card critical")


def reach(page: Page, wanted: Locator, most: int = 40) -> None:
    """Tab until it has the focus."""
    for _ in range(most):
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by Tab")


@pytest.mark.parametrize(("scheme", "paths"), [("light", ("/", "/samples/cauda-equina")), ("dark", ("/samples/spasm-with-numbness",))])
def test_axe_finds_no_serious_violation_and_nothing_is_wider_than_a_phone(browser: Browser, base: str, scheme: Any, paths: tuple[str, ...]) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": 360, "height": 700})
    page = context.new_page()
    for path in paths:
        page.goto(base + path)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        violations = Axe().run(page).response["violations"]
        assert [(path, each["id"], each["nodes"][0]["html"]) for each in violations if each["impact"] in {"serious", "critical"}] == []
    context.close()


# --- as somebody who means harm
def test_nothing_smuggled_through_a_chart_runs_or_loads(page: Page, base: str) -> None:
    """Not on our page, and not where `detail` is shown as the official sandbox shows it."""
    loaded: list[str] = []
    page.on("request", lambda each: loaded.append(each.url))
    said = {"text": SMUGGLED, "coding": [{"system": SMUGGLED, "code": SMUGGLED, "display": SMUGGLED}]}
    hostile = Chart(
        (
            person(name=[{"text": SMUGGLED, "given": [SMUGGLED], "family": SMUGGLED}], gender=SMUGGLED),
            problem("leg cramps", ago(5), said=f"Leg cramps {SMUGGLED}", note=[{"text": SMUGGLED}]),
            problem("urinary incontinence", ago(3), said=f"Incontinence {SMUGGLED}", bodySite=[said], stage=[{"summary": said}]),
            seen("leg numbness", ago(2), SMUGGLED, said=f"Leg numbness {SMUGGLED}", interpretation=[said], note=[{"text": SMUGGLED}]),
            seen("potassium", ago(2), 3.1, unit=SMUGGLED, said=SMUGGLED),
        )
    )
    page.goto(base)
    page.get_by_label("FHIR R4 Bundle").fill(bundle(hostile))
    page.get_by_role("button", name="Open chart", exact=True).click()
    expect(cards(page).first).to_have_class("card critical")
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    response = json.loads(page.get_by_label("Response").inner_text())
    assert page.title() != "taken"
    assert page.locator("iframe, img, main script, main svg").count() == 0

    page.set_content("".join(SANDBOX_MARKDOWN.render(f"{card['summary']}\n\n{card['detail']}") for card in response["cards"]))
    expect(page.locator("body")).to_contain_text("Leg cramps")
    page.wait_for_load_state("networkidle")
    assert page.title() != "taken"
    assert page.locator("iframe, img, script, svg").count() == 0
    assert [each for each in loaded if "taken" in each or not each.startswith(base)] == []
