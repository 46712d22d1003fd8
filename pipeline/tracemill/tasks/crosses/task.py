"""Crosses of parents whose genotypes must be found from their form and their kin: what fraction of the offspring is …?

One to three genes, inherited independently: with a dominant allele, with none, or on the X chromosome. What makes a
problem harder: more genes, and parents of whom only brothers, sisters or grandparents say what they may carry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from random import Random
from typing import Any, ClassVar

from tracemill.records import Check, Problem, canonical_json
from tracemill.tasks.crosses.family import UNSURE, Family, Gene
from tracemill.tasks.crosses.telling import Working, joined
from tracemill.tasks.kit.narrated_task import NarratedTask
from tracemill.tasks.kit.teller import Teller
from tracemill.tasks.kit.words import Voice, words_beside
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Draft, Request

_ATTEMPTS = 100
_EASY, _MIDDLE, _HARD = ("pure", "recessive"), ("child", "parent"), ("sibling", "grandchild")
_FORMS = ("dominant", "mixed", "recessive")
_SEX = ("male", "female")


class Crosses(NarratedTask):
    """See the module. `instance`: what `Family` reads, and the theme."""

    name: ClassVar[str] = "biology.genetics.crosses"
    version: ClassVar[str] = "3"
    summary: ClassVar[str] = "crosses of one to three genes, with genotypes to be found from the parents' families"
    words = words_beside(__file__)

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.crosses.oracle import CrossesOracle

        return CrossesOracle

    def make(self, request: Request) -> Draft:
        """Raises RuntimeError where all crosses that were tried have nothing to calculate, which was never seen."""
        rng = request.rng
        for _ in range(_ATTEMPTS):
            instance = _Making(self.words.themes[request.theme], request.difficulty, rng).instance | {
                "theme": request.theme
            }
            answer = self._working(instance, Teller(self.words, "terse", 0)).solve()
            if 0 < answer < 1:
                family = Family(instance)
                return Draft(
                    prompt=Story(instance, rng, self).prompt(),
                    answer=str(answer),
                    check=Check("numeric", {"tolerance": "0"}),
                    premises=family.premises(),
                    group=group_of(family),
                    instance=instance,
                )
        raise RuntimeError(f"no cross with a fraction between 0 and 1 after {_ATTEMPTS} attempts")

    def tell(self, problem: Problem, teller: Teller) -> None:
        working = self._working(problem.metadata["instance"], teller)
        answer = working.solve()
        teller.close("closing", str(answer), youngs=working.theme[working.family.young][1])

    def natural(self, problem: Problem, answer: str) -> bool:
        """No right answer is 0 or 1: who finds that looks again."""
        return 0 < Fraction(answer) < 1

    def _working(self, instance: dict[str, Any], teller: Teller) -> Working:
        return Working(Family(instance), self.words.themes[instance["theme"]], teller)


class _Making:
    """Draws an instance: genes, parents, and of each parent's kin as much as a gene needs."""

    def __init__(self, theme: Any, level: float, rng: Random) -> None:
        self.level, self.rng = level, rng
        self.members: dict[str, dict[str, Any]] = {}
        self.known: dict[str, dict[str, Any]] = {}
        self._names: Iterator[str] = iter(rng.sample(theme["names"], len(theme["names"])))
        cross = [self._member(sex) for sex in _SEX]
        count = 1 + int(2 * level + rng.random())
        on_x = rng.random() < 0.2 + 0.3 * level
        genes: list[Gene] = []
        for at, letter in enumerate(rng.sample(sorted(theme["traits"]), min(count, 3))):
            mode = "x" if on_x and not at else "incomplete" if rng.random() < 0.25 else "complete"
            genes.append(self._gene(letter.lower(), mode, cross))
        rng.shuffle(genes)
        young = rng.choice(("sons", "sons", "daughters")) if on_x else "young"
        members = list(self.members.values())
        self.instance = {"genes": genes, "members": members, "cross": cross, "young": young, "known": self.known}

    def _member(self, sex: str, father: str | None = None, mother: str | None = None) -> str:
        name = next(self._names)
        self.members[name] = {"name": name, "sex": sex, "parents": [father, mother], "forms": {}, "pure": []}
        return name

    def _gene(self, letter: str, mode: str, cross: Sequence[str]) -> Gene:
        self.known[letter] = {}
        for name in cross:
            if mode == "incomplete":
                self._know(name, letter, "shown", self.rng.choice(("dominant", "mixed", "mixed", "recessive")))
            elif mode == "x" and self.members[name]["sex"] == "male":
                self._know(name, letter, "male", self.rng.choice(("dominant", "recessive")))
            else:
                self._kin(name, letter, mode)
        # Without a dominant allele either homozygote may be called recessive, so one of them is enough.
        forms = {"x": ("dominant", "recessive"), "incomplete": ("mixed", "recessive")}.get(mode, _FORMS)
        return {"letter": letter, "mode": mode, "asked": self.rng.choice(forms)}

    def _know(self, name: str, letter: str, way: str, form: str, kin: Sequence[str] = ()) -> None:
        self.members[name]["forms"][letter] = form
        self.known[letter][name] = {"way": way, "kin": list(kin)}

    def _kin(self, name: str, letter: str, mode: str) -> None:
        """A way to find the genotype of one of the parents, and the relatives for it."""
        weights = [1.2 - self.level] * 2 + [0.6 + self.level] * 2 + [1.4 * max(0.0, self.level - 0.15)] * 2
        ways = [*_EASY, *_MIDDLE, *_HARD]
        if mode == "x":
            ways, weights = ways[1:4], weights[1:4]
        (way,) = self.rng.choices(ways, weights)
        parents = self.members[name]["parents"]
        if (way in ("sibling", "grandchild") or way == "parent") and any(parents):
            way = "child"  # its parents belong to the story of another gene
        form, kin = "recessive" if way == "recessive" else "dominant", []
        if way == "pure":
            self.members[name]["pure"].append(letter)
        elif way == "child":
            sex = "male" if mode == "x" else self.rng.choice(_SEX)
            kin = [self._member(sex, *(name if s == self.members[name]["sex"] else None for s in _SEX))]
        elif way == "parent":
            sex = "male" if mode == "x" else self.rng.choice(_SEX)
            kin = [self._member(sex)]
            parents[_SEX.index(sex)] = kin[0]
        if kin:
            self.members[kin[0]]["forms"][letter] = "recessive"
        if way in UNSURE:
            kin = self._grandparents(name, letter) if way == "grandchild" else self._siblings(name, letter)
        self._know(name, letter, way, form, kin)

    def _siblings(self, name: str, letter: str) -> list[str]:
        """Both parents of the dominant form, with a recessive child beside this one."""
        couple = [self._member(sex) for sex in _SEX]
        self.members[name]["parents"][:] = couple
        sibling = self._member(self.rng.choice(_SEX), *couple)
        self.members[sibling]["forms"][letter] = "recessive"
        for parent in couple:
            self._know(parent, letter, "couple", "dominant", [*couple, sibling])
        return [*couple, sibling]

    def _grandparents(self, name: str, letter: str) -> list[str]:
        """One parent of a line that breeds true, the other with a recessive brother or sister."""
        parents = [self._member(sex) for sex in _SEX]
        self.members[name]["parents"][:] = parents
        unsure, pure = self.rng.sample(parents, 2)
        self.members[pure]["pure"].append(letter)
        self._know(pure, letter, "pure", "dominant")
        kin = self._siblings(unsure, letter)
        self._know(unsure, letter, "sibling", "dominant", kin)
        return [unsure, pure]


