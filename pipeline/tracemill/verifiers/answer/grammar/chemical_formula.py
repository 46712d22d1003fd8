r"""Formulas of chemistry: `H2O`, `H_2O`, `\ce{H2O}`, `\mathrm{Ca(OH)_2}`, `SO_4^{2-}`, `2Na+`, `CuSO_4 \cdot 5H_2O`.

They are looked for only where a text has no reading as mathematics, in which `H_2O` is a product of two letters.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from tracemill.claims.claim_checker import Ruling
from tracemill.verifiers.answer.grammar.spelling import spelled

_SYMBOLS = """
H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru
Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At
Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og
"""
_ELEMENTS = frozenset(_SYMBOLS.split())
_MOLECULES = frozenset({"H", "N", "O", "F", "Cl", "Br", "I"})
"""Elements of molecules of two atoms: `O2-` may be an ion of one atom or of two."""
_LONGEST = 60
_WRAPPED = re.compile(r"\\(?:ce|text|mathrm|mathsf|mathbf|operatorname)\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_ATOM = re.compile(r"(?P<element>[A-Z][a-z]?)|(?P<open>[(\[])|(?P<close>[)\]])")
_COUNT = re.compile(r"_?\{(\d{1,3})\}|_?(\d{1,3})")
_CHARGE = re.compile(
    r"\^\s*(?:\{(?P<times>\d?)(?P<sign>[+-])\}|(?P<digit>\d?)(?P<bare>[+-])|\{(?P<before>[+-])(?P<after>\d)\})"
)
_TRAILING = re.compile(r"(?P<digits>\d*)(?P<sign>[+-])$")


@dataclass(frozen=True, slots=True)
class Formula:
    """`written`: the parts in their order, each with its coefficient, in one spelling (`Ca(OH)2`). `charge`: of all."""

    written: tuple[tuple[int, str], ...]
    charge: int = 0


@lru_cache(maxsize=1024)
def read_formula(text: str) -> Formula | None:
    """The formula that `text` is; none where a part of it is no element, count, bracket or charge.

    >>> read_formula("H₂O") == read_formula(r"\\text{H}_2\\text{O}")
    True
    """
    if len(text) > 4 * _LONGEST:
        return None
    text = spelled(text)
    while (plain := _WRAPPED.sub(r"\1", text)) != text:
        text = plain
    text = re.sub(r"\s*([*+^_{}-])\s*", r"\1", text).strip()
    text, charge = _without_charge(text)
    if len(text) > _LONGEST or charge is None:
        return None
    parts = [_part(part) for part in text.split("*")]
    written = tuple(part for part in parts if part)
    # A letter alone is any letter.
    telling = charge or len(text) > 2 or any(char.isdigit() for _, part in written for char in part)
    return Formula(written, charge) if telling and len(written) == len(parts) else None


def compare_formulas(gold: Formula, answer: Formula) -> Ruling:
    """Verified where they are written alike. The same atoms in another order may be another substance."""
    if gold == answer:
        return Ruling("verified", "the same formula", strength="exact")
    if gold.charge == answer.charge and atoms_of(gold) == atoms_of(answer):
        return Ruling("unknown", "the same atoms in another order")
    if str(gold).lower() == str(answer).lower():
        return Ruling("unknown", "the same letters, but for their capitals")
    return Ruling("refuted", "another formula", strength="exact")


def atoms_of(formula: Formula) -> list[tuple[int, Counter[str]]]:
    """How often each element is in each part, with the parts' coefficients, in an order of their own."""
    found = [(times, _atoms(written)) for times, written in formula.written]
    return sorted(found, key=lambda one: (one[0], sorted(one[1].items())))


def _atoms(written: str) -> Counter[str]:
    levels: list[Counter[str]] = [Counter()]
    last: Counter[str] = Counter()
    for token in re.findall(r"[A-Z][a-z]?|[()]|\d+", written):
        if token == "(":
            levels.append(Counter())
        elif token == ")":
            last = levels.pop()
            levels[-1] += last
        elif token.isdigit():
            levels[-1] += Counter({element: count * (int(token) - 1) for element, count in last.items()})
        else:
            last = Counter({token: 1})
            levels[-1] += last
    return levels[0]


def _without_charge(text: str) -> tuple[str, int | None]:
    """The text without its charge, and that; no charge where it may be read in two ways."""
    raised = list(_CHARGE.finditer(text))
    if raised:
        first = raised[0]
        sign = first["sign"] or first["bare"] or first["before"]
        times = int(first["times"] or first["digit"] or first["after"] or 1)
        count = text[first.end() :]
        # The charge stands last; `SO^{2-}_4` is written, too.
        last = not count or (count.startswith("_") and _COUNT.fullmatch(count))
        return text[: first.start()] + count, (times if sign == "+" else -times) if last else None
    match = _TRAILING.search(text) if "^" not in text else None
    if not match:
        return text, 0
    digits, alone = match["digits"], text[: match.start()] in _ELEMENTS
    if digits and alone and text[: match.start()] in _MOLECULES:
        return text, None
    # `Fe3+` and `SO42-` end with the charge, `NH4+` with a count.
    size = digits[-1:] if alone or len(digits) > 1 else ""
    value = int(size or 1)
    return text[: match.start()] + digits[: len(digits) - len(size)], value if match["sign"] == "+" else -value


def _part(text: str) -> tuple[int, str] | None:
    """Its coefficient, and the rest in one spelling."""
    coefficient = re.match(r"(\d{1,3})\s?(?=[A-Z(\[])", text)
    at, written, depth = (coefficient.end() if coefficient else 0), "", 0
    while at < len(text):
        match = _ATOM.match(text, at)
        if not match:
            return None
        at = match.end()
        if match["open"]:
            written, depth = f"{written}(", depth + 1
            continue
        if match["close"]:
            written, depth = f"{written})", depth - 1
            if depth < 0 or written.endswith("()"):
                return None
        elif match["element"] in _ELEMENTS:
            written += match["element"]
        else:
            return None
        count = _COUNT.match(text, at)
        if count:
            number = int(count[1] or count[2])
            written, at = written + (str(number) if number != 1 else ""), count.end()
    if depth or not written:
        return None
    return int(coefficient[1]) if coefficient else 1, written
