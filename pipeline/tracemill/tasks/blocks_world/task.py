"""Blocks world: rearrange stacks, one thing at a time, until a goal holds.

Difficulty sets the number of moves and the number of things that they are about (3 to 9). Three or four things have
few arrangements, so easy problems also have up to two bystanders, which add no move.
A goal names some stacks, each from the floor up; things outside them may end up anywhere. Plans are good, not
always shortest (finding those is NP-hard: N. Gupta and D. Nau, "On the complexity of blocks-world planning",
Artificial Intelligence 56, 1992). What the claims mean stands in `verifiers/state.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import ClassVar

from tracemill.records import Check, Claim, Flaw, Payload, Problem
from tracemill.settings.errors import unknown
from tracemill.tasks.blocks_world.board import Board, Choice, Pair, canonical, chains_of, plan, works
from tracemill.tasks.blocks_world.telling import Account
from tracemill.tasks.blocks_world.words import THEMES, Place, Words, names, prompt
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Detail, Draft, Misconception, Request, Solution

_CANDIDATES = 6
_EASY = 0.25
"""The difficulty below which there are bystanders."""
_BYSTANDERS = (0, 1, 1, 2, 2)
_TRIES = 6

_MISCONCEPTIONS = (
    Misconception(
        "pulls_from_middle", "wrong_rule", "Only the top of a stack can be moved; nothing can be pulled out."
    ),
    Misconception("carries_the_stack", "wrong_rule", "A move takes one thing; what stands on it does not come along."),
    Misconception("loses_track", "slip", "After a move the thing is where it was put, and nowhere else."),
    Misconception("reads_upside_down", "slip", "A stack that is listed from one end must be read from that end."),
    Misconception("forgets_condition", "dropped_case", "The goal is reached only when all that it asks for holds."),
    Misconception("ignores_cover", "dropped_case", "Not only what is moved must be free, but also what it is put on."),
)


class BlocksWorld:
    """Rearrange stacks into a goal; any plan that gets there is right."""

    name: ClassVar[str] = "planning.classical.blocks_world"
    version: ClassVar[str] = "2"
    summary: ClassVar[str] = "rearrange stacks one thing at a time until a goal holds"
    licence: ClassVar[str] = "Apache-2.0"
    themes: ClassVar[tuple[str, ...]] = tuple(THEMES)
    misconceptions: ClassVar[tuple[Misconception, ...]] = _MISCONCEPTIONS

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.blocks_world.oracle import BlocksWorldOracle

        return BlocksWorldOracle

    def capacity(self, band: tuple[float, float]) -> int | None:
        """No bound: the names alone are beyond counting, though three things have few arrangements."""
        return None

    def make(self, request: Request) -> Draft | None:
        rng, difficulty = request.rng, request.difficulty
        theme = THEMES[request.theme]
        bystanders = rng.choice(_BYSTANDERS) if difficulty < _EASY else 0
        article, things = names(rng, request.theme, 3 + round(6 * difficulty) + bystanders)
        wished = 2 + round(11 * difficulty)
        initial, goal = _near_task(rng, things, wished) if bystanders else _task(rng, things, wished)
        words = Words(theme, rng.choice(theme.floors), article)
        states = {"initial": {"stacks": initial}, "goal": {"stacks": goal}}
        return Draft(
            prompt=prompt(rng, words, initial, goal),
            answer="\n".join(words.move(*move) for move in plan(initial, goal)),
            check=Check("plan", {"simulator": "blocks", **states, "floor": words.floor}),
            premises=(Claim("state", states["initial"]), Claim("goal", states["goal"])),
            group=f"blocks_world {canonical(initial, goal)}",
            instance={
                "theme": request.theme,
                "floor": words.floor,
                "article": article,
                "initial": initial,
                "goal": goal,
            },
        )

    def solve(self, problem: Problem, rng: Random, detail: Detail = "normal") -> Solution:
        account = Account(problem.metadata["instance"], rng)
        account.open()
        account.work()
        return account.close()

    def correct(self, problem: Problem, misconception: str, rng: Random, detail: Detail = "normal") -> Solution | None:
        return None

    def err(self, problem: Problem, misconception: str, rng: Random, detail: Detail = "normal") -> Solution | None:
        """The first of a few attempts whose plan fails; where none fails, the last in which the mistake was made.

        Raises:
            UsageError: no such misconception.
        """
        if misconception not in _MISTAKES:
            raise unknown("misconception", misconception, _MISTAKES, f"of {self.name}")
        instance, told = problem.metadata["instance"], None
        for _ in range(_TRIES):
            account = _MISTAKES[misconception](instance, rng)
            if account is None or account.flaw is None:
                continue
            index, explanation = account.flaw
            told = replace(account.close(), flaw=Flaw(index, misconception, explanation))
            if not works(instance["initial"], instance["goal"], account.moves):
                break
        return told


def _arrangement(rng: Random, things: Sequence[str]) -> list[list[str]]:
    """Random stacks of `things`, on average between two and three."""
    order = rng.sample(things, len(things))
    cuts = sorted(rng.sample(range(1, len(order)), min(rng.choice((0, 1, 1, 2, 2, 3)), len(order) - 1)))
    return [order[a:b] for a, b in zip([0, *cuts], [*cuts, len(order)], strict=True)]


def _partial(rng: Random, stacks: list[list[str]]) -> list[list[str]]:
    """A goal that leaves out the upper part of a stack, or a whole one."""
    cut = rng.randrange(len(stacks))
    kept = stacks[cut][: rng.randrange(len(stacks) == 1, max(2, len(stacks[cut])))]
    return [stack for stack in [*stacks[:cut], kept, *stacks[cut + 1 :]] if stack]


def _task(rng: Random, things: Sequence[str], wished: int) -> tuple[list[list[str]], list[list[str]]]:
    """Arrangements whose plan is about `wished` moves long: the nearest of a few."""
    best: tuple[int, list[list[str]], list[list[str]]] | None = None
    for _ in range(_CANDIDATES):
        initial, goal = _arrangement(rng, things), _arrangement(rng, things)
        if rng.random() < 0.45:
            goal = _partial(rng, goal)
        moves = len(plan(initial, goal))
        if moves and (best is None or abs(moves - wished) < best[0]):
            best = (abs(moves - wished), initial, goal)
        if best is not None and best[0] == 0:
            break
    if best is None:
        return [list(things)], [list(reversed(things))]
    return best[1], best[2]


def _near_task(rng: Random, things: Sequence[str], wished: int) -> tuple[list[list[str]], list[list[str]]]:
    """An arrangement and what a few random moves make of it, or a part of that; the plan has about `wished` moves."""
    wished -= rng.random() < 0.35
    while True:
        initial = _arrangement(rng, things)
        goal = _stirred(rng, initial, wished + rng.randrange(2))
        if rng.random() < 0.45:
            goal = _partial(rng, goal)
        if len(plan(initial, goal)) == wished:
            return initial, goal


def _stirred(rng: Random, stacks: list[list[str]], moves: int) -> list[list[str]]:
    board = Board(stacks)
    for _ in range(moves):
        tops = [stack[-1] for stack in board.listed()]
        possible = [(thing, place) for thing in tops for place in (None, *tops)]
        thing, place = rng.choice([(t, p) for t, p in possible if p not in (t, board.under(t))])
        board.shift([thing], place)
    return board.listed()


def _pulls_from_middle(instance: Payload, rng: Random) -> Account | None:
    """Takes a covered thing to its place at once; what was on it sinks."""
    return _breaks_rule(instance, rng, "pull")


def _carries_the_stack(instance: Payload, rng: Random) -> Account | None:
    """Takes a covered thing to its place with all that is on it."""
    return _breaks_rule(instance, rng, "carry")


def _ignores_cover(instance: Payload, rng: Random) -> Account | None:
    """Puts a thing on one that is covered, as if beneath what is there."""
    return _breaks_rule(instance, rng, "squeeze")


def _breaks_rule(instance: Payload, rng: Random, how: str) -> Account | None:
    account = Account(instance, rng)
    account.open()
    while (choice := account.next()) is not None:
        wants = [pair for chain in account.chains if (pair := account.board.next_pair(chain)) is not None]
        broken = [(pair, found) for pair in wants if (found := _broken(account.board, pair, how)) is not None]
        if account.flaw is not None or not broken or rng.random() < 0.3:
            account.explain(choice)
            account.make(choice)
            continue
        pair, (covered, things) = broken[0]
        direct = Choice(*pair, pair)
        if rng.random() < 0.7:
            account.intend(direct)
        words, verb = account.words, "moved" if covered == pair[0] else "built on"
        above = words.listed(account.board.above(covered))
        account.mistake(f"{words.the(covered)} cannot be {verb}: it still carries {above}.")
        account.break_rule(direct, things, how)
    return account if account.flaw is not None else None


def _broken(board: Board, wanted: Pair, how: str) -> tuple[str, list[str]] | None:
    """What is covered, and what ends up on the place of `wanted` if that is done at once in this way. None where the
    move would break another rule, or none."""
    thing, place = wanted
    above, on_place = board.above(thing), [] if place is None else board.above(place)
    if how == "squeeze":
        return (place, [thing, *on_place]) if place and on_place and not above and thing not in on_place else None
    if not above or on_place:
        return None
    return thing, [thing, *above] if how == "carry" else [thing]


def _loses_track(instance: Payload, rng: Random) -> Account | None:
    """Makes a move, and from then on has the thing in another place."""
    account = Account(instance, rng)
    account.open()
    when = rng.randrange(len(plan(instance["initial"], instance["goal"])))
    while (choice := account.next()) is not None:
        account.explain(choice)
        # Back where it came from, or short of the place that he has just thought about, he would notice.
        tops: list[Place] = [stack[-1] for stack in account.board.listed()]
        others = {None, *tops} - {choice.place, choice.thing, account.board.under(choice.thing)}
        likely = choice.target is not None or rng.random() < 0.1
        if account.flaw is not None or len(account.moves) < when or not others or not likely:
            account.make(choice)
            continue
        landed = rng.choice(sorted(others, key=str))
        words = account.words
        account.mistake(f"{words.the(choice.thing)} is now {words.on(choice.place)}, not {words.on(landed)}.")
        account.misplace(choice, landed)
    return account if account.flaw is not None else None


def _reads_upside_down(instance: Payload, rng: Random) -> Account | None:
    """Begins with one stack turned over."""
    account = Account(instance, rng)
    tall = [stack for stack in account.board.stacks if len(stack) > 1]
    if not tall:
        return None
    stack = rng.choice(tall)
    account.mistake(f"from the bottom up this stack is {', '.join(stack)}, not the other way round.")
    stack.reverse()
    account.restate()
    account.open()
    account.work()
    return account


def _forgets_condition(instance: Payload, rng: Random) -> Account | None:
    """Leaves out a wanted stack, or the upper part of one; none if that comes true by itself."""
    chains = chains_of(instance["goal"])
    cuts = [(chain, at) for chain in chains for at in range(len(chains) == 1, len(chain))]
    if not cuts:
        return None
    chain, at = rng.choice(cuts)
    dropped = chain[at:]
    del chain[at:]
    account = Account(instance, rng, [chain for chain in chains if chain])
    account.open()
    account.work()
    lacking = [pair for pair in dropped if not account.board.holds([pair])]
    if not lacking or not account.moves:
        return None
    account.mistake(f"the goal also asks for {account.words.pairs(lacking)}, and that is not so.")
    return account


_MISTAKES: dict[str, Callable[[Payload, Random], Account | None]] = {
    "pulls_from_middle": _pulls_from_middle,
    "carries_the_stack": _carries_the_stack,
    "loses_track": _loses_track,
    "reads_upside_down": _reads_upside_down,
    "forgets_condition": _forgets_condition,
    "ignores_cover": _ignores_cover,
}
