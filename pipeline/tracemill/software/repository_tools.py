"""The tools of a repository: what a solver may call, and what comes back.

Each is a function with a JSON schema, as the OpenAI API has them. Whatever is called, the answer is a text: what cannot
be done is answered by `error: …`, and a long answer is cut, with a line that says so. The same calls on the same files
give the same texts, on any machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tracemill.records import Payload, ToolCall
from tracemill.records.trace import UNREAD_ARGUMENTS
from tracemill.software.visible_tests import is_test_file, run_visible_tests
from tracemill.software.working_copy import RefusedError, WorkingCopy

ERROR = "error: "
LEFT_OUT = "characters are left out here"
MAX_RESULT = 8_000
"""Characters of a result; of a longer one the beginning and the end are kept."""
_KEPT_AT_END = 2_500
MAX_HITS = 40
MAX_LINES = 200
_WIDTH = 200


def call_tool(copy: WorkingCopy, call: ToolCall) -> str:
    """Carries out one call on a working copy, which an edit changes. What could not be done begins with `ERROR`; what
    is cut has `LEFT_OUT` in it.

    Raises:
        SandboxTrouble: tests could not be run, by trouble of ours.
    """
    try:
        text = _TOOLS[_known(call.name)](copy, **_arguments(call))
    except RefusedError as exc:
        text = f"{ERROR}{exc}"
    return _shown(text)


def executes(call: ToolCall) -> bool:
    """Whether a call runs code of the repository; all others only look at texts or change them."""
    return call.name == "run_tests"


def _known(name: str) -> str:
    if name not in _TOOLS:
        raise RefusedError(f"there is no tool {name[:100]!r}; there are {', '.join(_TOOLS)}")
    return name


def _arguments(call: ToolCall) -> dict[str, Any]:
    """Its arguments, without those that are null.

    Raises:
        RefusedError: they are not those of the tool's schema.
    """
    schema = _SCHEMAS[call.name]
    known: Mapping[str, Payload] = schema["properties"]
    if UNREAD_ARGUMENTS in call.arguments:
        raise RefusedError(f"the arguments of {call.name} are no JSON object; give {_expected(schema)}")
    given = {name: value for name, value in call.arguments.items() if value is not None}
    for name, value in given.items():
        if name not in known:
            raise RefusedError(f"{call.name} has no argument {name[:100]!r}; give {_expected(schema)}")
        wanted = int if known[name]["type"] == "integer" else str
        if type(value) is not wanted:
            raise RefusedError(f"the argument {name!r} of {call.name} is no {known[name]['type']}")
    if missing := [name for name in schema["required"] if name not in given]:
        raise RefusedError(f"{call.name} needs {' and '.join(map(repr, missing))}; give {_expected(schema)}")
    return given


def _expected(schema: Payload) -> str:
    needed = schema["required"]
    return ", ".join(f"{name}{'' if name in needed else ' (optional)'}" for name in schema["properties"]) or "none"


def _shown(text: str) -> str:
    """What can be printed of a text, at most so much."""
    text = "".join(one if one.isprintable() or one in "\n\t" else ascii(one)[1:-1] for one in text)
    if len(text) <= MAX_RESULT:
        return text
    begin, end = text[: MAX_RESULT - _KEPT_AT_END], text[-_KEPT_AT_END:]
    return f"{begin}\n[… {len(text) - MAX_RESULT:,} {LEFT_OUT} …]\n{end}"


def _list_files(copy: WorkingCopy, folder: str = "") -> str:
    return "\n".join(f"{path} ({len(copy.files[path].splitlines())} lines)" for path in copy.below(folder))


def _search(copy: WorkingCopy, text: str, folder: str = "") -> str:
    if not text.strip() or "\n" in text:
        raise RefusedError("the text to search for is one line, and not blank")
    hits = [
        f"{path}:{number}: {line[:_WIDTH]}"
        for path in copy.below(folder)
        for number, line in enumerate(copy.files[path].splitlines(), 1)
        if text in line
    ]
    if not hits:
        return f"{text!r} is in no line"
    more = [f"… and {len(hits) - MAX_HITS} more lines"] if len(hits) > MAX_HITS else []
    return "\n".join([*hits[:MAX_HITS], *more])


def _read_file(copy: WorkingCopy, path: str, first: int = 1, last: int | None = None) -> str:
    lines = copy.text(path).splitlines()
    end = min(len(lines), first + MAX_LINES - 1) if last is None else min(last, len(lines), first + MAX_LINES - 1)
    if not 1 <= first <= max(end, 1):
        raise RefusedError(f"{path} has the lines 1 to {len(lines)}, not {first} to {last or end}")
    shown = [f"{number}: {lines[number - 1]}" for number in range(first, end + 1)]
    return "\n".join([f"{path}, lines {first} to {end} of {len(lines)}", *shown])


def _edit_file(copy: WorkingCopy, path: str, old: str, new: str) -> str:
    at = copy.replace(path, old, new)
    lines = copy.files[path].splitlines()
    end = min(len(lines), at + new.count("\n"))
    return "\n".join([f"{path} is changed:", *(f"{number}: {lines[number - 1]}" for number in range(at, end + 1))])


def _run_tests(copy: WorkingCopy, path: str | None = None) -> str:
    if path is not None and not is_test_file(path):
        raise RefusedError(f"{path} is no file of tests; theirs are called test_….py")
    if path is not None:
        copy.text(path)
    return run_visible_tests(copy.files, path)


_TOOLS: dict[str, Callable[..., str]] = {
    "list_files": _list_files,
    "search": _search,
    "read_file": _read_file,
    "edit_file": _edit_file,
    "run_tests": _run_tests,
}


def _tool(name: str, description: str, required: tuple[str, ...] = (), **properties: tuple[str, str]) -> Payload:
    parameters = {
        "type": "object",
        "properties": {key: {"type": kind, "description": said} for key, (kind, said) in properties.items()},
        "required": list(required),
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TOOLS: tuple[Payload, ...] = (
    _tool(
        "list_files",
        "List the files of the repository, with their numbers of lines.",
        folder=("string", "only the files below this folder"),
    ),
    _tool(
        "search",
        "Find the lines that contain a text, exactly as given (no pattern).",
        ("text",),
        text=("string", "the text to find"),
        folder=("string", "only in files below this folder"),
    ),
    _tool(
        "read_file",
        f"Read lines of a file, with their numbers; at most {MAX_LINES} at once.",
        ("path",),
        path=("string", "the file, such as package/module.py"),
        first=("integer", "the first line, from 1"),
        last=("integer", "the last line"),
    ),
    _tool(
        "edit_file",
        "Replace a piece of text in a file. The old text must occur in it exactly once; an empty one makes a new file.",
        ("path", "old", "new"),
        path=("string", "the file"),
        old=("string", "the text that is replaced"),
        new=("string", "the text that takes its place"),
    ),
    _tool(
        "run_tests",
        "Run the tests of the repository, or of one test file, and show those that fail.",
        path=("string", "one test file, such as tests/test_module.py"),
    ),
)
_SCHEMAS: dict[str, Payload] = {one["function"]["name"]: one["function"]["parameters"] for one in TOOLS}
