"""Words of a chart never come out as HTML, a link or a second line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cards.escape import MAX_WORDS, plain, quoted

GFM = MarkdownIt("gfm-like", {"html": True, "linkify": True})
HOSTILE = [
    "<script>alert(1)</script>",
    "<iframe srcdoc='x'>",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example a@evil.example",
    "`code` ``more`` ```",
    "line\n# heading\n\n- list",
    "**bold** _under_ ~~strike~~",
    "&lt;script&gt; &#60;b&#62;",
    "\u202eright-to-left\u202c and \u200bzero\u200b width \ufeff",
    "a\\`b",
    "| table | cell |",
    "\x00\x01\x7f",
    "<!-- comment -->",
    "[ref]: https://evil.example",
]


def tokens(markdown: str) -> set[str]:
    found = set()
    for token in GFM.parse(markdown):
        found.add(token.type)
        found |= {child.type for child in token.children or ()}
    return found


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words(words: str) -> None:
    assert_harmless(words)


@given(st.text(max_size=400))
def test_any_words(words: str) -> None:
    assert_harmless(words)


def assert_harmless(words: str) -> None:
    markdown = f"- Leg spasm: {quoted(words)}; since today"
    assert "\n" not in quoted(words)
    assert "<" not in quoted(words)
    assert len(plain(words)) <= MAX_WORDS
    assert tokens(markdown) <= {
        "bullet_list_open",
        "list_item_open",
        "paragraph_open",
        "inline",
        "text",
        "code_inline",
        "paragraph_close",
        "list_item_close",
        "bullet_list_close",
    }


def test_ordinary_words_stay_as_they_are() -> None:
    assert quoted("Numbness, left foot (L5/S1) – 3 d") == "`Numbness, left foot (L5/S1) – 3 d`"


def test_long_words_are_cut_and_say_so() -> None:
    assert plain("x" * 500).endswith("…")
