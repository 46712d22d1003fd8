"""How a person works out a cross: from forms to genotypes, from these to what is passed on, from that to fractions.

Every step claims what follows from the laws and facts of the prompt and from earlier steps. Places where a mistake
could be made are marked as sites. Not covered here: the text of the problem (`task.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from tracemill.records import Claim
from tracemill.tasks.crosses.family import UNSURE, Family, Gene, mixed, numeral
from tracemill.tasks.kit.teller import Recheck, Ref, Teller, entailment
from tracemill.tasks.task import Detail


class Found(NamedTuple):
    """A number of alleles, a chance or a fraction, and the step that states it."""

    value: Fraction
    ref: Ref


class Working:
    """One solution while it is told. `chances`: of members to pass on the recessive allele, by `Fern.b`."""

    def __init__(self, family: Family, theme: Mapping[str, Any], teller: Teller) -> None:
        self.family, self.theme, self.teller = family, theme, teller
        self.genotypes: dict[str, Found] = {}
        self.chances: dict[str, Found] = {}
        self.spreads: list[Recheck] = []

    def solve(self) -> Fraction:
        shares = [self._share(gene) for gene in self.family.genes]
        answer = shares[0].value if len(shares) == 1 else self._product(shares)
        self.teller.check(self.spreads)
        return answer

    # Words

    def _words(self, gene: Gene) -> dict[str, Any]:
        r, trait = gene["letter"], self.theme["traits"][gene["letter"].upper()]
        shape = f"is {r.upper()}/{r}" if gene["asked"] == "mixed" else f"has {trait[gene['asked']]}"
        if gene["mode"] == "incomplete":
            shape = f"has {trait[gene['asked']]}"
        one = self.theme[self.family.young][0]
        het, litters = f"{r.upper()}/{r}", self.theme["young"][1]
        return {**trait, "D": r.upper(), "r": r, "het": het, "shape": shape, "one": one, "litters": litters}

    def _shown(self, name: str, gene: Gene, count: Fraction) -> str:
        """A genotype as it is written: `B/b`, of a male and the X chromosome `b/Y`."""
        r = gene["letter"]
        if self.family.single(name, gene):
            return f"{r if count else r.upper()}/Y"
        return f"{r if count == 2 else r.upper()}/{r if count else r.upper()}"

    def _parents(self, gene: Gene, p: Found, q: Found) -> dict[str, Any]:
        """The words of a gene, and what each parent passes on."""
        (father, mother), r = self.family.cross, gene["letter"]
        given = {"p": passes(r, p.value), "q": passes(r, q.value)}
        return {"father": father, "mother": mother, **given, **self._words(gene)}

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
        count, words = Fraction(self.family.count(name, gene)), self._words(gene)
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
        slots = {**self._words(gene), **words, "name": name}
        uses = [self.teller.say("at_least_one", entailment(f"(>= {name}.{r} 1)"), uses, "thorough", **slots)]
        uses.append(self.family.law(f"form {name}.{r}"))
        count = Fraction(1)
        if not self.teller.tells("thorough"):
            fact = f"{giver} passed {r} on to {taker}"
            count = self._kind("hidden_allele", name, gene, (count, Fraction(0)), fact, uses)
        form = self._words(gene)["dominant"]
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
            **self._words(gene),
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
        words = self._words(gene) | {"genotype": self._shown(name, gene, count), "name": name, "form": ""} | slots
        words["form"] = words["form"] or words["recessive"]
        key = "by_male" if self.family.single(name, gene) else key
        ref = self.teller.say(key, entailment(f"(= {name}.{gene['letter']} {count})"), uses, level, **words)
        self.genotypes[f"{name}.{gene['letter']}"] = Found(count, ref)
        return ref

    # What is passed on

    def _chance(self, name: str, gene: Gene) -> Found:
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
        slots = {"name": name, "genotype": genotype, "passes": passes(r, chance), **self._words(gene)}
        stated, said = entailment(f"(= {key}.pass {numeral(chance)})"), "gamete_to_daughter" if single else "gamete"
        return Found(chance, self.teller.say(said, stated, uses, "normal", **slots))

    def _half_of_carriers(self, name: str, gene: Gene) -> Found:
        key, carrier = f"{name}.{gene['letter']}", self._carrier(name, gene)
        text, term = f"half of {carrier.value}", f"(* (/ 1 2) {numeral(carrier.value)})"
        of = f"the chance that {name} passes {gene['letter']} on"
        chance = self._number("carrier_always_passes", carrier.value / 2, [carrier.value], text, term, of)
        claim, uses = entailment(f"(= {key}.pass {numeral(chance)})"), [carrier.ref, self.family.law(f"pass {key}")]
        slots: dict[str, Any] = {"name": name, "k": carrier.value, "value": chance, **self._words(gene)}
        return Found(chance, self.teller.say("half", claim, uses, **slots))

    def _carrier(self, name: str, gene: Gene) -> Found:
        """The chance that a member of the dominant form is heterozygous, of parents with known chances."""
        key, r, parents = f"{name}.{gene['letter']}", gene["letter"], self.family.members[name]["parents"]
        (p, first), (q, second) = [self._chance(parent, gene) for parent in parents]
        uses = [first, second, self.family.law(f"carrier {key}", f"form {key}")]
        slots: dict[str, Any] = {"name": name, **self._words(gene)}
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
        chance = self._number("form_ignored", hets / shows, [hets], text, term, of)
        claim = entailment(f"(and {litter} (= {key}.carrier {numeral(chance)}))")
        return Found(chance, self.teller.say("carrier", claim, uses, value=chance, **slots))

    def _heir(
        self, key: str, chance: Fraction, giver: str, other: str, uses: Sequence[Ref], slots: dict[str, Any]
    ) -> Found:
        """The same where only one parent can have passed the recessive allele on."""
        never = f"(= {other}.{slots['r']}.pass 0)"
        claim = entailment(f"(and {never} (= {key}.carrier {numeral(chance)}))")
        return Found(chance, self.teller.say("heir", claim, uses, value=chance, giver=giver, other=other, **slots))

    # The offspring

    def _share(self, gene: Gene) -> Found:
        """The fraction of the offspring that is as asked for one gene."""
        father, mother = self.family.cross
        from_mother_only = gene["mode"] == "x" and self.family.young == "sons"
        p = Found(Fraction(1), ()) if from_mother_only else self._chance(father, gene)
        q = self._chance(mother, gene)
        tell = {"mixed": self._heterozygous, "recessive": self._recessive, "dominant": self._dominant}[gene["asked"]]
        found = tell(gene, p, q)
        if p.ref:
            self._remember(gene, p.value, q.value, found.value)
        return found

    def _remember(self, gene: Gene, p: Fraction, q: Fraction, stated: Fraction) -> None:
        """That the three genotypes are all there are can be checked at the end; not by somebody who has said otherwise."""
        r, parts = gene["letter"], [(1 - p) * (1 - q), p + q - 2 * p * q, p * q]
        if stated == {"dominant": 1 - parts[2], "mixed": parts[1], "recessive": parts[2]}[gene["asked"]]:
            of = f"the chances of {r.upper()}/{r.upper()}, {r.upper()}/{r} and {r}/{r}"
            claim = entailment(f"(= (+ {' '.join(map(numeral, parts))}) 1)")
            self.spreads.append(Recheck(of, f"{' + '.join(map(str, parts))} is 1", claim))

    def _stated(self, formula: str, gene: Gene, p: Found, q: Found) -> Claim:
        """A number together with what both parents pass on, as its step says it too."""
        if not p.ref:
            return entailment(formula)
        names = [f"{name}.{gene['letter']}.pass" for name in self.family.cross]
        given = [f"(= {name} {numeral(each.value)})" for name, each in zip(names, (p, q), strict=True)]
        return entailment(f"(and {' '.join(given)} {formula})")

    def _recessive(self, gene: Gene, p: Found, q: Found) -> Found:
        """The fraction without a dominant allele; a son has only the one from his mother."""
        r, asked = gene["letter"], gene["asked"] == "recessive"
        value = self._without(gene, p, q)
        claim = self._stated(f"(= {r}.{'asked' if asked else 'both'} {numeral(value)})", gene, p, q)
        uses = [p.ref, q.ref, self.family.law(f"both {r}", *([f"asked {r}"] if asked else []))]
        key, slots = "both" if p.ref else "son", self._parents(gene, p, q)
        return Found(value, self.teller.say(key, claim, uses, value=value, form=slots["recessive"], **slots))

    def _dominant(self, gene: Gene, p: Found, q: Found) -> Found:
        """The fraction with a dominant allele: all the rest. A terse telling says it at once."""
        r, slots, pure = gene["letter"], self._parents(gene, p, q), [(1 - p.value) * (1 - q.value)] if p.ref else []
        of = f"the chance of {slots['dominant']}"
        if not self.teller.tells("normal"):
            value, text, term = self._without(gene, p, q, rest=True), f"1 - {p.value} × {q.value}", _rest(p, q)
            value = self._number("carriers_not_counted", value, pure, text, term, of)
            claim = self._stated(f"(= {r}.asked {numeral(value)})", gene, p, q)
            uses = [p.ref, q.ref, self.family.law(f"both {r}", f"asked {r}")]
            key = "rest_at_once" if p.ref else "son"
            return Found(value, self.teller.say(key, claim, uses, value=value, form=slots["dominant"], **slots))
        both, ref = self._recessive(gene, p, q)
        text, term = f"1 - {both}", f"(- 1 {numeral(both)})"
        value = self._number("carriers_not_counted", 1 - both, pure, text, term, of)
        value = self._number("fraction_slip", value, [both, *near(value)], text, term, of)
        claim = entailment(f"(and (= (+ {r}.both {r}.asked) 1) (= {r}.asked {numeral(value)}))")
        return Found(value, self.teller.say("rest", claim, [ref, self.family.law(f"asked {r}")], value=value, **slots))

    def _without(self, gene: Gene, p: Found, q: Found, rest: bool = False) -> Fraction:
        """The chance of no dominant allele, or of the `rest`, with the places for mistakes in it."""
        form = self._words(gene)["dominant" if rest else "recessive"]
        if p.ref:
            return self._multiplied([p.value, q.value], f"the chance of {form}", rest)
        father, mother = self.family.cross
        fathers = Fraction(self.family.members[father]["forms"][gene["letter"]] == "recessive")
        right, *wrong = [1 - v if rest else v for v in (q.value, fathers, (fathers + q.value) / 2)]
        why = f"A son gets his only allele from {mother}, and none from {father}."
        return self.teller.site("from_father_to_son", right, wrong, why, lambda: self._again(gene, q, form, right))

    def _again(self, gene: Gene, q: Found, form: str, right: Fraction) -> Recheck:
        """What a son can have from his mother."""
        r, mother = gene["letter"], self.family.cross[1]
        fact = f"what counts is {mother} alone, and {mother} {passes(r, q.value)}, so the chance is {right}"
        stated = f"(= {r}.both {numeral(q.value)})" if right == q.value else f"(= (- 1 {r}.both) {numeral(right)})"
        return Recheck(f"the chance of {form}", fact, entailment(stated), (q.ref, self.family.law(f"both {r}")))

    def _heterozygous(self, gene: Gene, p: Found, q: Found) -> Found:
        r, uses, words = gene["letter"], [p.ref, q.ref], self._parents(gene, p, q)
        parts = [p.value * (1 - q.value), (1 - p.value) * q.value]
        if self.teller.tells("thorough"):
            uses += self._ways(gene, parts, uses, words)
        form = words["mixed"] if gene["mode"] == "incomplete" else words["het"]
        of, given = f"the chance of {form}", ((p.value, 1 - q.value), (1 - p.value, q.value))
        text = " + ".join(f"{one} × {other}" for one, other in given)
        term = f"(+ {' '.join(f'(* {numeral(one)} {numeral(other)})' for one, other in given)})"
        both_ways = all(parts)
        value = self._number("one_way_only", sum(parts, Fraction(0)), parts if both_ways else [], text, term, of)
        value = self._number("fraction_slip", value, near(value) if both_ways else [], text, term, of)
        claim, uses = (
            self._stated(f"(= {r}.asked {numeral(value)})", gene, p, q),
            [*uses, self.family.law(f"asked {r}")],
        )
        return Found(value, self.teller.say("heterozygous", claim, uses, value=value, **words))

    def _ways(self, gene: Gene, parts: Sequence[Fraction], uses: Sequence[Ref], words: dict[str, Any]) -> list[Ref]:
        """In which two ways one allele of each sort comes about."""
        told, (father, mother) = [], self.family.cross
        for part, giver, other in zip(parts, (father, mother), (mother, father), strict=True):
            given = [f"{name}.{gene['letter']}.pass" for name in (giver, other)]
            claim = entailment(f"(= (* {given[0]} (- 1 {given[1]})) {numeral(part)})")
            told.append(self.teller.say("way", claim, uses, "terse", giver=giver, other=other, value=part, **words))
        return told

    def _product(self, shares: Sequence[Found]) -> Fraction:
        """What all genes together come to; of three, the first two are put together before in a thorough telling."""
        names = [f"{gene['letter']}.asked" for gene in self.family.genes]
        one = self.theme[self.family.young][0]
        while len(shares) > 1:
            several = 2 if self.teller.tells("thorough") else len(shares)
            values = [share.value for share in shares[:several]]
            value = self._multiplied(values, "the product")
            last = several == len(shares)
            known = "asked" if last else f"(* {' '.join(names[:several])})"
            uses = [*(share.ref for share in shares[:several]), *([self.family.law("asked")] if last else [])]
            slots = {"chances": joined(values), "value": value, "one": one, "count": len(shares)}
            claim = entailment(f"(= {known} {numeral(value)})")
            ref = self.teller.say("product" if last else "first_product", claim, uses, "terse", **slots)
            shares = [Found(value, ref), *shares[several:]]
        return shares[0].value

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

    def _multiplied(self, factors: Sequence[Fraction], of: str, rest: bool = False) -> Fraction:
        """The product of chances; or the `rest` of 1."""
        text, term = " × ".join(map(str, factors)), f"(* {' '.join(map(numeral, factors))})"
        right, added = prod(factors, start=Fraction(1)), sum(factors, Fraction(0))
        if rest:
            right, added, text, term = 1 - right, 1 - added, f"1 - {text}", f"(- 1 {term})"
        value = self._number("added_for_multiplied", right, [added], text, term, of)
        trivial = {0, 1} & set(factors)
        return self._number("fraction_slip", value, [] if trivial else near(right), text, term, of)

    def _number(
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


def _rest(p: Found, q: Found) -> str:
    return f"(- 1 (* {numeral(p.value)} {numeral(q.value)}))"


def near(value: Fraction) -> list[Fraction]:
    """Fractions that come of a slip: a numerator or a denominator that is off."""
    top, bottom = value.numerator, value.denominator
    return [
        v
        for v in (Fraction(top + 1, bottom), Fraction(max(top - 1, 1), bottom), Fraction(top, 2 * bottom))
        if 0 < v < 1
    ]


def passes(allele: str, chance: Fraction) -> str:
    """How often an allele is passed on: a number also where it is always or never, for so it goes into products."""
    return f"passes {allele} on with chance {chance}"


def joined(parts: Sequence[object]) -> str:
    """`1/2, 1/3 and 1/4`"""
    texts = [str(part) for part in parts]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
