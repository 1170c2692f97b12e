"""The review pages: who may look, that each look is an entry before it is answered, and that whatever strangers wrote shows as text."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from calls import SERVICE, call
from charts import PATIENT, Chart, problem
from evaluating import NOW
from keeping import entries
from sqlalchemy import text
from starlette.testclient import TestClient
from stores import Store
from tokens import production_settings

from cds_hooks.app import create_app
from cds_hooks.audit.database import database
from cds_hooks.audit.record import rules_hash
from cds_hooks.audit.review import watch
from cds_hooks.settings import BadSettings, Settings, load

RED_FLAG = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2)))
TOKENS = {"viewer": "v" * 32, "exporter": "e" * 32, "admin": "a" * 32}
HOLDERS = [{"name": f"{role} person", "role": role, "sha256": hashlib.sha256(token.encode()).hexdigest()} for role, token in TOKENS.items()]
HTML = {"Accept": "text/html"}


@contextmanager
def running(settings: Settings, base_url: str = "http://127.0.0.1:8000") -> Iterator[TestClient]:
    with TestClient(create_app(settings, clock=lambda: NOW), base_url=base_url) as client:
        yield client


@pytest.fixture
def guarded(sandbox: Settings) -> Settings:
    """The sandbox with tokens, where everything else is simple."""
    return Settings(data_dir=sandbox.data_dir, review={"tokens": HOLDERS})


def bearer(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[role]}"}


def overridden(client: TestClient, comment: str = "", **members: Any) -> str:
    """A critical card that was shown and overridden; returns its uuid."""
    card = client.post(SERVICE, json=call(RED_FLAG, **members)).json()["cards"][0]["uuid"]
    reason = {"reason": {"code": "examined-no-red-flag"}, "userComment": comment}
    assert client.post(f"{SERVICE}/feedback", json={"feedback": [{"card": card, "outcome": "overridden", "overrideReason": reason}]}).status_code == 200
    return card


def latest(settings: Settings) -> dict[str, Any]:
    return entries(settings.data_dir)[-1][1]


PAGES = ("/audit", "/audit/entries/1", "/audit/rules", "/audit/rules/R01", "/audit/verification")


def test_every_look_is_an_entry_that_tells_who_and_what(client, sandbox) -> None:
    for number, path in enumerate(PAGES, 2):
        assert client.get(path).status_code == 200
        entry = latest(sandbox)
        assert (entry["sequence"], entry["kind"], entry["reviewer"]) == (number, "review", {"name": "sandbox", "role": "admin", "by": "sandbox"})
    client.get("/audit?patient=123&kind=")
    assert latest(sandbox)["asked"] == {"patient": "Patient/123"}
    client.get("/audit/export/csv?patient=123")
    assert (latest(sandbox)["kind"], latest(sandbox)["format"], latest(sandbox)["asked"]) == ("export", "csv", {"patient": "Patient/123"})


def test_nothing_is_shown_when_the_log_cannot_tell_of_it(client, sandbox) -> None:
    with database(None, sandbox.data_dir).engine.begin() as connection:
        connection.execute(text("CREATE TRIGGER no_more BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'no'); END"))
    for path in (*PAGES, "/audit/export/ndjson"):
        answer = client.get(path, headers=HTML)
        assert (answer.status_code, answer.json()["issue"][0]["details"]["coding"][0]["code"]) == (503, "audit-unavailable")


def test_a_story_from_the_data_to_the_answer(client) -> None:
    overridden(client, comment="seen at 10:00, all intact")
    page = client.get("/audit/entries/2").text
    for wanted in (PATIENT, "urinary incontinence", "Cauda equina red flags", "not recorded in the data supplied", '<article class="card critical">'):
        assert wanted in page
    for wanted in ("Examined today, no red flag found", "seen at 10:00, all intact", "matches its bytes", "/audit/entries/3"):
        assert wanted in page
    headings = re.findall(r'<h2 id="(\w+)"', page)
    assert headings == ["data", "findings", "rules", "cards", "answers", "seal"]
    feedback = client.get("/audit/entries/3").text
    assert "The call it answers" in feedback
    assert '<article class="card critical">' in feedback


def test_a_call_and_its_answer_say_which_rules_were_in_force(client) -> None:
    overridden(client)
    for path, label in (("/audit/entries/2", "Hash of the rules"), ("/audit/entries/3", "Its hash of the rules")):
        assert f"<dt>{label}</dt><dd><bdi>{rules_hash()}</bdi></dd>" in client.get(path).text


def test_a_call_leads_to_the_settings_it_was_answered_under(client) -> None:
    overridden(client)
    (there,) = re.findall(r'<a href="(/audit\?kind=start[^"]*)">', client.get("/audit/entries/2").text)
    assert re.findall(r'href="/audit/entries/(\d+)"', client.get(there.replace("&amp;", "&")).text) == ["1"]


def test_a_batch_of_answers_takes_little_room_in_the_list_and_all_of_it_on_its_own_page(client, sandbox) -> None:
    card = client.post(SERVICE, json=call(RED_FLAG)).json()["cards"][0]["uuid"]
    said = {"outcome": "overridden", "overrideReason": {"userComment": "a comment " * 20}}
    batch = [{"card": card, **said}, *({"card": f"unknown {number}", **said} for number in range(499))]
    assert client.post(f"{SERVICE}/feedback", json={"feedback": batch}).status_code == 200
    page = client.get("/audit").text
    assert len(page) < 40_000
    assert "and 495 more" in page
    assert f"Patient/{PATIENT}" in page
    whole = client.get("/audit/entries/3").text
    assert (whole.count('<article class="answer">'), "450 more answers" in whole) == (500, True)
    assert latest(sandbox)["about"] == f"Patient/{PATIENT}"


def test_who_looked_at_answers_about_several_patients_is_found_by_each(client) -> None:
    cards = []
    for patient in ("one", "two"):
        prefetch = json.loads(
            json.dumps(RED_FLAG.prefetch()).replace(f"Patient/{PATIENT}", f"Patient/{patient}").replace(f'"id": "{PATIENT}"', f'"id": "{patient}"')
        )
        body = call(RED_FLAG, context={"userId": "u", "patientId": patient}, prefetch=prefetch)
        cards += [each["uuid"] for each in client.post(SERVICE, json=body).json()["cards"]]
    client.post(f"{SERVICE}/feedback", json={"feedback": [{"card": each, "outcome": "overridden"} for each in cards]})
    assert "The first of the 2 calls it answers" in client.get("/audit/entries/4").text
    for patient in ("one", "two"):
        assert "/audit/entries/5" in client.get(f"/audit?kind=review&patient={patient}").text


def test_nothing_is_left_out_unsaid_while_the_search_index_lags(client, sandbox, monkeypatch) -> None:
    """An index that gets no time stands for one over hundreds of thousands of entries that nobody has searched yet."""
    for _ in range(3):
        overridden(client)
    monkeypatch.setattr(watch.index, "bring_up_to_date", lambda log, *_, **__: watch.index.coverage_of(log))
    before = len(entries(sandbox.data_dir))
    whole = [json.loads(line) for line in client.get("/audit/export/ndjson").text.splitlines()]
    assert [each["sequence"] for each in whole if "correlationId" in each] == list(range(1, before + 1))
    refused = client.get("/audit/export/csv?kind=call")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
    assert "The search index covers 0 of" in refused.text
    for page in ("/audit", "/audit/rules", "/audit/rules/R01", "/audit/entries/2"):
        assert "search index is being brought up to date" in client.get(page).text, page


def test_an_entry_of_another_number_is_a_404(client) -> None:
    assert client.get("/audit/entries/99", headers=HTML).status_code == 404
    assert client.get("/audit/rules/R99", headers=HTML).status_code == 404
    assert client.get("/audit/export/pdf", headers=HTML).status_code == 404


HOSTILE = ("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\x1b[31mred\x1b[0m", "abc\u202egnp.exe", '"><img src=x onerror=y>', "{{ 7*7 }}")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_strangers_wrote_shows_as_text(client, hostile) -> None:
    overridden(client, comment=hostile, context={"userId": hostile, "patientId": PATIENT})
    pages = [client.get(path).text for path in ("/audit?kind=", "/audit/entries/2", "/audit/entries/3", f"/audit?{urlencode({'user': hostile})}")]
    for page in pages:
        assert not re.search(r"<script|<img|\x1b|\u202e| onerror=y>", page)
        assert "49" not in re.findall(r"<bdi>(\d+)</bdi>", page)
    table = client.get("/audit/export/csv").text
    assert not re.search(r'(^|,|")[=@\t]cmd', table, re.MULTILINE)
    assert client.get("/audit/export/ndjson").content.splitlines()[2].startswith(b'{"sequence":3,')


def test_pages_load_nothing_from_elsewhere_and_run_nothing(client) -> None:
    overridden(client)
    for path in (*PAGES, "/audit/page.css"):
        answer = client.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert not re.search(r"<script|<img|<iframe|url\(|@import|src=| style=|<style", answer.text), path


def test_a_filter_that_cannot_be_understood_is_said_in_the_form(client) -> None:
    page = client.get("/audit?since=yesterday&patient=123").text
    assert "From must be a day or a time" in page
    assert 'value="yesterday"' in page
    assert "It takes" not in client.get("/audit/export/csv?since=2026-11-01").text
    assert client.get("/audit/export/csv?since=yesterday").status_code == 400


def test_without_a_token_a_browser_is_sent_to_sign_in_and_a_program_gets_401(guarded) -> None:
    with running(guarded) as client:
        answer = client.get("/audit", headers=HTML, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/audit/sign-in")
        answer = client.get("/audit")
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (401, "login")
        assert client.get("/audit/sign-in").status_code == 200
    assert [entry["kind"] for _, entry in entries(guarded.data_dir)] == ["start"]


def test_a_wrong_token_is_refused_and_in_the_log(guarded) -> None:
    with running(guarded) as client:
        assert client.get("/audit", headers={"Authorization": "Bearer nobody's"}).status_code == 401
        answer = client.post("/audit/sign-in", data={"token": "nobody's"}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"], answer.cookies) == (303, "/audit/sign-in?failed=1", {})
    told = [(entry["outcome"], entry["cause"], entry["path"], "service" in entry) for _, entry in entries(guarded.data_dir)[1:]]
    assert told == [("sign-in-needed", "unknown review token", path, False) for path in ("/audit", "/audit/sign-in")]
    assert "nobody" not in json.dumps(entries(guarded.data_dir))


def test_a_refused_page_is_told_by_its_route_and_nothing_of_the_address(guarded) -> None:
    with running(guarded) as client:
        client.get("/audit/entries/777?patient=CANARY", headers={"Authorization": "Bearer x"})
        client.get("/audit/export/ndjson?patient=CANARY", headers=bearer("viewer"))
        page = client.get("/audit?kind=refused&reviewer=viewer+person", headers=bearer("viewer")).text
        assert "/audit/export/{format}" in page
        assert "/audit/entries/{sequence}" not in page
        assert "/audit/export/{format}" in client.get("/audit/entries/3", headers=bearer("viewer")).text
    first, second = [entry for _, entry in entries(guarded.data_dir) if entry["kind"] == "refused"]
    assert (first["path"], "reviewer" in first) == ("/audit/entries/{sequence}", False)
    assert (second["path"], second["reviewer"]) == ("/audit/export/{format}", {"name": "viewer person", "role": "viewer", "by": "token"})
    assert "CANARY" not in json.dumps([first, second])


def test_refusals_that_are_only_counted_say_where(guarded) -> None:
    with running(guarded) as client:
        for _ in range(70):
            client.get("/audit/rules", headers={"Authorization": "Bearer x"})
    counted = latest(guarded)
    assert (counted["count"], counted["path"], "service" in counted) == (10, "/audit/rules", False)


def test_signing_in_and_out(guarded) -> None:
    with running(guarded, "https://127.0.0.1:8000") as client:
        answer = client.post("/audit/sign-in", data={"token": TOKENS["viewer"]}, headers={"Origin": "https://127.0.0.1:8000"}, follow_redirects=False)
        cookie = answer.headers["set-cookie"].lower()
        for wanted in ("secure", "httponly", "samesite=strict", "path=/audit", "max-age=28800"):
            assert wanted in cookie
        assert "viewer person" in client.get("/audit").text
        assert (latest(guarded)["reviewer"]) == {"name": "viewer person", "role": "viewer", "by": "token"}
        client.post("/audit/sign-out", headers={"Origin": "https://127.0.0.1:8000"})
        assert client.get("/audit").status_code == 401


def test_only_exporters_take_entries_away(guarded) -> None:
    with running(guarded) as client:
        assert "Export all" not in client.get("/audit", headers=bearer("viewer")).text
        assert client.get("/audit/export/ndjson", headers=bearer("viewer")).status_code == 403
        assert "not-permitted" in client.get("/audit?kind=refused", headers=bearer("viewer")).text
        for role in ("exporter", "admin"):
            assert client.get("/audit/export/ndjson", headers=bearer(role)).status_code == 200
            assert "Export all" in client.get("/audit", headers=bearer(role)).text


@pytest.mark.parametrize("sequence", [10**6, 2**63 - 1, 2**63, 10**22, "9" * 5_000, "x"])
def test_an_entry_that_is_not_there(client, sequence) -> None:
    assert client.get(f"/audit/entries/{sequence}").status_code == 404


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999"])
def test_pages_of_other_sites_get_nothing(client, origin) -> None:
    for path in PAGES:
        answer = client.get(path, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("https://cds.example", "cds.example", 200),
        ("https://cds.example:443", "cds.example", 200),
        ("https://evil.example", "evil.example", 403),
        ("http://cds.example", "cds.example", 403),
        ("https://cds.example:8443", "cds.example:8443", 403),
        ("null", "", 403),
        ("https://[", "cds.example", 403),
    ],
)
def test_in_production_the_public_address_alone_is_our_own(tmp_path, origin, host, status) -> None:
    """A Host header is whatever the caller says, for instance where a name of another site leads to this machine."""
    with running(production(tmp_path, tokens=HOLDERS), "https://cds.example") as client:
        assert client.get("/audit", headers={**bearer("viewer"), "Origin": origin, "Host": host}).status_code == status


def production(folder: Path, **review: Any) -> Settings:
    return production_settings(folder, trusted_proxies=["10.0.0.0/24"], review=review)


def test_in_production_nobody_looks_unless_somebody_is_named(tmp_path) -> None:
    with running(production(tmp_path), "https://cds.example") as client:
        for path in (*PAGES, "/audit/sign-in"):
            assert client.get(path, headers=HTML, follow_redirects=False).status_code == 404
    with running(production(tmp_path, tokens=HOLDERS), "https://cds.example") as client:
        assert client.get("/audit", headers=HTML, follow_redirects=False).status_code == 303
        assert client.get("/audit", headers=bearer("viewer")).status_code == 200


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("10.0.0.5", {"X-User": "dr.who", "X-Role": "viewer"}, 200),
        ("10.0.0.5", {"X-User": "dr.who", "X-Role": "king"}, 401),
        ("10.0.0.5", {"X-User": "dr.who"}, 401),
        ("10.0.0.5", {"X-User": " ", "X-Role": "viewer"}, 401),
        ("10.0.0.5", {}, 401),
        ("192.0.2.1", {"X-User": "dr.who", "X-Role": "admin"}, 401),
        ("127.0.0.1", {"X-User": "dr.who", "X-Role": "admin"}, 401),
    ],
)
def test_a_proxy_is_believed_only_where_it_is_trusted(tmp_path, peer, headers, status) -> None:
    settings = production(tmp_path, user_header="X-User", role_header="X-Role")
    app = create_app(settings, clock=lambda: NOW)
    with TestClient(app, base_url="https://cds.example", client=(peer, 5000)) as client:
        assert client.get("/audit", headers=headers).status_code == status
    if status == 200:
        assert latest(settings)["reviewer"] == {"name": "dr.who", "role": "viewer", "by": "proxy"}
    elif peer == "10.0.0.5" and headers.get("X-User", " ").strip():
        assert latest(settings)["reviewer"] == {"name": "dr.who", "role": headers.get("X-Role", ""), "by": "proxy"}
    else:
        assert "reviewer" not in latest(settings)


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ('[review]\nuser_header = "X-User"', "user_header and role_header go together"),
        ('[review]\nuser_header = "X-User"\nrole_header = "X-Role"', "believed only from trusted_proxies"),
        ('[[review.tokens]]\nname = "a"\nrole = "king"\nsha256 = "00"', "review.tokens.0.role is not valid"),
        ('[[review.tokens]]\nname = "a"\nrole = "admin"\nsha256 = "secret"', "review.tokens.0.sha256 is not valid"),
    ],
)
def test_unsafe_review_settings(tmp_path, toml, sentence) -> None:
    (tmp_path / "service.toml").write_text(toml)
    with pytest.raises(BadSettings, match=sentence):
        load(tmp_path / "service.toml")


def test_keyed_patients_are_found_and_never_shown(tmp_path) -> None:
    settings = Settings(data_dir=tmp_path, identifiers="keyed")
    with running(settings) as client:
        overridden(client)
        page = client.get(f"/audit?patient={PATIENT}&kind=call").text
        assert "/audit/entries/2" in page
        assert f"Patient/{PATIENT}" not in page
        client.get("/audit/entries/2")
        assert "/audit/entries/5" in client.get(f"/audit?kind=review&patient={PATIENT}").text
    assert PATIENT not in json.dumps([entry for _, entry in entries(tmp_path) if entry["kind"] == "review"])


def badge(client: TestClient) -> str:
    return re.search(r'class="seal (\w+)"', client.get("/audit/verification").text)[1]


def test_the_badge_turns_red_on_tampering(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "AGAIN_SECONDS", 0.05)
    settings = store.settings
    with running(settings) as client:
        client.post(SERVICE, json=call(RED_FLAG))
        assert badge(client) == "good"
        with store.database.engine.begin() as connection:
            connection.execute(text("UPDATE entries SET kind = 'feedback' WHERE sequence = 2"))
        deadline = time.monotonic() + 20
        while badge(client) != "bad" and time.monotonic() < deadline:
            time.sleep(0.05)
        page = client.get("/audit").text
        assert "Does not verify" in page
        assert "entry 2" in page


def test_the_badge_turns_red_when_the_newest_entries_are_cut_off(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any checkpoint covers them; a verifier that comes later could not tell."""
    monkeypatch.setattr(watch, "AGAIN_SECONDS", 0.05)
    with running(store.settings) as client:
        for _ in range(3):
            assert badge(client) == "good"
        with store.database.engine.begin() as connection:
            connection.execute(text("DELETE FROM entries WHERE sequence > 1"))
        assert client.get("/audit").status_code == 503, "whoever wrote them misses them first, and looks again"
        deadline = time.monotonic() + 20
        while badge(client) != "bad" and time.monotonic() < deadline:
            time.sleep(0.05)
        assert badge(client) == "bad"


@pytest.mark.parametrize(
    "bytes", [b"no JSON", b'{"sequence":2,"recorded":5,"kind":"call"}', b'{"sequence":2,"recorded":"","kind":"feedback","feedback":[{"reason":"x"}]}']
)
def test_an_entry_that_was_tampered_with_keeps_no_other_from_being_seen(client, sandbox, bytes) -> None:
    overridden(client)
    with database(None, sandbox.data_dir).engine.begin() as connection:
        connection.execute(text("UPDATE entries SET entry = :entry WHERE sequence = 2"), {"entry": bytes})
    page = client.get("/audit?kind=").text
    assert "unreadable" in page or "not of the form" in page
    assert "/audit/entries/3" in page
    assert "does not match its bytes" in client.get("/audit/entries/2").text
    assert client.get("/audit/entries/3").status_code == 200
    assert client.get("/audit/export/csv").status_code == 200
