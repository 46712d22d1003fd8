"""How a solution of blocks world is told: a planner who looks, thinks, moves things and looks again.

Each wrong move, list or look is a marked site (see `kit/teller.py`), told with the phrases of the right one. A move
rests on the state before it and on the thought that led to it: with a thought that is taken back the moves go too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from tracemill.records import Claim, Payload, premise
from tracemill.tasks.blocks_world.board import Board, Chain, Pair, Place, chains_of, misread, turned
from tracemill.tasks.blocks_world.planner import Planner, PlannerChoice
from tracemill.tasks.blocks_world.story import Story
from tracemill.tasks.kit.teller import DeadEnd, Recheck, Ref, Teller, flat

T = TypeVar("T")
GOAL = premise(1)
# How likely each is told, by how much detail there is.
_LISTING = {"terse": 0.25, "normal": 0.4, "thorough": 0.6}  # the stacks after a move
_REASON = {"terse": 0.2, "normal": 0.6, "thorough": 0.95}  # why a move is made
_TOGETHER = {"terse": 0.9, "normal": 0.25, "thorough": 0.0}  # two moves that make room for the same, in one step
_WONDER = {"terse": 0.2, "normal": 0.5, "thorough": 0.7}  # whether something can go to its place already
_LOOK = {"terse": 0.1, "normal": 0.25, "thorough": 0.4}  # a part of the goal, or what is in place
_OPEN = {"terse": 0.4, "normal": 1.0, "thorough": 1.0}  # all stacks, all of the goal
_FIRM = 0.4
"""How often the reason to put something to its place is what is below, and not that both are free."""
_BELONGS = 0.5
"""How likely a move says that it brings a thing to its place where the step before says so."""
_COMPARE = 0.2
"""How often the goal is looked at after a move that completes no stack of it."""
_OVERLOOKED = 2
"""So many conditions at most are overlooked then."""


class Working:
    """One telling. `board` are the stacks, `chains` the goal as the teller has them; `at` stands for the state that
    the next step starts from, `goal` for how the goal was read."""

    def __init__(self, instance: Payload, teller: Teller) -> None:
        self.teller, self.rng = teller, teller.rng
        self.story = Story(instance["theme"], instance["floor"], instance["article"])
        self.board = Board(instance["initial"])
        self.asked = chains_of(instance["goal"])
        self.chains = self.rng.sample(self.asked, len(self.asked))
        self.planner = Planner(sorted(self.board.home), self.rng)
        self.at: Ref = (premise(0),)
        self.goal: Ref = (GOAL,)
        self.moves: list[Pair] = []
        self.untold: list[Pair] = []
        """The moves that are made and not told yet."""
        self.thought: set[tuple[Pair, str | None]] = set()
        self.waiting: set[Pair] = set()
        self.compared: set[Pair] = set()

    def say(self, key: str, payload: Payload, *uses: Ref, **slots: object) -> Ref:
        return self.teller.say(key, Claim("state", payload), flat(uses), "terse", floor=self.story.floor, **slots)

    def likely(self, chances: dict[str, float]) -> bool:
        return self.rng.random() < chances[self.teller.detail]

    def begin(self) -> None:
        """The situation and the goal."""
        if self.likely(_OPEN):
            self.read_stacks()
        if self.likely(_OPEN):
            self.read_goal()
        longest = max(self.chains, key=len)
        if len(longest) > 1 and len(self.chains) > 1 and self.likely(_LOOK):
            self.say("some", {"wanted": _listed(longest)}, self.goal, pairs=self.story.pairs(longest))
        if self.likely(_REASON):
            self.look_back()

    def read_stacks(self) -> None:
        stack, right, story = self.rng.choice(self.board.listed()), self.board.listed(), self.story
        bottom, *rest = stack
        above = story.column(rest) if rest else "nothing"
        stacks = self.teller.site(
            "reads_upside_down",
            right,
            lambda: [[wrong if each == stack else each for each in right] for wrong in turned(stack)],
            f"From the bottom up this stack is {story.stacks([stack])}.",
            lambda: Recheck(
                "my list of the stacks",
                f"at the start {story.at(bottom)} was {story.on(None)}, with {above} above it",
                Claim("state", {"on": [[bottom, None]], "above": {bottom: rest}}),
                (self.at,),
            ),
            shown=lambda value: f"the stack was {story.stacks([each for each in value if each not in right])}",
            foresight=lambda: self.foresight(board=Board),
        )
        self.board = Board(stacks)
        self.at = self.say("stacks", {"stacks": stacks}, self.at, stacks=story.stacks(stacks))

    def read_goal(self) -> None:
        chain = self.rng.choice(self.chains)
        k = max(self.rng.randrange(len(chain)) for _ in range(2))
        thing, place = chain[k]
        has = f"the goal has {self.story.at(thing)} {self.story.on(place)}"
        self.chains = self.teller.site(
            "misreads_goal",
            self.chains,
            lambda: [self._with(chain, wrong) for wrong in misread(chain, k)],
            f"It asks for {self.story.at(thing)} {self.story.on(place)}.",
            lambda: Recheck("my list of the conditions", has, Claim("state", {"wanted": [[thing, place]]}), (GOAL,)),
            shown=lambda _: "it did not",
            foresight=lambda: self.foresight(chains=lambda value: value),
        )
        if not self.chains:
            raise DeadEnd
        pairs = [pair for each in self.chains for pair in each]
        self.goal = flat((self.say("goal", {"goal": _listed(pairs)}, self.goal, pairs=self.story.pairs(pairs)), GOAL))

    def _with(self, chain: Chain, others: list[Chain]) -> list[Chain]:
        """The goal with other chains in the place of one."""
        return [one for each in self.chains for one in (others if each is chain else [each])]

    def look_back(self) -> None:
        """What is in place already."""
        if settled := self.board.settled(self.chains):
            self.say("settled", {"settled": settled}, self.at, self.goal, things=self.story.listed(settled))

    def work(self) -> None:
        """All that is left to do, move after move."""
        while True:
            self.wonder()
            choice = self.planner.method.choose(self.board, self.chains)
            if choice is None:
                return
            last = self.mistaken(self.planner.aside(choice, self.board, self.planner.set_aside))
            reason = self.explain(last)
            before = self.shifted(last)
            while (following := self.goes_with(last)) is not None:
                last, before = following, self.shifted(following)
            self.tell_moves(last, before, reason)
            if self.believes_done(last):
                return
            if len(self.moves) % 5 == 4 and self.likely(_LOOK):
                self.look_back()

    def wonder(self) -> None:
        """Whether something can go to its place although what is to be below is not there yet."""
        for chain in self.chains:
            reached = self.board.reached(chain)
            for k in range(reached + 1, len(chain)):
                thing, place = chain[k]
                free = not self.board.above(thing) and not self.board.above(place)
                if not free or self.board.under(thing) == place or (chain[k], "") in self.thought:
                    continue
                self.thought.add((chain[k], ""))
                if self.likely(_WONDER):
                    self.waiting.add(chain[k])
                    self.wait_or_build(chain, k, chain[reached])
                    return

    def wait_or_build(self, chain: Chain, k: int, low: Pair) -> None:
        """Leaves `chain[k]` until `low` is so, which is to be below it; or takes what is below to be in place."""
        (thing, place), (x, e), story = chain[k], low, self.story
        f = self.board.under(x)
        slots = {"t": story.at(thing), "d": story.at(place), "on_d": story.on(place)}
        upper = [chain[k:], *(each for each in self.chains if each is not chain)]
        ready = self.teller.site(
            "builds_too_early",
            False,
            (True,),
            f"Here {story.at(x)} belongs {story.on(e)} and is {story.on(f)}.",
            lambda: self.unmet(f"my idea of what is to be below {slots['t']}", low),
            shown=lambda _: "all of that was in place",
            foresight=lambda: self.foresight(chains=lambda _: upper),
        )
        if ready:
            self.thought.add((chain[k], None))
            self.chains = upper
            because = self.say(
                "firm", {"settled": [place], "wanted": _listed(chain[k : k + 1])}, self.at, self.goal, **slots
            )
            self.goal = flat((self.goal, because))
            return
        payload = {"clear": [thing, place], "wanted": _listed([chain[k], low]), "on": [[x, f]]}
        slots |= {"x": story.at(x), "on_e": story.on(e), "on_f": story.on(f)}
        self.say("waits", payload, self.at, self.goal, **slots)

    def foresight(
        self,
        board: Callable[[T], Board] | None = None,
        chains: Callable[[T], list[Chain]] | None = None,
        first: Callable[[T], PlannerChoice] | None = None,
    ) -> Callable[[T], str | None]:
        """For `Teller.site`: the plan that comes of a wrong value, be it of the stacks, the goal or the move."""
        stacks, goal, moves = self.board.listed(), self.chains, list(self.moves)
        aside = set(self.planner.set_aside)

        def plan(wrong: T) -> str | None:
            believed, asked = board(wrong) if board else Board(stacks), chains(wrong) if chains else goal
            following = self.planner.planned(believed, asked, set(aside), first(wrong) if first else None)
            return None if following is None else self.answer([*moves, *following])

        return plan

    def answer(self, moves: Sequence[Pair]) -> str:
        return "\n".join(self.story.move(*move) for move in moves)

    def unmet(self, of: str, pair: Pair) -> Recheck:
        """That something is not where the goal has it."""
        (x, place), under = pair, self.board.under(pair[0])
        fact = (
            f"the goal has {self.story.at(x)} {self.story.on(place)}, and at that point it was {self.story.on(under)}"
        )
        return Recheck(of, fact, Claim("state", {"wanted": [[x, place]], "on": [[x, under]]}), (self.at, self.goal))

    def mistaken(self, choice: PlannerChoice) -> PlannerChoice:
        """The choice, or one that breaks a rule: it passes over what is above the thing or the place."""
        if choice.target is None:
            return choice
        target, (thing, place), story = choice.target, choice.wanted, self.story
        column = self.board.above(target)
        direct = [PlannerChoice(thing, place, choice.wanted)]
        # Of several things on top a lower one is taken before the topmost, or all are overlooked.
        lower = [PlannerChoice(column[-2], None, choice.wanted, target)] if len(column) > 1 else []
        if target == thing and not self.board.above(place) and place not in column:
            lower += direct
        onto = direct if target == place and not self.board.above(thing) and thing not in column else []

        def covered(wrong: PlannerChoice) -> Place:
            return wrong.place if onto else wrong.thing

        was = _is(column, "was", "were")
        return self.teller.site(
            "covers_covered" if onto else "moves_covered",
            choice,
            onto or lower,
            lambda wrong: f"On {story.at(covered(wrong))} there is {story.column(self.board.above(covered(wrong)))}.",
            lambda: Recheck(
                f"my idea of what is on {story.at(target)}",
                f"{self._when()} there {was} {story.column(column)} above {story.at(target)}",
                Claim("state", {"above": {target: column}}),
                (self.at,),
            ),
            shown=lambda wrong: f"nothing was on {story.at(covered(wrong))}",
            foresight=lambda: self.foresight(first=lambda wrong: wrong),
        )

    def _when(self) -> str:
        """The state that the next step starts from, by the move before it: what is above a thing may change between the
        step that speaks of it and a doubt about it."""
        if not self.moves:
            return "at the start"
        thing, place = self.moves[-1]
        return f"once {self.story.at(thing)} was {self.story.on(place)},"

    def explain(self, choice: PlannerChoice) -> Ref:
        """Why this move, as a step of its own where that was not said before; not for every move."""
        (thing, place), target = choice.wanted, choice.target
        if (choice.wanted, target) in self.thought or not self.likely(_REASON):
            return ()
        self.thought.add((choice.wanted, target))
        payload: dict[str, Any] = {"wanted": [[thing, place]]}
        slots = {"t": self.story.at(thing), "d": self.story.at(place), "on_d": self.story.on(place)}
        if target is not None:
            column = self.board.above(target)
            payload["above"] = {target: column}
            slots |= {"column": self.story.column(column), "is_": _is(column, "is", "are")}
            key = "covered_thing" if target == thing else "covered_place"
        elif place is None:
            key, payload["clear"] = "free_on_floor", [thing]
        elif choice.wanted in self.waiting or self.rng.random() < _FIRM:
            key, payload["settled"] = "firm", [place]
        else:
            key, payload["clear"] = "free", [thing, place]
        return self.say(key, payload, self.at, self.goal, **slots)

    def goes_with(self, choice: PlannerChoice) -> PlannerChoice | None:
        """The move that is told together with this one: the next that makes room for the same."""
        following = self.planner.method.choose(self.board, self.chains)
        same = following is not None and None is not choice.target == following.target
        return following if same and self.likely(_TOGETHER) else None

    def shifted(self, choice: PlannerChoice) -> Place:
        """Makes the move; what the thing was on."""
        before = self.board.under(choice.thing)
        self.board.shift(choice.thing, choice.place)
        self.moves.append((choice.thing, choice.place))
        self.untold.append((choice.thing, choice.place))
        return before

    def tell_moves(self, last: PlannerChoice, before: Place, reason: Ref) -> None:
        """The moves and, often, the stacks after them; the last one came from `before`."""
        key = self.rng.choice(("move", "goes"))
        payload: dict[str, Any] = {"moves": _listed(self.untold)}
        moves, tail, start = self.story.moves(self.untold, key == "goes"), "", self.at
        self.untold, belongs = [], ""
        if last.target is None and (not reason or self.rng.random() < _BELONGS):
            belongs, payload["wanted"] = self.teller.voice("belongs"), _listed([last.wanted])
        if self.likely(_LISTING):
            self.lose_track(last, before, payload["moves"])
            payload["stacks"] = self.board.listed()
            tail = " " + self.teller.voice("now", stacks=self.story.stacks(payload["stacks"]))
        uses = (start, reason or self.goal, self.goal if belongs else ())
        self.at = self.say(key, payload, *uses, moves=moves, belongs=belongs, tail=tail)

    def lose_track(self, last: PlannerChoice, before: Place, moves: list[list[Place]]) -> None:
        """Where the thing that moved is believed to be from now on."""
        tops = [stack[-1] for stack in self.board.listed() if last.thing not in stack]
        thing, story, start, stacks = self.story.at(last.thing), self.story, self.at, self.board.listed()

        def elsewhere(place: Place) -> Board:
            board = Board(stacks)
            board.shift(last.thing, place)
            return board

        landed = self.teller.site(
            "loses_track",
            last.place,
            # Short of the place that was just thought about it would be moved there once more.
            [place for place in (None, *tops) if place != before and last.target is not None],
            f"Here {thing} is {story.on(last.place)} then.",
            lambda: Recheck(
                "my list of the stacks",
                f"moving {thing} {story.onto(last.place)} put it just there",
                Claim("state", {"moves": moves, "on": [[last.thing, last.place]]}),
                (start,),
            ),
            shown=lambda place: f"it was {story.on(place)}",
            foresight=lambda: self.foresight(board=elsewhere),
        )
        if landed != last.place:
            self.board = elsewhere(landed)

    def believes_done(self, last: PlannerChoice) -> bool:
        """A look at the goal after a stack of it is complete, or now and then; whether it seems to be reached."""
        missing = self.board.missing(self.chains)
        fresh = [pair for pair in missing if pair not in self.compared]
        if last.target is not None or not fresh:
            return False
        complete = any((last.thing, last.place) == chain[-1] for chain in self.chains)
        if not complete and self.rng.random() > _COMPARE:
            return False
        lacking, story = self.rng.choice(fresh), self.story
        self.compared.add(lacking)
        x, d = lacking
        f = self.board.under(x)
        done = self.teller.site(
            "stops_early",
            False,
            [complete or len(missing) <= _OVERLOOKED],
            f"Here {story.at(x)} belongs {story.on(d)} and is {story.on(f)}.",
            lambda: self.unmet("my comparison with the goal", lacking),
            shown=lambda _: "nothing was missing",
            foresight=self.told_so_far,
        )
        if not done:
            slots = {"x": story.at(x), "on_d": story.on(d), "on_f": story.on(f)}
            self.say("compare", {"wanted": [[x, d]], "on": [[x, f]]}, self.at, self.goal, **slots)
        return done

    def told_so_far(self) -> Callable[[bool], str]:
        """The answer of somebody who stops here."""
        answer = self.answer(self.moves)
        return lambda _: answer

    def finish(self) -> None:
        if not self.moves:
            raise DeadEnd
        self.say("done", {"missing": []}, self.at, self.goal)
        self.teller.check([self._condition(*pair) for chain in self.asked for pair in chain])
        answer = self.answer(self.moves)
        count = f"{len(self.moves)} move" + "s" * (len(self.moves) != 1)
        self.teller.close("closing", answer, count=count, plan=f"Answer:\n{answer}")

    def _condition(self, thing: str, place: Place) -> Recheck:
        """A condition of the goal, held against what all the moves lead to."""
        x, found = self.story.at(thing), self.board.under(thing)
        payload = {"moves": _listed(self.moves), "on": [[thing, found]], "wanted": [[thing, place]]}
        return Recheck(
            f"the condition that {x} is {self.story.on(place)}",
            f"all these moves, one after the other, leave {x} {self.story.on(found)}",
            Claim("state", payload),
            (premise(0), GOAL),
            "" if found == place else self.story.on(place),
        )


def _listed(pairs: Iterable[Pair]) -> list[list[Place]]:
    return [list(pair) for pair in pairs]


def _is(things: list[str], one: str, many: str) -> str:
    return one if len(things) == 1 else many
