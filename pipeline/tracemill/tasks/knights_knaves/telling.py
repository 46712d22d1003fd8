"""How a person solves a puzzle of truth-tellers and liars: from statement to statement, and by trying cases.

Facts and cases are told in the same way: what is found in a case is claimed under its assumption. A case is sometimes
tried that turns out to be the right one; then the opposite one must fail before anything of it is a fact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from tracemill.records import Claim, premise
from tracemill.tasks.kit.teller import DeadEnd, Recheck, Ref, Teller, entailment
from tracemill.tasks.knights_knaves import inference
from tracemill.tasks.knights_knaves.inference import READINGS, InferenceRule, Kinds, Move
from tracemill.tasks.knights_knaves.statements import Literal, all_formula, formula, literal_formula, mentioned
from tracemill.tasks.knights_knaves.story import Wording

MISTAKES = ("speaker_mixed_up", *READINGS)
_DOUBTFUL = ("misread", "speaker_mixed_up")
"""Of these, right tellings say what is done wrong."""
_TRUE_CASE_FIRST = 0.6
_NAMED = 0.4
"""The share of conclusions that name the speaker from whose words they come."""
_UNFOUNDED = 0.6
"""The share of terse conclusions that leave it to the reader what they rest on."""
_LONGEST_CASE = 5
"""So many things at most are concluded in a case that leads to no contradiction."""
_TRUTH = {True: "true", False: "false"}


@dataclass(slots=True)
class Setting:
    """What is known: in fact, or where the people in `given` are supposed to be something. `refs`: the steps that say
    so, none for what is supposed."""

    kinds: Kinds
    given: tuple[Literal, ...] = ()
    refs: dict[int, Ref] = field(default_factory=dict)

    def supposing(self, literal: Literal) -> Setting:
        kinds = Kinds(self.kinds.people, self.kinds.known | {literal[0]: literal[1]})
        return Setting(kinds, (*self.given, literal), self.refs | {literal[0]: ()})

    def add(self, literals: Sequence[Literal], ref: Ref) -> None:
        self.kinds.add(literals)
        self.refs |= {person: ref for person, _ in literals}


class Reasoning:
    """One solution while it is told. `truth` is the bit of the right assignment; only mistakes look at it."""

    def __init__(self, rules: Sequence[InferenceRule], truth: int, wording: Wording, teller: Teller) -> None:
        self.teller, self.rng, self.truth = teller, teller.rng, truth
        self.names, self.noun = wording.names, wording.theme["noun"]
        self._words, self._recalled = wording.kinds, wording.recalled
        self.rules = self.rng.sample(list(rules), len(rules))
        self.facts = Setting(Kinds(len(self.names), {}))

    def solve(self) -> None:
        while len(self.facts.kinds.known) < len(self.names):
            # A contradiction with what was said goes unnoticed; there is none before a mistake.
            rules = [rule for rule in self.rules if self.facts.kinds.mask & rule.allowed]
            moves = (inference.move(rule, self.facts.kinds) for rule in rules)
            right = next((move for move in moves if move is not None), None)
            struck = self._struck(self.facts, rules, right)
            if struck is not None or right is not None:
                self._take(self.facts, struck or right)  # type: ignore[arg-type]
            else:
                self._try_cases(rules)

    def check(self) -> None:
        """Compare what was found with what somebody says."""
        self.teller.check([self._checked(rule) for rule in sorted(self.rules, key=lambda rule: rule.number)])

    # Cases

    def _try_cases(self, rules: Sequence[InferenceRule]) -> None:
        """Try both cases of somebody, one of which fails; or that one alone, which is enough."""
        known = self.facts.kinds.known
        unknown = [(p, kind) for p in range(len(self.names)) if p not in known for kind in (True, False)]
        self.rng.shuffle(unknown)
        chains = ((given, inference.refutation(self.facts.kinds, rules, given)) for given in unknown)
        failing = list(islice(((len(chain), given) for given, chain in chains if chain is not None), 2))
        if not failing:
            raise DeadEnd
        person, kind = min(failing, key=lambda found: found[0])[1]
        if self.rng.random() >= _TRUE_CASE_FIRST or not self._promising((person, not kind), rules):
            self._reject((person, kind), rules, None)

    def _promising(self, given: Literal, rules: Sequence[InferenceRule]) -> bool:
        """Try a case that seems not to fail, then the opposite one. False if nothing follows in it."""
        case, opposite = self.facts.supposing(given), (given[0], not given[1])
        plan = self._plan(case, rules)
        if not plan or not plan[-1].literals:
            return False
        self._suppose(case)
        clash = self._follow(case, rules, droppable=False)
        if clash is not None:
            self._settle([opposite], [clash])
        else:
            self.teller.lead("other_case")
            self._reject(opposite, rules, case)
        return True

    def _reject(self, given: Literal, rules: Sequence[InferenceRule], other: Setting | None) -> None:
        """Lead a case to its contradiction, so that the `other` case, with all that was found in it, is a fact."""
        case = self.facts.supposing(given)
        self._suppose(case)
        clash = self._follow(case, rules, droppable=other is None)
        if clash is None:
            # Only with a mistake: nothing was met that speaks against this case, so it is taken to be the right one.
            found = self._found(case)
            self._settle([given, *found], [case.refs[person] for person, _ in found])
        else:
            found = self._found(other)
            refs = [other.refs[person] for person, _ in found] if other is not None else []
            self._settle([(given[0], not given[1]), *found], [clash, *refs])

    def _found(self, case: Setting | None) -> list[Literal]:
        """What was concluded in a case."""
        if case is None:
            return []
        return [(p, kind) for p, kind in case.kinds.known.items() if case.refs[p] and p not in self.facts.kinds.known]

    def _settle(self, literals: Sequence[Literal], refs: Sequence[Ref]) -> None:
        """Take what a case showed for a fact: in a thorough telling, who it was about, then what was found in it."""
        if self.teller.tells("thorough") and literals[1:]:
            self._settle(literals[:1], refs)
            literals, refs = literals[1:], [self.facts.refs[literals[0][0]], *refs]
        claim = entailment(all_formula(literals, self.names))
        self.facts.add(literals, self.teller.say("so", claim, refs, conclusion=self._words(literals)))

    def _suppose(self, case: Setting) -> None:
        if self.teller.tells("thorough"):
            claim = self._claim(case, all_formula(case.given, self.names))
            self.teller.say("suppose", claim, (), given=self._words(case.given))
        else:
            self.teller.lead("suppose", given=self._words(case.given))

    def _follow(self, case: Setting, rules: Sequence[InferenceRule], droppable: bool) -> Ref | None:
        """Tell what follows in a case; the step that states a contradiction, or None where it meets none."""
        plan, told = self._plan(case, rules), 0
        while plan:
            struck = self._struck(case, rules, plan[0])
            clash = struck is None and not plan[0].literals
            if clash and droppable and told and self._dropped(case, plan[0]):
                return None
            move = struck or plan.pop(0)
            ref = self._take(case, move, told > 0)
            if not move.literals:
                return ref
            told += 1
            if struck is not None:
                plan = self._plan(case, rules)
        return None

    def _plan(self, case: Setting, rules: Sequence[InferenceRule]) -> list[Move]:
        """The shortest way to a contradiction; where there is none, the first of what follows."""
        touched = case.kinds.known.keys() - self.facts.kinds.known.keys()
        chain = list(inference.moves(Kinds(case.kinds.people, case.kinds.known), rules, touched))
        return inference.needed(chain) if chain and not chain[-1].literals else chain[:_LONGEST_CASE]

    # Moves

    def _take(self, setting: Setting, move: Move, then: bool = False) -> Ref:
        """Tell a move, and know what it concludes. `then`: it goes on from others under an assumption."""
        if not move.literals:
            return self._clash(setting, move)
        if move.value is None:
            ref = self._whatever_the_speaker_is(setting, move)
        elif self.teller.tells("normal") and not self._direct(move):
            ref = self._by_value(setting, move, then)
        else:
            text = self._phrase("direct" if self.teller.tells("normal") else "brief", setting, move, then)
            ref = self._said(setting, move, text, all_formula(move.literals, self.names))
        setting.add(move.literals, ref)
        return ref

    def _phrase(self, key: str, setting: Setting, move: Move, then: bool) -> str:
        """A move in words; directly after an assumption that is all it rests on, that is not said again."""
        slots = self._slots(move)
        at_once = setting.given and not then and all(setting.refs[person] == () for person, _ in move.reasons)
        if at_once or (key == "brief" and self.rng.random() < _UNFOUNDED):
            return self.teller.voice(f"{key}_at_once", **slots)
        prefix = self.teller.voice("then") if then else ""
        text = self.teller.voice(key, **slots)
        # What somebody says does not hang on an assumption.
        return text if any(text.startswith(f"{name} says") for name in self.names) else prefix + text

    def _by_value(self, setting: Setting, move: Move, then: bool) -> Ref:
        """Whether the statement is true, and then what follows."""
        text = self._phrase("valued", setting, move, then)
        about = move.about if move.speaker is not None else ()
        uses = [self._value_step(setting, move, text), *(setting.refs[person] for person, _ in about)]
        if move.speaker is None:
            uses.append((premise(move.rule.number),))
        claim = self._claim(setting, all_formula(move.literals, self.names))
        name = self.names[move.rule.speaker]
        key = "so_said" if self.rng.random() < _NAMED else "so"
        return self.teller.say(key, claim, uses, name=name, conclusion=self._words(move.literals))

    def _value_step(self, setting: Setting, move: Move, text: str) -> Ref:
        """Whether the statement of a move is true: by what its speaker is, else by what the others are. Then it is
        claimed too that the speaker says so, as the sentence does: who misreads a statement is wrong here already.
        """
        uses: list[Ref] = [setting.refs[person] for person, _ in move.reasons]
        uses.append((premise(move.rule.number),))
        value = self._value(move.rule, move.value)
        if move.speaker is None:
            value = f"(and {self._said_by(move.rule)} {value})"
        return self.teller.say("sentence", self._claim(setting, value), uses, text=text)

    def _whatever_the_speaker_is(self, setting: Setting, move: Move) -> Ref:
        """What others are, whatever the speaker is: told case by case."""
        speaker, conclusion = move.rule.speaker, self._words(move.literals)
        formula = all_formula(move.literals, self.names)
        name, said = self.names[speaker], self._recalled(move.rule)
        words = {kind: self._words([(speaker, kind)]) for kind in (True, False)}
        if not self.teller.tells("normal"):
            since = f"as {self._words(move.others)}, " if move.others else ""
            slots = {"name": name, "recalled": said, "yes": words[True], "no": words[False], "since": since}
            return self._said(setting, move, self.teller.voice("either_brief", conclusion=conclusion, **slots), formula)
        refs = [self._if(kind, setting.supposing((speaker, kind)), move) for kind in (True, False)]
        return self.teller.say("either_way", self._claim(setting, formula), refs, name=name, conclusion=conclusion)

    def _if(self, kind: bool, case: Setting, move: Move) -> Ref:
        """What follows if the speaker is of a kind: in two steps in a thorough telling, else in one."""
        value, conclusion = self._value(move.rule, kind), all_formula(move.literals, self.names)
        given = self._words(case.given[-1:])
        text = self.teller.voice("if_kind", assumed=given, truth=_TRUTH[kind], recalled=self._recalled(move.rule))
        words = {"conclusion": self._words(move.literals)}
        if move.others:
            then = self.teller.voice("since", others=self._words(move.others), **words)
        else:
            then = self.teller.voice("so", **words)
        if not self.teller.tells("thorough"):
            return self._said(case, move, f"{text} {then}", f"(and {value} {conclusion})")
        said = self.teller.say("sentence", self._claim(case, value), [premise(move.rule.number)], text=text)
        uses = [said, *(case.refs[person] for person, _ in move.others)]
        return self.teller.say("sentence", self._claim(case, conclusion), uses, text=then)

    def _clash(self, setting: Setting, move: Move) -> Ref:
        """That a case contradicts what somebody says."""
        slots = self._slots(move)
        if move.speaker is None:
            nouns = {"liar": self.noun[0], "truthful": self.noun[1]}
            since = f"as {self._words(move.others)}, " if move.others else ""
            text = self.teller.voice("clash_open", since=since, **nouns, **slots)
        elif not move.about:
            text = self.teller.voice("clash_alone", **slots)
        elif move.rule.statement[0] == "is":
            text = self.teller.voice("clash_is", **slots)
        elif self.teller.tells("thorough"):
            # The words of this step do not say whose statement it is: with that, what is assumed contradicts itself.
            refs = [setting.refs[person] for person, _ in move.about]
            value = self._claim(setting, self._value(move.rule, move.value))
            told = self.teller.say("sentence", value, refs, text=self.teller.voice("weighed", **slots))
            uses = [told, (premise(move.rule.number),), setting.refs[move.rule.speaker]]
            text = self.teller.voice("clash_valued", **slots)
            return self.teller.say("sentence", self._claim(setting, "false"), uses, text=text)
        else:
            supposed = all(setting.refs[person] == () for person, _ in move.about)
            text = self.teller.voice("clash_at_once" if supposed else "clash", **slots)
        return self._said(setting, move, text, "false")

    def _said(self, setting: Setting, move: Move, text: str, formula: str) -> Ref:
        uses = [(premise(move.rule.number),), *(setting.refs[person] for person, _ in move.reasons)]
        return self.teller.say("sentence", self._claim(setting, formula), uses, text=text)

    def _direct(self, move: Move) -> bool:
        """Whether the conclusion says all that the statement, or its denial, says."""
        form, *said = move.rule.statement
        if form == "is":
            return True
        return form == "and" and move.value is True and sorted(move.literals) == sorted(map(tuple, said))

    # Mistakes

    def _struck(self, setting: Setting, rules: Sequence[InferenceRule], right: Move | None) -> Move | None:
        """A wrong move, where somebody makes one here. Only what the `right` move rests on can be doubted later."""
        of_right = right.rule if right is not None and right.literals else None
        for mistake in MISTAKES:
            doubtful = of_right if mistake in _DOUBTFUL else None
            sought = self.teller.looks_for(mistake)
            for rule in rules if sought or doubtful else ():
                options = self._wrong(mistake, setting, rule) if sought else []
                if not options and rule is not doubtful:
                    continue
                wrong = self.teller.site(
                    mistake,
                    None,
                    options,
                    partial(self._why, rule),
                    partial(self._again, mistake, setting, rule),
                    self._concluded,
                    doubtful=rule is doubtful,
                )
                if wrong is not None:
                    return wrong
        return None

    def _wrong(self, mistake: str, setting: Setting, rule: InferenceRule) -> list[Move | None]:
        """What the mistake makes of a statement here, where that is refuted by what is known."""
        if not inference.concerns(mistake, rule):
            return []
        if mistake == "speaker_mixed_up" and not setting.refs.get(rule.speaker, ()):
            return []  # Nobody forgets what is supposed.
        return inference.wrong_moves(mistake, rule, setting.kinds, self.truth, bool(setting.given))

    def _why(self, rule: InferenceRule, _: Move | None) -> str:
        return f"{self.names[rule.speaker]} says that {self._recalled(rule)}."

    def _dropped(self, case: Setting, clash: Move) -> bool:
        """Whether the last step of a case, its contradiction, is never taken."""
        given, name = self._words(case.given), self.names[clash.rule.speaker]
        uses = ((premise(clash.rule.number),), *(case.refs[person] for person, _ in clash.reasons))
        return self.teller.site(
            "case_dropped",
            False,
            [True],
            f"The words of {name} contradict it.",
            lambda: Recheck(
                self.teller.voice("of_case", given=given),
                self.teller.voice("fact_case", given=given, name=name),
                self._claim(case, "false"),
                uses,
            ),
            lambda _: self._words([*case.given, *self._found(case)]),
            doubtful=False,
        )

    def _again(self, mistake: str, setting: Setting, rule: InferenceRule) -> Recheck:
        """A statement looked at once more: what it says, or whether it is true."""
        name = self.names[rule.speaker]
        of = self.teller.voice("of_step", name=name)
        value, known = inference.value(rule, setting.kinds), setting.kinds.known.get(rule.speaker)
        if mistake == "misread" or (known is None and value is None):
            fact = self.teller.voice("fact_said", name=name, recalled=self._recalled(rule))
            return Recheck(of, fact, entailment(self._said_by(rule)), (premise(rule.number),))
        if known is not None:
            reasons, value = [(rule.speaker, known)], known
            uses: list[int | Ref] = [premise(rule.number)]
        else:
            reasons, uses = [(p, setting.kinds.known[p]) for p in rule.scope if p in setting.kinds.known], []
        uses += [setting.refs[person] for person, _ in reasons]
        slots = {"because": self._words(reasons), "truth": _TRUTH[bool(value)], "recalled": self._recalled(rule)}
        supposed = all(setting.refs[person] == () for person, _ in reasons)
        fact = self.teller.voice("fact_supposed" if supposed else "fact_valued", **slots)
        if setting.given:
            fact = self.teller.voice("under", given=self._words(setting.given), fact=fact)
        return Recheck(of, fact, self._claim(setting, self._value(rule, value)), tuple(uses))

    def _checked(self, rule: InferenceRule) -> Recheck:
        """Whether a statement is true if everybody is what was found, and whether it should be."""
        known = self.facts.kinds.known
        value, about = inference.value(rule, self.facts.kinds), sorted(mentioned(rule.statement))
        literals = [(person, known[person]) for person in about]
        slots = {"because": self._words(literals), "truth": _TRUTH[bool(value)], "recalled": self._recalled(rule)}
        claim = entailment(self._value(rule, value), [literal_formula(self.names[p], kind) for p, kind in literals])
        instead = "" if value == known[rule.speaker] else _TRUTH[known[rule.speaker]]
        of = self.teller.voice("of_statement", name=self.names[rule.speaker])
        return Recheck(of, self.teller.voice("fact_checked", **slots), claim, instead=instead)

    # Words

    def _claim(self, setting: Setting, formula: str) -> Claim:
        return entailment(formula, [literal_formula(self.names[person], kind) for person, kind in setting.given])

    def _value(self, rule: InferenceRule, value: bool | None) -> str:
        said = formula(rule.statement, self.names)
        if value:
            return said
        return said[5:-1] if said.startswith("(not ") else f"(not {said})"

    def _said_by(self, rule: InferenceRule) -> str:
        """That somebody says so: what they are is what their statement is."""
        return f"(= {self.names[rule.speaker]} {formula(rule.statement, self.names)})"

    def _slots(self, move: Move) -> dict[str, str]:
        """The words for a move's statement and for what it rests on."""
        rule, speaker = move.rule, move.speaker
        because = move.reasons if move.literals else move.about
        return {
            "name": self.names[rule.speaker],
            "recalled": self._recalled(rule),
            "truth": _TRUTH[bool(move.value)],
            "because": self._words(because),
            "reasons": self._words(move.reasons),
            "conclusion": self._words(move.literals),
            "speaker": self._words([(rule.speaker, bool(speaker))]),
            "noun": self.noun[bool(speaker)],
        }

    def _concluded(self, move: Move | None) -> str:
        return self._words(move.literals) if move is not None and move.literals else "there is a contradiction"
