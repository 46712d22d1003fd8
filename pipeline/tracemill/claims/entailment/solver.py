"""Satisfiability by z3, for the terms of `smt.py`: one `Session` per trace.

z3 gets trees built through its API and gives an answer through its API; it parses no text and its output is not read.
A session has a context of its own: nothing that was judged before can change an answer or a countermodel, threads do
not meet, and the memory goes with it. The bounds of a check and of a session are in z3's resource units, which fall
alike on every machine. Where these do not bound a check, the CPU time of its thread does; the wall clock plays no part,
nor does load.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

from tracemill.claims.entailment.smt import Sort, Term, Value, evaluate, names
from tracemill.settings.memory import keep

RESOURCE_UNITS = 1_000_000
"""Per check; about 0.1 s. A step of a linear system takes some hundreds."""
BACKSTOP_SECONDS = 5.0
"""CPU time of one check; a check that reaches it is the session's last."""
MAX_UNDECIDED = 3
"""Checks of one session; after that it decides nothing more, so that a trace of hard steps ends too."""
TRACE_UNITS = 64 * RESOURCE_UNITS
"""Of all checks of one session; after that it decides nothing more, so that a trace of very many steps ends too. A
usual trace takes some ten thousand."""

Answer = Literal["sat", "unsat", "unknown"]

_SMALL = tuple(Fraction(n) for n in (0, 1, -1, 2, -2, 3, -3))
_CHAINED = {"=": "Z3_mk_eq", "<": "Z3_mk_lt", "<=": "Z3_mk_le", ">": "Z3_mk_gt", ">=": "Z3_mk_ge"}
_FOLDED = {"xor": "Z3_mk_xor", "/": "Z3_mk_div"}
_FIXED = {
    ("not", 1): "Z3_mk_not",
    ("-", 1): "Z3_mk_unary_minus",
    ("ite", 3): "Z3_mk_ite",
    ("to_real", 1): "Z3_mk_int2real",
}
_NARY = {
    "and": "Z3_mk_and",
    "or": "Z3_mk_or",
    "distinct": "Z3_mk_distinct",
    "+": "Z3_mk_add",
    "-": "Z3_mk_sub",
    "*": "Z3_mk_mul",
}


class _OutOfTimeError(Exception):
    """A check took its CPU time."""


