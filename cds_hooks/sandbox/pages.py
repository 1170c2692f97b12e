"""Pages to look at without an EHR: the sample patients, their charts, and the cards as an EHR might show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cds_hooks import html, services
from cds_hooks.chart.bundle import call_for
from cds_hooks.edge import correlation_id
from cds_hooks.endpoints import Service
from cds_hooks.errors import Refusal
from cds_hooks.sandbox.samples import Sample, samples
from cds_hooks.settings import Settings
from cds_hooks.wire import encode, json_response
from fhir_mappings.elements import mapping, string, words
from fhir_mappings.queries import QUERIES

_pages = html.Pages("cds_hooks.sandbox")


def sandbox_routes(service: Service, settings: Settings) -> Sequence[BaseRoute]:
    """The page at `/`, one page and one ready-made call for each sample patient, and the style sheet."""
    pages = Pages(service, settings.public_base_url)
    return (
        Route("/", pages.index),
        Route("/samples/{name}", pages.sample),
        Route("/samples/{name}/request", pages.request),
        Route("/page.css", _style),
    )


class Pages:
    def __init__(self, service: Service, base_url: str) -> None:
        self.service = service
        self.base_url = base_url

    async def index(self, request: Request) -> Response:
        return _pages.page("index.html", samples=samples().values(), base_url=self.base_url, service=services, queries=QUERIES.values())

    async def sample(self, request: Request) -> Response:
        """Open the sample's chart: the very call an EHR would make, answered and audited as any other."""
        sample = _sample(request)
        body = self._call(sample)
        evaluation = await self.service.answer(Inside(body), correlation_id(request))
        chart = [mapping(each["resource"]) for each in sample.as_of(self.service.clock().date())["entry"]]
        verdicts = evaluation.decision.verdicts if evaluation.decision else ()
        return _pages.page("sample.html", sample=sample, chart=[_row(each) for each in chart], cards=evaluation.cards, verdicts=verdicts)

    async def request(self, request: Request) -> Response:
        return json_response(msgspec.json.decode(self._call(_sample(request))))

    def _call(self, sample: Sample) -> bytes:
        return encode(call_for(sample.as_of(self.service.clock().date()), self.service.new_id()))


@dataclass(frozen=True, slots=True)
class Inside:
    """A call that the page itself makes."""

    ready: bytes

    async def caller(self) -> None:
        return None

    async def body(self) -> bytes:
        return self.ready

    def leave(self) -> None: ...


def _sample(request: Request) -> Sample:
    found = samples().get(request.path_params["name"])
    if found is None:
        raise Refusal("unknown-path", "There is no such sample patient.")
    return found


def _row(resource: Any) -> dict[str, str]:
    """One line of the chart as a person would read it."""
    names = ("onsetDateTime", "effectiveDateTime", "authoredOn", "birthDate")
    when = next((string(resource.get(name))[:10] for name in names if string(resource.get(name))), "")
    quantity = mapping(resource.get("valueQuantity"))
    value = words(resource.get("valueCodeableConcept")) or " ".join(str(quantity[name]) for name in ("value", "unit") if name in quantity)
    what = words(resource.get("code")) or " ".join((string(resource.get("gender")), "born")).strip()
    return {"type": string(resource.get("resourceType")), "what": what, "value": value, "when": when}


async def _style(request: Request) -> Response:
    return _pages.style("shared/page.css")
