"""Mode `call`: a function is called, and its value, or its argument after the call, is compared outside.

The cage sees names and arguments alone. What runs beside the candidate there (a few lines behind its program) cannot be
a defence and is none: whatever the candidate makes of it, it can only change the value that it gives as its answer.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from functools import partial
from typing import Any

from tracemill.sandbox.jobs import Ended, JobCall, JobRun
from tracemill.sandbox.transfer import Foreign, decode
from tracemill.verifiers.code.comparing import same_value
from tracemill.verifiers.code.languages import language_of
from tracemill.verifiers.code.programs import Cage, as_bytes, joined, placed, run_tests
from tracemill.verifiers.code.results import Judged, Reason, TestResult, broken, shown, text_of, trouble_said
from tracemill.verifiers.code.spec import CallSpec, CallTest, ValueComparison, limits_of

_NO_FUNCTION = "tracemill: no function"
_NOT_FOUND = ("FunctionNotFound:", f"NameError: {_NO_FUNCTION}", f"AttributeError: {_NO_FUNCTION}")

_BEHIND_PYTHON = f'''


def tracemill_find(name):
    owner, _, method = name.partition(".")
    if method and owner not in globals():
        owner, method = method, ""
    if owner not in globals() and "Solution" in globals():
        owner, method = "Solution", owner
    if owner not in globals():
        raise NameError("{_NO_FUNCTION} " + name)
    found = globals()[owner]
    if method and not hasattr(found, method):
        raise AttributeError("{_NO_FUNCTION} " + name)
    return getattr(found(), method) if method else found


def tracemill_plain(value):
    import collections

    if type(value) in (collections.Counter, collections.defaultdict, collections.OrderedDict):
        value = dict(value)
    if type(value) in (list, tuple):
        return type(value)(map(tracemill_plain, value))
    return {{key: tracemill_plain(item) for key, item in value.items()}} if type(value) is dict else value


def tracemill_value(name, arguments, keywords):
    return tracemill_plain(tracemill_find(name)(*arguments, **keywords))


def tracemill_in_place(name, arguments, keywords):
    tracemill_find(name)(*arguments, **keywords)
    return arguments


def tracemill_truth(name, arguments, keywords):
    return bool(tracemill_find(name)(*arguments, **keywords))


def tracemill_raises(name, arguments, keywords):
    function = tracemill_find(name)
    try:
        function(*arguments, **keywords)
    except Exception as exc:
        return [kind.__name__ for kind in type(exc).__mro__ if kind.__module__ == "builtins"]
    return []
'''

_BEHIND_JAVASCRIPT = r"""
;(async () => {
  const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const say = (said) => process.stdout.write("\n" + asked.nonce + JSON.stringify(said) + "\n");
  const read = (data) => {
    if (data === null || typeof data !== "object") return data;
    if (Array.isArray(data)) return data.map(read);
    const [kind, content] = Object.entries(data)[0];
    if (kind === "none") return null;
    if (kind === "tuple") return content.map(read);
    if (kind === "set" || kind === "frozenset") return new Set(content.map(read));
    if (kind === "dict") return Object.fromEntries(content.map(([key, item]) => [read(key), read(item)]));
    if (kind === "int") return content.startsWith("-") ? -BigInt(content.slice(1)) : BigInt(content);
    if (kind === "float") return { nan: NaN, inf: Infinity, "-inf": -Infinity }[content];
    return content;
  };
  const write = (value, depth = 0) => {
    if (depth > 90) return { object: "nested" };
    if (value === null || value === undefined) return { none: null };
    if (typeof value === "bigint") return { int: value.toString(16).replace(/^-?/, (sign) => sign + "0x") };
    if (typeof value === "number") {
      if (Number.isNaN(value)) return { float: "nan" };
      return Number.isFinite(value) ? value : { float: value > 0 ? "inf" : "-inf" };
    }
    if (typeof value === "string" || typeof value === "boolean") return value;
    if (Array.isArray(value)) return value.map((item) => write(item, depth + 1));
    if (value instanceof Set) return { set: [...value].map((item) => write(item, depth + 1)) };
    const pairs = value instanceof Map ? [...value] : Object.entries(value);
    if (typeof value !== "object") return { object: typeof value };
    return { dict: pairs.map(([key, item]) => [write(key, depth + 1), write(item, depth + 1)]) };
  };
  let found;
  const [owner, method] = asked.function.split(".");
  try { found = eval(owner); } catch { found = undefined; }
  if (method && found) { const one = new found(); found = one[method] ? one[method].bind(one) : undefined; }
  if (typeof found !== "function") return say({ missing: true });
  const given = asked.arguments.map(read);
  let value;
  try { value = await found(...given); } catch (error) {
    if (!asked.raises) throw error;
    return say({ thrown: true });
  }
  say({ value: write(asked.in_place ? given : value) });
})();
"""


def judge_call(spec: CallSpec, program: str, cage: Cage) -> Judged:
    source = joined(spec.header, program)
    if spec.language == "javascript":
        return _judge_javascript(spec, source, cage)
    return judge_python_calls(spec, source, spec.tests, cage)


def behind_python(source: str) -> str:
    """A program in Python with the functions by which it is called."""
    return source + _BEHIND_PYTHON


def judge_python_calls(spec: CallSpec, source: str, tests: Sequence[CallTest], cage: Cage) -> Judged:
    language = language_of("python")
    run_of, result_of = partial(python_run, spec), partial(_python_result, spec)
    files = placed(spec.files, language, behind_python(source))
    return run_tests(cage, language, files, tests, limits_of(spec.limits), run_of, result_of)


def python_run(spec: CallSpec, test: CallTest) -> JobRun:
    how = "tracemill_value"
    if test.raises is not None:
        how = "tracemill_raises"
    elif test.truth is not None:
        how = "tracemill_truth"
    elif spec.in_place:
        how = "tracemill_in_place"
    keywords = {"dict": [[name, value] for name, value in test.keywords.items()]}
    return JobRun(call=JobCall(how, (test.function or spec.function, list(test.arguments), keywords)))


def _python_result(spec: CallSpec, index: int, test: CallTest, ended: Ended) -> TestResult:
    if ended.raised and ended.raised.startswith(_NOT_FOUND):
        return _failed(spec, index, test, "not_found", f"no function {test.function or spec.function}")
    if reason := broken(ended):
        return _failed(spec, index, test, reason, trouble_said(ended))
    if ended.value is None:
        return _failed(spec, index, test, "crash", f"it ended with status {ended.status} before the call returned")
    return _compared(spec, index, test, ended.value, spec.compare)


def _compared(spec: CallSpec, index: int, test: CallTest, encoded: Any, how: ValueComparison) -> TestResult:
    try:
        got = decode(encoded)
    except (ValueError, TypeError, RecursionError):
        return _failed(spec, index, test, "wrong_output", "a value that cannot be read")
    if _is_wanted(test, got, test.compare or how):
        return TestResult(index)
    return _failed(spec, index, test, "wrong_output", _as_shown(got))


def _is_wanted(test: CallTest, got: Any, how: ValueComparison) -> bool:
    if test.raises is not None:
        return type(got) is list and test.raises in got
    if test.truth is not None:
        return got is test.truth
    return same_value(decode(test.expected), got, how)


def _failed(spec: CallSpec, index: int, test: CallTest, reason: Reason, got: str) -> TestResult:
    return TestResult(index, reason, shown(_call_text(spec, test)), shown(got), shown(_expected_text(test)))


def _call_text(spec: CallSpec, test: CallTest) -> str:
    given = [_as_shown(decode(value)) for value in test.arguments]
    given += [f"{name}={_as_shown(decode(value))}" for name, value in test.keywords.items()]
    return f"{test.function or spec.function}({', '.join(given)})"


def _expected_text(test: CallTest) -> str:
    if test.raises is not None:
        return f"raises {test.raises}"
    return f"bool {test.truth}" if test.truth is not None else _as_shown(decode(test.expected))


def _as_shown(value: Any) -> str:
    if isinstance(value, Foreign):
        return f"an object of type {value.type_name}"
    try:
        return repr(value)
    except (ValueError, RecursionError):
        # An integer of more digits than Python writes.
        return f"a {type(value).__name__} too large to be shown"


def _judge_javascript(spec: CallSpec, source: str, cage: Cage) -> Judged:
    nonce = secrets.token_hex(16)
    # JavaScript has one type of number.
    how = spec.compare
    if how.numbers == "exact":
        how = how.model_copy(update={"numbers": "float"})
    limits = limits_of(spec.limits)

    def run_of(test: CallTest) -> JobRun:
        asked = {
            "nonce": nonce,
            "function": test.function or spec.function,
            "arguments": test.arguments,
            "in_place": spec.in_place,
            "raises": test.raises is not None,
        }
        return JobRun(stdin=as_bytes(json.dumps(asked)))

    def result_of(index: int, test: CallTest, ended: Ended) -> TestResult:
        return _javascript_result(spec, how, nonce, index, test, ended)

    language = language_of("javascript")
    files = placed(spec.files, language, source + _BEHIND_JAVASCRIPT)
    return run_tests(cage, language, files, spec.tests, limits, run_of, result_of)


def _javascript_result(
    spec: CallSpec, how: ValueComparison, nonce: str, index: int, test: CallTest, ended: Ended
) -> TestResult:
    if reason := broken(ended):
        return _failed(spec, index, test, reason, trouble_said(ended))
    said = [line for line in text_of(ended.stdout).splitlines() if line.startswith(nonce)]
    try:
        found = json.loads(said[-1].removeprefix(nonce)) if said else {}
    except (ValueError, RecursionError):
        found = {}
    if not isinstance(found, dict):
        found = {}
    if test.raises is not None and found.keys() & {"thrown", "value"}:
        # Names of JavaScript's exceptions are its own: that one was thrown is what is asked.
        return TestResult(index) if "thrown" in found else _failed(spec, index, test, "wrong_output", "a value")
    if "value" in found:
        return _compared(spec, index, test, found["value"], how)
    if found.get("missing"):
        return _failed(spec, index, test, "not_found", f"no function {test.function or spec.function}")
    return _failed(spec, index, test, "crash", "it ended before the call returned")
