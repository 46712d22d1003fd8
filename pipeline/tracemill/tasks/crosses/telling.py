"""How a person works out a cross: what the parents pass on, for each gene the fraction of the offspring, their product.

Not covered here: how the parents' genotypes are found (`parents.py`), and the text of the problem (`task.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Any

from tracemill.records import Claim
from tracemill.tasks.crosses.family import Family, Gene, numeral
from tracemill.tasks.crosses.parents import Found, Parents, passes
from tracemill.tasks.kit.teller import Recheck, Ref, Teller, entailment


class Working:
    """One solution while it is told. `theme`: its words."""

    def __init__(self, family: Family, theme: Mapping[str, Any], teller: Teller) -> None:
        self.family, self.theme, self.teller = family, theme, teller
        self.parents = Parents(family, theme, teller)
        self.spreads: list[Recheck] = []

    def solve(self) -> Fraction:
        shares = [self._share(gene) for gene in self.family.genes]
        answer = shares[0].value if len(shares) == 1 else self._product(shares)
        self.teller.check(self.spreads)
        return answer

    def _share(self, gene: Gene) -> Found:
        """The fraction of the offspring that is as asked for one gene."""
        father, mother = self.family.cross
        from_mother_only = gene["mode"] == "x" and self.family.young == "sons"
        p = Found(Fraction(1), ()) if from_mother_only else self.parents.chance(father, gene)
        q = self.parents.chance(mother, gene)
        tell = {"mixed": self._heterozygous, "recessive": self._recessive, "dominant": self._dominant}[gene["asked"]]
        found = tell(gene, p, q)
        if p.ref:
            self._remember(gene, p.value, q.value, found.value)
        return found

    def _remember(self, gene: Gene, p: Fraction, q: Fraction, stated: Fraction) -> None:
        """That the three genotypes are all there are can be checked at the end, if nothing else was said."""
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
        """The fraction without a dominant allele; a male has only the one from its mother."""
        r, asked = gene["letter"], gene["asked"] == "recessive"
        value = self._without(gene, p, q)
        claim = self._stated(f"(= {r}.{'asked' if asked else 'both'} {numeral(value)})", gene, p, q)
        uses = [p.ref, q.ref, self.family.law(f"both {r}", *([f"asked {r}"] if asked else []))]
        key, slots = "both" if p.ref else "son", self._words(gene, p, q)
        return Found(value, self.teller.say(key, claim, uses, value=value, form=slots["recessive"], **slots))

    def _dominant(self, gene: Gene, p: Found, q: Found) -> Found:
        """The fraction with a dominant allele: all the rest. A terse telling says it at once."""
        r, slots, pure = gene["letter"], self._words(gene, p, q), [(1 - p.value) * (1 - q.value)] if p.ref else []
        of = f"the chance of {slots['dominant']}"
        if not self.teller.tells("normal"):
            value, text, term = self._without(gene, p, q, rest=True), f"1 - {p.value} × {q.value}", _rest(p, q)
            value = self.parents.number("carriers_not_counted", value, pure, text, term, of)
            claim = self._stated(f"(= {r}.asked {numeral(value)})", gene, p, q)
            uses = [p.ref, q.ref, self.family.law(f"both {r}", f"asked {r}")]
            key = "rest_at_once" if p.ref else "son"
            return Found(value, self.teller.say(key, claim, uses, value=value, form=slots["dominant"], **slots))
        both, ref = self._recessive(gene, p, q)
        text, term = f"1 - {both}", f"(- 1 {numeral(both)})"
        value = self.parents.number("carriers_not_counted", 1 - both, pure, text, term, of)
        value = self.parents.number("fraction_slip", value, [both, *near(value)], text, term, of)
        claim = entailment(f"(and (= (+ {r}.both {r}.asked) 1) (= {r}.asked {numeral(value)}))")
        return Found(value, self.teller.say("rest", claim, [ref, self.family.law(f"asked {r}")], value=value, **slots))

    def _without(self, gene: Gene, p: Found, q: Found, rest: bool = False) -> Fraction:
        """The chance of no dominant allele, or of the `rest`, with the places for mistakes in it."""
        form = self.parents.words(gene)["dominant" if rest else "recessive"]
        if p.ref:
            return self._multiplied([p.value, q.value], f"the chance of {form}", rest)
        father, mother = self.family.cross
        fathers = Fraction(self.family.members[father]["forms"][gene["letter"]] == "recessive")
        right, *wrong = [1 - v if rest else v for v in (q.value, fathers, (fathers + q.value) / 2)]
        why = f"A male gets its only allele from {mother}, and none from {father}."
        return self.teller.site("from_father_to_son", right, wrong, why, lambda: self._again(gene, q, form, right))

    def _again(self, gene: Gene, q: Found, form: str, right: Fraction) -> Recheck:
        """What a male can have from its mother."""
        r, mother = gene["letter"], self.family.cross[1]
        fact = f"what counts is {mother} alone, and {mother} {passes(r, q.value)}, so the chance is {right}"
        stated = f"(= {r}.both {numeral(q.value)})" if right == q.value else f"(= (- 1 {r}.both) {numeral(right)})"
        claim = entailment(f"(and (= {mother}.{r}.pass {numeral(q.value)}) {stated})")
        return Recheck(f"the chance of {form}", fact, claim, (q.ref, self.family.law(f"both {r}")))

    def _heterozygous(self, gene: Gene, p: Found, q: Found) -> Found:
        r, uses, words = gene["letter"], [p.ref, q.ref], self._words(gene, p, q)
        parts = [p.value * (1 - q.value), (1 - p.value) * q.value]
        if self.teller.tells("thorough"):
            uses += self._ways(gene, parts, uses, words)
        form = words["mixed"] if gene["mode"] == "incomplete" else words["het"]
        of, given = f"the chance of {form}", ((p.value, 1 - q.value), (1 - p.value, q.value))
        text = " + ".join(f"{one} × {other}" for one, other in given)
        term = f"(+ {' '.join(f'(* {numeral(one)} {numeral(other)})' for one, other in given)})"
        both_ways = all(parts)
        value = self.parents.number("one_way_only", sum(parts, Fraction(0)), parts if both_ways else [], text, term, of)
        value = self.parents.number("fraction_slip", value, near(value) if both_ways else [], text, term, of)
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

    def _words(self, gene: Gene, p: Found, q: Found) -> dict[str, Any]:
        """The words of a gene, and what each parent passes on."""
        (father, mother), r = self.family.cross, gene["letter"]
        given = {"p": passes(r, p.value), "q": passes(r, q.value)}
        return {"father": father, "mother": mother, **given, **self.parents.words(gene)}

    def _multiplied(self, factors: Sequence[Fraction], of: str, rest: bool = False) -> Fraction:
        """The product of chances; or the `rest` of 1."""
        text, term = " × ".join(map(str, factors)), f"(* {' '.join(map(numeral, factors))})"
        right, added = prod(factors, start=Fraction(1)), sum(factors, Fraction(0))
        if rest:
            right, added, text, term = 1 - right, 1 - added, f"1 - {text}", f"(- 1 {term})"
        value = self.parents.number("added_for_multiplied", right, [added], text, term, of)
        trivial = {0, 1} & set(factors)
        return self.parents.number("fraction_slip", value, [] if trivial else near(right), text, term, of)


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


def joined(parts: Sequence[object]) -> str:
    """`1/2, 1/3 and 1/4`"""
    texts = [str(part) for part in parts]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
