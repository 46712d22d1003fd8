"""The oracle of crosses: everybody's alleles, in all ways that the forms allow, each with its exact weight.

It reads the instance and not the premises. A member is a pair of alleles, true where one is recessive; a founder may be
any pair, a child is any pair that its parents can give. What is chance in a claim is the share of the weight.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any, ClassVar, TypeAlias

from tracemill.records import Problem, Step
from tracemill.tasks.kit.formulas import OracleValue, evaluate, rational, read

Alleles: TypeAlias = tuple[bool, ...]
World: TypeAlias = Mapping[str, Alleles]


class CrossesOracle:
    """A claim is right if it is true in every world; whether it follows from what is used alone is not looked at."""

    method: ClassVar[str] = "enumeration of the alleles of everybody, with exact weights"

    def answers(self, problem: Problem, answer: str) -> bool:
        model = _models(json.dumps(problem.metadata["instance"]))[0]
        return rational(answer.strip()) == model["asked"]

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        """Raises ValueError for a claim that is no formula over the problem's symbols."""
        models = _models(json.dumps(problem.metadata["instance"]))
        for number, step in enumerate(steps):
            if step.claim is not None:
                if step.claim.kind != "entailment":
                    raise ValueError(f"step {number} claims {step.claim.kind!r}; this oracle reads entailment")
                formula = read(step.claim.payload["formula"])
                if not all(evaluate(formula, model) is True for model in models):
                    return number
        return None


@lru_cache(maxsize=8)
def _models(text: str) -> list[dict[str, OracleValue]]:
    """Values of all symbols: one model for each way to choose the numbers of alleles that the forms leave open.

    Numbers of different genes and of the two families can be anything together, but no claim is about two of them that
    are both open: so the n-th world of one stands beside the n-th of the next.
    """
    instance = json.loads(text)
    chances: dict[str, OracleValue] = {}
    counts: list[list[dict[str, OracleValue]]] = []
    answer = Fraction(1)
    for gene in instance["genes"]:
        r, parents = gene["letter"], []
        for parent in instance["cross"]:
            ways = list(worlds(instance, gene, parent))
            found = [{f"{name}.{r}": Fraction(sum(pair)) for name, pair in world.items()} for world in ways]
            counts.append([dict(each) for each in sorted({tuple(each.items()) for each in found})])
            for name in ways[0]:
                pairs = [world[name] for world in ways]
                chances[f"{name}.{r}.carrier"] = Fraction(sum(sum(pair) == 1 for pair in pairs), len(pairs))
                chances[f"{name}.{r}.pass"] = Fraction(sum(map(sum, pairs)), sum(map(len, pairs)))
            parents.append(Counter(world[parent] for world in ways))
        shares = _offspring(instance["young"], gene, *parents)
        chances |= {f"{r}.both": shares["recessive"], f"{r}.asked": shares[gene["asked"]]}
        answer *= shares[gene["asked"]]
    models = [{**chances, "asked": answer} for _ in range(max(map(len, counts)))]
    for open_counts in counts:
        models = [model | open_counts[at % len(open_counts)] for at, model in enumerate(models)]
    return models


def _offspring(
    young: str, gene: Mapping[str, Any], fathers: Counter[Alleles], mothers: Counter[Alleles]
) -> dict[str, Fraction]:
    """Of the offspring of a father and a mother, given how often each can be what, the fractions by what they carry."""
    found: Counter[str] = Counter()
    for (father, often), (mother, as_often) in product(fathers.items(), mothers.items()):
        for sex in {"young": ("male", "female"), "sons": ("male",), "daughters": ("female",)}[young]:
            for child in _pairs(sex, [father, mother], gene):
                found["recessive" if all(child) else "mixed" if any(child) else "pure"] += often * as_often
    shares = {carries: Fraction(weight, found.total()) for carries, weight in found.items()}
    recessive, heterozygous = shares.get("recessive", Fraction(0)), shares.get("mixed", Fraction(0))
    return {"recessive": recessive, "mixed": heterozygous, "dominant": 1 - recessive}


def worlds(instance: Mapping[str, Any], gene: Mapping[str, Any], parent: str) -> Iterator[World]:
    """All worlds of the family of one parent, each as often as its weight."""
    members = {member["name"]: member for member in instance["members"] if gene["letter"] in member["forms"]}
    family = {parent}
    while True:
        near = {
            name
            for name, member in members.items()
            if name in family
            or family & set(member["parents"])
            or any(name in members[one]["parents"] for one in family)
        }
        if near == family:
            break
        family = near
    chosen = [member for name, member in members.items() if name in family]
    return _extended({}, sorted(chosen, key=lambda member: _generation(member, members)), gene)


def _generation(member: Mapping[str, Any], members: Mapping[str, Any]) -> int:
    parents = [members[name] for name in member["parents"] if name in members]
    return 1 + max((_generation(parent, members) for parent in parents), default=0)


def _extended(world: World, members: Sequence[Mapping[str, Any]], gene: Mapping[str, Any]) -> Iterator[World]:
    if not members:
        yield world
        return
    member = members[0]
    for pair in _pairs(member["sex"], [world.get(name) for name in member["parents"]], gene):
        pure = gene["letter"] not in member["pure"] or len(set(pair)) == 1
        if pure and _form(pair, gene) == member["forms"][gene["letter"]]:
            yield from _extended({**world, member["name"]: pair}, members[1:], gene)


def _pairs(sex: str, parents: Sequence[Alleles | None], gene: Mapping[str, Any]) -> Iterator[Alleles]:
    """What somebody can have from its parents, each of them known or any."""
    father, mother = [(False, True) if parent is None else parent for parent in parents]
    if gene["mode"] != "x":
        yield from product(father, mother)
    elif sex == "male":
        yield from ((allele,) for allele in mother)
    else:
        yield from product(father, mother)


def _form(pair: Alleles, gene: Mapping[str, Any]) -> str:
    if all(pair):
        return "recessive"
    return "mixed" if any(pair) and gene["mode"] == "incomplete" else "dominant"
