"""The one boundary for what plugins raise: a bad rollout is data, trouble of ours is tried again, a bug ends the run.

Every exception of a teacher, strategy, verifier, claim checker, source, task or view is classified here, once:

- `bug`: the plugin's own code is wrong, and would be for every row. The run stops with a `PluginError`. So is whatever
  is no `Exception`: `sys.exit(0)` in a plugin would end the run as if it were done, and a panic of a Rust library, also
  a `BaseException`, would lose the row without a word. An interrupt is the user's, and passes.
- `trouble`: the machine's, not the row's: a process died, a connection broke, memory ran out. The row says `error`, and
  the next run tries again.
- `data`: the row could not be done. Its reason becomes part of the dataset.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, TypeVar

from tracemill.settings.errors import NoJudgeError, PluginError, TracemillError, TroubleError, UnusableTeacherError
from tracemill.settings.plugins import distribution_of, load, module_of, plugin_of

T = TypeVar("T")
Kind = Literal["bug", "trouble", "data"]

_FINAL = (PluginError, NoJudgeError, UnusableTeacherError)
"""These have been classified already, and end the run."""

_OF_THE_USER = (KeyboardInterrupt, GeneratorExit)

_KINDS: tuple[tuple[Kind, tuple[type[BaseException], ...]], ...] = (
    # OSError is also what broken connections, passed timeouts and full disks raise.
    ("trouble", (TroubleError, TracemillError, OSError, MemoryError, EOFError)),
    ("bug", (TypeError, AttributeError, ImportError, NameError, SyntaxError, NotImplementedError, AssertionError)),
    # Also a KeyError or a ZeroDivisionError: more often the row is odd than the code wrong.
    ("data", (Exception,)),
    ("bug", (BaseException,)),
)
"""The first line that fits counts."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a plugin raised, where that is no bug. `reason`: `ConnectionError: 503`, at most 500 characters."""

    kind: Literal["trouble", "data"]
    reason: str


def classified(thing: str, name: str, exc: BaseException) -> Failure:
    """What to do with an exception that came out of a plugin: `classified("verifier", "answer", exc)`.

    Raises:
        PluginError: it is a bug, whose plugin is named.
        NoJudgeError: nobody can judge, which ends the run.
        UnusableTeacherError: nobody can be asked, which ends it too.
    """
    if isinstance(exc, _FINAL + _OF_THE_USER):
        raise exc
    kind = kind_of(exc)
    if kind == "bug":
        raise _named(exc, (thing, name)) from exc
    return Failure(kind, f"{type(exc).__name__}: {_text(exc)}"[:500])


@contextmanager
def naming_plugins() -> Iterator[None]:
    """Around work that has no row to put a failure in, such as the rows of a view.

    Raises:
        PluginError: something escaped from the code of a plugin that is not trouble of ours. The rest passes unchanged.
    """
    try:
        yield
    except (TracemillError, *_OF_THE_USER):
        raise
    except BaseException as exc:
        if kind_of(exc) == "trouble" or _owner(exc) is None:
            raise
        raise _named(exc) from exc


def made(thing: str, name: str) -> Any:
    """The object of a plugin whose class takes no arguments: `made("task", "logic.puzzle.knights_knaves")`.

    Raises:
        UsageError: there is no such plugin, or it cannot be imported.
        PluginError: its constructor raises what is no trouble of the machine; no row can be to blame.
    """
    plugin = load(thing, name)
    try:
        return plugin()
    except (TracemillError, *_OF_THE_USER):
        raise
    except BaseException as exc:
        if kind_of(exc) == "trouble":
            raise
        raise _named(exc, (thing, name)) from exc


def expected(thing: str, name: str, given: Any, wanted: type[T], wrong_in: Callable[[T], str] = lambda _: "") -> T:
    """What a plugin gave, where that is of the type that it promises: `expected("task", name, draft, Draft)`.
    `wrong_in` says what is wrong within it, if anything.

    Raises:
        PluginError: it is of another type, or wrong within, which would fail far from the plugin's code.
    """
    if not isinstance(given, wanted):
        what = f"gave {type(given).__name__} where {wanted.__name__} is wanted"
    elif wrong := wrong_in(given):
        what = f"gave {wanted.__name__} with {wrong}"
    else:
        return given
    raise PluginError(f"{thing} {name!r} (package {distribution_of(thing, name)}) {what}")


def kind_of(exc: BaseException) -> Kind:
    return next(kind for kind, classes in _KINDS if isinstance(exc, classes))


def _text(exc: BaseException) -> str:
    """An exception's own text, which is a plugin's code too."""
    try:
        # Half a character, which a server may send, would stop the file that it is to stand in.
        return str(exc).encode("utf-8", "backslashreplace").decode()
    except Exception as other:  # noqa: BLE001  whatever it is, the exception itself matters more
        return f"(its text cannot be made: {type(other).__name__})"


def _named(exc: BaseException, called: tuple[str, str] = ("", "")) -> PluginError:
    """The error that names a plugin: the one whose code the traceback enters last, else the one that was `called`."""
    owner = _owner(exc, called)
    places = traceback.extract_tb(exc.__traceback__)
    (thing, name), place = owner or (called, places[-1] if places else None)
    at = f" in {place.filename}:{place.lineno}" if place else ""
    text = f"raised {type(exc).__name__}: {' '.join(_text(exc).split())[:500]}"
    return PluginError(f"{thing} {name!r} (package {distribution_of(thing, name)}) {text}{at}")


def _owner(
    exc: BaseException, called: tuple[str, str] = ("", "")
) -> tuple[tuple[str, str], traceback.FrameSummary] | None:
    """The plugin (kind, name) whose code the traceback enters last, with the place in it. Where several plugins share
    that module, it is the one that was `called`."""
    its_own = module_of(*called)
    for module, place in reversed(_frames(exc.__traceback__)):
        if plugin := called if module == its_own else plugin_of(module):
            return plugin, place
    return None


def _frames(trace: TracebackType | None) -> list[tuple[str, traceback.FrameSummary]]:
    """Each frame's module with its place, outermost first."""
    modules = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(trace)]
    return list(zip(modules, traceback.extract_tb(trace), strict=True))
