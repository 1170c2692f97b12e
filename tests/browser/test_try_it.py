"""The try-it page in a real browser, as a clinician, an integrator and somebody with a keyboard alone would use it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from charts import Chart, person, problem
from fhir_server import fhir_server
from playwright.sync_api import Browser, Page, expect
from serving import serving

from cds_hooks.app import utc_now
from cds_hooks.sandbox.samples import samples

expect.set_options(timeout=3_000)
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
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def cards(page: Page) -> Any:
    return page.locator("article.card")


def test_one_click_from_the_start_page_to_a_critical_card(plain: Page, base: str) -> None:
    """A cold visitor: one command, one click."""
    plain.goto(base)
    plain.get_by_role("link", name="start here").click()
    expect(cards(plain).first).to_have_class("card critical")
    expect(cards(plain).first).to_be_in_viewport()


def test_each_sample_patient_is_opened_from_the_start_page(page: Page, base: str) -> None:
    assert set(TOP) == set(samples())
    for name, indicator in TOP.items():
        page.goto(base)
        page.locator(f'a[href="/samples/{name}"]').click()
        expect(page.locator("h1")).to_have_text(samples()[name].person)
        if indicator:
            expect(cards(page).first).to_have_class(f"card {indicator}")
        else:
            expect(page.locator(".empty")).to_contain_text("That does not mean no risk")


def test_suggestions_are_accepted_one_after_another_and_kept(page: Page, base: str) -> None:
    page.goto(f"{base}/samples/cauda-equina")
    page.get_by_role("button", name="MRI of lumbosacral spine, stat").click()
    expect(page.get_by_role("status")).to_contain_text("Accepted: MRI of lumbosacral spine, stat")
    expect(page.get_by_role("status")).to_be_focused()
    page.get_by_role("button", name="Bladder scan").click()
    expect(page.get_by_role("status")).to_have_count(2)
    expect(page.get_by_role("button", name="MRI of lumbosacral spine, stat")).to_have_count(0)
    page.get_by_role("status").first.get_by_role("link", name="in the audit log", exact=True).click()
    expect(page.locator("table.entries")).to_contain_text("Card accepted")
    page.go_back()
    page.goto(f"{base}/samples/cauda-equina")
    page.get_by_role("button", name="MRI of lumbosacral spine, stat").click()
    page.get_by_role("button", name="Open chart again").click()
    expect(page.locator(".record")).to_contain_text("draft, stat")
    expect(cards(page).first).to_contain_text("Red-flag card answered")


@pytest.mark.parametrize("script", [True, False])
def test_a_card_is_dismissed_with_a_reason_that_the_audit_log_has(browser: Browser, base: str, script: bool) -> None:
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(f"{base}/samples/cauda-equina")
    page.locator("summary", has_text="Dismiss").click()
    page.get_by_label("Examined today, no red flag found").check()
    page.get_by_label("Comment").fill("seen with Dr <b>Who</b>")
    page.get_by_role("button", name="Dismiss this card").click()
    expect(page.get_by_role("status")).to_contain_text("Dismissed: Examined today, no red flag found")
    if script:
        expect(cards(page).get_by_role("button", name="MRI")).to_be_hidden()
    else:
        expect(cards(page)).to_contain_text("answered")
    page.get_by_role("link", name="in the audit log", exact=True).click()
    page.locator("table.entries tbody tr", has_text="Card overridden").get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("Examined today, no red flag found")
    expect(page.locator("blockquote")).to_have_text("seen with Dr <b>Who</b>")
    expect(page.locator("article.card.critical")).to_be_visible()
    context.close()


def test_another_visitor_sees_the_critical_card_whatever_was_answered_before(page: Page, base: str) -> None:
    for _ in range(2):
        page.goto(f"{base}/samples/both-legs-weak")
        expect(cards(page).first).to_have_class("card critical")
        page.locator("summary", has_text="Dismiss").click()
        page.get_by_label("MRI requested or done").check()
        page.get_by_role("button", name="Dismiss this card").click()
        expect(page.get_by_role("status")).to_be_visible()


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


def test_refuting_a_condition_takes_the_alarm_away(page: Page, base: str) -> None:
    page.goto(f"{base}/samples/cauda-equina")
    page.get_by_role("group", name="Urinary incontinence").get_by_label("Record").select_option("refuted")
    page.get_by_role("button", name="Open chart again").click()
    expect(page.locator("article.critical")).to_have_count(0)
    expect(page.get_by_role("group", name="Urinary incontinence").get_by_label("Record")).to_have_value("refuted")


def test_dropping_keys_and_a_failing_server(page: Page, base: str) -> None:
    page.goto(f"{base}/samples/cauda-equina")
    page.locator("summary", has_text="What the EHR sends").click()
    page.get_by_label("orders").select_option("absent")
    page.get_by_role("button", name="Open chart again").click()
    expect(cards(page).first).to_contain_text("Orders and imaging were not supplied")
    page.get_by_label("The EHR's FHIR server").select_option("every search fails")
    page.get_by_role("button", name="Open chart again").click()
    expect(page.get_by_role("alert")).to_contain_text("HTTP 412")
    expect(page.get_by_role("alert")).to_contain_text("conditions (error")


def test_what_happened_behind_the_cards(page: Page, base: str) -> None:
    page.goto(f"{base}/samples/nothing-to-say")
    page.locator("summary", has_text="Rules: which fired").click()
    expect(page.locator("table.rules")).to_contain_text("new urinary incontinence: not recorded in the data supplied")
    page.locator("summary", has_text="Request, as sent").click()
    expect(page.locator("pre").first).to_contain_text('"hook": "patient-view"')
    page.locator("summary", has_text="Response, as sent: HTTP 200").click()
    expect(page.locator("pre").last).to_contain_text('"cards": []')
    page.get_by_role("link", name="This call in the audit log").click()
    expect(page.locator("table.entries tbody tr")).to_have_count(1)
    expect(page.locator("table.entries")).to_contain_text("No card: no rule applied")


# --- a chart of one's own
def bundle(*resources: Any) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]})


def ago(days: int) -> str:
    return (utc_now().date() - timedelta(days=days)).isoformat()


RED_FLAG = Chart((person(), problem("leg cramps", ago(5)), problem("urinary incontinence", ago(3), said="Urinary incontinence")))


def test_a_pasted_bundle_and_a_dropped_file(page: Page, base: str) -> None:
    text = bundle(*RED_FLAG.resources())
    page.goto(base)
    page.get_by_label("FHIR R4 Bundle").fill(text)
    page.get_by_role("button", name="Open chart", exact=True).click()
    expect(cards(page).first).to_have_class("card critical")
    page.goto(base)
    page.get_by_label("or drop a file here").set_input_files({"name": "chart.json", "mimeType": "application/json", "buffer": b"\xef\xbb\xbf" + text.encode()})
    page.get_by_role("button", name="Open chart", exact=True).click()
    expect(cards(page).first).to_have_class("card critical")


BROKEN = (
    ("", "Nothing was given"),
    ('{"resourceType": "Bundle", "entry": [', "line 1, column 38"),
    ("<Bundle xmlns='http://hl7.org/fhir'/>", "This is XML"),
    ('{"resourceType": "Patient", "id": "<script>x</script>"}', "single FHIR resource"),
    ('{"resourceType": "Bundle", "entry": []}', "exactly one Patient; it holds 0"),
    ('{"a": 1}', "neither a FHIR Bundle"),
    ('{"a": 1}\n{"a": 2}', "The JSON ends before the text does"),
    ('{"hook": "order-sign", "hookInstance": "x", "context": {"userId": "u", "patientId": "p"}}', "patient-view"),
    ('{"a": NaN}', "without NaN"),
    (SMUGGLED, "This is XML or HTML"),
    ("[" + SMUGGLED, "stops making sense at line 1, column 2"),
)


@pytest.mark.parametrize(("text", "said"), BROKEN, ids=[each for _, each in BROKEN])
def test_what_is_no_chart_is_told_in_words_that_help(plain: Page, base: str, text: str, said: str) -> None:
    plain.goto(base)
    plain.get_by_label("FHIR R4 Bundle").fill(text)
    plain.get_by_role("button", name="Open chart", exact=True).click()
    expect(plain.get_by_role("alert")).to_contain_text(said)
    expect(plain.get_by_label("FHIR R4 Bundle")).to_have_value(text)
    expect(plain.get_by_label("FHIR R4 Bundle")).to_be_focused()
    assert plain.locator("iframe, img, main script").count() == 0


# --- a FHIR server
def test_a_patient_is_read_from_a_fhir_server(page: Page, base: str) -> None:
    with fhir_server(RED_FLAG) as ehr:
        read(page, base, ehr.base, "pt-1")
        expect(cards(page).first).to_have_class("card critical")
        expect(page.get_by_role("region", name="Read from the FHIR server")).to_contain_text("data, 2 records")
        page.get_by_role("group", name="Urinary incontinence").get_by_label("Record").select_option("refuted")
        asked = len(ehr.asked)
        page.get_by_role("button", name="Open chart again").click()
        expect(page.locator("article.critical")).to_have_count(0)
        assert len(ehr.asked) == asked


def read(page: Page, base: str, server: str, patient: str) -> None:
    page.goto(base)
    page.get_by_label("Base address of the server").fill(server)
    page.get_by_label("Patient id").fill(patient)
    page.get_by_role("button", name="Read and open chart").click()
