"""A call over HTTP: what is answered, and how everything else is refused."""

from __future__ import annotations

import json
import re

import pytest
from calls import SERVICE, call
from charts import PATIENT, Chart, Fact, problem, seen

from cds_hooks.errors import KINDS
from fhir_mappings import r4

CANARY = "CANARY-7f3a"
RED_FLAG = Chart((problem("leg cramps", 5), problem("urinary incontinence", 2)))


def test_a_red_flag_gets_its_card(client) -> None:
    """RESP-01."""
    answer = client.post(SERVICE, json=call(RED_FLAG))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    (card,) = answer.json()["cards"]
    assert (card["indicator"], card["source"]["topic"]["code"]) == ("critical", "CaudaEquinaRedFlags")


def test_nothing_to_say_is_an_empty_list(client) -> None:
    """RESP-02, RESP-07."""
    assert client.post(SERVICE, json=call()).json() == {"cards": []}


@pytest.mark.parametrize(
    "members",
    [
        {"context": {"userId": "Practitioner/1", "patientId": f"Patient/{PATIENT}"}},
        {"context": {"userId": "PractitionerRole/1", "patientId": PATIENT, "encounterId": "enc-1", "ward": "4B"}},
        {"context": {"userId": "RelatedPerson/51", "patientId": PATIENT, "encounterId": None}},
        {"fhirServer": "https://ehr.example/fhir"},
        {
            "fhirServer": "https://ehr.example/fhir/",
            "fhirAuthorization": {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read", "subject": "me"},
        },
        {"fhirAuthorization": {"access_token": "x"}},
        {"extension": {"com.example.trigger": {"action": 60}}, "unknown": [1, {"a": None}]},
        {"hookInstance": "not-a-uuid"},
    ],
)
def test_tolerated(client, members) -> None:
    """REQ-03, REQ-06, REQ-08, I-08, I-09, I-30."""
    answer = client.post(SERVICE, json=call(RED_FLAG, **members))
    assert answer.status_code == 200
    assert len(answer.json()["cards"]) == 1


def test_the_same_hook_instance_again(client) -> None:
    """I-12."""
    bodies = [client.post(SERVICE, json=call(RED_FLAG)) for _ in range(2)]
    assert [each.status_code for each in bodies] == [200, 200]


@pytest.mark.parametrize(
    "members",
    [
        {"hook": ...}, {"hook": 1}, {"hook": "order-sign"}, {"hookInstance": ...}, {"hookInstance": None}, {"hookInstance": " "}, {"context": ...}, {"context": []}, {"context": {}},
        {"context": {"userId": "Practitioner/1"}}, {"context": {"patientId": PATIENT}}, {"context": {"userId": 1, "patientId": PATIENT}}, {"context": {"userId": "Practitioner/1", "patientId": 7}},
        {"context": {"userId": "Practitioner/1", "patientId": ""}}, {"context": {"userId": "Practitioner/1", "patientId": "Practitioner/1"}}, {"context": {"userId": "Practitioner/1", "patientId": f"{CANARY} x"}},
        {"context": {"userId": "Practitioner/1", "patientId": "../x"}}, {"prefetch": []}, {"prefetch": "x"}, {"fhirServer": 5}, {"fhirAuthorization": "Bearer x"},
    ],
)  # fmt: skip
def test_malformed_calls(client, members) -> None:
    """REQ-02, REQ-04, REQ-05."""
    assert_refused(client.post(SERVICE, json=call(**{"context": {"userId": "Practitioner/1", "patientId": PATIENT}, **members})), 400)


BODIES = [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"hook": "patient-view", "x": NaN}', b'{"x": Infinity}', b'{"x": -Infinity}', b'{"x": 1e999}', b'{"x": -1e999}', b'{"x": "\\ud800"}', b'{"x": "\\udc00a"}',
    b'{"x": "\xed\xa0\x80"}', b"\xef\xbb\xbf{}", "{}".encode("utf-16"), b'{"x": 01}', b'{"x": 1.}', b'{"a": 1,}', b'{"a": "\x01"}', b"{} {}", b'{"x": ' + b"9" * 400 + b"}",
    b'{"x": ' + b"[" * 65 + b"]" * 65 + b"}", b"[" * 100_000, b'{"a":' * 100_000, b'{"x": ["]", ' + b"[" * 70 + b"]" * 70 + b"]}", b'{"a": "' + b"x" * 50 + b"}",
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda each: repr(each[:30]))
def test_bodies_that_are_not_strict_json(client, body) -> None:
    assert_refused(client.post(SERVICE, content=body, headers={"content-type": "application/json"}), 400)


