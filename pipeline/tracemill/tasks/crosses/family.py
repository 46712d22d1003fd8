"""A family as data, and what its members' forms and the laws of inheritance say of it, as formulas.

Of each member and gene `Fern.b` is the number of recessive alleles `b` (Real, so that all is one arithmetic).
`Fern.b.pass` is the chance that an allele which Fern passes on is `b`, `Fern.b.carrier` the chance that Fern is `B/b`,
of a member whose genotype nobody can know. Of the offspring of the cross, `b.both` is the fraction without any `B`,
`b.asked` the fraction that is as the question wants for this gene, and `asked` the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from tracemill.records import Claim, premise
from tracemill.tasks.kit.teller import Ref, entailment

Gene: TypeAlias = Mapping[str, Any]
"""`letter` (small), `mode` (complete, incomplete, x) and what is `asked` (dominant, mixed, recessive)."""
Member: TypeAlias = Mapping[str, Any]
"""`name`, `sex`, `parents` (father and mother, null where nothing is known of one), `forms` and `pure` by letter."""

UNSURE = ("sibling", "grandchild")
"""The ways to know a member in which the genotype stays open."""


class Family:
    """An instance: `genes`, `members`, `cross` (father and mother), `young` (young, sons or daughters are asked for),
    `known`: by letter and name, in what `way` a genotype is found, and from which `kin`."""

    def __init__(self, instance: Mapping[str, Any]) -> None:
        self.genes: list[Gene] = instance["genes"]
        self.members: dict[str, Member] = {member["name"]: member for member in instance["members"]}
        self.known: Mapping[str, Mapping[str, Any]] = instance["known"]
        self.cross: list[str] = instance["cross"]
        self.young: str = instance["young"]
        self.laws: dict[str, str] = {}
        """By what it is about: `form Fern.b`, `pass Fern.b`, …"""
        for gene in self.genes:
            self._state(gene)
        if len(self.genes) > 1:
            self.laws["asked"] = f"(= asked (* {' '.join(gene['letter'] + '.asked' for gene in self.genes)}))"

    def premises(self) -> tuple[Claim, ...]:
        words = " ".join(self.laws.values()).replace("(", " ").replace(")", " ").split()
        symbols = dict.fromkeys((word for word in words if word[0].isalpha() and word not in _OPERATORS), "Real")
        return (Claim("symbols", symbols), *(entailment(law) for law in self.laws.values()))

    def law(self, *about: str) -> Ref:
        """The premises that say these things."""
        order = list(self.laws)
        return tuple(premise(order.index(one) + 1) for one in about)

    def single(self, name: str, gene: Gene) -> bool:
        """Whether a member has only one allele of a gene."""
        return bool(gene["mode"] == "x" and self.members[name]["sex"] == "male")

    def _state(self, gene: Gene) -> None:
        r = gene["letter"]
        involved = [member for member in self.members.values() if r in member["forms"]]
        for member in involved:
            count = f"{member['name']}.{r}"
            self.laws[f"form {count}"] = self._form(member, gene)
            if r in member["pure"]:
                self.laws[f"pure {count}"] = f"(or (= {count} 0) (= {count} 2))"
        for member in involved:
            if any(member["parents"]) and {*member["parents"]} & {one["name"] for one in involved}:
                self.laws[f"child {member['name']}.{r}"] = self._inherited(member, gene)
        for name in self.members:  # and not in the order of `known`, which a stored record does not keep
            if name in self.known[r]:
                self._pass_on(name, gene, self.known[r][name]["way"] in UNSURE)
        father, mother = (f"{name}.{r}.pass" for name in self.cross)
        if gene["mode"] == "x" and self.young == "sons":
            self.laws[f"both {r}"] = f"(= {r}.both {mother})"
        elif gene["asked"] != "mixed":
            self.laws[f"both {r}"] = f"(= {r}.both (* {father} {mother}))"
        share = {"recessive": f"{r}.both", "dominant": f"(- 1 {r}.both)", "mixed": mixed(father, mother)}
        self.laws[f"asked {r}"] = f"(= {r}.asked {share[gene['asked']]})"

    def _form(self, member: Member, gene: Gene) -> str:
        count, form = f"{member['name']}.{gene['letter']}", member["forms"][gene["letter"]]
        if form == "dominant" and gene["mode"] != "incomplete" and not self.single(member["name"], gene):
            return f"(or (= {count} 0) (= {count} 1))"
        return f"(= {count} {self.count(member['name'], gene)})"

    def count(self, name: str, gene: Gene) -> int:
        """The recessive alleles of a member whose form says so: not of one whose dominant form may hide one."""
        most = 1 if self.single(name, gene) else 2
        return {"dominant": 0, "mixed": 1, "recessive": most}[self.members[name]["forms"][gene["letter"]]]

    def _inherited(self, member: Member, gene: Gene) -> str:
        """Each parent gives one of its alleles; a parent of whom nothing is known, any."""
        r, most, least = gene["letter"], [], []
        for parent, sex in zip(member["parents"], ("male", "female"), strict=True):
            if gene["mode"] == "x" and sex == "male":
                given = [] if member["sex"] == "male" else [f"{parent}.{r}" if parent else "1"]
                most += given
                least += given if parent else []
            elif parent is None or r not in self.members[parent]["forms"]:
                most.append("1")
            else:
                most.append(f"(ite (>= {parent}.{r} 1) 1 0)")
                least.append(f"(ite (= {parent}.{r} 2) 1 0)")
        count = f"{member['name']}.{r}"
        return f"(and (<= {count} {_sum(most)}) (>= {count} {_sum(least)}))"

    def _pass_on(self, name: str, gene: Gene, unsure: bool) -> None:
        r = gene["letter"]
        count = f"{name}.{r}"
        if not unsure:
            given = count if self.single(name, gene) else f"(* (/ 1 2) {count})"
            self.laws[f"pass {count}"] = f"(= {count}.pass {given})"
            return
        father, mother = (f"{parent}.{r}.pass" for parent in self.members[name]["parents"])
        carriers = f"(= (* {count}.carrier (- 1 (* {father} {mother}))) {mixed(father, mother)})"
        self.laws[f"carrier {count}"] = f"(=> (<= {count} 1) {carriers})"
        self.laws[f"pass {count}"] = f"(= {count}.pass (* (/ 1 2) {count}.carrier))"


_OPERATORS = {"or", "and", "ite"}


def mixed(father: str, mother: str) -> str:
    """The chance of one recessive allele, from the chances of both parents to pass it on."""
    return f"(+ (* {father} (- 1 {mother})) (* (- 1 {father}) {mother}))"


def numeral(value: Fraction | int) -> str:
    """`3` or `(/ 2 3)`."""
    value = Fraction(value)
    return str(value) if value.denominator == 1 else f"(/ {value.numerator} {value.denominator})"


def _sum(terms: list[str]) -> str:
    return f"(+ {' '.join(terms)})" if len(terms) > 1 else terms[0] if terms else "0"
