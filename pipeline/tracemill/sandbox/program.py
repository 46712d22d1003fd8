"""Inside the cage: puts the files in place and becomes the program, or calls its function.

Everything here happens after all that the process may not do has been taken from it, in the process that the program
then runs in: nothing of this file is a defence, and nothing in it is secret. Values go out as lines of JSON over a
socket (the channel), each with the nonce of the run, so that what a program writes there by chance is not taken for
one. Standard library only; modules that the program does not ask for are not imported.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import errno
import json
import os
import signal
import stat
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from tracemill.sandbox.channel import Channel
from tracemill.sandbox.environment import SAME_EVERYWHERE
from tracemill.sandbox.forks import Guard, serve_forks
from tracemill.sandbox.payload import PackedJob, sealed
from tracemill.sandbox.transfer import decode, encode

PREPARE = -1
"""The number of the run that prepares the others."""
WORK = "/job"
"""The working directory, where there is a root of the cage's own."""
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": WORK,
    "TMPDIR": "/tmp",
    **SAME_EVERYWHERE,
}
NOT_FOUND = "CommandNotFound"
NO_FUNCTION = "FunctionNotFound"
_NOT_EXECUTED = 127
_FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})


def run(payload: int, first: int, last: int, channel: Channel, guard: Guard | None) -> NoReturn:
    """Runs from `first` to `last` of the job in `payload`. Ends the process. `guard`: see `serve_forks`; None where
    there are other processes in this namespace, which must not be killed with what a run left behind."""
    job = PackedJob(payload)
    command: list[str] = job.header["prepare" if first == PREPARE else "command"]
    _write_files(job)
    if first == PREPARE:
        os.close(payload)
        _prepare(command, channel, job.header["limits"]["disk_bytes"])
    if job.run(first)["call"]:
        calls = [job.run(index)["call"] for index in range(first, last)]
        os.close(payload)
        _become_python(command, b"", [])
        _exit(_serve_calls(command[1], calls, first, channel, job.header["limits"]["output_bytes"]))
    if last - first > 1 and guard:
        serve_forks(job, range(first, last), channel, become, spawned, guard)
    become(job, first, channel)


def become(job: PackedJob, index: int, channel: Channel, start: Callable[[], None] | None = None) -> NoReturn:
    """This process becomes the program of run `index`. `start` waits until that may print."""
    command, arguments, stdin = job.header["command"], job.run(index)["arguments"], job.stdin(index)
    os.close(job.descriptor)
    if not job.header["is_python"]:
        _redirect(stdin)
        _execute([*command, *arguments], channel)
    _become_python(command, stdin, arguments)
    if start:
        start()
    _exit(_as_main(command[1], channel))


def spawned(job: PackedJob, index: int) -> tuple[int, dict[str, Any]]:
    """Executes the program of run `index` beside this process: how it ended, as `wait` says it, and what is said of
    that."""
    command = [*job.header["command"], *job.run(index)["arguments"]]
    path, environment = _executable(command)
    stdin = sealed([job.stdin(index)])
    try:
        child = os.posix_spawnp(path, command, environment, file_actions=[(os.POSIX_SPAWN_DUP2, stdin, 0)])
    except OSError as exc:
        return _NOT_EXECUTED << 8, {"raised": _not_found(command, exc)}
    finally:
        os.close(stdin)
    return os.waitpid(child, 0)[1], {}


def _write_files(job: PackedJob) -> None:
    for path, content, executable in job.files():
        folder = os.path.dirname(path)  # noqa: PTH120  pathlib is not loaded in a bare interpreter
        if folder:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        target = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o755 if executable else 0o644)
        view = memoryview(content)
        while view:
            view = view[os.write(target, view) :]
        os.close(target)


def _redirect(stdin: bytes) -> None:
    source = sealed([stdin])
    os.dup2(source, 0)
    os.close(source)


def _execute(command: list[str], channel: Channel) -> NoReturn:
    path, environment = _executable(command)
    try:
        os.execvpe(path, command, environment)
    except OSError as exc:
        channel.send(raised=_not_found(command, exc))
    os._exit(_NOT_EXECUTED)


def _executable(command: list[str]) -> tuple[str, Mapping[str, str]]:
    """What is executed for a command, and its environment."""
    if command[0] != "python":
        return command[0], os.environ
    paths = [path for path in sys.path if path.endswith("-packages")]
    return sys.executable, {**os.environ, "PYTHONPATH": ":".join(paths)}


def _not_found(command: list[str], exc: OSError) -> str:
    return f"{NOT_FOUND}: {command[0]}: {exc.strerror}"


def _prepare(command: list[str], channel: Channel, most: int) -> NoReturn:
    """Executes the command in a child, sends what files there are afterwards, and ends as the child did."""
    child = os.fork()
    if child == 0:
        _redirect(b"")
        _execute(command, channel)
    _, status = os.waitpid(child, 0)
    if status == 0:
        for path, content, executable in _left(most):
            channel.send(file=path, content=base64.b64encode(content).decode("ascii"), executable=executable)
    if os.WIFSIGNALED(status):
        _die_by(os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))


def _die_by(number: int) -> NoReturn:
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)


