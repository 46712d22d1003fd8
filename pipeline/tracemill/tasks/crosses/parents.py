"""What the parents of a cross carry and pass on: from the forms of a family to genotypes, and from these to chances.

Every step claims what follows from the laws and facts of the prompt and from earlier steps. Places where a mistake
could be made are marked as sites.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from tracemill.tasks.crosses.family import UNSURE, Family, Gene, mixed, numeral
from tracemill.tasks.kit.teller import Recheck, Ref, Teller, entailment
from tracemill.tasks.task import Detail


class Found(NamedTuple):
    """A number of alleles, a chance or a fraction, and the step that states it."""

    value: Fraction
    ref: Ref


class Parents:
    """What was found of the parents and their kin while a solution is told. `genotypes` (numbers of recessive alleles)
    and `chances` (to pass one on) are by member and allele: `Fern.b`. `theme`: its words."""

    def __init__(self, family: Family, theme: Mapping[str, Any], teller: Teller) -> None:
        self.family, self.theme, self.teller = family, theme, teller
        self.genotypes: dict[str, Found] = {}
        self.chances: dict[str, Found] = {}

    def words(self, gene: Gene) -> dict[str, Any]:
        r, trait, theme = gene["letter"], self.theme["traits"][gene["letter"].upper()], self.theme
        het, asked = f"{r.upper()}/{r}", gene["asked"]
        shape = f"is {het}" if asked == "mixed" and gene["mode"] != "incomplete" else f"has {trait[asked]}"
        young = {"one": theme[self.family.young][0], "daughter": theme["daughters"][0], "litters": theme["young"][1]}
        return {**trait, **young, "D": r.upper(), "r": r, "het": het, "shape": shape}

    def _shown(self, name: str, gene: Gene, count: Fraction) -> str:
        """A genotype as it is written: `B/b`, of a male and the X chromosome `b/Y`."""
        r = gene["letter"]
        if self.family.single(name, gene):
            return f"{r if count else r.upper()}/Y"
        return f"{r if count == 2 else r.upper()}/{r if count else r.upper()}"

    # Genotypes

    def _genotype(self, name: str, gene: Gene) -> Found:
        """The genotype of a member of whom it can be known."""
        key = f"{name}.{gene['letter']}"
        if key not in self.genotypes:
            known = self.family.known[gene["letter"]][name]
            if known["way"] == "couple":
                self._couple(known["kin"], gene)
            elif known["kin"]:
                self._by_kin(name, gene, known["way"], known["kin"][0])
            else:
                self._by_form(name, gene, known["way"])
        return self.genotypes[key]

    def _by_form(self, name: str, gene: Gene, way: str) -> None:
        """A form that only one genotype has, or a line that breeds true."""
        form, key = self.family.members[name]["forms"][gene["letter"]], f"{name}.{gene['letter']}"
        count, words = Fraction(self.family.count(name, gene)), self.words(gene)
        uses = self.family.law(f"form {key}", *([f"pure {key}"] if way == "pure" else []))
        if way == "recessive":
            fact = f"it takes two {words['r']} for {words['recessive']}"
            count = self._kind("one_copy_shows", name, gene, (count, Fraction(1)), fact, uses)
        self._say_genotype(f"by_{way}", name, gene, count, [uses], form=words[form])

    def _by_kin(self, name: str, gene: Gene, way: str, kin: str) -> None:
        """A recessive child or parent shows that a dominant form hides a recessive allele."""
        r, child, member = gene["letter"], kin if way == "child" else name, self.family.members[kin]
        count = Fraction(self.family.count(kin, gene))
        told = self._say_genotype("by_recessive", kin, gene, count, [self.family.law(f"form {kin}.{r}")], "normal")
        whose = self.theme["sons" if member["sex"] == "male" else "daughters"][0]
        if way == "parent":
            whose = self.theme["parents"][member["sex"] == "female"]
        giver, taker = (name, kin) if way == "child" else (kin, name)
        words = {"kin": kin, "whose": whose, "giver": giver, "taker": taker}
        uses = [told, self.family.law(f"child {child}.{r}")]
        slots = {**self.words(gene), **words, "name": name}
        uses = [self.teller.say("at_least_one", entailment(f"(>= {name}.{r} 1)"), uses, "thorough", **slots)]
        uses.append(self.family.law(f"form {name}.{r}"))
        count = Fraction(1)
        if not self.teller.tells("thorough"):
            fact = f"{giver} passed {r} on to {taker}"
            count = self._kind("hidden_allele", name, gene, (count, Fraction(0)), fact, uses)
        form = self.words(gene)["dominant"]
        key = "by_form_too" if self.teller.tells("thorough") else f"by_{way}"
        self._say_genotype(key, name, gene, count, uses, form=form, kin=kin, whose=whose)

    def _couple(self, kin: Sequence[str], gene: Gene) -> None:
        """Two parents of the dominant form with a recessive child."""
        r, (father, mother, child) = gene["letter"], kin
        told = self._say_genotype(
            "by_recessive", child, gene, Fraction(2), [self.family.law(f"form {child}.{r}")], "normal"
        )
        ref = self.teller.say(
            "couple",
            entailment(f"(and (= {father}.{r} 1) (= {mother}.{r} 1))"),
            [told, self.family.law(f"form {father}.{r}", f"form {mother}.{r}", f"child {child}.{r}")],
            father=father,
            mother=mother,
            child=child,
            genotype=f"{r.upper()}/{r}",
            **self.words(gene),
        )
        self.genotypes |= {f"{father}.{r}": Found(Fraction(1), ref), f"{mother}.{r}": Found(Fraction(1), ref)}

    def _say_genotype(
        self,
        key: str,
        name: str,
        gene: Gene,
        count: Fraction,
        uses: Sequence[Ref],
        level: Detail = "terse",
        **slots: str,
    ) -> Ref:
        words = self.words(gene) | {"genotype": self._shown(name, gene, count), "name": name, "form": ""} | slots
        words["form"] = words["form"] or words["recessive"]
        key = "by_male" if self.family.single(name, gene) else key
        ref = self.teller.say(key, entailment(f"(= {name}.{gene['letter']} {count})"), uses, level, **words)
        self.genotypes[f"{name}.{gene['letter']}"] = Found(count, ref)
        return ref

    # What is passed on

    def chance(self, name: str, gene: Gene) -> Found:
        """The chance that a member passes on the recessive allele."""
        key = f"{name}.{gene['letter']}"
        if key not in self.chances:
            unsure = self.family.known[gene["letter"]][name]["way"] in UNSURE
            self.chances[key] = self._half_of_carriers(name, gene) if unsure else self._gamete(name, gene)
        return self.chances[key]

    def _gamete(self, name: str, gene: Gene) -> Found:
        key, r, (count, ref) = f"{name}.{gene['letter']}", gene["letter"], self._genotype(name, gene)
        genotype, single = self._shown(name, gene, count), self.family.single(name, gene)
        right, uses = count if single else count / 2, [ref, self.family.law(f"pass {key}")]
        fact, claim = f"{name} is {genotype} and so {passes(r, right)}", entailment(f"(= {key}.pass {numeral(right)})")

        def again() -> Recheck:
            return Recheck(f"the chance that {name} passes {r} on", fact, claim, tuple(uses))

        # What a terse telling leaves out nobody can doubt.
        chance = self.teller.site(
            "alleles_mixed_up",
            right,
            [] if single else [Fraction(0), Fraction(1)] if count == 1 else [Fraction(1, 2)],
            lambda value: f"{fact}, not with chance {value}.",
            again if self.teller.tells("normal") else None,
        )
        slots = {"name": name, "genotype": genotype, "passes": passes(r, chance), **self.words(gene)}
        stated, said = entailment(f"(= {key}.pass {numeral(chance)})"), "gamete_to_daughter" if single else "gamete"
        return Found(chance, self.teller.say(said, stated, uses, "normal", **slots))

    def _half_of_carriers(self, name: str, gene: Gene) -> Found:
        key, carrier = f"{name}.{gene['letter']}", self._carrier(name, gene)
        text, term = f"half of {carrier.value}", f"(* (/ 1 2) {numeral(carrier.value)})"
        of = f"the chance that {name} passes {gene['letter']} on"
        chance = self.number("carrier_always_passes", carrier.value / 2, [carrier.value], text, term, of)
        claim, uses = entailment(f"(= {key}.pass {numeral(chance)})"), [carrier.ref, self.family.law(f"pass {key}")]
        slots: dict[str, Any] = {"name": name, "k": carrier.value, "value": chance, **self.words(gene)}
        return Found(chance, self.teller.say("half", claim, uses, **slots))

    def _carrier(self, name: str, gene: Gene) -> Found:
        """The chance that a member of the dominant form is heterozygous, of parents with known chances."""
        key, r, parents = f"{name}.{gene['letter']}", gene["letter"], self.family.members[name]["parents"]
        (p, first), (q, second) = [self.chance(parent, gene) for parent in parents]
        uses = [first, second, self.family.law(f"carrier {key}", f"form {key}")]
        slots: dict[str, Any] = {"name": name, **self.words(gene)}
        if p * q == 0:
            giver, other = parents if q == 0 else parents[::-1]
            return self._heir(key, max(p, q), giver, other, uses, slots)
        hets, shows, terms = p + q - 2 * p * q, 1 - p * q, [f"{parent}.{r}.pass" for parent in parents]
        slots |= {"father": parents[0], "mother": parents[1], "hets": hets, "shows": shows}
        litter = f"(= {mixed(*terms)} {numeral(hets)}) (= (* {' '.join(terms)}) {numeral(p * q)})"
        claim = entailment(f"(and {litter})")
        uses[:2] = [self.teller.say("litter", claim, uses[:2], "normal", both=p * q, **slots)]
        text, term = f"{hets} out of {shows}", f"(/ {numeral(hets)} {numeral(shows)})"
        of = f"the chance that {name} is {r.upper()}/{r}"
        chance = self.number("form_ignored", hets / shows, [hets], text, term, of)
        claim = entailment(f"(and {litter} (= {key}.carrier {numeral(chance)}))")
        return Found(chance, self.teller.say("carrier", claim, uses, value=chance, **slots))

    def _heir(
        self, key: str, chance: Fraction, giver: str, other: str, uses: Sequence[Ref], slots: dict[str, Any]
    ) -> Found:
        """The same where only one parent can have passed the recessive allele on."""
        never = f"(= {other}.{slots['r']}.pass 0)"
        claim = entailment(f"(and {never} (= {key}.carrier {numeral(chance)}))")
        return Found(chance, self.teller.say("heir", claim, uses, value=chance, giver=giver, other=other, **slots))

    # Places for mistakes

    def _kind(
        self, mistake: str, name: str, gene: Gene, counts: tuple[Fraction, Fraction], fact: str, uses: Sequence[Any]
    ) -> Fraction:
        """The number of recessive alleles of a member of the cross: the right one, or the second of `counts`."""
        right, wrong = counts
        genotype = self._shown(name, gene, right)
        claim = entailment(f"(= {name}.{gene['letter']} {right})")
        return self.teller.site(
            mistake,
            right,
            [wrong] if name in self.family.cross else [],
            lambda value: (
                f"{fact[:1].upper()}{fact[1:]}, so {name} is {genotype}, not {self._shown(name, gene, value)}."
            ),
            lambda: Recheck(f"the genotype of {name}", f"{fact}, so {name} is {genotype}", claim, tuple(uses)),
            lambda value: self._shown(name, gene, value),
        )

    def number(
        self, mistake: str, right: Fraction, wrong: Sequence[Fraction], text: str, term: str, of: str
    ) -> Fraction:
        """A fraction that comes out of the calculation `text`, `term` in SMT-LIB."""
        return self.teller.site(
            mistake,
            right,
            [value for value in wrong if 0 <= value <= 1],
            lambda value: f"{text[:1].upper()}{text[1:]} is {right}, not {value}.",
            lambda: Recheck(of, f"{text} is {right}", entailment(f"(= {term} {numeral(right)})")),
        )


def passes(allele: str, chance: Fraction) -> str:
    """How often an allele is passed on: a number also where it is always or never, for so it goes into products."""
    return f"passes {allele} on with chance {chance}"
