r"""One spelling for what LaTeX, Unicode and Python write in several ways, before a text is cut into tokens.

Only spelling changes here: `\dfrac` becomes `\frac`, `≤` becomes `<=`, `½` becomes ` 1/2`, spacing goes. Nothing that
could carry a value is dropped; what no rule knows stays in the text, where the tokenizer refuses it.
"""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_VULGAR = re.compile("[¼-¾⅐-⅞]")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ]+")
_RAISED_TO = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_LOWERED = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")
_LOWERED_TO = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_CHARACTERS = {
    "−": "-",
    "–": "-",
    "‑": "-",
    "－": "-",
    "×": "*",
    "·": "*",
    "⋅": "*",
    "∙": "*",
    "∗": "*",
    "÷": "/",
    "⁄": "/",
    "∕": "/",
    "≤": "<=",
    "⩽": "<=",
    "≥": ">=",
    "⩾": ">=",
    "≠": "!=",
    "≈": "\\approx ",
    "∈": "\\in ",
    "∪": "\\cup ",
    "∩": "\\cap ",
    "±": "\\pm ",
    "∓": "\\mp ",
    "∞": "\\infty ",
    "√": "\\sqrt ",
    "π": "\\pi ",
    "θ": "\\theta ",
    "α": "\\alpha ",
    "β": "\\beta ",
    "γ": "\\gamma ",
    "λ": "\\lambda ",
    "μ": "\\mu ",
    "φ": "\\phi ",
    "ω": "\\omega ",
    "°": "^\\circ ",
    "∅": "\\emptyset ",
    "ℝ": "\\mathbb{R}",
    "∖": "\\setminus ",
    "≡": "\\equiv ",
    "∶": ":",
    "\uff0c": ",",
    "\uff1a": ":",
    "\u2009": " ",
    "\u202f": " ",
    "\u00a0": " ",
}
_TABLE = str.maketrans(_CHARACTERS)
_COMMANDS = {
    "dfrac": "\\frac",
    "tfrac": "\\frac",
    "cfrac": "\\frac",
    "cdot": "*",
    "times": "*",
    "ast": "*",
    "div": "/",
    "le": "<=",
    "leq": "<=",
    "leqslant": "<=",
    "ge": ">=",
    "geq": ">=",
    "geqslant": ">=",
    "lt": "<",
    "gt": ">",
    "ne": "!=",
    "neq": "!=",
    "colon": ":",
    "mid": "|",
    "vert": "|",
    "lvert": "|",
    "rvert": "|",
    "lbrace": "\\{",
    "rbrace": "\\}",
    "lbrack": "[",
    "rbrack": "]",
    "langle": "(",
    "rangle": ")",
    "dbinom": "\\binom",
    "tbinom": "\\binom",
    "varnothing": "\\emptyset",
    "varphi": "\\phi",
    "vartheta": "\\theta",
    "degree": "^\\circ",
    "cent": "¢",
    "textcent": "¢",
    "backslash": "\\setminus",
    "smallsetminus": "\\setminus",
    "R": "\\mathbb{R}",
    "lor": "\\lor ",
    "vee": "\\text{ or }",
}
_COMMAND = re.compile(rf"\\({'|'.join(sorted(_COMMANDS, key=lambda name: (-len(name), name)))})(?![A-Za-z])")
_IDLE = re.compile(
    r"\\(?:left|right)(?![A-Za-z])\s*(?:\.(?!\d))?|\\(?:big|Big|bigg|Bigg|bigl|bigr|displaystyle|textstyle|limits|nolimits|boldsymbol|bm|pmb|ensuremath"
    r"|mathrm(?=\s*\{[dei]\})|mathbf(?=\s*\{[^{}A-Za-z])|mathit)(?![A-Za-z])\s*"
)
_TAG = re.compile(r"\\(?:tag|label)\*?\s*\{[^{}]*\}")
_GROUP = re.compile(r"(?<=\d)(?:,\s*\\[!,;: ]|\{,\}|\\!\s*,|,\\!)\s*(?=\d{3}(?!\d))")
_THIN = re.compile(r"(?<=\d)(?:\\[,;: !]|~)+(?=\d{3}(?!\d))")
_SPACE = re.compile(r"(?<!\\)\\[,;:! ]|(?<!^)~|[ \t\r\n]+|&(?![a-z]{1,8};)(?=\s*[<>=])")
_TEXT = re.compile(
    r"\\(?:text(?:bf|rm|it|sf|tt|normal|up)?|math(?:rm|bf|it|sf)|mbox|hbox|operatorname\*?)\s*\{([^{}]*)\}"
)
_OVER = re.compile(r"^\{?\s*([^{}\\]+?)\s*\\over(?![A-Za-z])\s*([^{}\\]+?)\s*\}?$")
_DOT = re.compile(r"\\(?:cdotp|centerdot)(?![A-Za-z])")
_TEN = re.compile(r"(?<=\d)\s*[xX]\s*(?=10\s*\^)")
_WRAPPERS = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("__", "__"), ("`", "`"))
_FENCE = re.compile(r"```[ \t]*\w{0,20}[ \t]*\n(.*)\n[ \t]*```", re.DOTALL)


def unwrap(text: str) -> str:
    """`text` without surrounding blanks, mathematics delimiters, emphasis and marks of code.

    >>> unwrap("**$42$**")
    '42'
    """
    text = text.strip()
    fenced = _FENCE.fullmatch(text)
    if fenced and "```" not in fenced[1]:
        text = fenced[1].strip()
    changed = True
    while changed:
        changed = False
        for left, right in _WRAPPERS:
            inner = text[len(left) : -len(right)]
            if text.startswith(left) and text.endswith(right) and inner and left not in inner and right not in inner:
                text, changed = inner.strip(), True
    # `**Answer: 42**`: the opening mark stands before the answer.
    if text.endswith("**") and text.count("**") == 1:
        text = text[:-2].rstrip()
    return text


def spelled(text: str) -> str:
    r"""`text` in the one spelling that the tokenizer knows; words keep their `\text{…}`.

    >>> spelled(r"$\left(-∞,\;2\right)$")
    '(-\\infty ,2)'
    """
    text = unwrap(text.strip().removesuffix(".") if text.rstrip().endswith(("$.", "\\).", "*.", "`.")) else text)
    if not text.isascii():
        text = _UNSEEN.sub("", text)
        text = _VULGAR.sub(lambda m: f" {unicodedata.normalize('NFKC', m[0])}".replace("⁄", "/"), text)
        text = _RAISED.sub(lambda m: f"^{{{m[0].translate(_RAISED_TO)}}}", text)
        text = _LOWERED.sub(lambda m: f"_{{{m[0].translate(_LOWERED_TO)}}}", text)
        text = text.translate(_TABLE)
    if "\\" in text or "{,}" in text:
        text = _THIN.sub(" ", _GROUP.sub(",", _TAG.sub("", text)))
        text = _TEXT.sub(lambda m: f"\\text{{{m[1]}}}", _IDLE.sub("", text))
        text = _COMMAND.sub(lambda m: _spaced(_COMMANDS[m[1]]), text)
        text = _OVER.sub(r"\\frac{\1}{\2}", text)
    text = _TEN.sub("*", text.replace("**", "^")).replace("≦", "<=").replace("≧", ">=")
    return _SPACE.sub(" ", text).strip().removesuffix(".").strip()


def _spaced(replacement: str) -> str:
    return f"{replacement} " if replacement[-1].isalpha() else replacement
