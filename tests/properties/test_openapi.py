"""The published OpenAPI against the service: schemathesis with all its checks."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import given
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from serving import serving

CONFIG = SchemathesisConfig.from_dict(
    {
        # A call that is right in form may lack data (412), which is an answer of the specification's own.
        "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 412]}},
    }
)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("openapi")) as running:
        yield schemathesis.openapi.from_url(f"{running.base}/openapi.json", config=CONFIG)


@pytest.mark.parametrize(("path", "method"), [("/cds-services", "GET"), ("/cds-services/{service_id}", "POST")])
def test_every_check(published, path, method) -> None:
    @given(case=published[path][method].as_strategy() | published[path][method].as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def each(case) -> None:
        case.call_and_validate()

    each()
