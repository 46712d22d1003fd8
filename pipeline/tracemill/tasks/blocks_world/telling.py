"""How a solution of blocks world is told: its sentences, each with what it claims and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from tracemill.records import Claim, Payload, premise
from tracemill.tasks.blocks_world.board import Board, Chain, Choice, Method, Pair, chains_of
from tracemill.tasks.blocks_world.words import THEMES, Place, Words, capital
from tracemill.tasks.task import Line, Solution

INITIAL, GOAL = premise(0), premise(1)

_INTENTS = 0.25
"""How often a reason only says what comes next: before a rule is broken nothing more can be said."""
_RETICENT = 0.25

PHRASES: dict[str, tuple[str, ...]] = {
    "start": (
        "At the start the stacks are, from the bottom up: {stacks}.",
        "Let me write the stacks down from the bottom up: {stacks}.",
        "So this is where I begin, reading each stack from its bottom: {stacks}.",
        "First the situation, bottom of each stack first: {stacks}.",
    ),
    "wanted": (
        "What I am after: {pairs}.",
        "In the end I need {pairs}.",
        "The goal asks for {pairs}.",
        "Keeping the goal in view: {pairs}.",
    ),
    "missing": (
        "Compared with the goal, this is still not so: {pairs}.",
        "What remains to be brought about is {pairs}.",
        "Checking the goal against the stacks, I lack {pairs}.",
    ),
    "order": (
        "A stack grows from its bottom, so I will have to think of these in this order: {pairs}.",
        "One of the wanted stacks has to be built up like this, one after the other: {pairs}.",
        "The lower ones come first, since nothing can be slipped in underneath later: {pairs}.",
    ),
    "settled": (
        "I can leave {things} alone, since that is how the goal has it, down to the {floor}.",
        "No need to touch {things}, which is how the goal has it already, right down to the {floor}.",
        "Already as wanted, from the {floor} up: {things}.",
    ),
    "so_far": (
        "In place by now: {things}.",
        "Let me see what is done: {things}. None of that has to be touched again.",
        "From the {floor} up, these are where the goal wants them: {things}.",
    ),
    "covered_place": (
        "{T} has to go directly {on_d}, but {d} still carries {things}.",
        "Next I want {t} directly {on_d}. On top of {d}, though, there {is_} still {things}.",
        "For {t} I need {d} free, and at present it is under {things}.",
        "{D} is to take {t}, so whatever is above it has to come off: {things}.",
    ),
    "covered_thing": (
        "{T} has to go {onto_d}, but it still carries {things}.",
        "I want {t} {on_d}. It cannot be moved yet, because above it there {is_} {things}.",
        "To get at {t}, which belongs {on_d}, I first have to take off what is above it: {things}.",
        "Next comes {t}, which is wanted {on_d}; it is buried under {things}.",
    ),
    "free_both": (
        "{T} is wanted {on_d}, and nothing is in the way: both are free on top.",
        "Nothing is on {t} and nothing is on {d}, and the goal has the first on the second.",
        "{T} and {d} both carry nothing, so I can join them as the goal asks.",
    ),
    "free_thing": (
        "{T} carries nothing and is wanted directly {on_d}.",
        "Nothing lies above {t}, and its place is {on_d} itself.",
        "{T} is free on top, and the goal has it directly {on_d}.",
    ),
    "firm": (
        "{D} is where it should be, all the way down, so {t} can follow on top of it.",
        "Below, everything is final as far as {d}; the next one up is {t}.",
        "{T} may only come once {d} rests as wanted with all that is below it, and that is the case.",
    ),
    "intent": (
        "Next I look at {t}: the goal has it directly {on_d}.",
        "{T} is wanted directly {on_d}, so that is what I turn to.",
        "Now for {t}, which should end up {on_d}.",
    ),
    "place": (
        "{X} goes {onto}.",
        "Move {x} {onto}, where it belongs.",
        "So I put {x} {on}.",
        "Now {x} can go {onto}.",
        "I take {x} off {under} and set it down {on}, which is what the goal wants.",
        "With that, {x} moves from {under} {onto}.",
    ),
    "aside": (
        "{X} is in the way, so I set it down on the {floor}.",
        "Off with {x}: it goes from {under} to the {floor}.",
        "I lift {x} off {under} and leave it on the {floor} for now.",
        "To make room, {x} comes down to the {floor}.",
        "{X} has to get out of the way; the {floor} is always a safe place for it.",
    ),
    "aside_final": (
        "{X} has to come off {under} anyway, and it can go straight {onto}, where the goal wants it.",
        "{X} is in the way, but its own place is ready: I move it {onto}.",
        "Rather than parking {x} somewhere, I take it directly {onto}, since that is where it should end up.",
    ),
    "frees": (" That frees {target}.", " Now nothing is on {target} any more.", " {Target} is clear now."),
    "state": (
        " The stacks are now {stacks}.",
        " That leaves, from the bottom up: {stacks}.",
        " Now I have {stacks}.",
    ),
    "done": (
        "Everything that the goal asks for holds now.",
        "Nothing is missing any more: the goal is reached.",
        "Comparing with the goal once more, each of its conditions is met, so I am done.",
        "That was the last one; the stacks satisfy all that was asked.",
    ),
    "done_state": (
        "In the end the stacks are, from the bottom up, {stacks}, and that meets everything that was asked.",
        "Final check, bottom first: {stacks}. The goal holds.",
    ),
    "pull": (
        "I pull {x} out from between and put it {on}; what was above it comes down.",
        "{X} slides out of its stack and goes {onto}, and the ones above it sink into the gap.",
    ),
    "carry": (
        "I lift {x} together with everything on it and set the lot down {on}.",
        "{X} goes {onto}, and what it carries comes along.",
    ),
    "squeeze": (
        "{X} has nothing on it, so it can go {onto}.",
        "{X} is free on top. I put it {on}, below what is there already.",
    ),
    "closing": (
        "This plan has {moves}.",
        "So it can be done in {moves}.",
        "Here is the whole plan, {moves} in all.",
        "Putting the moves together:",
        "In order, then:",
        "These are the moves.",
    ),
}


class Account:
    """A solution while it is told: the lines so far, the stacks as the teller has them, and the moves.

    `flaw`: the index and the explanation of the line where a mistake was made. A teller who works with `chains` of
    his own has dropped part of the goal, and says before the end nothing that hangs on all of it; some of those who
    have not are as `reticent`.
    """

    def __init__(self, instance: Payload, rng: Random, chains: list[Chain] | None = None) -> None:
        self.rng = rng
        self.words = Words(THEMES[instance["theme"]], instance["floor"], instance["article"])
        self.board = Board(instance["initial"])
        self.reticent = chains is not None or rng.random() < _RETICENT
        self.chains = chains_of(instance["goal"]) if chains is None else chains
        rng.shuffle(self.chains)
        self.method = Method(eager=rng.random() < 0.5, room_first=rng.random() < 0.5)
        self.detail = rng.choice((0.3, 0.6, 0.9))
        self.lines: list[Line] = []
        self.moves: list[Pair] = []
        self.at = INITIAL
        self.told: set[tuple[Pair, str]] = set()
        self.last: dict[str, str] = {}
        self.flaw: tuple[int, str] | None = None

    def say(self, text: str, payload: Payload, *uses: int) -> None:
        self.lines.append(Line(text, Claim("state", payload), uses))
        if "stacks" in payload:
            self.at = len(self.lines) - 1

    def phrase(self, kind: str, **values: Any) -> str:
        """One of the phrases of a kind, not the one that was taken last."""
        phrase = self.rng.choice([one for one in PHRASES[kind] if one != self.last.get(kind)])
        self.last[kind] = phrase
        return capital(phrase.format(floor=self.words.floor, **values))

    def restate(self) -> None:
        stacks = self.board.listed()
        self.say(self.phrase("start", stacks=self.words.stacks(stacks)), {"stacks": stacks}, self.at)

    def open(self) -> None:
        """The situation and the goal, in one of several ways."""
        rng, pairs = self.rng, [pair for chain in self.chains for pair in chain]
        if not self.lines and rng.random() < 0.5:
            self.restate()
        longest = max(self.chains, key=len)
        kind = rng.choice(("wanted", "missing", "order"))
        if kind == "missing" and not self.reticent:
            lacking = [pair for pair in pairs if self.board.under(pair[0]) != pair[1]]
            self._of_goal("missing", lacking)
        elif kind == "order" and len(longest) > 1:
            self._of_goal("order", longest, "wanted")
        else:
            self._of_goal("wanted", pairs)
        if not self.reticent and rng.random() < 0.8:
            self._settled("settled")

    def _of_goal(self, kind: str, pairs: Sequence[Pair], key: str = "") -> None:
        uses = (self.at, GOAL) if kind == "missing" else (GOAL,)
        payload = {key or kind: [list(pair) for pair in pairs]}
        self.say(self.phrase(kind, pairs=self.words.pairs(pairs)), payload, *uses)

    def _settled(self, kind: str) -> None:
        if settled := self.board.settled(self.chains):
            self.say(self.phrase(kind, things=self.words.listed(settled)), {"settled": settled}, self.at, GOAL)

    def next(self) -> Choice | None:
        return self.method.choose(self.board, self.chains)

    def work(self) -> None:
        """All that is left to do, move after move."""
        while (choice := self.next()) is not None:
            self.explain(choice)
            self.make(choice)
            if not self.reticent and len(self.moves) % 6 == 5 and self.rng.random() < 0.6:
                self._settled("so_far")

    def explain(self, choice: Choice) -> None:
        """Why this move, as a line of its own; not for every move."""
        if not self._worth_a_reason(choice):
            return
        if self.rng.random() < _INTENTS:
            self.intend(choice)
            return
        (thing, place), target = choice.wanted, choice.target
        payload: dict[str, Any] = {"wanted": [[thing, place]]}
        if target is not None:
            payload["above"] = {target: self.board.above(target)}
            kind = "covered_thing" if target == thing else "covered_place"
        elif place is None:
            kind, payload["clear"] = "free_thing", [thing]
        elif not self.reticent and self.rng.random() < 0.5:
            kind, payload["settled"] = "firm", [place]
        else:
            kind, payload["clear"] = "free_both", [thing, place]
        self.say(self._reason(kind, choice), payload, self.at, GOAL)

    def _worth_a_reason(self, choice: Choice) -> bool:
        """A move that makes room has the reason of those before it, where they make room for the same."""
        if choice.target is None:
            return self.rng.random() <= self.detail
        if (choice.wanted, choice.target) in self.told or self.rng.random() > self.detail + 0.3:
            return False
        self.told.add((choice.wanted, choice.target))
        return True

    def intend(self, choice: Choice) -> None:
        self.say(self._reason("intent", choice), {"wanted": [list(choice.wanted)]}, GOAL)

    def _reason(self, kind: str, choice: Choice) -> str:
        (thing, place), words = choice.wanted, self.words
        t, d = words.the(thing), words.at(place)
        things = "" if choice.target is None else words.listed(self.board.above(choice.target))
        many = choice.target is not None and len(self.board.above(choice.target)) > 1
        values = {"t": t, "T": capital(t), "d": d, "D": capital(d), "things": things, "is_": "are" if many else "is"}
        return self.phrase(kind, on_d=words.on(place), onto_d=words.onto(place), **values)

    def make(self, choice: Choice) -> None:
        """A right move, with the state that it leads to."""
        text = self._movement(self._kind(choice), choice)
        self._shift(choice, [choice.thing], choice.place)
        payload: dict[str, Any] = {}
        target = choice.target
        if target is not None and not self.board.above(target) and self.rng.random() < 0.5:
            name = self.words.the(target)
            text += self.phrase("frees", target=name, Target=capital(name))
            payload["clear"] = [target]
        self._state(text, choice, payload, chance=0.3)

    def misplace(self, choice: Choice, landed: Place) -> None:
        """A move that could be made, after which the teller has the thing in another place."""
        text = self._movement(self._kind(choice), choice)
        self._shift(choice, [choice.thing], landed)
        self._state(text, choice, {}, chance=1.0)

    def break_rule(self, choice: Choice, things: Sequence[str], kind: str) -> None:
        """A move of a covered thing, told as `kind`; `things` end up in its new place."""
        text = self._movement(kind, choice)
        self._shift(choice, things, choice.place)
        self._state(text, choice, {}, chance=0.7)

    def _kind(self, choice: Choice) -> str:
        if choice.target is None:
            return "place"
        return "aside_final" if any((choice.thing, choice.place) in chain for chain in self.chains) else "aside"

    def _movement(self, kind: str, choice: Choice) -> str:
        words, x = self.words, self.words.the(choice.thing)
        under = words.at(self.board.under(choice.thing))
        on, onto = words.on(choice.place), words.onto(choice.place)
        return self.phrase(kind, x=x, X=capital(x), under=under, on=on, onto=onto)

    def _shift(self, choice: Choice, things: Sequence[str], landed: Place) -> None:
        self.moves.append((choice.thing, choice.place))
        if self.board.under(choice.thing) != landed:
            self.board.shift(things, landed)

    def _state(self, text: str, choice: Choice, payload: Payload, chance: float) -> None:
        """A line that claims the move and the stacks as the teller has them now; he may say them too."""
        stacks = self.board.listed()
        if self.rng.random() < chance:
            text += self.phrase("state", stacks=self.words.stacks(stacks))
        self.say(text, {"move": [choice.thing, choice.place], "stacks": stacks, **payload}, self.at)

    def mistake(self, explanation: str) -> None:
        """The line that comes next is wrong."""
        self.flaw = len(self.lines), capital(explanation)

    def close(self) -> Solution:
        """The last line, which says that the goal is reached, and the plan as the answer."""
        stacks = self.board.listed()
        payload: dict[str, Any] = {"missing": []}
        if self.rng.random() < 0.4:
            text = self.phrase("done_state", stacks=self.words.stacks(stacks))
            self.say(text, {"stacks": stacks, **payload}, self.at, GOAL)
        else:
            self.say(self.phrase("done"), payload, self.at, GOAL)
        answer = "\n".join(self.words.move(*move) for move in self.moves)
        count = f"{len(self.moves)} move" + "s" * (len(self.moves) != 1)
        return Solution(tuple(self.lines), f"{self.phrase('closing', moves=count)}\n\nAnswer:\n{answer}")
