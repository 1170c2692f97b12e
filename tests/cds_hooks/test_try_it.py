"""The try-it page without a browser: what may be sent to it and by whom, what becomes of it, and that its feedback is real."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from charts import PATIENT, Chart, lab, person, problem, seen
from commands import run
from evaluating import NOW
from fhir_faults import RED_FLAG
from fhir_server import CANARY, fhir_server, outcome, saying, status
from starlette.testclient import TestClient

from cds_hooks.app import create_app
from cds_hooks.sandbox.samples import samples
from cds_hooks.settings import Settings

OWN = {"Origin": "http://127.0.0.1:8000"}
SMUGGLED = "<script>x()</script><iframe srcdoc='y'></iframe>![z](https://evil.example/z.png)</textarea>'\"><img src=x>"
Send = Callable[..., str]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    with TestClient(create_app(settings, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as running:
        yield running


@pytest.fixture
def send(client: TestClient) -> Send:
    """What a form of the page sends, and the page that comes back."""

    def sent(path: str, headers: dict[str, str] = OWN, **fields: Any) -> str:
        said = {name: each if isinstance(each, tuple) else (None, each) for name, each in fields.items()}
        answer = client.post(path, files={"form": (None, "1"), **said}, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    return sent


def bundle(chart: Chart) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in chart.resources()]})


def alert(page: str) -> str:
    found = re.search(r'role="alert"[^>]*>(.*?)</(?:p|div)>', page, re.DOTALL)
    return html.unescape(found[1]) if found else ""


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return html.unescape(found[1])


def indicators(page: str) -> list[str]:
    return re.findall(r'<article class="card (\w+)"', page)


ALARM = Chart((person(), problem("leg cramps", 5), problem("urinary incontinence", 3)))


def test_a_bundle_pasted_or_dropped_or_as_a_request_gives_the_same_cards(send: Send, client: TestClient) -> None:
    request = json.dumps(client.get("/samples/cauda-equina/request").json())
    for given in ({"pasted": bundle(ALARM)}, {"file": ("chart.json", bundle(ALARM).encode())}, {"pasted": request}):
        assert indicators(send("/try", **given)) == ["critical"]


BROKEN = (
    ("", "Nothing was given"),
    ('{"resourceType": "Bundle", "entry": [', "line 1, column 38"),
    ("<Bundle xmlns='http://hl7.org/fhir'/>", "This is XML"),
    (SMUGGLED, "This is XML or HTML"),
    ("[" + SMUGGLED, "stops making sense at line 1, column 2"),
    ('{"resourceType": "Patient", "id": "CANARY-5d2e"}', "single FHIR resource"),
    ('{"resourceType": "Bundle", "entry": []}', "exactly one Patient; it holds 0"),
    ('{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}', "Give it an id"),
    ('{"CANARY-5d2e": 1}', "neither a FHIR Bundle"),
    ("[1]", "does not fit"),
    ('{"a": 1}\n{"a": 2}', "The JSON ends before the text does"),
    ('{"hook": "order-sign", "hookInstance": "x", "context": {"userId": "u", "patientId": "p"}}', "This service answers the hook patient-view"),
    ('{"hook": "patient-view", "hookInstance": "x", "context": {"userId": "u", "patientId": "CANARY-5d2e/1"}}', "must be a Patient id"),
    ('{"a": NaN}', "without NaN"),
    ("[" * 100 + "]" * 100, "nested more than 64"),
    ('{"a": 1e999}', "out of range"),
    ('{"a": ' + "9" * 5000 + "}", "out of range"),
)


@pytest.mark.parametrize(("text", "said"), BROKEN, ids=[each for _, each in BROKEN])
def test_what_is_no_chart_is_told_without_a_word_of_it(send: Send, text: str, said: str) -> None:
    page = send("/try", pasted=text)
    assert said in alert(page)
    assert CANARY not in alert(page)
    assert "<script>x" not in page
    assert "<iframe" not in page
    assert send("/try", file=("x", text.encode())).count("CANARY") == 0


def test_a_file_in_another_encoding_is_no_chart(send: Send) -> None:
    assert "not UTF-8" in alert(send("/try", file=("x", '{"é": 1}'.encode("latin-1"))))


# --- by whom
FOREIGN = (
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:9080"},
    {"Origin": "http://[::1"},
    {"Origin": "http://127.0.0.1:8000.evil.example"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("path", ["/try", "/try/server", "/try/answer"])
def test_another_sites_page_gets_nothing_read_and_nothing_answered(client: TestClient, headers: dict[str, str], path: str) -> None:
    with fhir_server(RED_FLAG) as ehr:
        form = {"server": ehr.base, "patient": "pt-1", "pasted": bundle(ALARM), "dismiss": "x"}
        answer = client.post(path, files={name: (None, each) for name, each in form.items()}, headers=headers)
        assert answer.status_code == 403
        assert ehr.asked == []
    assert client.get(path, follow_redirects=False).headers["location"] == "/"


def test_another_name_for_this_machine_is_no_way_in(client: TestClient) -> None:
    answer = client.post("/try", files={"pasted": (None, "{}")}, headers={"Host": "evil.example", "Origin": "http://evil.example"})
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "wrong-host"


# --- how much
def test_too_much_is_told_and_not_read(tmp_path: Any) -> None:
    settings = Settings(data_dir=tmp_path, max_body_bytes=20_000)
    with TestClient(create_app(settings, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client:
        page = client.post("/try", files={"pasted": (None, "x" * 30_000)}, headers=OWN).text
        assert "larger than 20000 bytes" in alert(page)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"a=b", "application/x-www-form-urlencoded"),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary="),
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="pasted"\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n{}\r\n--x--',
            "multipart/form-data; boundary=x; charset=nonsense",
        ),
        (
            b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n\r\n' % each for each in range(500)) + b"--x--",
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_what_is_no_form_is_refused_in_words(client: TestClient, content: bytes, kind: str) -> None:
    answer = client.post("/try", content=content, headers={**OWN, "Content-Type": kind})
    assert answer.status_code == 200
    assert alert(answer.text)


# --- what was changed
def test_changes_are_applied_to_a_copy_and_undone(send: Send) -> None:
    page = send("/try", pasted=bundle(ALARM))
    kept = field(page, "chart")
    incontinence = next(each["resource"]["id"] for each in json.loads(bundle(ALARM))["entry"] if "165232002" in json.dumps(each))
    day, state = f"day:Condition/{incontinence}", f"state:Condition/{incontinence}"
    later = send("/try", chart=kept, before=field(page, "before"), **{day: (NOW.date() - timedelta(days=30)).isoformat()})
    assert indicators(later) == ["warning"]
    assert field(later, "chart") == kept
    assert "Before:" in later
    for wish, shown in (("refuted", []), ("unconfirmed", ["critical"]), ("deleted", []), ("error", []), ("nonsense", ["critical"])):
        assert indicators(send("/try", chart=kept, **{state: wish}))[:1] == shown, wish
    assert indicators(send("/try", chart=kept, undo="1", **{state: "refuted"})) == ["critical"]


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"all": "failed"}, "HTTP 412"),
        ({"all": "absent"}, "HTTP 412"),
        ({"key:conditions": "failed"}, "HTTP 412"),
        ({"key:conditions": "null"}, "No card"),
        ({"key:conditions": "cut"}, "Conditions are incomplete"),
        ({"key:orders": "absent"}, "Orders and imaging were not supplied"),
    ],
)
def test_what_the_ehr_sends_can_be_broken(send: Send, wishes: dict[str, str], said: str) -> None:
    with_observations = Chart((*ALARM.facts, seen("potassium", 3, 4.2, unit="mmol/L")))
    page = send("/try", chart=field(send("/try", pasted=bundle(with_observations)), "chart"), **wishes)
    assert said in page
    assert "urinary incontinence" in page, "the EHR itself still shows its chart"


# --- what was answered
def test_feedback_is_real_and_a_kept_order_is_sent_with_the_next_call(send: Send, client: TestClient) -> None:
    page = client.get("/samples/cauda-equina").text
    accept = next(each for each in map(html.unescape, re.findall(r'name="accept" value="([^"]*)"', page)) if "MRI" in each)
    part = send("/try/answer", accept=accept, part="1")
    assert "Accepted: MRI of lumbosacral spine, stat" in part
    again = send("/try", chart=field(page, "chart"), draft=field(part, "draft"))
    assert indicators(again) == ["info"]
    assert "draft, stat" in again
    correlation = re.search(r"correlation=([0-9a-f-]+)", part)
    assert correlation
    found = client.get(f"/audit?kind=&correlation={correlation[1]}", headers={"Accept": "text/html"}).text
    assert "Card accepted" in found


def test_a_card_nobody_knows_can_be_dismissed_without_harm(send: Send) -> None:
    assert "no reason given" in send("/try/answer", dismiss=SMUGGLED, part="1")
    assert "lost on the way" in alert(send("/try/answer", dismiss="x", chart="{}"))
    assert "cannot be read" in alert(send("/try/answer", accept="{"))


# --- words of a chart
def test_markup_in_a_chart_stays_text(send: Send) -> None:
    names = [{"given": [SMUGGLED], "family": SMUGGLED}]
    hostile = Chart(
        (
            person(name=names, gender=SMUGGLED),
            problem("leg cramps", 5, said=SMUGGLED),
            problem("urinary incontinence", 3, said=f"incontinence {SMUGGLED}"),
            seen("potassium", 3, SMUGGLED, said=SMUGGLED),
        )
    )
    page = send("/try", pasted=bundle(hostile))
    assert indicators(page) == ["critical"]
    assert page.count("<script") == 1
    assert "<iframe" not in page
    assert "<img" not in page


def test_what_the_form_brings_back_is_believed_no_more_than_a_chart(send: Send) -> None:
    kept = field(send("/try", pasted=bundle(ALARM)), "chart")
    page = send("/try", chart=kept, title=SMUGGLED, again="javascript:x()", before=json.dumps([["critical", SMUGGLED]]), draft=json.dumps({"id": SMUGGLED}))
    assert 'href="javascript' not in page
    assert page.count("<script") == 1
    assert "<iframe" not in page
    assert "cannot be read" in alert(send("/try", chart=kept, draft="[]"))
    assert "cannot be read" in alert(send("/try", chart=kept, before="{"))


# --- FHIR servers
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (status(500), "in trouble"),
        (status(401), "wants a sign-in"),
        (saying("<html>", "text/html"), "no FHIR server"),
        (saying(outcome("error")), "Nothing could be read"),
    ],
)
def test_a_server_that_cannot_be_read_is_told_in_friendly_words(send: Send, fault: Any, said: str) -> None:
    with fhir_server(RED_FLAG) as ehr:
        ehr.faults["*"] = fault
        page = send("/try/server", server=ehr.base, patient="pt-1")
        assert said in alert(page)
        assert CANARY not in page
        assert f'value="{ehr.base}"' in page


@pytest.mark.parametrize("address", ["ftp://x", "http://user:secret@127.0.0.1/fhir", "nothing", "http://127.0.0.1:1/fhir"])
def test_an_address_that_is_no_server_is_told(send: Send, address: str) -> None:
    assert alert(send("/try/server", server=address, patient="1"))


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest", "http://[fd00:ec2::254]", "http://0.0.0.0/fhir"])
def test_addresses_that_no_fhir_server_has_are_never_contacted(send: Send, address: str) -> None:
    assert "never contacted" in alert(send("/try/server", server=address, patient="1"))
    assert "never contacted" in alert(send("/try/server", server=address, name="x"))


def test_an_empty_patient_is_told_from_an_unknown_one(send: Send) -> None:
    with fhir_server(Chart((person(),))) as ehr:
        assert "holds no records of this patient" in send("/try/server", server=ehr.base, patient="pt-1")
        assert "knows no patient of this id" in alert(send("/try/server", server=ehr.base, patient="nobody"))
        assert "not an id" in alert(send("/try/server", server=ehr.base, patient="../etc"))


@pytest.mark.parametrize("address", ["http://169.254.169.254/latest", "http://[fd00:ec2::254]/fhir"])
@pytest.mark.parametrize("command", [("check", "--patient", "1", "--fhir-server"), ("samples", "--load")])
def test_neither_does_any_command_contact_them(command: tuple[str, ...], address: str) -> None:
    answer = run(*command, address)
    assert answer.returncode in {1, 2}
    assert "never contacted" in answer.stdout + answer.stderr


def test_records_known_by_their_urn_are_told_apart(send: Send) -> None:
    sent = json.loads(bundle(ALARM))
    for number, each in enumerate(sent["entry"]):
        each["resource"].pop("id")
        each["fullUrl"] = f"urn:uuid:00000000-0000-4000-8000-{number:012}"
        each["resource"] = json.loads(json.dumps(each["resource"]).replace(f"Patient/{PATIENT}", "urn:uuid:00000000-0000-4000-8000-000000000000"))
    page = send("/try", pasted=json.dumps({**sent, "type": "transaction"}))
    assert indicators(page) == ["critical"]
    assert len(re.findall(r'name="state:Condition/[0-9a-f-]{36}"', page)) == 2


def test_what_could_not_be_assessed_is_not_shown_as_absent(send: Send) -> None:
    page = send("/try", pasted=bundle(Chart((person(), problem("leg cramps", 5), lab("potassium", 3.1, "furlong")))))
    assert "<strong>potassium</strong> could not be assessed" in page


def test_reading_servers_can_be_switched_off(tmp_path: Any) -> None:
    settings = Settings(data_dir=tmp_path, sandbox_fhir_servers=False)
    with TestClient(create_app(settings, clock=lambda: NOW), base_url="http://127.0.0.1:8000") as client, fhir_server(RED_FLAG) as ehr:
        page = client.post("/try/server", files={"server": (None, ehr.base), "patient": (None, "pt-1")}, headers=OWN).text
        assert "Switched off here" in page
        assert ehr.asked == []


def test_patients_are_chosen_by_name(send: Send) -> None:
    with fhir_server(Chart((person(name=[{"family": "Smuggled <b>", "given": ["Pat"]}]), problem("leg cramps", 5)))) as ehr:
        page = send("/try/server", server=ehr.base, name="smug")
        assert re.search(r'name="patient" value="pt-1"', page)
        assert "Pat Smuggled &lt;b&gt;" in page
        assert "read as leg spasm" in send("/try/server", server=ehr.base, patient="pt-1")


def test_every_opening_of_a_sample_is_a_new_patient(client: TestClient) -> None:
    first, second = (re.search(r"sample-cauda-equina-[0-9a-f]{8}", client.get("/samples/cauda-equina").text) for _ in range(2))
    assert first
    assert second
    assert first[0] != second[0]
    assert len(samples()) > 10
