"""What follows from what somebody says, one statement at a time, and what people wrongly take to follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tracemill.tasks.knights_knaves.statements import Literal, Statement, mentioned, parts, table, universe

READINGS = ("misread", "condition_reversed", "or_exclusive", "denial_distributed", "number_narrowed")
"""The misconceptions in which a statement is taken to mean something else."""
_FORMS = {
    "condition_reversed": ("if",),
    "or_exclusive": ("or",),
    "denial_distributed": ("and",),
    "number_narrowed": ("exactly", "least", "most"),
}


@dataclass(frozen=True, slots=True, eq=False)
class InferenceRule:
    """What one statement allows, as somebody reads it: the assignments in which it is true, which a truthful speaker
    needs, and those in which it is false, which a liar needs. `scope`: the people it is about, and the speaker.
    `moves`: what `move` gave with it, by the `mask` of what was known; `readings`: by misconception, how else it is
    understood; `mistaken`: what a misconception makes of it, by the `mask` and whether that is supposed. The tellings
    of a puzzle come there often."""

    number: int
    speaker: int
    statement: Statement
    when_true: int
    when_false: int
    allowed: int
    scope: tuple[int, ...]
    moves: dict[int, Move | None] = field(default_factory=dict, repr=False)
    readings: dict[str, list[InferenceRule]] = field(default_factory=dict, repr=False)
    mistaken: dict[tuple[str, int, bool], list[Move | None]] = field(default_factory=dict, repr=False)


def rule(number: int, speaker: int, statement: Statement, people: int) -> InferenceRule:
    """The right reading of premise `number`."""
    true = table(statement, people)
    return _reading(number, speaker, statement, true, universe(people)[0] ^ true, people)


def _reading(number: int, speaker: int, statement: Statement, true: int, false: int, people: int) -> InferenceRule:
    liar, truthful = universe(people)[1][speaker]
    scope = tuple(sorted({speaker, *mentioned(statement)}))
    return InferenceRule(number, speaker, statement, true, false, (truthful & true) | (liar & false), scope)


class Kinds:
    """A partial assignment: what each of the `known` people is, and the assignments (`mask`) that agree with it."""

    def __init__(self, people: int, known: Mapping[int, bool]) -> None:
        self.people = people
        self.everything, self.sides = universe(people)
        self.known = dict(known)
        self.mask = self.within(self.known.items())

    def within(self, literals: Iterable[Literal]) -> int:
        """The assignments in which these hold."""
        mask = self.everything
        for person, kind in literals:
            mask &= self.sides[person][kind]
        return mask

    def add(self, literals: Iterable[Literal]) -> None:
        self.known |= dict(literals)
        self.mask = self.within(self.known.items())

    def forced(self, rule: InferenceRule) -> list[Literal] | None:
        """The new literals that a rule forces; None if it conflicts with what is known."""
        left = self.mask & rule.allowed
        if not left:
            return None
        found = []
        for person in rule.scope:
            if person not in self.known:
                liar, truthful = self.sides[person]
                if not left & liar:
                    found.append((person, True))
                elif not left & truthful:
                    found.append((person, False))
        return found


@dataclass(frozen=True, slots=True)
class Move:
    """Because of what the speaker of `rule` is (None: that is open or is what follows) and of what the `others` are,
    `literals` hold. `value`: whether the statement is true; None if that is open. Without literals it is a conflict."""

    rule: InferenceRule
    speaker: bool | None
    others: tuple[Literal, ...]
    value: bool | None
    literals: tuple[Literal, ...]

    @property
    def about(self) -> tuple[Literal, ...]:
        """What shows, without the premise, whether the statement is true: what those are whom it is about."""
        if self.speaker is None or self.rule.speaker not in mentioned(self.rule.statement):
            return self.others
        return ((self.rule.speaker, self.speaker), *self.others)

    @property
    def reasons(self) -> tuple[Literal, ...]:
        return self.others if self.speaker is None else ((self.rule.speaker, self.speaker), *self.others)


def move(rule: InferenceRule, kinds: Kinds) -> Move | None:
    """What a rule gives in one step: a conflict; what its speaker is, if its truth is known; or what others are.

    None where it gives nothing, and where only an assumption about the speaker would show what the speaker is.
    """
    if kinds.mask not in rule.moves:
        rule.moves[kinds.mask] = _move(rule, kinds)
    return rule.moves[kinds.mask]


def _move(rule: InferenceRule, kinds: Kinds) -> Move | None:
    literals = kinds.forced(rule)
    if literals is not None and not literals:
        return None
    speaker = kinds.known.get(rule.speaker)
    true = speaker if literals else value(rule, kinds)
    of_speaker = [literal for literal in literals or () if literal[0] == rule.speaker]
    if of_speaker:
        true, literals = value(rule, kinds), of_speaker
        if true is None:
            return None
    if of_speaker:
        against = kinds.everything ^ (rule.when_true if true else rule.when_false)
    else:
        against = rule.allowed & (kinds.everything ^ kinds.within(literals) if literals else kinds.everything)
    return Move(rule, speaker, _others(rule, kinds, against), true, tuple(literals or ()))


def value(rule: InferenceRule, kinds: Kinds) -> bool | None:
    """Whether a statement is true; None if what is known leaves that open."""
    if not kinds.mask & (kinds.everything ^ rule.when_true):
        return True
    return None if kinds.mask & (kinds.everything ^ rule.when_false) else False


def _others(rule: InferenceRule, kinds: Kinds, against: int) -> tuple[Literal, ...]:
    """The fewest of the known people in scope whose kinds, with the speaker's, exclude all assignments of `against`."""
    if rule.speaker in kinds.known:
        against &= kinds.sides[rule.speaker][kinds.known[rule.speaker]]
    others = [(p, kinds.known[p]) for p in rule.scope if p in kinds.known and p != rule.speaker]
    for other in list(others):
        fewer = [one for one in others if one != other]
        if not against & kinds.within(fewer):
            others = fewer
    return tuple(others)


