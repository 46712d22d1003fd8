"""Blocks world: rearrange stacks, one thing at a time, until a goal holds.

Difficulty sets the number of moves and the number of things that they are about (3 to 9). Three or four things have
few arrangements, so easy problems also have up to two bystanders, which add no move.
A goal names some stacks, each from the floor up; things outside them may end up anywhere. Plans are good, not
always shortest (finding those is NP-hard: N. Gupta and D. Nau, "On the complexity of blocks-world planning",
Artificial Intelligence 56, 1992). What the claims mean stands in `claims/state/checker.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import ClassVar

from tracemill.records import Check, Claim, Problem
from tracemill.tasks.blocks_world.board import Board, canonical
from tracemill.tasks.blocks_world.planner import plan
from tracemill.tasks.blocks_world.story import WORDS, Story, names
from tracemill.tasks.blocks_world.telling import Working
from tracemill.tasks.kit.narrated_task import NarratedTask
from tracemill.tasks.kit.teller import Teller
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Draft, Request

_CANDIDATES = 10
_EASY = 0.25
"""The difficulty below which there are bystanders."""
_BYSTANDERS = (0, 1, 1, 2, 2)
_PARTIAL = 0.45


class BlocksWorld(NarratedTask):
    """Any plan that reaches the goal is right. `instance`: theme, floor, article, initial and goal stacks."""

    name: ClassVar[str] = "planning.classical.blocks_world"
    version: ClassVar[str] = "7"
    summary: ClassVar[str] = "rearrange stacks one thing at a time until a goal holds"
    words = WORDS
    tellings = 6

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.blocks_world.oracle import BlocksWorldOracle

        return BlocksWorldOracle

    def make(self, request: Request) -> Draft:
        rng, difficulty = request.rng, request.difficulty
        bystanders = rng.choice(_BYSTANDERS) if difficulty < _EASY else 0
        article, things = names(rng, request.theme, 3 + round(6 * difficulty) + bystanders)
        initial, goal = _arranged(rng, things, 2 + round(11 * difficulty), near=bystanders > 0)
        story = Story(request.theme, rng.choice(self.words.themes[request.theme]["floors"]), article)
        states = {"initial": {"stacks": initial}, "goal": {"stacks": goal}}
        return Draft(
            prompt=story.prompt(rng, initial, goal),
            answer="\n".join(story.move(*move) for move in plan(initial, goal)),
            check=Check("plan", {"simulator": "blocks", **states, "floor": story.floor}),
            premises=(Claim("state", states["initial"]), Claim("goal", states["goal"])),
            group=f"blocks_world {canonical(initial, goal)}",
            instance={
                "theme": request.theme,
                "floor": story.floor,
                "article": article,
                "initial": initial,
                "goal": goal,
            },
        )

    def tell(self, problem: Problem, teller: Teller) -> None:
        working = Working(problem.metadata["instance"], teller)
        working.begin()
        working.work()
        working.finish()


def _arranged(rng: Random, things: Sequence[str], wished: int, near: bool) -> tuple[list[list[str]], list[list[str]]]:
    """Arrangements whose plan is about `wished` moves long: the nearest of a few. With `near` the second is what some
    random moves make of the first, so that most things stay where they are."""
    wished -= near and rng.random() < 0.35
    best: tuple[int, list[list[str]], list[list[str]]] | None = None
    for _ in range(_CANDIDATES):
        initial = _arrangement(rng, things)
        goal = _stirred(rng, initial, wished + rng.randrange(2)) if near else _arrangement(rng, things)
        if rng.random() < _PARTIAL:
            goal = _partial(rng, goal)
        moves = len(plan(initial, goal))
        if moves and (best is None or abs(moves - wished) < best[0]):
            best = (abs(moves - wished), initial, goal)
        if best is not None and best[0] == 0:
            break
    return best[1:] if best else ([list(things)], [list(reversed(things))])


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


def _stirred(rng: Random, stacks: list[list[str]], moves: int) -> list[list[str]]:
    board = Board(stacks)
    for _ in range(moves):
        tops = [stack[-1] for stack in board.listed()]
        possible = [(thing, place) for thing in tops for place in (None, *tops)]
        board.shift(*rng.choice([(t, p) for t, p in possible if p not in (t, board.under(t))]))
    return board.listed()
