"""The pages that tell what this service is: /about, /rules and below. Open to anybody in both profiles, like discovery; no patient is in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.resources import files
from itertools import count

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from cards.guidance.definitions import DEFINITIONS
from cds_hooks import html
from cds_hooks.about import form
from cds_hooks.about.document import about
from cds_hooks.about.hazards import SEVERITY_MEANS
from cds_hooks.errors import Refusal
from cds_hooks.settings import Settings
from cds_hooks.trust.gate import Gate
from cds_hooks.wire import JSON, json_response

SCHEMA_TYPE = "application/schema+json"
REGULATION, SBOM = files("cds_hooks.about") / "regulation.md", files("cds_hooks") / "sbom.cdx.json"
"""The second is there when the installation was made with one."""
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
_pages = html.Pages("cds_hooks.about")


def about_routes(gate: Gate, settings: Settings, clock: Callable[[], datetime]) -> Sequence[BaseRoute]:
    pages = AboutPages(gate, settings, clock)
    paths = {
        "/about": pages.about,
        "/about.json": pages.document,
        "/about.schema.json": pages.schema,
        "/about.css": _style,
        "/about/hazards": pages.hazards,
        "/about/regulation": pages.regulation,
        "/rules": pages.rules,
        "/rules/{rule}": pages.rule,
    }
    return [*(Route(path, page) for path, page in paths.items()), *([Route("/about/sbom.json", pages.sbom)] if SBOM.is_file() else ())]


class AboutPages:
    def __init__(self, gate: Gate, settings: Settings, clock: Callable[[], datetime]) -> None:
        self.gate = gate
        self.settings = settings
        self.clock = clock
        self._as_of = lru_cache(maxsize=2)(lambda today: about(settings, today, sbom=SBOM.is_file()))

    async def about(self, request: Request) -> Response:
        return _pages.page("about.html", told=self._told(request))

    async def document(self, request: Request) -> Response:
        return Response(self._told(request).model_dump_json(exclude_none=True), media_type=JSON)

    async def schema(self, request: Request) -> Response:
        self.gate.check_room(request)
        answer = json_response(form.schema(self.settings.canonical_base))
        answer.headers["Content-Type"] = SCHEMA_TYPE
        return answer

    async def hazards(self, request: Request) -> Response:
        return _pages.page("hazards.html", told=self._told(request), severity_means=SEVERITY_MEANS)

    async def regulation(self, request: Request) -> Response:
        self.gate.check_room(request)
        return _pages.page("document.html", title="Regulation", body=_written(REGULATION.read_text(encoding="utf-8")))

    async def sbom(self, request: Request) -> Response:
        self.gate.check_room(request)
        return Response(SBOM.read_bytes(), media_type="application/vnd.cyclonedx+json")

    async def rules(self, request: Request) -> Response:
        return _pages.page("rules.html", told=self._told(request), definitions=DEFINITIONS)

    async def rule(self, request: Request) -> Response:
        """One rule, or those of one number: R03 is R03c and R03w."""
        told, wanted = self._told(request), request.path_params["rule"]
        found = [each for each in told.rules if wanted in {each.id, each.id.rstrip("ciw")}]
        if not found:
            raise Refusal("unknown-path", "There is no such rule.")
        return _pages.page("rule.html", told=told, rules=found, titles=_attribute_titles())

    def _told(self, request: Request) -> form.About:
        """Raises Refusal for an address that asks too often."""
        self.gate.check_room(request)
        today: date = self.clock().astimezone(UTC).date()
        return self._as_of(today)


def _attribute_titles() -> dict[str, str]:
    """What each of the thirteen is called, by the name of its field."""
    return {name: name.replace("_", " ").capitalize() for name in form.SourceAttributes.model_fields}


def _written(text: str) -> Markup:
    """A document of ours; its tables can be moved sideways, also by keyboard."""
    clean, numbers = nh3.clean(_markdown.render(text)), count(1)
    moved = re.sub("<table>", lambda _: f'<div class="sideways" tabindex="0" role="region" aria-label="Table {next(numbers)}"><table>', clean)
    return Markup(moved.replace("</table>", "</table></div>"))  # noqa: S704 - ours, and sanitised by nh3


async def _style(request: Request) -> Response:
    return _pages.style("shared/page.css", "own/about.css")
