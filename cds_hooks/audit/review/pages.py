"""The review pages: search, one entry's story, the rules over time, exports, signing in. Whatever is shown is an entry first."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cached_property, partial
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from cds_hooks import html
from cds_hooks.audit import search
from cds_hooks.audit.asked import FIELDS, Asked, Unclear, asked
from cds_hooks.audit.database import Database
from cds_hooks.audit.dsi import NAMES, REASONS
from cds_hooks.audit.exports import FORMATS
from cds_hooks.audit.marks import whose
from cds_hooks.audit.record import Entry
from cds_hooks.audit.review import drawn
from cds_hooks.audit.review.access import COOKIE, ROLES, Access, check_role, sign_in_needed
from cds_hooks.audit.review.legible import legible
from cds_hooks.audit.review.story import MOST_ANSWERS, MOST_SHOWN, calls_answered, headline, story
from cds_hooks.audit.review.watch import Log, Watch
from cds_hooks.audit.reviewed import Reviewer, exported, looked, viewed, who
from cds_hooks.audit.signing import PUBLIC_FILE
from cds_hooks.audit.tally import RULE_IDS, tallies, total
from cds_hooks.audit.writer import CHECKPOINT_FILE
from cds_hooks.edge import correlation_id, template
from cds_hooks.endpoints import Service
from cds_hooks.errors import Refusal
from cds_hooks.settings import Settings
from cds_hooks.wire import read_body

HERE = "/audit"
PAGE = 50
SEARCH_SECONDS = 0.2
"""After which a page shows what was found so far, and where to go on."""
USUAL = {"kind": "clinical"}
"""Asked for where nothing was chosen: looks at the log would otherwise fill the first page of it."""
SPANS = (14, 30, 90, 365)
USUAL_DAYS = 90
MOST_FORM_BYTES = 4_096
_pages = html.Pages("cds_hooks.audit.review")


def review_routes(service: Service, settings: Settings) -> Sequence[BaseRoute]:
    """The pages under /audit; none in production where nobody may look."""
    if settings.profile == "production" and not settings.review.open_to_somebody:
        return ()
    pages = ReviewPages(service, settings)
    return (
        Route(HERE, pages.search),
        Route(f"{HERE}/entries/{{sequence}}", pages.entry),
        Route(f"{HERE}/rules", pages.rules),
        Route(f"{HERE}/rules/{{rule}}", pages.rule),
        Route(f"{HERE}/verification", pages.verification),
        Route(f"{HERE}/export/{{format}}", pages.export),
        Route(f"{HERE}/sign-in", pages.sign_in, methods=["GET", "POST"]),
        Route(f"{HERE}/sign-out", pages.sign_out, methods=["POST"]),
        Route(f"{HERE}/page.css", _style),
    )


class ReviewPages:
    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.access = Access(settings.review, service.gate.channel, settings.public_base_url)

    @property
    def database(self) -> Database:
        return self.service.audit.database

    @cached_property
    def watch(self) -> Watch:
        where = self.database.file or self.settings.database_url or ""
        log = Log(self.database, where, self.settings.data_dir / PUBLIC_FILE, self.settings.data_dir / CHECKPOINT_FILE)
        return Watch(log, self.service.clock)

    async def search(self, request: Request) -> Response:
        reviewer = await self._reviewer(request)
        if reviewer is None:
            return _to_sign_in()
        words = {**({} if "kind" in request.query_params else USUAL), **request.query_params}
        try:
            wanted, before, wrong = self._asked(words), _number(words.get("before")), ""
        except Unclear as unclear:
            wanted, before, wrong = self._asked(USUAL), None, str(unclear)
        reached = await self.watch.indexed()
        found = await to_thread(search.page, self.database, wanted.filter, before, PAGE, SEARCH_SECONDS)
        entries = [legible(each) for each in found.hits]
        await self._note(looked(reviewer, "search", self._now(), correlation_id(request), asked=wanted.told, before=before))
        return await self._page(
            "search.html",
            reviewer,
            fields=FIELDS,
            words=words,
            given=_kept(words),
            wrong=wrong,
            entries=entries,
            calls=await to_thread(calls_answered, self.database, entries),
            older=f"{HERE}?{urlencode({**_kept(words), 'before': found.older})}" if found.older else "",
            exports=[(each, f"{HERE}/export/{each.name}?{urlencode(_kept(words))}") for each in FORMATS.values()],
            found=found,
            reached=reached,
            presets=_presets(self._now()),
        )

    async def entry(self, request: Request) -> Response:
        reviewer = await self._reviewer(request)
        if reviewer is None:
            return _to_sign_in()
        reached = await self.watch.indexed()
        found = await to_thread(story, self.database, _number(request.path_params["sequence"]) or 0)
        if found is None:
            raise Refusal("unknown-path", "There is no entry of that number.")
        await self._note(viewed(reviewer, self._now(), correlation_id(request), sequence=found.sequence, about=found.whose("patient")))
        return await self._page("entry.html", reviewer, story=found, entry=found.entry, reached=reached)

    async def rules(self, request: Request) -> Response:
        """Every rule in one table."""
        reviewer = await self._reviewer(request)
        if reviewer is None:
            return _to_sign_in()
        days, since, until, _ = self._span(request)
        reached = await self.watch.indexed()
        told = [(rule, total(await to_thread(tallies, self.database, rule, since, until, until - since))) for rule in RULE_IDS]
        await self._note(looked(reviewer, "rules", self._now(), correlation_id(request), asked={"days": str(days)}))
        return await self._page("rules.html", reviewer, told=told, days=days, spans=SPANS, reached=reached)

    async def rule(self, request: Request) -> Response:
        """One rule over time, drawn and as a table."""
        reviewer = await self._reviewer(request)
        if reviewer is None:
            return _to_sign_in()
        rule = request.path_params["rule"]
        if rule not in RULE_IDS:
            raise Refusal("unknown-path", "There is no such rule.")
        days, since, until, step = self._span(request)
        reached = await self.watch.indexed()
        stretches = await to_thread(tallies, self.database, rule, since, until, step)
        await self._note(looked(reviewer, "rule", self._now(), correlation_id(request), asked={"rule": rule, "days": str(days)}))
        charts = await to_thread(lambda: [drawn.answers(stretches), drawn.shown_again(stretches), drawn.latency(stretches)])
        told = {"stretches": stretches, "whole": total(stretches), "charts": charts}
        return await self._page("rule.html", reviewer, rule=rule, **told, days=days, spans=SPANS, reached=reached)

    async def verification(self, request: Request) -> Response:
        reviewer = await self._reviewer(request)
        if reviewer is None:
            return _to_sign_in()
        await self._note(looked(reviewer, "verification", self._now(), correlation_id(request)))
        return await self._page("verification.html", reviewer, reached=await self.watch.indexed())

    async def export(self, request: Request) -> Response:
        """A stream that ends with the newest entry there is now; its own entry comes after that."""
        reviewer = await self._exporter(request)
        if reviewer is None:
            return _to_sign_in()
        format = FORMATS.get(request.path_params["format"])
        if format is None:
            raise Refusal("unknown-path", "There is no export of that form.")
        try:
            wanted = self._asked(dict(request.query_params))
        except Unclear as unclear:
            raise Refusal("invalid-request", str(unclear)) from None
        await self.service.audit.sign()
        through = await self.watch.newest(filtered=bool(wanted.told))
        await self._note(exported(reviewer, format.name, self._now(), correlation_id(request), asked=wanted.told, through=through))
        checkpoints = [] if wanted.told else await to_thread(search.checkpoints_through, self.database, through)
        hits = search.walk(self.database, wanted.filter, through)
        name = f"audit-{self._now():%Y%m%dT%H%M%SZ}.{format.ending}"
        headers = {**html.HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        pieces = format.made(hits, self.settings.canonical_base, partial(search.those, self.database), checkpoints)
        return StreamingResponse(pieces, media_type=format.media_type, headers=headers)

    async def sign_in(self, request: Request) -> Response:
        if request.method == "GET":
            return _pages.page("sign_in.html", failed="failed" in request.query_params, possible=bool(self.settings.review.tokens))
        self.service.gate.check_room(request)
        token = (await _form(request)).get("token", "").strip()
        try:
            self.access.check_origin(request)
            reviewer = self.access.holder(token)
        except Refusal as wrong:
            await self._refuse(request, wrong, None)
            return RedirectResponse(f"{HERE}/sign-in?failed=1", 303, headers=html.HEADERS)
        await self._note(looked(reviewer, "sign-in", self._now(), correlation_id(request)))
        answer = RedirectResponse(HERE, 303, headers=html.HEADERS)
        hours = self.settings.review.session_hours
        answer.set_cookie(COOKIE, token, max_age=hours * 3600, path=HERE, secure=True, httponly=True, samesite="strict")
        return answer

    async def sign_out(self, request: Request) -> Response:
        self.access.check_origin(request)
        answer = RedirectResponse(f"{HERE}/sign-in", 303, headers=html.HEADERS)
        answer.delete_cookie(COOKIE, path=HERE, secure=True, httponly=True, samesite="strict")
        return answer

    async def _reviewer(self, request: Request) -> Reviewer | None:
        """Who looks; None sends a browser to the sign-in page. Raises Refusal, which the log then has."""
        self.service.gate.check_room(request)
        try:
            reviewer = self.access.reviewer(request)
        except Refusal as wrong:
            await self._refuse(request, wrong, self.access.said_to_be(request))
            raise
        if reviewer is None and "text/html" not in request.headers.get("accept", ""):
            raise sign_in_needed()
        return reviewer

    async def _exporter(self, request: Request) -> Reviewer | None:
        """A reviewer who may take entries away."""
        reviewer = await self._reviewer(request)
        try:
            if reviewer:
                check_role(reviewer, "exporter")
        except Refusal as wrong:
            await self._refuse(request, wrong, reviewer)
            raise
        return reviewer

    async def _refuse(self, request: Request, wrong: Refusal, reviewer: Reviewer | None) -> None:
        """In the log before it is told: which page was asked for, and by whom, where that is known."""
        path = template(request.app.routes, request.scope)
        await self.service.refusals.note(wrong, correlation_id=correlation_id(request), path=path, who=who(reviewer) if reviewer else None)

    async def _page(self, template: str, reviewer: Reviewer, **values: object) -> Response:
        verdict = await self.watch.current()
        shared = {"reviewer": reviewer, "verdict": verdict, "now": self._now(), "headline": headline, "names": NAMES, "reasons": REASONS}
        lists = {"concerned": whose, "most_shown": MOST_SHOWN, "most_answers": MOST_ANSWERS}
        may_export = ROLES.index("exporter") <= [*ROLES].index(reviewer.role)  # type: ignore[arg-type]
        return _pages.page(template, **shared, **lists, may_export=may_export, **values)

    async def _note(self, entry: Entry) -> None:
        """In the chain before anything leaves. Raises Refusal when the log is down."""
        await self.service.audit.append(entry)

    def _asked(self, words: dict[str, str]) -> Asked:
        return asked(words, self.service.audit.identifiers.token)

    def _now(self) -> datetime:
        return self.service.clock().astimezone(UTC)

    def _span(self, request: Request) -> tuple[int, datetime, datetime, timedelta]:
        """The days asked for, up to the end of today, and the stretches they are shown in."""
        days = _number(request.query_params.get("days")) or USUAL_DAYS
        days = days if days in SPANS else USUAL_DAYS
        step = timedelta(days=1 if days <= 30 else 7 if days <= 90 else 28)
        until = datetime.combine(self._now().date(), time(), UTC) + timedelta(days=1)
        return days, until - step * -(-timedelta(days=days) // step), until, step


def _presets(now: datetime) -> list[tuple[str, str]]:
    """Questions that reviewers ask often."""
    today, yesterday = f"{now:%Y-%m-%d}", f"{now - timedelta(days=1):%Y-%m-%d}"
    questions: list[tuple[str, dict[str, str]]] = [
        ("Overridden critical cards, yesterday", {"kind": "feedback", "answer": "overridden", "indicator": "critical", "since": yesterday, "until": yesterday}),
        ("Critical cards, today", {"kind": "call", "indicator": "critical", "since": today}),
        ("Not evaluated", {"kind": "call", "outcome": "not evaluated"}),
        ("Refused callers", {"kind": "refused"}),
        ("Slow calls", {"kind": "call", "slow": "450"}),
        ("Who looked", {"kind": "review"}),
    ]
    return [(label, f"{HERE}?{urlencode(words)}") for label, words in questions]


def _kept(words: dict[str, str]) -> dict[str, str]:
    """What was asked for, without what was left empty and without the place in it."""
    known = {each.name for each in FIELDS}
    return {name: said for name, said in words.items() if name in known and said}


def _number(said: str | None) -> int | None:
    return int(said) if said and said.isascii() and said.isdecimal() and len(said) < 19 else None


async def _form(request: Request) -> dict[str, str]:
    """The fields of the sign-in form. Raises Refusal for a body that is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Refusal("wrong-media-type", "The body is not announced as a form.")
    return dict(parse_qsl((await read_body(request, MOST_FORM_BYTES, lambda _: None)).decode("utf-8", "replace")))


def _to_sign_in() -> Response:
    return RedirectResponse(f"{HERE}/sign-in", 303, headers=html.HEADERS)


async def _style(request: Request) -> Response:
    return _pages.style("shared/page.css", "own/review.css")
