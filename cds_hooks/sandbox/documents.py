"""The project's documents as pages, read from where they lie: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

import posixpath
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

import cds_hooks

HERE = Path(cds_hooks.__file__).parent
FOLDERS = (HERE / "docs", HERE.parent / "docs")
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@cache
def documents() -> dict[str, Path]:
    """Every document and picture by its address below /docs; nothing else is ever served."""
    folder = next((each for each in FOLDERS if each.is_dir()), None)
    found = sorted(folder.rglob("*")) if folder else []
    return {each.relative_to(folder).as_posix(): each for each in found if folder and each.suffix in {".md", ".png"}}


@cache
def titles() -> dict[str, str]:
    """The heading of every document."""
    return {name: path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ") for name, path in documents().items() if name.endswith(".md")}


def as_page(name: str) -> Markup:
    """The document as HTML, with links only to what can be reached from here."""

    def kept(_: str, attribute: str, value: str) -> str | None:
        return value if attribute not in {"href", "src"} or _leads_somewhere(name, value) else None

    html = _markdown.render(documents()[name].read_text(encoding="utf-8"))
    return Markup(nh3.clean(html, attribute_filter=kept))  # noqa: S704 - sanitised by nh3


def _leads_somewhere(name: str, target: str) -> bool:
    parts = urlsplit(target)
    if parts.scheme or not parts.path:
        return parts.scheme in {"", "http", "https"}
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), parts.path)) in documents()