def test_a_number_out_of_range_wherever_it_stands(client) -> None:
    body = json.dumps(call(RED_FLAG))[:-1]
    for before in range(100):
        broken = f'{body}, "zzz": "{"x" * before}", "yyy": {"9" * 309}}}'
        assert client.post(SERVICE, content=broken.encode(), headers={"content-type": "application/json"}).status_code == 400


@pytest.mark.parametrize("place", ["top", "context", "prefetch", "resource"])
@pytest.mark.parametrize("literal", ["1e999", "NaN", '"\\ud800"', "[" * 70 + "]" * 70, "9" * 400])
def test_strictness_reaches_every_corner(client, place, literal) -> None:
    body = json.dumps(call(RED_FLAG))
    spots = {"top": '{"hook"', "context": '{"userId"', "prefetch": '{"patient"', "resource": '{"resourceType": "Condition"'}
    assert spots[place] in body
    broken = body.replace(spots[place], spots[place].replace("{", f'{{"zzz": {literal}, ', 1), 1)
    assert_refused(client.post(SERVICE, content=broken.encode(), headers={"content-type": "application/json"}), 400)


@pytest.mark.parametrize(
    "repeated",
    [
        lambda body: body.replace('"context":', '"context": {"userId": "Practitioner/1", "patientId": "other"}, "context":', 1),
        lambda body: body.replace('"patientId":', '"patientId": "other", "patientId":', 1),
        lambda body: body.replace('"prefetch":', '"prefetch": {}, "prefetch":', 1),
        lambda body: body.replace('"hook":', '"hook": "patient-view", "hook":', 1),
        lambda body: body.replace('"patientId":', '"patientI\\u0064": "other", "patientId":', 1),
    ],
)
def test_members_given_twice(client, repeated) -> None:
    assert_refused(client.post(SERVICE, content=repeated(json.dumps(call(RED_FLAG))).encode(), headers={"content-type": "application/json"}), 400)


@pytest.mark.parametrize("name", ['"prefetch"', '"\\u0070refetch"', '"pref\\u0065tch"'])
@pytest.mark.parametrize("second", ["{}", "null", '{"conditions": null}', '{"conditions": {"resourceType": "Bundle", "entry": []}}', "the same", "longer"])
@pytest.mark.parametrize("place", ["first of all", "right before", "right behind", "last of all"])
@pytest.mark.parametrize("apart", [0, 100_000])
def test_a_second_chart_is_found_wherever_it_stands(client, place, second, name, apart) -> None:
    """However long the two are, whatever stands between them, and whichever of them a reader would take."""
    sent = call(RED_FLAG)
    chart = json.dumps(sent.pop("prefetch"))
    others = json.dumps(sent)[1:-1]
    written = {"the same": chart, "longer": chart[:-1] + f', "more": {{"x": "{"y" * 5000}"}}}}'}.get(second, second)
    one, two, between = f'"prefetch": {chart}', f"{name}: {written}", f'"zzz": "{"z" * apart}"'
    orders = {
        "first of all": (two, between, others, one),
        "right before": (others, between, two, one),
        "right behind": (one, two, between, others),
        "last of all": (one, others, between, two),
    }
    body = "{" + ", ".join(orders[place]) + "}"
    assert_refused(client.post(SERVICE, content=body.encode(), headers={"content-type": "application/json"}), 400)


