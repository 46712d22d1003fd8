"""One encoder for each place where text of others is shown: a terminal, and a card in Markdown.

Prompts, solutions, licences, names of files and what exceptions say come from files that anybody may have written. A
terminal obeys escapes (title, colours, clipboard); a card's readers follow links and run what HTML holds.
"""

from __future__ import annotations

import re

_OBEYED = re.compile(
    # Control characters but for tab and newline, with those of C1, which some terminals obey as `ESC [`.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    # What turns the direction of writing, or shows nothing: a text could look like another one.
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    # Halves of a character: no terminal takes them, and printing them raises.
    "\ud800-\udfff]"
)
_MARKUP = re.compile(
    r"[\\`*\[\]<>|~&$^{}]"
    r"|(?<!\w)_|_(?!\w)"  # within a word an underscore is one
    r"|://|\bwww\.|\S@\S+\."  # what becomes a link by itself
    r"|^(?:\#{1,6}|[>+-]|\d+[.)])(?:\s|$)|^[=-]{2,}$"  # what means something where a line begins
)


def terminal_text(text: str) -> str:
    r"""The text as a terminal may show it: what it would obey, or hide, is written out.

    >>> terminal_text("\x1b]0;owned\x07 done")
    '\\x1b]0;owned\\x07 done'
    """
    return _OBEYED.sub(lambda found: _written_out(found[0]), text)


def _written_out(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def markdown_text(text: str) -> str:
    """The text as part of a line of Markdown: itself where it is plain words, else a code span, within which there are
    no links and no HTML. Blanks of every kind become one space each.

    >>> markdown_text("CC-BY-4.0 AND MIT")
    'CC-BY-4.0 AND MIT'
    >>> markdown_text("MIT <script>alert(1)</script>")
    '`MIT <script>alert(1)</script>`'
    """
    line = _line(text)
    return markdown_code(line) if _MARKUP.search(line) else line


def markdown_code(text: str) -> str:
    """The text as a code span, whatever backticks are in it; nothing where there is no text.

    >>> markdown_code("math.algebra")
    '`math.algebra`'
    """
    line = _line(text)
    if not line:
        return ""
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _line(text: str) -> str:
    """One line without what a terminal would obey. It is not written out as there: a card says no number that its
    manifest does not have."""
    return _OBEYED.sub("\ufffd", " ".join(text.split()))
