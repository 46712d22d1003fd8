"""The oracle of invented languages: all ways to cut the words shown, one word after the other.

It reads the words from the instance and not from the premises, cuts each in every place and tries every order and every
outcome of the rule; formulas are only evaluated, in what is left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, ClassVar, TypeAlias

from tracemill.records import Claim, Problem, Step, canonical_json
from tracemill.tasks.kit.formulas import FormulaNode, read

Bindings: TypeAlias = dict[str, str]
"""How each part is spelt, as far as it is known; with `order`, and with `shift` or `meeting` where there is a rule."""


class InventedLanguageOracle:
    method: ClassVar[str] = "all ways to cut the words shown"

    def answers(self, problem: Problem, answer: str) -> bool:
        return words_for(problem.metadata["instance"]) == {answer.strip()}

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        """Raises ValueError for a claim of another kind, and KeyError for an unknown operator."""
        instance = problem.metadata["instance"]
        for number, step in enumerate(steps):
            if step.claim is not None and not _follows(instance, steps, step.claim, step.uses):
                return number
        return None


def words_for(instance: Mapping[str, Any]) -> set[str]:
    """The words that may stand for the meaning that is asked for."""
    return set(_words_for(canonical_json(instance)))


@lru_cache(maxsize=16)
def _words_for(text: str) -> frozenset[str]:
    """Kept for a while: of one problem several answers are looked at."""
    instance = json.loads(text)
    spelt = _shown(instance)
    return frozenset(_made(instance, env, instance["asked"]) for env in _cuts(instance, list(spelt.items()), {}))


def _follows(instance: Mapping[str, Any], steps: Sequence[Step], claim: Claim, uses: Sequence[int]) -> bool:
    """Whether the claim is true in every language in which what it uses is so."""
    spelt = list(_shown(instance).items())
    words, facts, asked = [], [], False
    for use in uses:
        if use >= 0:
            used = steps[use].claim
            facts += _conjuncts(_formula(used)) if used else []
        elif use == -2 - len(spelt):
            asked = True
        elif use < -1:
            words.append(spelt[-2 - use])
    wanted = _formula(claim)
    pinned = {str(one[1]): str(one[2]).strip('"') for one in facts if one[0] == "=" and isinstance(one[1], str)}
    found = False
    for env in _cuts(instance, words, pinned):
        if asked:
            env = {**env, "asked": _made(instance, env, instance["asked"])}  # noqa: PLW2901
        if all(_value(fact, env) is not False for fact in facts):
            found = True
            if _value(wanted, env) is not True:
                return False
    return found


def _shown(instance: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    env = {**instance["texts"], "order": "-".join(instance["order"])}
    if instance["rule"]:
        env[instance["rule"][0]] = instance["rule"][4]
    return {tuple(word): _made(instance, env, word) for word in instance["words"]}


def _made(instance: Mapping[str, Any], env: Bindings, meaning: Sequence[str]) -> str:
    """The word with a meaning."""
    kind, letters, where = (instance["rule"] or ("", "", ""))[:3]
    place = _places(instance, meaning)
    text = ""
    for slot in env["order"].split("-"):
        piece = env[place[slot]]
        if kind == "shift" and slot != "root" and set(where) & set(env[meaning[0]]):
            piece = piece.replace(letters, env["shift"])
        text += piece
    return text.replace(letters, env["meeting"]) if kind == "meeting" else text


def _places(instance: Mapping[str, Any], meaning: Sequence[str]) -> dict[str, str]:
    """The root and the value of each feature."""
    return dict(zip(["root", *(name for name, _ in instance["features"])], meaning, strict=True))


def _cuts(
    instance: Mapping[str, Any], words: Sequence[tuple[Sequence[str], str]], known: Bindings
) -> Iterator[Bindings]:
    """Every spelling of parts, with an order and a rule's outcome, that gives these words."""
    rule = instance["rule"]
    orders = ["-".join(order) for order in instance["orders"]]
    for order, outcome in product(orders, rule[3] if rule else [""]):
        env = {**known, "order": order} | ({rule[0]: outcome} if rule else {})
        if all(env[name] == value for name, value in known.items()):
            yield from _cut_all(instance, words, env)


def _cut_all(
    instance: Mapping[str, Any], words: Sequence[tuple[Sequence[str], str]], env: Bindings
) -> Iterator[Bindings]:
    if not words:
        yield env
        return
    meaning, spelt = words[0]
    place = _places(instance, meaning)
    parts = [place[slot] for slot in env["order"].split("-")]
    for text in _before(instance, spelt, env):
        for found in _cut(text, parts, meaning[0], env):
            if _made(instance, found, meaning) == spelt:
                yield from _cut_all(instance, words[1:], found)


def _before(instance: Mapping[str, Any], spelt: str, env: Bindings) -> set[str]:
    """What the word may have been before the rule."""
    rule = instance["rule"]
    if not rule:
        return {spelt}
    pieces = spelt.split(env[rule[0]])
    return {
        pieces[0] + "".join(joint + piece for joint, piece in zip(joints, pieces[1:], strict=True))
        for joints in product((rule[1], env[rule[0]]), repeat=len(pieces) - 1)
    }


def _cut(text: str, parts: Sequence[str], root: str, env: Bindings) -> Iterator[Bindings]:
    if not parts:
        if not text:
            yield env
        return
    shortest, longest = (3, 6) if parts[0] == root else (1, 3)
    known = env.get(parts[0])
    if known is not None:
        if text.startswith(known) and shortest <= len(known) <= longest:
            yield from _cut(text[len(known) :], parts[1:], root, env)
        return
    for length in range(shortest, min(longest, len(text)) + 1):
        yield from _cut(text[length:], parts[1:], root, {**env, parts[0]: text[:length]})


def _formula(claim: Claim) -> FormulaNode:
    if claim.kind != "enumeration":
        raise ValueError(f"a claim of kind {claim.kind!r}; this oracle reads enumeration")
    return read(claim.payload["formula"])


def _conjuncts(node: FormulaNode) -> list[FormulaNode]:
    return [one for part in node[1:] for one in _conjuncts(part)] if node[0] == "and" else [node]


def _value(node: FormulaNode, env: Bindings) -> str | bool | None:
    """The value of a term; None where it depends on what is not known."""
    if isinstance(node, str):
        return node.strip('"') if node.startswith('"') else env.get(node)
    head, values = str(node[0]), [_value(part, env) for part in node[1:]]
    if head == "ite":
        return None if values[0] is None else values[1 if values[0] else 2]
    if any(value is None for value in values):
        return None
    if head in ("and", "or"):
        return all(values) if head == "and" else any(values)
    return _ON_TEXTS[head](*map(str, values))


_ON_TEXTS: Mapping[str, Callable[..., str | bool]] = {
    "=": lambda *texts: len(set(texts)) == 1,
    "str.++": lambda *parts: "".join(parts),
    "str.contains": lambda text, part: part in text,
    "str.replace_all": lambda text, old, new: text.replace(old, new),
}
