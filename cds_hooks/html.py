"""Pages as we send them: nothing from elsewhere, no script but our own, the words of others shown as text, cards looking the same wherever they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import nh3
from jinja2 import Environment, PackageLoader, PrefixLoader
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from cds_hooks import version
from cds_hooks.audit.visible import visible

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser would not say that our own form was sent from our own page
    "Cache-Control": "no-store",
}
WITH_SCRIPT = {**HEADERS, "Content-Security-Policy": f"{HEADERS['Content-Security-Policy']}; script-src 'self'; connect-src 'self'; img-src 'self'"}
"""For pages that have a script of ours."""
_markdown = MarkdownIt("commonmark", {"html": False})


class Pages:
    """The templates of one package, and those that all pages share, named `shared/...`."""

    def __init__(self, package: str, headers: Mapping[str, str] = HEADERS) -> None:
        self._headers = headers
        own, shared = PackageLoader(package), PackageLoader("cds_hooks")
        self._templates = Environment(loader=PrefixLoader({"own": own, "shared": shared}), autoescape=True, trim_blocks=True, lstrip_blocks=True)
        self._templates.filters.update(markdown=rendered, visible=shown, written=visible, ago=ago, since=since)

    def page(self, template: str, **values: Any) -> Response:
        return HTMLResponse(self._templates.get_template(f"own/{template}").render(version=version(), **values), headers=self._headers)

    def style(self, *names: str) -> Response:
        """The style sheets, one after the other."""
        return Response("\n".join(map(self._source, names)), media_type="text/css", headers=HEADERS)

    def source(self, name: str, media_type: str) -> Response:
        return Response(self._source(name), media_type=media_type, headers=HEADERS)

    def _source(self, name: str) -> str:
        return self._templates.loader.get_source(self._templates, name)[0] if self._templates.loader else ""


def rendered(detail: str) -> Markup:
    """Card markdown as HTML: no raw HTML in, sanitised again on the way out."""
    return Markup(nh3.clean(_markdown.render(detail)))  # noqa: S704 - sanitised by nh3


def shown(words: object) -> Markup:
    """Words of others, set apart so that their direction cannot reach beyond them."""
    return Markup("<bdi>{}</bdi>").format(visible(str(words)))


def ago(passed: timedelta) -> str:
    """A time as people say it, to the second below two minutes and coarser above."""
    seconds = max(0, int(passed.total_seconds()))
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def since(recorded: str, now: datetime) -> str:
    """How long ago an entry or a checkpoint says it was; nothing for what is no time."""
    try:
        return ago(now - datetime.fromisoformat(recorded))
    except (ValueError, TypeError):
        return "an unknown time"
