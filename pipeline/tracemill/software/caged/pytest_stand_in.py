"""What of pytest's interface test files use: `raises`, `approx`, `mark.parametrize`. Marks that skip a test, and what
else pytest has, say that the file cannot be run here; other marks change nothing."""

import math
import re


class CannotTest(Exception):
    """The test file asks for what is not here, or skips: this says nothing of the candidate."""


class raises:
    def __init__(self, expected, *further, match=None):
        self.expected = expected
        self.match = match
        self.value = None
        if further:
            function, *arguments = further
            with self:
                function(*arguments)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            raise AssertionError(f"did not raise {self.expected}")
        if not issubclass(kind, self.expected):
            return False
        if self.match is not None and not re.search(self.match, str(value)):
            raise AssertionError(f"{value} does not match {self.match}")
        self.value = value
        return True


class approx:
    __hash__ = None

    def __init__(self, expected, rel=None, abs=None, nan_ok=False):
        self.expected, self.rel, self.abs, self.nan_ok = expected, rel, abs, nan_ok

    def __eq__(self, other):
        return self._same(self.expected, other)

    def _same(self, expected, other):
        if type(expected) in (list, tuple):
            return (
                type(other) is type(expected) and len(other) == len(expected) and all(map(self._same, expected, other))
            )
        if type(expected) is dict:
            keys = type(other) is dict and other.keys() == expected.keys()
            return keys and all(self._same(item, other[key]) for key, item in expected.items())
        if type(expected) not in (int, float, complex) or type(other) not in (bool, int, float, complex):
            return type(expected) is type(other) and expected == other
        if expected == other or (self.nan_ok and expected != expected and other != other):
            return True
        least = 1e-12 if self.abs is None else self.abs
        relative = (1e-6 if self.abs is None else 0) if self.rel is None else self.rel
        bound = max(least, relative * abs(expected))
        return abs(expected - other) <= bound and math.isfinite(abs(other))

    def __repr__(self):
        return f"approx({self.expected!r})"


class _Mark:
    def __getattr__(self, name):
        def mark(*arguments, **keywords):
            if len(arguments) == 1 and callable(arguments[0]) and not keywords:
                return arguments[0]
            return lambda function: function

        return mark

    def skip(self, *_arguments, **_keywords):
        raise CannotTest("a test that is skipped, or may fail, shows nothing")

    xfail = skip

    def skipif(self, condition, **_keywords):
        return self.skip() if condition else lambda function: function

    def parametrize(self, names, rows, **_further):
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)

        def mark(function):
            cases = [dict(zip(names, row if len(names) > 1 else (row,), strict=True)) for row in rows]
            known = getattr(function, "tracemill_cases", [{}])
            function.tracemill_cases = [{**one, **two} for one in known for two in cases]
            return function

        return mark


mark = _Mark()


def fail(reason=""):
    raise AssertionError(reason)


def skip(reason=""):
    raise CannotTest(f"a test that is skipped shows nothing: {reason}")


def fixture(*_arguments, **_keywords):
    raise CannotTest("fixtures of pytest are not supported here")


def main(*_arguments):
    return 0


def __getattr__(name):
    # The interpreter asks a module for such names when something is imported from it.
    if name.startswith("__"):
        raise AttributeError(name)
    raise CannotTest(f"pytest.{name} is not supported here")
