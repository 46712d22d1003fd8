"""What `Check(kind="code")` says: how a program is judged. `read_spec` reads it; what it cannot read is refused.

    mode stdin    each test has `stdin` and the `stdout` that is expected
    mode call     each test has `arguments`, `keywords` and what is `expected`, or the exception that it `raises`
    mode output   the problem shows a `program`; the reply says what it prints
    mode unit     a test file as people write them: asserts, `check(candidate)`, unittest, pytest
    mode repository  the same of a repository of several files, which a conversation with tools has changed

Values are written as `sandbox/transfer.py` encodes them: JSON, in which what JSON lacks is tagged, such as
`{"tuple": [1, 2]}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from tracemill.records import Check, canonical_json
from tracemill.sandbox.jobs import Limits, inside
from tracemill.sandbox.transfer import decode
from tracemill.verifiers.code.languages import language_of

KIND = "code"
MOST_TESTS = 10_000

_NAME = r"^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)?$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProgramLimits(_Strict):
    """Of one test: CPU time of all processes together, and memory."""

    cpu_seconds: float = Field(default=10.0, gt=0, le=600)
    memory_mb: int = Field(default=1024, ge=16, le=2**16)


class TextComparison(_Strict):
    """When two texts are the same. `by`: words, lines (blanks at their ends and empty last lines do not count), or
    every byte. `order`: whether words or lines may come in any. `tolerance`: words that are numbers may differ by so
    much, absolutely or as a share of the expected one."""

    by: Literal["tokens", "lines", "exact"] = "tokens"
    order: Literal["kept", "any"] = "kept"
    tolerance: float | None = Field(default=None, ge=0)


class ValueComparison(_Strict):
    """When two values are the same. `numbers`: `exact`, only of one type; `float`, 1.0 is 1 and True is neither;
    `python`, as `==` says. `sequences`: `any` takes a tuple for a list. `order`: whether the items of the outermost
    sequence may come in any. `tolerance`: numbers may differ by so much, absolutely or as a share."""

    numbers: Literal["exact", "float", "python"] = "exact"
    sequences: Literal["exact", "any"] = "exact"
    order: Literal["kept", "any"] = "kept"
    tolerance: float | None = Field(default=None, ge=0)


class JudgeProgram(_Strict):
    """A special judge: called with three files (input, output, expected output), it exits with 0 for yes, and with 1 or
    2 for no; anything else says that it is broken. It runs in a cage of its own."""

    language: str = "python"
    program: str = Field(min_length=1)


class SuiteScore(_Strict):
    """How good the tests are: of `differing` mutants of the reference solution, which give another result on some
    input, the tests see `killed`. `unexamined`: those that pass and of which nobody knows whether they differ."""

    differing: int = Field(ge=0)
    killed: int = Field(ge=0)
    unexamined: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _is_a_share(self) -> SuiteScore:
        if self.killed > self.differing:
            raise ValueError(f"of {self.differing} mutants that differ, {self.killed} cannot have been killed")
        return self

    @property
    def score(self) -> float | None:
        """Killed over differing; None where that is not known."""
        return self.killed / self.differing if self.differing and not self.unexamined else None


class StdinTest(_Strict):
    stdin: str = ""
    stdout: str


class CallTest(_Strict):
    """One call. Exactly one of `expected` (an encoded value), `raises` (a built-in exception's name) and `truth`
    (whether the value counts as true) is given. `function`: where it is another than the spec's."""

    function: str | None = Field(default=None, pattern=_NAME)
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = {}
    expected: Any = None
    raises: str | None = None
    truth: bool | None = None
    compare: ValueComparison | None = None

    @model_validator(mode="after")
    def _is_read(self) -> CallTest:
        if (self.raises is not None) + (self.truth is not None) + ("expected" in self.model_fields_set) != 1:
            raise ValueError("a test of a call has one of expected, raises and truth")
        for value in (*self.arguments, *self.keywords.values(), self.expected):
            decode(value)
        return self


class _Program(_Strict):
    """`header` stands before the program of the reply, such as the imports that the question shows; `files` lie beside
    it, by their paths, and it can import or open them. `suite` is what was measured of the tests."""

    language: str = "python"
    header: str = ""
    files: dict[str, str] = {}
    limits: ProgramLimits = ProgramLimits()
    suite: SuiteScore | None = None

    @model_validator(mode="after")
    def _is_known(self) -> _Program:
        language_of(self.language)
        _refuse_outside(self.files)
        return self


class StdinSpec(_Program):
    mode: Literal["stdin"]
    tests: tuple[StdinTest, ...] = Field(min_length=1, max_length=MOST_TESTS)
    compare: TextComparison = TextComparison()
    judge: JudgeProgram | None = None

    @model_validator(mode="after")
    def _judge_is_known(self) -> StdinSpec:
        if self.judge is not None:
            language_of(self.judge.language)
        return self


class CallSpec(_Program):
    """`in_place`: what is compared is the list of the arguments after the call, not its value."""

    mode: Literal["call"]
    function: str = Field(pattern=_NAME)
    tests: tuple[CallTest, ...] = Field(min_length=1, max_length=MOST_TESTS)
    compare: ValueComparison = ValueComparison()
    in_place: bool = False

    @model_validator(mode="after")
    def _can_be_called(self) -> CallSpec:
        if self.language == "cpp":
            raise ValueError("functions of C++ are not called; write a mode stdin, whose program reads its arguments")
        if self.language != "python" and any(test.truth is not None or test.keywords for test in self.tests):
            raise ValueError(
                f"functions of {self.language} have neither keywords nor truth; write arguments and expected"
            )
        return self


class OutputSpec(_Strict):
    """`program` is run once, and what it prints is what the reply must say."""

    mode: Literal["output"]
    language: str = "python"
    program: str = Field(min_length=1)
    stdin: str = ""
    compare: TextComparison = TextComparison(by="lines")
    limits: ProgramLimits = ProgramLimits()

    @model_validator(mode="after")
    def _is_known(self) -> OutputSpec:
        language_of(self.language)
        return self


class UnitSpec(_Program):
    """`tests`: the test files. `function`: what `check(candidate)` is given. `prelude`: what stands in the question and
    the tests may use, such as a helper function; it is taken from here and never from the reply. `in_place`: whether
    calls may change their arguments; else each is given copies, which it cannot change. `modules`: those of `files`
    that the tests may import as well."""

    mode: Literal["unit"]
    tests: tuple[str, ...] = Field(min_length=1, max_length=MOST_TESTS)
    function: str | None = Field(default=None, pattern=_NAME)
    prelude: str = ""
    in_place: bool = False
    modules: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_python(self) -> UnitSpec:
        if self.language != "python":
            raise ValueError(f"test files are Python's; of {self.language} programs write a mode stdin or call")
        return self


class RepositorySpec(_Strict):
    """`tests`: test files, by their paths, which import the repository's modules; whoever repairs it never sees them.
    `limits` are of one test. `suite`: as of other programs."""

    mode: Literal["repository"]
    tests: dict[str, str] = Field(min_length=1, max_length=MOST_TESTS)
    limits: ProgramLimits = ProgramLimits()
    suite: SuiteScore | None = None


CodeSpec: TypeAlias = StdinSpec | CallSpec | OutputSpec | UnitSpec | RepositorySpec
_READER: TypeAdapter[CodeSpec] = TypeAdapter(Annotated[CodeSpec, Field(discriminator="mode")])


def _refuse_outside(files: Mapping[str, str]) -> None:
    if wrong := [path for path in files if not inside(path)]:
        raise ValueError(f"the file {wrong[0]!r} does not lie below the program's folder")


def read_spec(check: Check) -> CodeSpec:
    """
    Raises:
        ValueError: the check is of another kind, or its spec makes no sense.
    """
    if check.kind != KIND:
        raise ValueError(f"no code check {check.kind!r}; the verifier 'code' judges checks of kind {KIND!r}")
    text = canonical_json(check.spec)
    if _MANY_DIGITS.search(text):
        _refuse_large_integers(check.spec)
    return _read(text)


_MANY_DIGITS = re.compile(r"[0-9]{16}")


def _refuse_large_integers(value: Any) -> None:
    """What is stored as JSON has such a number as text, which is another value."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            _refuse_large_integers(item)
    elif type(value) is int and not -(2**53) <= value <= 2**53:
        raise ValueError(f"a whole number beyond 2**53 is written {{'int': '{hex(value)[:40]}'}}")


@lru_cache(maxsize=256)
def _read(text: str) -> CodeSpec:
    """Once for all replies to one problem."""
    return _READER.validate_json(text)


def limits_of(limits: ProgramLimits, expected_bytes: int = 0) -> Limits:
    """The cage's limits. What may be printed grows with what is expected."""
    output = max(1 << 20, 2 * expected_bytes + (64 << 10))
    return Limits(cpu_seconds=limits.cpu_seconds, memory_bytes=limits.memory_mb << 20, output_bytes=output)
