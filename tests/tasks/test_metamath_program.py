"""Metamath's own program accepts the proofs that the symbolic teacher gives, as proofs in a database of the problem."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from tracemill.claims.metamath.listing import Written, read_lines
from tracemill.claims.metamath.system import System, system_of
from tracemill.claims.metamath.unifying import clash, substitutions
from tracemill.metamath.grammar import Tree, filled, variables
from tracemill.metamath.writing import read_back
from tracemill.records import Problem
from tracemill.settings.plugins import load
from tracemill.tasks.metamath.posing import posed
from tracemill.verifiers.cases import draw

needs_program = pytest.mark.skipif(not shutil.which("metamath"), reason="needs apt-get install metamath")


class Translation:
    """A problem with a proof as a database. The label of a variable is `f.` and its name in hex."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.system: System = system_of(problem.premises)
        found = posed(problem.premises, problem.metadata["instance"])
        self.known: dict[str, tuple[Tree, str]] = {name: (one, name) for name, (one, _) in found.hypotheses.items()}

    def written(self, lines: Sequence[Written]) -> str:
        proof = ""
        for line in lines:
            proof = self._line(line)
        payload, goal = self.problem.premises[0].payload, self.problem.check.spec["goal"]
        kinds = dict(payload["variables"])
        texts = [text for _, text in payload["syntax"]]
        tokens = {token for text in texts for token in text.split()} | {"|-", *kinds.values()}
        head = f"$c {' '.join(sorted(tokens - kinds.keys()))} $.\n$v {' '.join(sorted(kinds))} $.\n"
        head += "".join(f"f.{name.encode().hex()} $f {kinds[name]} {name} $.\n" for name in sorted(kinds))
        head += "".join(f"{label} $a {text} $.\n" for label, text in payload["syntax"])
        rules = [one.payload for one in self.problem.premises if "rule" in one.payload]
        head += "".join(
            self._block(one["distinct"], one["hypotheses"], f"{one['rule']} $a |- {one['formula']} $.") for one in rules
        )
        given = [one.payload["formula"] for one in self.problem.premises if "hypothesis" in one.payload]
        return head + self._block(payload["distinct"], given, f"goal $p |- {goal} $= {proof} $.", named=True)

    def _block(
        self, distinct: Sequence[Sequence[str]], given: Sequence[str], statement: str, named: bool = False
    ) -> str:
        label = statement.partition(" ")[0]
        pairs = "".join(f" $d {one} {other} $." for one, other in distinct)
        names = [f"h{at}" if named else f"{label}.{at}" for at in range(1, len(given) + 1)]
        hypotheses = "".join(f" {name} $e |- {text} $." for name, text in zip(names, given, strict=True))
        return f"${{{pairs}{hypotheses} {statement} $}}\n"

    def _line(self, line: Written) -> str:
        tokens = read_back(line.formula, self.problem.metadata["instance"]["symbols"])
        assert tokens is not None
        tree = self.system.grammar.parse("wff", tokens)
        assert tree is not None
        rule, given = self.system.rules[line.rule], [self.known[name] for name in line.given]
        found = substitutions(rule, tree, [formula for formula, _ in given])
        values = next(one for one in found if clash(rule, one, self.system.distinct) is None)
        by_formula = dict(given)
        names = sorted(set().union(variables(rule.formula), *map(variables, rule.hypotheses)))
        parts = [self._syntax(values[name]) for name in names]
        parts += [by_formula[filled(one, values)] for one in rule.hypotheses]
        self.known[line.number] = (tree, " ".join([*parts, line.rule]))
        return self.known[line.number][1]

    def _syntax(self, tree: Tree) -> str:
        if isinstance(tree, str):
            return f"f.{tree.encode().hex()}"
        production = self.system.grammar.productions[str(tree[0])]
        names = [one for one in production.symbols if one in production.types]
        children = dict(zip(names, tree[1:], strict=True))
        return " ".join([*(self._syntax(children[name]) for name in sorted(children)), str(tree[0])])


@needs_program
def test_the_other_program_accepts_what_is_told_and_refuses_it_without_its_distinct_variables(tmp_path: Path) -> None:
    task = load("task", "logic.metamath.proof")()
    accepted = clashing = 0
    for index in range(24):
        drawn = draw(task, index, 1, "program")
        assert drawn is not None
        problem, _ = drawn
        lines = read_lines(task.solve(problem, Random(index)).closing.partition("Answer:\n")[2])
        assert lines is not None
        text = Translation(problem).written(lines)
        if len(text) > 60_000:
            continue  # without sharing, a long proof is far longer
        assert verified(tmp_path, text)
        accepted += 1
        clashing += not verified(tmp_path, without_distinct(text))
    assert accepted > 12
    assert clashing > 0


def without_distinct(text: str) -> str:
    """The theorem's own conditions left out, those of the rules kept."""
    head, mark, last = text.rpartition("${")
    while "$d" in last:
        before, _, after = last.partition(" $d ")
        last = before + after.partition("$.")[2]
    return head + mark + last


def verified(folder: Path, text: str) -> bool:
    (folder / "problem.mm").write_text(text)
    told = ["read problem.mm", "verify proof goal", "exit", "yes"]
    done = subprocess.run(["metamath", *told], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert "statements;" in done.stdout, done.stdout
    return "?Error" not in done.stdout