def _left(most: int) -> Iterator[tuple[str, bytes, bool]]:
    """The regular files of the working directory. A link, a FIFO or a device is not followed, opened or kept."""
    for folder, _, names in os.walk("."):
        for name in sorted(names):
            path = os.path.join(folder, name)  # noqa: PTH118
            try:
                source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            except OSError:
                continue
            found = os.fstat(source)
            if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_size <= most:
                most -= found.st_size
                with open(source, "rb", closefd=False) as file:
                    yield path.removeprefix("./"), file.read(found.st_size), bool(found.st_mode & stat.S_IXUSR)
            os.close(source)


def _become_python(command: list[str], stdin: bytes, arguments: list[str]) -> None:
    """An interpreter as a program expects it just after the start."""
    _redirect(stdin)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(  # type: ignore[misc]  # noqa: SIM115
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    sys.argv = [*command[1:], *arguments]
    sys.path.insert(0, os.getcwd())  # noqa: PTH109
    for name in [name for name in sys.modules if name.partition(".")[0] == "tracemill"]:
        del sys.modules[name]


def _compiled(path: str) -> types.CodeType:
    with open(path, "rb") as file:  # noqa: PTH123
        return compile(file.read(), path, "exec", dont_inherit=True)


def _module(name: str, path: str) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__file__ = path
    module.__dict__["__builtins__"] = builtins
    sys.modules[name] = module
    return module


def _as_main(path: str, channel: Channel) -> int:
    """Runs the file as `python FILE` does. Returns the exit status."""
    code = None
    try:
        code = _compiled(path)
        exec(code, _module("__main__", path).__dict__)
    except SystemExit as exc:
        return _status(exc)
    except BaseException as exc:  # noqa: BLE001  whatever the program raises, an interpreter would print
        _print(exc)
        channel.send(raised=_text(exc), limit=_limit(exc) if code else None)
        return 1
    return 0


def _serve_calls(path: str, calls: list[dict[str, Any]], first: int, channel: Channel, most: int) -> int:
    name = os.path.basename(path).removesuffix(".py")  # noqa: PTH119
    module, broken, code = _module(name, path), None, None
    try:
        code = _compiled(path)
        exec(code, module.__dict__)
    except BaseException as exc:  # noqa: BLE001
        broken = {"raised": _text(exc), "limit": _limit(exc) if code else None}
    for index, call in enumerate(calls, first):
        channel.send(run=index, **(broken or _called(module, call, most)))
        channel.wait()
    return 0


def _called(module: types.ModuleType, call: dict[str, Any], most: int) -> dict[str, Any]:
    function: Any = module
    try:
        for name in call["function"].split("."):
            function = getattr(function, name)
    except AttributeError:
        return {"raised": f"{NO_FUNCTION}: {call['function']}"}
    arguments = [decode(argument) for argument in call["arguments"]]
    keywords = {name: decode(value) for name, value in call["keywords"].items()}
    try:
        value = encode(function(*arguments, **keywords))
        _flush()
        if len(json.dumps(value)) > most:
            return {"limit": "output"}
    except BaseException as exc:  # noqa: BLE001  SystemExit too: the program has no say in how its judge goes on
        _flush()
        return {"raised": _text(exc), "limit": _limit(exc)}
    return {"value": value}


def _limit(exc: BaseException) -> str | None:
    if isinstance(exc, MemoryError):
        return "memory"
    return "disk" if isinstance(exc, OSError) and exc.errno in _FULL else None


def _text(exc: BaseException) -> str:
    name = type(exc).__name__
    try:
        return f"{name}: {exc}"[:2000]
    except BaseException:  # noqa: BLE001  its __str__ is the program's
        return name


def _status(exc: SystemExit) -> int:
    if exc.code is None:
        return 0
    if isinstance(exc.code, int):
        return exc.code & 0xFF
    with contextlib.suppress(Exception):
        print(exc.code, file=sys.stderr)
    return 1


def _print(exc: BaseException) -> None:
    _flush()
    trace = exc.__traceback__
    while trace and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    exc.__traceback__ = trace
    with contextlib.suppress(BaseException):
        sys.excepthook(type(exc), exc, trace)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def _exit(status: int) -> NoReturn:
    """As an interpreter ends: waits for threads, calls what was registered, writes what is left."""
    with contextlib.suppress(BaseException):
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
    with contextlib.suppress(BaseException):
        import atexit

        atexit._run_exitfuncs()
    _flush()
    os._exit(status)


def prepare_interpreter() -> None:
    """What the `site` module would add to the built-in names, and modules that every run needs."""
    import site

    site.setquit()
    site.setcopyright()
    site.sethelper()


def main() -> NoReturn:
    """In an interpreter of its own: `program.py PAYLOAD FIRST LAST CHANNEL NONCE FOLDER…`, the folders for imports."""
    payload, first, last, channel = (int(word) for word in sys.argv[1:5])
    nonce, folders = sys.argv[5], sys.argv[6:]
    del sys.path[0]
    sys.path += folders
    prepare_interpreter()
    run(payload, first, last, Channel(channel, nonce), None)


if __name__ == "__main__":
    main()