def moves(kinds: Kinds, rules: Sequence[InferenceRule], touched: Iterable[int]) -> Iterator[Move]:
    """Apply the rules that speak of `touched` people, then whichever those touch, until nothing new comes; what comes
    is added to `kinds`. Ends after the first conflict."""
    fresh = set(touched)
    waiting = [rule for rule in rules if fresh.intersection(rule.scope)]
    while waiting:
        found = move(waiting.pop(0), kinds)
        if found is None:
            continue
        kinds.add(found.literals)
        yield found
        if not found.literals:
            return
        fresh = {person for person, _ in found.literals}
        waiting += [rule for rule in rules if rule not in waiting and fresh.intersection(rule.scope)]


def needed(chain: Sequence[Move]) -> list[Move]:
    """The moves on which the last one rests."""
    found: list[Move] = []
    wanted: set[int] = set()
    for one in reversed(chain):
        if not found or wanted & {person for person, _ in one.literals}:
            found.append(one)
            wanted |= {person for person, _ in one.reasons}
    return found[::-1]


def refutation(facts: Kinds, rules: Sequence[InferenceRule], given: Literal) -> list[Move] | None:
    """The moves that lead from an assumption to a conflict; None if it leads to none."""
    kinds = Kinds(facts.people, facts.known | {given[0]: given[1]})
    chain = list(moves(kinds, rules, (given[0],)))
    return needed(chain) if chain and not chain[-1].literals else None


def solvable(rules: Sequence[InferenceRule], people: int) -> bool:
    """Whether single statements and refuted assumptions, one at a time, show what everybody is."""
    facts = Kinds(people, {})
    touched: Iterable[int] = range(people)
    while True:
        for _ in moves(facts, rules, touched):
            pass
        unknown = [(p, kind) for p in range(people) if p not in facts.known for kind in (True, False)]
        wrong = next((literal for literal in unknown if refutation(facts, rules, literal) is not None), None)
        if wrong is None:
            return not unknown
        facts.add([(wrong[0], not wrong[1])])
        touched = (wrong[0],)


# Mistakes


def concerns(mistake: str, right: InferenceRule) -> bool:
    """Whether statements of this form can be mistaken in this way."""
    statement = right.statement
    form = statement[2] if statement[0] == "count" else statement[0]
    return mistake not in _FORMS or form in _FORMS[mistake]


def readings_of(mistake: str, right: InferenceRule, people: int) -> list[InferenceRule]:
    """The readings of a statement by somebody with a misconception of `READINGS`, which `concerns` it."""
    statement = right.statement
    if mistake == "misread":
        return [rule(right.number, right.speaker, other, people) for other in _slips(statement, people)]
    everything = universe(people)[0]
    if mistake == "number_narrowed":
        return _narrowed(right, people)
    first, second = parts(statement, people)
    true = {
        "condition_reversed": first | (everything ^ second),
        "or_exclusive": first ^ second,
        "denial_distributed": first & second,
    }[mistake]
    false = everything ^ (first | second if mistake == "denial_distributed" else true)
    return [_reading(right.number, right.speaker, statement, true, false, people)]


def _narrowed(right: InferenceRule, people: int) -> list[InferenceRule]:
    """'At least' and 'at most' read as the exact number; 'not exactly' read as fewer, and as more."""
    _, group, how, number, kind = right.statement
    exact = table(["count", group, "exactly", number, kind], people)
    if how != "exactly":
        false = universe(people)[0] ^ exact
        return [_reading(right.number, right.speaker, right.statement, exact, false, people)]
    fewer = table(["count", group, "most", number - 1, kind], people)
    more = table(["count", group, "least", number + 1, kind], people)
    return [_reading(right.number, right.speaker, right.statement, exact, false, people) for false in (fewer, more)]


