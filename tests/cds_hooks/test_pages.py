"""The pages of the sandbox: plain HTML, sanitised, nothing from elsewhere."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
from evaluating import NOW

from cds_hooks.html import rendered
from cds_hooks.sandbox.samples import samples
from cds_hooks.settings import Settings


def test_index_lists_every_sample_and_what_to_paste(client) -> None:
    page = client.get("/").text
    for name in samples():
        assert f'href="/samples/{name}"' in page
    assert "http://127.0.0.1:8000/cds-services/pinched-nerve-patient-view" in page


@pytest.mark.parametrize("name", samples())
def test_sample_page_shows_chart_and_cards(client, name) -> None:
    page = client.get(f"/samples/{name}").text
    request = client.get(f"/samples/{name}/request").json()
    cards = client.post("/cds-services/pinched-nerve-patient-view", json=request).json()["cards"]
    assert page.count('<article class="card') == len(cards)
    for card in cards:
        assert f'class="card {card["indicator"]}"' in page


def test_pages_load_nothing_from_elsewhere(client) -> None:
    for path in ("/", "/samples/cauda-equina", "/rules", "/page.css", "/try.js", "/icon.svg"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not re.search(r"<img|<iframe|url\(|@import", answer.text)
        assert set(re.findall(r"<script[^>]*>|src=[^ >]*", answer.text)) <= {'<script src="/try.js" defer>', 'src="/try.js"'}


def test_unknown_sample(client) -> None:
    assert client.get("/samples/nobody").status_code == 404


@pytest.mark.parametrize("hostile", ["<script>x</script>", "<img src=x onerror=y>", "[x](javascript:alert(1))", "<iframe srcdoc='x'>"])
def test_card_markdown_is_sanitised(hostile) -> None:
    assert not re.search(r"<script|<img|<iframe|href=\"javascript", rendered(hostile))


def test_sample_dates_move_with_the_day() -> None:
    sample = samples()["cauda-equina"]
    onsets = [each["resource"].get("onsetDateTime") for each in sample.as_of(NOW.date())["entry"]]
    assert "2026-03-13" in onsets
    assert sample.as_of(sample.anchor) == sample.bundle


def test_no_pages_outside_the_sandbox() -> None:
    assert Settings().profile == "sandbox"


def test_documents_are_pages_whose_links_lead_somewhere(client) -> None:
    names = re.findall(r'href="/docs/([^"]+)"', client.get("/docs").text)
    assert {"rules.md", "connecting/epic.md", "decisions/0001-newness-decides.md"} <= set(names)
    for name in names:
        page = client.get(f"/docs/{name}").text
        for target in re.findall(r"<article.*</article>", page, re.DOTALL)[0].split('href="')[1:]:
            address = target.partition('"')[0].partition("#")[0]
            assert not address or address.startswith("http") or client.get(urljoin(f"/docs/{name}", address)).status_code == 200, (name, address)


@pytest.mark.parametrize("name", ["nobody.md", "../pyproject.toml", "..%2fpyproject.toml", "/etc/passwd", ""])
def test_no_other_file_is_a_document(client, name) -> None:
    assert "[project]" not in client.get(f"/docs/{name}").text
    assert client.get(f"/docs/{name}").status_code in (200 if not name else 404, 404)