def test_the_word_prefetch_elsewhere_is_no_repetition(client) -> None:
    sent = call(RED_FLAG, extension={"com.example": {"prefetch": {"prefetch": "prefetch"}, "said": '"prefetch" \\u0070'}})
    sent["prefetch"]["prefetch"] = {"resourceType": "Bundle", "entry": []}
    assert client.post(SERVICE, json=sent).status_code == 200


def test_the_word_context_elsewhere_is_no_repetition(client) -> None:
    body = call(RED_FLAG, extension={"com.example": {"context": {"patientId": "x"}, "said": '"context" "patientId"'}})
    assert client.post(SERVICE, json=body).status_code == 200


LARGE = 300_000


@pytest.mark.parametrize("value", ["[]", "{}", "0", '""', "null", '{"a":0}', "[[0]]"])
def test_more_values_than_a_chart_of_its_size_holds(client, value) -> None:
    """Each takes many times its bytes once it is read."""
    body = f'{json.dumps(call(RED_FLAG))[:-1]}, "unknown": [{",".join([value] * (LARGE // (len(value) + 1)))}]}}'
    answer = client.post(SERVICE, content=body, headers={"content-type": "application/json"})
    assert_refused(answer, 400)
    assert "more values" in answer.text


@pytest.mark.parametrize("text", [",[{" * (LARGE // 3), '\\",[' * (LARGE // 4), "\\\\,[" * (LARGE // 4)])
def test_what_stands_in_a_text_is_no_value(client, text) -> None:
    body = f'{json.dumps(call(RED_FLAG))[:-1]}, "unknown": ["{text}", "x"]}}'
    assert client.post(SERVICE, content=body, headers={"content-type": "application/json"}).status_code == 200


def test_a_chart_of_very_small_records_is_read(client) -> None:
    """The densest chart there could be: conditions with a word for a code and nothing else."""
    words = [Fact({"resourceType": "Condition", "code": {"text": "x"}}, "x")] * 4_900
    assert client.post(SERVICE, json=call(Chart((*words, *RED_FLAG.facts)))).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": ""},
    ],
    ids=str,
)
def test_wrong_media_type(client, headers) -> None:
    assert_refused(client.post(SERVICE, content=json.dumps(call()).encode(), headers=headers), 415)


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=UTF-8", "Application/JSON", "application/fhir+json"])
def test_right_media_type(client, media_type) -> None:
    assert client.post(SERVICE, content=json.dumps(call()).encode(), headers={"content-type": media_type}).status_code == 200


def test_oversized_body(client, sandbox) -> None:
    body = b'{"x": "' + b"a" * sandbox.max_body_bytes + b'"}'
    assert_refused(client.post(SERVICE, content=body, headers={"content-type": "application/json"}), 413)
    chunks = (body[place : place + 65536] for place in range(0, len(body), 65536))
    assert_refused(client.post(SERVICE, content=chunks, headers={"content-type": "application/json"}), 413)


def test_a_large_ordinary_prefetch_is_read(client) -> None:
    facts = [problem("hypertension", 900) for _ in range(300)] + [seen("potassium", 3, 4.1, unit="mmol/L") for _ in range(600)]
    assert client.post(SERVICE, json=call(Chart((*facts, *RED_FLAG.facts)))).json()["cards"][0]["indicator"] == "critical"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", SERVICE, 405),
        ("POST", "/cds-services", 405),
        ("PUT", SERVICE, 405),
        ("POST", "/cds-services/unknown", 404),
        ("GET", "/nothing", 404),
        ("POST", f"{SERVICE}/more", 404),
    ],
)
def test_wrong_method_or_path(client, method, path, status) -> None:
    """REQ-01."""
    answer = client.request(method, path, json=call() if method == "POST" else None)
    assert_refused(answer, status)
    if status == 405:
        assert answer.headers["allow"]