def _slips(statement: Statement, people: int) -> list[Statement]:
    """A statement with one name mistaken for another, or with a number off by one."""
    form = statement[0]
    if form == "count":
        _, group, how, number, kind = statement
        return [["count", group, how, other, kind] for other in (number - 1, number + 1) if 0 < other < len(group)]
    absent = [person for person in range(people) if person not in mentioned(statement)]
    if form == "is":
        return [["is", other, statement[2]] for other in absent]
    if form in ("same", "differ"):
        return [[form, statement[1], other] for other in absent]
    first, (_, kind) = statement[1:]
    return [[form, first, [other, kind]] for other in absent]


def mixed_up(right: InferenceRule, kinds: Kinds) -> list[Move]:
    """What somebody concludes who remembers wrongly what the speaker is.

    No conflict with words that are about the speaker as well: whether they are true is told in a step before, which
    would call the speaker what the speaker is not and yet claim nothing that is false.
    """
    if right.speaker not in kinds.known:
        return []
    turned = Kinds(kinds.people, kinds.known | {right.speaker: not kinds.known[right.speaker]})
    found = move(right, turned)
    if found is None or found.speaker is None:
        return []
    of_itself = not found.literals and right.speaker in mentioned(right.statement)
    return [] if of_itself else [found]


def wrong_in_fact(wrong: Move, right: InferenceRule, kinds: Kinds, truth: int) -> bool:
    """Whether what a wrong move concludes from facts is false, and false from the first step that is told of it."""
    if not wrong.literals or truth & kinds.within(wrong.literals):
        return False
    if wrong.value is None:
        return _wrong_for_both(wrong, right, kinds, truth)
    told = _told(wrong, kinds, wrong.value)
    return not truth & told or not kinds.mask & right.allowed & ~told


def refutable_in_case(wrong: Move, right: InferenceRule, kinds: Kinds, truth: int) -> bool:
    """Whether a wrong move can be refuted under an assumption: in a case that stands so far, where what it concludes is
    false, in fact where the assumption is true, and else by what was found. Whether it is wrong, the oracle says."""
    left = kinds.mask & right.allowed
    if not left or not wrong.literals:
        return bool(left)
    if wrong.value is None:
        return _wrong_for_both(wrong, right, kinds, truth)
    return (
        wrong_in_fact(wrong, right, kinds, truth) if truth & kinds.mask else bool(left & ~kinds.within(wrong.literals))
    )


def _wrong_for_both(wrong: Move, right: InferenceRule, kinds: Kinds, truth: int) -> bool:
    """Whether a move that speaks of both kinds of speaker is wrong in both cases, from the first step of each."""
    for kind, side in enumerate(kinds.sides[right.speaker]):
        known = truth & kinds.mask & side or kinds.mask & right.allowed & side
        if not known & ~_told(wrong, kinds, bool(kind)) or not known & ~kinds.within(wrong.literals):
            return False
    return True


def _told(wrong: Move, kinds: Kinds, value: bool) -> int:
    """Where what the wrong move takes a statement to say is true, or, for a lie, where it is not."""
    said = table(wrong.rule.statement, kinds.people)
    return said if value else kinds.everything ^ said


def wrong_moves(mistake: str, right: InferenceRule, kinds: Kinds, truth: int, supposed: bool) -> list[Move | None]:
    """What somebody with a misconception that `concerns` a statement makes of it here, where that is refuted by what is
    known; `supposed`: some of this is."""
    at = (mistake, kinds.mask, supposed)
    if at not in right.mistaken:
        refuted = refutable_in_case if supposed else wrong_in_fact
        right.mistaken[at] = [one for one in occasions(mistake, right, kinds) if refuted(one, right, kinds, truth)]
    return right.mistaken[at]


def occasions(mistake: str, right: InferenceRule, kinds: Kinds) -> list[Move]:
    """The moves that somebody with a misconception could make with a statement here; not all of them are wrong."""
    if mistake == "speaker_mixed_up":
        return mixed_up(right, kinds)
    if mistake not in right.readings:
        right.readings[mistake] = readings_of(mistake, right, kinds.people)
    found = [one for reading in right.readings[mistake] if (one := move(reading, kinds)) is not None]
    if mistake == "misread":
        return [one for one in found if one.literals or one.speaker is None or one.value is not None]
    # The wrong step does not say what form the statement has, and says of one person only: it would be known by that.
    most = len(right.scope) if mistake == "number_narrowed" else 1
    found = [one for one in found if 0 < len(one.literals) <= most and one.speaker is not None]
    return [_with_the_other(one, kinds) for one in found] if mistake == "denial_distributed" else found


def _with_the_other(wrong: Move, kinds: Kinds) -> Move:
    """A wrong denial names the other whom it is about, as a right one does, which rests on that."""
    people = [person for person in mentioned(wrong.rule.statement) if person != wrong.rule.speaker]
    return replace(wrong, others=tuple((p, kinds.known[p]) for p in people if p in kinds.known))
