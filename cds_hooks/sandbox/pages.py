"""The try-it pages: a chart is opened as an EHR would open it, its cards are answered, and its facts changed to see other cards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from cards.guidance.decide import Verdict
from cards.guidance.findings import Evidence
from cards.guidance.rules import NOT_EVALUATED, RULES
from cards.render import OVERRIDE_REASONS
from cds_hooks import html, services
from cds_hooks.aside import worked
from cds_hooks.chart.bundle import call_for
from cds_hooks.chart.visiting import SECONDS
from cds_hooks.edge import correlation_id
from cds_hooks.endpoints import Service
from cds_hooks.errors import Refusal
from cds_hooks.sandbox import changes, given, servers
from cds_hooks.sandbox.chart import chart, evidence
from cds_hooks.sandbox.desk import Answer, Desk, decoded, desk
from cds_hooks.sandbox.documents import as_page, documents, titles
from cds_hooks.sandbox.form import Form, read_form
from cds_hooks.sandbox.given import Call, Unusable
from cds_hooks.sandbox.inside import Answered, Inside, accepted, dismissed, open_chart
from cds_hooks.sandbox.samples import Sample, samples
from cds_hooks.settings import Settings
from cds_hooks.wire import encode, json_response
from fhir_mappings.elements import mapping, string
from fhir_mappings.queries import QUERIES

MOST_SHOWN = 60_000
"""Characters of a request on the page; of a longer one only the beginning is shown."""
MOST_KEPT = 200_000
"""Characters of a text that cannot be used and is given back to be mended."""
NAMES = {**{rule.id: rule.name for rule in RULES}, NOT_EVALUATED: "Not evaluated"}
_pages = html.Pages("cds_hooks.sandbox", html.WITH_SCRIPT)


def sandbox_routes(service: Service, settings: Settings) -> Sequence[BaseRoute]:
    """The page at `/`, what it leads to, the samples, the style sheet and the script."""
    pages = Pages(service, settings)
    return (
        Route("/", pages.index),
        Route("/samples/{name}", pages.sample),
        Route("/samples/{name}/request", pages.request),
        Route("/try", pages.opened, methods=["GET", "POST"]),
        Route("/try/server", pages.server, methods=["GET", "POST"]),
        Route("/try/answer", pages.answered, methods=["GET", "POST"]),
        Route("/docs", pages.documents),
        Route("/docs/{name:path}", pages.document),
        Route("/page.css", _style),
        Route("/try.js", _script),
        Route("/icon.svg", _icon),
    )


class Pages:
    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service
        self.settings = settings

    async def index(self, request: Request) -> Response:
        return self._index()

    async def sample(self, request: Request) -> Response:
        """Open the sample's chart: the very call an EHR would make, answered and audited as any other."""
        sample = _sample(request)
        call = given.from_sample(sample, self.service.clock().date(), self.service.new_id)
        return await self._open(request, Desk(call=call, title=sample.title, again=f"/samples/{sample.name}"))

    async def request(self, request: Request) -> Response:
        bundle = _sample(request).as_of(self.service.clock().date())
        return json_response(call_for(bundle, self.service.new_id()))

    async def opened(self, request: Request) -> Response:
        """Open what was pasted, or once more what the page brings back with its changes."""
        if request.method == "GET":
            return _home()
        pasted = ""
        try:
            form = await read_form(request, self.service.gate)
            pasted = "" if form.file else form["pasted"][:MOST_KEPT]
            call = given.of_form(form["chart"]) if form["chart"] else given.from_text(form.file or form["pasted"].encode(), self.service.new_id)
            return await self._open(request, desk(form, call))
        except Refusal as wrong:
            return await self._refused(request, wrong)
        except Unusable as wrong:
            return self._index(wrong=str(wrong), pasted=pasted)

    async def server(self, request: Request) -> Response:
        """Read a patient's chart from a FHIR server and open it; without an id, choose among those of a name."""
        if request.method == "GET":
            return _home()
        try:
            form = await read_form(request, self.service.gate)
        except Refusal as wrong:
            return await self._refused(request, wrong)
        where, patient, name = form["server"], form["patient"], form["name"]
        if not self.settings.sandbox_fhir_servers:
            return self._index()
        try:
            if not patient:
                return self._page("people.html", server=where, name=name, people=await servers.named(where, name))
            read = await servers.read(where, patient, self.service.clock(), self.service.new_id, self.service.gate.max_body_bytes * 9 // 10)
        except servers.Unread as wrong:
            return self._index(unread=str(wrong), server=where, patient=patient, name=name)
        return await self._open(request, Desk(call=read.call, title=f"From {read.server}", asked=read.asked, remark=read.remark))

    async def answered(self, request: Request) -> Response:
        """Send what was done with a card as feedback. With our script only that part of the page changes; without, the chart is opened again."""
        if request.method == "GET":
            return _home()
        try:
            form = await read_form(request, self.service.gate)
            answer = await self._answer(form, correlation_id(request))
            if form["part"]:
                return self._page("answered.html", answer=answer)
            return await self._open(request, desk(form, given.of_form(form["chart"]), answer))
        except Refusal as wrong:
            return await self._refused(request, wrong)
        except Unusable as wrong:
            return self._index(wrong=str(wrong))

    async def documents(self, request: Request) -> Response:
        return self._page("documents.html", titles=titles())

    async def document(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in documents():
            raise Refusal("unknown-path", "There is no such document.")
        if name.endswith(".png"):
            return Response(documents()[name].read_bytes(), media_type="image/png", headers=html.HEADERS)
        return self._page("document.html", title=titles()[name], text=as_page(name))

    async def _open(self, request: Request, desk: Desk) -> Response:
        """The chart as the visitor wants it, opened and shown."""
        today, kept = self.service.clock().date(), encode(desk.call)
        held = await worked(len(kept), desk.held)
        sent = {**changes.sent(held, desk.wishes), "hookInstance": self.service.new_id()}
        result = await open_chart(self.service, sent, self.service.new_id() if desk.answer else correlation_id(request))
        recorded, now = await worked(len(kept), lambda: _evidence(desk, held, result, today))
        return self._page(
            "opened.html",
            desk=desk,
            kept=kept.decode(),
            chart=chart(held, now, today),
            facts=changes.facts(desk.call, {each.record.reference: str(each.concept) for each in reversed(recorded)}, desk.wishes),
            keys=[(key, desk.wishes.get(f"key:{key}", "")) for key in changes.keys(desk.call)],
            ways=changes.WAYS,
            servers=changes.SERVERS,
            cards=[(card["indicator"], card["summary"]) for card in result.response.get("cards", ())],
            result=result,
            request=_legible(result.call),
            response=_legible(result.response),
            names=NAMES,
            reasons=_reasons,
        )

    async def _answer(self, form: Form, correlation: str) -> Answer:
        """Raises Refusal."""
        at = self.service.clock()
        if form["accept"]:
            chosen = decoded(form["accept"], dict[str, Any])
            card, suggestion, label = (string(chosen.get(name)) for name in ("card", "suggestion", "label"))
            words, body, draft = f"Accepted: {label}", accepted(card, suggestion, at), {**mapping(chosen.get("resource")), "id": suggestion}
        else:
            card, code = form["dismiss"], form[f"reason:{form['dismiss']}"]
            display, system = dict(OVERRIDE_REASONS).get(code), f"{self.service.policy.canonical_base}/CodeSystem/override-reason"
            reason = {"code": code, "system": system, "display": display} if display else None
            words, body, draft = f"Dismissed: {display or 'no reason given'}", dismissed(card, reason, form[f"comment:{card}"], at), None
        await self.service.take(Inside(encode(body)), correlation)
        return Answer(words, _legible(body), correlation, draft)

    def _index(self, **said: str) -> Response:
        """The start page; `said` is what was filled in, and what is wrong with it."""
        return self._page(
            "index.html",
            samples=self.shown,
            base_url=self.settings.public_base_url,
            service=services,
            queries=QUERIES.values(),
            said=said,
            may_read=self.settings.sandbox_fhir_servers,
            seconds=SECONDS,
        )

    @cached_property
    def shown(self) -> list[Sample]:
        """The red flag first."""
        return sorted(samples().values(), key=lambda each: each.name != "cauda-equina")

    def _page(self, template: str, **values: Any) -> Response:
        return _pages.page(template, now=self.service.clock(), **values)

    async def _refused(self, request: Request, wrong: Refusal) -> Response:
        """A form that was too large or too slow is told to whoever filled it in. Another site's page is told nothing, and the log has it."""
        if wrong.code != "not-permitted":
            return self._index(wrong=f"{wrong.reason} {wrong.kind.remedy}")
        await self.service.refusals.note(wrong, correlation_id=correlation_id(request))
        raise wrong


def _sample(request: Request) -> Sample:
    found = samples().get(request.path_params["name"])
    if found is None:
        raise Refusal("unknown-path", "There is no such sample patient.")
    return found


def _evidence(desk: Desk, held: Call, result: Answered, today: date) -> tuple[Sequence[Evidence], Sequence[Evidence]]:
    """What is read of the chart as it was given, and of it as it is held; read once where the service read the same."""
    if result.evaluation and not desk.wishes and not desk.drafts:
        read = result.evaluation.arrived.reading.evidence
        return read, read
    return evidence(desk.call, today), evidence(held, today)


def _reasons(verdict: Verdict) -> Mapping[str, Sequence[str]]:
    """Why a rule did not fire: the findings it wanted, by what the chart says of them; a reason of another kind stands alone."""
    found: dict[str, list[str]] = {}
    for part in verdict.reason.split("; "):
        finding, _, status = part.rpartition(": ")
        found.setdefault(status, []).extend([finding] if finding else [])
    return found


def _legible(body: Mapping[str, Any]) -> str:
    text = json.dumps(body, indent=2, ensure_ascii=False)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}\n… {len(text) - MOST_SHOWN:,} more characters"


def _home() -> Response:
    return RedirectResponse("/", 303, headers=html.HEADERS)


async def _style(request: Request) -> Response:
    return _pages.style("shared/page.css", "own/try.css")


async def _script(request: Request) -> Response:
    return _pages.source("own/try.js", "text/javascript")


async def _icon(request: Request) -> Response:
    return _pages.source("own/icon.svg", "image/svg+xml")