def test_every_answer_has_its_own_correlation_id(client) -> None:
    ids = [client.get(path).headers["x-correlation-id"] for path in ("/cds-services", "/cds-services", "/livez", "/readyz", "/nothing")]
    assert len(set(ids)) == len(ids)


def test_health(client) -> None:
    assert client.get("/livez").status_code == client.get("/readyz").status_code == 200


def test_openapi_describes_the_call_and_the_answer(client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    operation = paths["/cds-services/{service_id}"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert {"hook", "hookInstance", "context"} <= set(schema["required"])
    assert operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("CdsResponse")


def test_cors_for_browser_sandboxes(client) -> None:
    """CORS-01: preflight without a token, any origin, no credentials; errors carry the headers too."""
    asked = {"origin": "https://sandbox.cds-hooks.org", "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    preflight = client.options(SERVICE, headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in preflight.headers
    assert client.post(SERVICE, json={}, headers={"origin": "https://x.example"}).headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
@pytest.mark.parametrize("path", ["/cds-services", SERVICE, "/nothing"])
def test_a_preflight_never_fails(client, method, path) -> None:
    """CORS-01: what a path does not take is refused when it is called, in words."""
    asked = {"origin": "https://x.example", "access-control-request-method": method, "access-control-request-headers": "x-anything"}
    answer = client.options(path, headers={**asked, "access-control-request-private-network": "true"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-private-network"] == "true"


def test_a_method_unheard_of_is_refused_in_our_words(client) -> None:
    asked = {"origin": "https://x.example", "access-control-request-method": "FOO"}
    assert_refused(client.options(SERVICE, headers=asked), 400)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:8000", "127.8.8.8"])
def test_a_loopback_name_is_answered(client, host) -> None:
    assert client.get("/cds-services", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "10.0.0.1", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::1", "a@b", "[::ffff:8.8.8.8]"]
)
def test_no_other_name_is_answered_in_the_sandbox(client, host) -> None:
    """A page of the web that makes its own name point here gets nothing."""
    for answer in (client.get("/cds-services", headers={"host": host}), client.post(SERVICE, json=call(RED_FLAG), headers={"host": host})):
        assert_refused(answer, 400)
        assert "evil" not in answer.text


@pytest.mark.parametrize(("depth", "status"), [(64, 200), (65, 400)])
@pytest.mark.parametrize("kind", ["lists", "objects", "both in turn", "with words between"])
def test_nesting_up_to_64_levels(client, depth, status, kind) -> None:
    """The call's own object is the first level."""
    openers = {"lists": ("[",), "objects": ('{"a":',), "both in turn": ("[", '{"a":'), "with words between": ('["]}", ', '{"\\"": 1, "a":')}[kind]
    chosen = [openers[level % len(openers)] for level in range(depth - 1)]
    nested = "".join(chosen) + "1" + "".join("]" if each.startswith("[") else "}" for each in reversed(chosen))
    body = json.dumps(call(RED_FLAG))[:-1] + f', "extension": {nested}}}'
    answer = client.post(SERVICE, content=body.encode(), headers={"content-type": "application/json"})
    assert answer.status_code == status


def assert_refused(answer, status: int) -> None:
    """RESP-05: an OperationOutcome with the correlation id, a stable code, and nothing of the request."""
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/fhir+json"
    body = answer.json()
    assert r4.is_valid(body)
    assert body["id"] == answer.headers["x-correlation-id"]
    (issue,) = body["issue"]
    kind = KINDS[issue["details"]["coding"][0]["code"]]
    assert kind.status == status
    assert kind.remedy in issue["details"]["text"]
    assert CANARY not in answer.text
    assert not re.search(r"Traceback|File \"|msgspec|pydantic", answer.text)