class Session:
    """Formulas in, answers out. `backstop`: whether CPU time bounds each check, too; that starts a thread for each.

    To be closed: z3 takes 2 ms to end a context in which handles are still held.
    """

    def __init__(self, symbols: Mapping[str, Sort], resource_units: int, backstop: bool) -> None:
        import z3

        # For each session anew: between the phases of a build memory is given back.
        keep()
        self._z3 = z3
        self._context = z3.Context()
        self._ref = self._context.ref()
        self._solver = z3.SimpleSolver(ctx=self._context)
        # `ctrl_c` would set a signal handler at each check, whatever the thread.
        self._solver.set(rlimit=resource_units, random_seed=0, ctrl_c=False)
        self._backstop = backstop
        self._over = False
        self._symbols = symbols
        self._sorts: dict[str, Any] = {}
        self._constants: dict[str, Any] = {}
        self._undecided = 0
        self._resource_units = resource_units
        self._checks = 0
        self._exhausted = False
        self._handles: list[Any] = []
        self._built: dict[int, tuple[Term, Any]] = {}
        """By the term's identity, with the term, so that no other can take the identity over."""

    def close(self) -> None:
        """Gives every handle back."""
        for handle in self._handles:
            self._z3.Z3_dec_ref(self._ref, handle)
        self._handles = []

    def check(self, formulas: Iterable[Term], but_not: Term | None = None) -> Answer:
        """Whether the formulas can hold together (`but_not`: while that one does not)."""
        if self._over or self._undecided >= MAX_UNDECIDED or self._exhausted:
            return "unknown"
        self._push(formulas, but_not)
        try:
            answer = self._answer()
        except _OutOfTimeError:
            return "unknown"
        self._solver.pop()
        self._undecided += answer == "unknown"
        return answer

    def countermodel(self, formulas: Sequence[Term], claim: Term) -> dict[str, Value] | None:
        """Values that make the formulas true and the claim false; None where a value is irrational, the session has
        used up its units, or the search takes too long.

        Symbol by symbol in the order of declaration, false before true and the first possible of 0, 1, −1, … −3.

        Raises:
            RuntimeError: the solver's values do not do that in our own arithmetic.
        """
        try:
            return self._countermodel(formulas, claim)
        except _OutOfTimeError:
            return None

    def _countermodel(self, formulas: Sequence[Term], claim: Term) -> dict[str, Value] | None:
        occurring = {name for formula in (*formulas, claim) for name in names(formula)}
        self._push(formulas, claim)
        model: dict[str, Value] | None = self._model(occurring) if self._answer() == "sat" else None
        for name in self._symbols if model else ():
            if name in occurring:
                model = self._smaller(name, model, occurring) if model else None
        self._solver.pop()
        if model and not (all(evaluate(formula, model) for formula in formulas) and not evaluate(claim, model)):
            raise RuntimeError("the solver's countermodel is none")
        return model

    def _smaller(self, name: str, model: dict[str, Value], occurring: set[str]) -> dict[str, Value] | None:
        """The model with the symbol's first possible value, which stays asserted."""
        first: tuple[Value, ...] = (False,) if self._symbols[name] == "Bool" else _SMALL
        for value in first:
            if value == model[name]:
                break
            self._solver.push()
            self._assert(self._is(name, value))
            if self._answer() == "sat":
                smaller = self._model(occurring)
                self._solver.pop()
                self._assert(self._is(name, value))
                return smaller
            self._solver.pop()
        self._assert(self._is(name, model[name]))
        return model

    def _push(self, formulas: Iterable[Term], but_not: Term | None) -> None:
        self._solver.push()
        for formula in formulas:
            self._assert(self._whole(formula))
        if but_not:
            self._assert(self._kept(self._z3.Z3_mk_not(self._ref, self._whole(but_not))))

    def _assert(self, ast: Any) -> None:
        self._z3.Z3_solver_assert(self._ref, self._solver.solver, ast)

    def _answer(self) -> Answer:
        """Raises: _OutOfTimeError: after an interrupt nothing more is asked of the context."""
        if self._exhausted:
            return "unknown"
        with self._bounded() if self._backstop else nullcontext():
            code = self._z3.Z3_solver_check(self._ref, self._solver.solver)
        if self._over:
            raise _OutOfTimeError
        self._checks += 1
        # Before that many checks the bound cannot be reached, and looking takes as long as an easy check.
        if self._checks * self._resource_units >= TRACE_UNITS:
            self._exhausted = self._solver.statistics().get_key_value("rlimit count") >= TRACE_UNITS
        return "sat" if code == self._z3.Z3_L_TRUE else "unsat" if code == self._z3.Z3_L_FALSE else "unknown"

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Interrupts z3 when this thread has taken its CPU time. A thread beside it looks, as often as it must."""
        clock = time.pthread_getcpuclockid(threading.get_ident())
        end = time.clock_gettime(clock) + BACKSTOP_SECONDS
        done, interrupting = threading.Event(), threading.Lock()

        def watch() -> None:
            while not done.wait(max(0.001, end - time.clock_gettime(clock))):
                with interrupting:
                    if time.clock_gettime(clock) >= end and not done.is_set():
                        self._over = True
                        self._z3.Z3_interrupt(self._ref)
                        return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            with interrupting:
                done.set()
            watcher.join()

    def _model(self, wanted: set[str]) -> dict[str, Value] | None:
        z3, model = self._z3, self._solver.model()
        values: dict[str, Value] = {}
        for name in self._symbols:
            if name in wanted:
                value = model.eval(z3.ExprRef(self._build(self._symbol(name)), self._context), model_completion=True)
                if z3.is_algebraic_value(value):
                    return None
                values[name] = z3.is_true(value) if self._symbols[name] == "Bool" else Fraction(value.as_string())
        return values

    def _symbol(self, name: str) -> Term:
        return Term("symbol", self._symbols[name], name=name)

    def _is(self, name: str, value: Value) -> Any:
        sort = self._symbols[name]
        if isinstance(value, bool):
            constant = Term("true" if value else "false", "Bool")
        else:
            constant = Term("numeral", sort, value=value)
        return self._build(Term("=", "Bool", (self._symbol(name), constant)))

    def _kept(self, ast: Any) -> Any:
        self._z3.Z3_inc_ref(self._ref, ast)
        self._handles.append(ast)
        return ast

    def _whole(self, formula: Term) -> Any:
        if id(formula) not in self._built:
            self._built[id(formula)] = (formula, self._build(formula))
        return self._built[id(formula)][1]

    def _build(self, term: Term) -> Any:
        if not term.args:
            return self._leaf(term)
        args = [self._build(arg) for arg in term.args]
        if term.op in _CHAINED:
            make = getattr(self._z3, _CHAINED[term.op])
            return self._many("Z3_mk_and", [self._kept(make(self._ref, *pair)) for pair in pairwise(args)])
        if term.op in _FOLDED:
            return self._folded(getattr(self._z3, _FOLDED[term.op]), args)
        if term.op == "=>":
            return self._implication(args)
        fixed = _FIXED.get((term.op, len(args)))
        return self._kept(getattr(self._z3, fixed)(self._ref, *args)) if fixed else self._many(_NARY[term.op], args)

    def _leaf(self, term: Term) -> Any:
        if term.op == "symbol":
            return self._constant(term.name)
        if term.value is not None:
            return self._kept(self._z3.Z3_mk_numeral(self._ref, str(term.value), self._sort(term.sort)))
        return self._kept(self._z3.Z3_mk_true(self._ref) if term.op == "true" else self._z3.Z3_mk_false(self._ref))

    def _implication(self, args: Sequence[Any]) -> Any:
        result = args[-1]
        for condition in reversed(args[:-1]):
            result = self._kept(self._z3.Z3_mk_implies(self._ref, condition, result))
        return result

    def _folded(self, make: Callable[[Any, Any, Any], Any], args: Sequence[Any]) -> Any:
        result = args[0]
        for arg in args[1:]:
            result = self._kept(make(self._ref, result, arg))
        return result

    def _many(self, make: str, args: Sequence[Any]) -> Any:
        if len(args) == 1:
            return args[0]
        array = (self._z3.Ast * len(args))(*args)
        return self._kept(getattr(self._z3, make)(self._ref, len(args), array))

    def _constant(self, name: str) -> Any:
        if name not in self._constants:
            z3, ref = self._z3, self._ref
            symbol = z3.Z3_mk_string_symbol(ref, name)
            self._constants[name] = self._kept(z3.Z3_mk_const(ref, symbol, self._sort(self._symbols[name])))
        return self._constants[name]

    def _sort(self, sort: Sort) -> Any:
        if sort not in self._sorts:
            make = {"Bool": "Z3_mk_bool_sort", "Int": "Z3_mk_int_sort", "Real": "Z3_mk_real_sort"}[sort]
            z3, ref = self._z3, self._ref
            handle = getattr(z3, make)(ref)
            self._kept(z3.Z3_sort_to_ast(ref, handle))
            self._sorts[sort] = handle
        return self._sorts[sort]
