"""No request body whatsoever yields a 5xx, an echo, or an unsound card."""

from __future__ import annotations

import copy
import json
import re

import pytest
from calls import SERVICE, call
from charts import Chart, lab, order, part, person, problem, seen
from evaluating import NOW
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from cds_hooks.app import create_app
from cds_hooks.settings import Settings

RICH = call(
    Chart(
        (
            person(),
            problem("leg cramps", 5, site="leg", severity="severe"),
            problem("urinary incontinence", 2),
            seen("leg numbness", 3, "present"),
            seen("leg cramps", 4, parts=(part("pain score", 7),)),
            seen("MDS urinary continence", 4, "LA11045-4"),
            seen("Bowel continence", 1, "Continent of faeces"),
            lab("potassium", 3.1, "mmol/L", flag="L", limits=(3.5, 5.0)),
            order("lumbar MRI", 1, priority="routine"),
        )
    )
)
CANARY = "CANARY-0c1d"

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.just(CANARY)
    | st.sampled_from(["active", "2026-02-30", "Patient/x", "<b>", "", " "]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["code", "coding", "text", "system", "value", "reference", "resourceType", "entry", "resource", "status", "id"])
            | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    with TestClient(create_app(settings, clock=lambda: NOW), base_url="http://127.0.0.1:8000", raise_server_exceptions=True) as client:
        yield client


def post(service: TestClient, body: bytes):
    answer = service.post(SERVICE, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {200, 400, 412}, answer.text
    document = json.loads(answer.content)
    if answer.status_code == 200:
        for card in document["cards"]:
            assert 0 < len(card["summary"].encode("utf-16-le")) // 2 < 140
            assert not re.search(r"<[a-zA-Z/!]", card["detail"])
            assert "null" not in {type(value).__name__ for value in card.values()}
    else:
        assert CANARY not in answer.text
    return document


@given(st.binary(max_size=300))
def test_any_bytes(service, body) -> None:
    post(service, body)


@given(json_values)
def test_any_json(service, value) -> None:
    post(service, json.dumps(value).encode())


@given(st.dictionaries(st.sampled_from(["hook", "hookInstance", "context", "prefetch", "fhirServer", "fhirAuthorization", "extension"]), json_values))
def test_any_members(service, members) -> None:
    post(service, json.dumps({**RICH, **members}).encode())


@given(st.dictionaries(st.sampled_from(["patient", "conditions", "exam", "labs", "orders", "imaging", "theirs"]), json_values, max_size=4))
def test_any_prefetch_values(service, values) -> None:
    post(service, json.dumps({**RICH, "prefetch": {**RICH["prefetch"], **values}}).encode())


def paths(value, path=()):
    """Every place in a JSON document."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(inner, (*path, key))


PLACES = [path for path in paths(RICH["prefetch"]) if path]


@given(st.lists(st.tuples(st.sampled_from(PLACES), json_values | st.just(...)), min_size=1, max_size=4))
def test_a_good_call_with_places_spoilt(service, changes) -> None:
    body = copy.deepcopy(RICH)
    for path, value in changes:
        spoil(body["prefetch"], path, value)
    post(service, json.dumps(body).encode())


def spoil(document, path, value) -> None:
    """Put `value` at `path`, or take out what is there; a place that is gone by now is left alone."""
    for key in path[:-1]:
        try:
            document = document[key]
        except (KeyError, IndexError, TypeError):
            return
    try:
        if value is ...:
            del document[path[-1]]
        else:
            document[path[-1]] = value
    except (KeyError, IndexError, TypeError):
        return
