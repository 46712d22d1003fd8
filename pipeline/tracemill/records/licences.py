"""Licences as SPDX expressions, read by the library `license-expression`; and the notices that they ask for.

>>> spdx("mit or apache-2.0")
'MIT OR Apache-2.0'
>>> identifiers("(MIT OR Apache-2.0) AND PSF-2.0")
('MIT', 'Apache-2.0', 'PSF-2.0')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

_OWN = re.compile(r"(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
"""What SPDX leaves to whoever writes the expression."""
_WITHOUT_NOTICE = frozenset({"0BSD", "CC0-1.0", "MIT-0", "PDDL-1.0", "Unlicense", "WTFPL"})


class UnknownLicenceError(ValueError):
    """A text that is no SPDX expression."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a licence asks to go along with a text of somebody else's: copyright lines and terms.

    `name`: of the work, such as `networkx 3.6.1`. `covers`: what the problems that show it carry, one of their tags or
    their source's name. `licence`: SPDX. `changes`: how the text was changed, where it was.
    """

    name: str
    covers: str
    licence: str
    text: str
    changes: str = ""


def spdx(text: str) -> str:
    """The expression as SPDX writes it.

    Raises:
        UnknownLicenceError: it is empty, badly built, or has a name that SPDX does not list.
    """
    return _read(text)[0]


def identifiers(expression: str) -> tuple[str, ...]:
    """The licences in an expression, each once, in their order.

    Raises:
        UnknownLicenceError: as `spdx`.
    """
    return _read(expression)[1]


def asks_for_notice(expression: str) -> bool:
    """Whether some licence in it asks that a copyright line or an attribution goes along. One that SPDX does not list
    may ask for anything."""
    try:
        return not _WITHOUT_NOTICE.issuperset(identifiers(expression))
    except UnknownLicenceError:
        return True


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[str, tuple[str, ...]]:
    from license_expression import ExpressionError, ExpressionParseError

    licensing = _licensing()
    try:
        tree = licensing.parse(text)
    except (ExpressionError, ExpressionParseError) as exc:
        raise _unknown(text, "it is badly built") from exc
    if tree is None:
        raise _unknown(text, "it is empty")
    strange = [key for key in licensing.unknown_license_keys(tree) if not _OWN.fullmatch(key)]
    if strange:
        raise _unknown(text, f"SPDX has no {', '.join(map(repr, strange))}")
    return tree.render(), tuple(symbol.key for symbol in licensing.license_symbols(tree, unique=True))


@cache
def _licensing() -> Any:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def _unknown(text: str, why: str) -> UnknownLicenceError:
    return UnknownLicenceError(
        f"{text!r} is no SPDX licence expression ({why}); write a name of https://spdx.org/licenses, such as MIT, "
        "CC-BY-4.0 or 'MIT OR Apache-2.0', or LicenseRef-… for terms of your own"
    )
