"""Words of strangers made safe to look at: what a screen would not show, or would let change the words around it, is written out."""

from __future__ import annotations

import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(words: str) -> str:
    """The words with control, format and direction characters as escapes such as \\u202e. Newlines and tabs stay."""
    return words if words.isascii() and words.isprintable() else "".join(_visible(each) for each in words)


def _visible(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in HIDDEN:
        return character
    return character.encode("unicode_escape").decode() if ord(character) < 0x80 else f"\\u{ord(character):04x}"