class Story:
    """The text of one problem."""

    def __init__(self, instance: dict[str, Any], rng: Random, task: Crosses) -> None:
        self.family, self.rng = Family(instance), rng
        self.theme = task.words.themes[instance["theme"]]
        self._voice = Voice(task.words.theme(instance["theme"]), rng)

    def prompt(self) -> str:
        genes, youngs = self.family.genes, self.theme[self.family.young][1]
        father, mother = self.family.cross
        laws = [self._voice(f"gene_{gene['mode']}", **self._words(gene)) for gene in genes]
        laws.append(self._voice("laws", youngs=self.theme["young"][1]))
        if len(genes) > 1:
            laws.append(self._voice("independent"))
        laws += [self._voice("on_x", **self._words(gene)) for gene in genes if gene["mode"] == "x"]
        facts = [self._voice("crossing", father=father, mother=mother)]
        facts += [fact for gene in genes for name in self.family.cross for fact in self._facts(name, gene)]
        asked = self._voice("question", youngs=youngs, father=father, mother=mother, asked=self._asked())
        return f"{' '.join(laws)}\n\n{' '.join(facts)}\n\n{asked}"

    def _words(self, gene: Gene) -> dict[str, str]:
        r = gene["letter"]
        return {**self.theme["traits"][r.upper()], "D": r.upper(), "r": r}

    def _facts(self, name: str, gene: Gene) -> list[str]:
        """What is known of a member and its kin, for one gene."""
        letter, words = gene["letter"], self._words(gene)
        known, members = self.family.known[letter][name], self.family.members
        slots = {"name": name, "form": words[members[name]["forms"][letter]], "other_form": words["recessive"]}
        if known["way"] == "grandchild":
            unsure, pure = known["kin"]
            role = {one: self.theme["parents"][members[one]["sex"] == "female"] for one in known["kin"]}
            text = self._voice("grandchild", unsure=unsure, pure=pure, mother=role[unsure], father=role[pure], **slots)
            return [text, *self._facts(unsure, gene)]
        if known["way"] == "sibling":
            father, mother, sibling = known["kin"]
            return [self._voice("sibling", a=father, b=mother, kin=sibling, whose=self._child(sibling), **slots)]
        if known["kin"]:
            kin = known["kin"][0]
            whose = (
                self._child(kin) if known["way"] == "child" else self.theme["parents"][members[kin]["sex"] == "female"]
            )
            return [self._voice(known["way"], kin=kin, whose=whose, **slots)]
        return [self._voice("pure" if known["way"] == "pure" else "form", **slots)]

    def _child(self, name: str) -> str:
        return str(self.theme["sons" if self.family.members[name]["sex"] == "male" else "daughters"][0])

    def _asked(self) -> str:
        """`have black fur and long ears and be T/t`"""
        forms, hets = [], []
        for gene in self.family.genes:
            words = self._words(gene)
            if gene["asked"] == "mixed" and gene["mode"] != "incomplete":
                hets.append(f"{words['D']}/{words['r']}")
            else:
                forms.append(words[gene["asked"]])
        have = [f"have {joined(forms)}"] if forms else []
        return " and ".join([*have, *([f"be {joined(hets)}"] if hets else [])])


def group_of(family: Family) -> str:
    """One text for all problems that differ only in names, traits, and the order of genes; where no gene lies on the X
    chromosome, also in which parent is which."""

    def genes(cross: Sequence[str]) -> list[Any]:
        return sorted(
            [gene["mode"], gene["asked"], *(_way(family, gene, name) for name in cross)] for gene in family.genes
        )

    both = [genes(family.cross)] if family.young != "young" else [genes(family.cross), genes(family.cross[::-1])]
    return canonical_json([family.young, min(both)])


def _way(family: Family, gene: Gene, name: str) -> str:
    return f"{family.known[gene['letter']][name]['way']} {family.members[name]['forms'][gene['letter']]}"
