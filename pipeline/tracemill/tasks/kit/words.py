"""A task's words as data: `words.yaml` beside the task's modules, read once per process and checked as it is read.

    misconceptions:
      sign_kept: {kind: wrong_rule, explanation: A term that changes sides changes its sign.}
    shared:                  # keys that every theme has alike
      people: [Amira, Bastian]
    themes:
      market:
        units: [coins, euros]
        totals: ["{who} pays {c} for {left}.", "For {left} the bill is {c}."]
    phrases:                 # what a teller says
      value: ["Dividing by {k}, {eq}.", "So {eq}."]

A list of texts is a bank of phrases. **The first phrase of a list has every slot that the list knows**; the others may
leave some out. So a slot that is spelt wrongly is found when the file is read, or when the phrase is first asked for.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tracemill.records import fingerprint
from tracemill.settings.errors import TracemillError
from tracemill.tasks.task import Misconception

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SECTIONS = {"misconceptions", "shared", "themes", "phrases"}
_KINDS = ("wrong_rule", "slip", "dropped_case")


@dataclass(frozen=True, slots=True)
class Bank:
    """Lists of phrases by key. `where` names the file and the place in it, for errors."""

    where: str
    entries: Mapping[str, Sequence[str]]

    def __getitem__(self, key: str) -> Sequence[str]:
        if key not in self.entries:
            raise TracemillError(f"{self.where}: no phrases {key!r}; there are {', '.join(self.entries)}")
        return self.entries[key]


@dataclass(frozen=True, slots=True)
class Words:
    """One task's words. A theme is a mapping of keys to texts, lists or mappings; all themes have the same keys."""

    path: Path
    themes: Mapping[str, Mapping[str, Any]]
    phrases: Bank
    misconceptions: tuple[Misconception, ...]

    @property
    def digest(self) -> str:
        """Changes with every word."""
        kinds = [[each.name, each.kind, each.explanation] for each in self.misconceptions]
        return fingerprint(dict(self.themes), dict(self.phrases.entries), kinds)

    def theme(self, name: str) -> Bank:
        """The lists of a theme as phrases."""
        lists = {key: value for key, value in self.themes[name].items() if isinstance(value, list)}
        return Bank(f"{self.path}: themes.{name}", lists)


class Voice:
    """Draws phrases from a bank: all of a list, in random order, before any of them comes again."""

    def __init__(self, bank: Bank, rng: Random) -> None:
        self.bank, self.rng = bank, rng
        self._left: dict[str, list[str]] = {}
        self._last: dict[str, str] = {}

    def __call__(self, key: str, **slots: object) -> str:
        """A phrase with its slots filled; what begins a sentence begins with a capital.

        Raises:
            TracemillError: no such phrases, or a slot that the list knows was not given.
        """
        phrases = self.bank[key]
        if not slots_of(phrases[0]) <= slots.keys():
            raise TracemillError(
                f"{self.bank.where}: the phrases {key!r} have the slot {{{min(slots_of(phrases[0]) - slots.keys())}}}, "
                f"which was not given; given: {', '.join(sorted(slots)) or 'none'}"
            )
        return filled(self._drawn(key, phrases), slots)

    def _drawn(self, key: str, phrases: Sequence[str]) -> str:
        left = self._left.get(key)
        if not left:
            left = self._left[key] = list(phrases)
            if len(left) > 1 and key in self._last:
                # Not the same twice in a row; it comes later.
                left.remove(self._last[key])
                drawn = left.pop(int(self.rng.random() * len(left)))
                left.append(self._last[key])
                self._last[key] = drawn
                return drawn
        self._last[key] = left.pop(int(self.rng.random() * len(left)))
        return self._last[key]


def filled(phrase: str, slots: Mapping[str, object]) -> str:
    text = ""
    for literal, name in _pieces(phrase):
        text += literal
        if name is not None:
            value = str(slots[name])
            begins = not text or text.endswith((". ", "? ", "! ", "\n"))
            text += value[:1].upper() + value[1:] if begins else value
    return text


@cache
def _pieces(phrase: str) -> tuple[tuple[str, str | None], ...]:
    """`("", "who"), (" pays ", "c")` of `{who} pays {c}`."""
    return tuple((literal, name) for literal, name, _, _ in string.Formatter().parse(phrase))


@cache
def slots_of(phrase: str) -> frozenset[str]:
    """`{"who", "c"}` of `{who} pays {c}`."""
    return frozenset(name for _, name in _pieces(phrase) if name is not None)


def words_beside(module_file: str) -> Words:
    """The `words.yaml` in the folder of a module: `WORDS = words_beside(__file__)`."""
    return read_words(Path(module_file).with_name("words.yaml"))


@cache
def read_words(path: Path) -> Words:
    """The words in a file.

    Raises:
        TracemillError: not readable, a section or key that is missing or unknown, a phrase with an unknown slot; with
            the file and the key.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (OSError, yaml.YAMLError) as exc:
        raise TracemillError(f"cannot read the words of a task: {path}: {' '.join(str(exc).split())}") from exc
    if not isinstance(data, dict) or not data.keys() <= _SECTIONS:
        raise TracemillError(f"{path}: the sections of words are {', '.join(sorted(_SECTIONS))}; found {list(data)}")
    shared = data.get("shared", {})
    themes = {name: shared | theme for name, theme in data.get("themes", {}).items()}
    _check_themes(path, themes)
    phrases = data.get("phrases", {})
    for key, forms in phrases.items():
        if not isinstance(forms, list):
            raise TracemillError(f"{path}: phrases.{key} is not a list of texts; write {key}: [..., ...]")
        _check_slots(f"{path}: phrases.{key}", forms)
    return Words(path, themes, Bank(f"{path}: phrases", phrases), _misconceptions(path, data))


def _misconceptions(path: Path, data: Mapping[str, Any]) -> tuple[Misconception, ...]:
    found = []
    for name, entry in data.get("misconceptions", {}).items():
        if entry.keys() != {"kind", "explanation"} or entry["kind"] not in _KINDS:
            raise TracemillError(
                f"{path}: misconceptions.{name} needs `kind` (one of {', '.join(_KINDS)}) and `explanation`; "
                f"found {entry}"
            )
        found.append(Misconception(name, entry["kind"], entry["explanation"]))
    return tuple(found)


def _check_themes(path: Path, themes: Mapping[str, Mapping[str, Any]]) -> None:
    """Every theme has the keys of all others."""
    keys = {key: name for name, theme in reversed(list(themes.items())) for key in theme}
    for key, owner in keys.items():
        for name, theme in themes.items():
            if key not in theme:
                raise TracemillError(f"{path}: themes.{name} has no {key!r}, which themes.{owner} has; add it")
            if not isinstance(theme[key], type(themes[owner][key])):
                raise TracemillError(f"{path}: themes.{name}.{key} is of another type than themes.{owner}.{key}")
            if isinstance(theme[key], list):
                _check_slots(f"{path}: themes.{name}.{key}", theme[key])


def _check_slots(where: str, forms: Sequence[object]) -> None:
    if not forms or not all(isinstance(form, str) for form in forms):
        raise TracemillError(f"{where} is not a list of texts, or empty")
    known = slots_of(str(forms[0]))
    for form in map(str, forms):
        if strange := slots_of(form) - known:
            raise TracemillError(
                f"{where}: {form!r} has the slot {{{min(strange)}}}, which the first phrase lacks; "
                f"it has {', '.join(sorted(known)) or 'none'}"
            )
