"""`tracemill new task area.field.name`: a task that works at once, copied from `cli/skeleton/`.

In a checkout of tracemill it becomes a folder of `tasks/`, a test and a line in the table of plugins; elsewhere a small
distribution whose entry point names the task.
"""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from tracemill.cli.new_files import check_free, write_new
from tracemill.settings.errors import UsageError
from tracemill.settings.plugins import installed

_SKELETON = Path(__file__).with_name("skeleton")
_PACKAGE, _CLASS, _NAME = "tracemill.cli.skeleton", "Skeleton", "area.field.name"
_FILES = ("__init__.py", "task.py", "words.yaml", "oracle.py")
_TEST = "test_skeleton.py"
_TABLE = Path("pipeline/tracemill/settings/plugins.py")
_PART = re.compile(r"[a-z][a-z0-9_]*")
_PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{distribution}"
version = "0.1.0"
dependencies = ["tracemill"]

[project.optional-dependencies]
test = ["pytest"]

[project.entry-points."tracemill.tasks"]
"{name}" = "{package}.task:{cls}"
"""


def new_task(name: str, folder: Path) -> list[Path]:
    """Writes the task for somebody who works in `folder`; the files that were written or changed.

    Raises:
        UsageError: a name that is none, or is taken; a file or folder that exists. Nothing has been written then.
    """
    _check_name(name)
    checkout = next((place for place in (folder, *folder.parents) if (place / _TABLE).is_file()), None)
    files = _in_checkout(name, checkout) if checkout else _distribution(name, folder)
    write_new(files, changed=[checkout / _TABLE] if checkout else [])
    return list(files)


def _check_name(name: str) -> None:
    parts = name.split(".")
    if len(parts) != 3 or not all(_PART.fullmatch(part) and not keyword.iskeyword(part) for part in parts):
        raise UsageError(
            f"no task can be named {name!r}; write area.field.name in small letters, digits and _, "
            "such as physics.mechanics.collisions"
        )
    if name in installed("task"):
        raise UsageError(f"task {name!r} exists, at {installed('task')[name]}; choose another name")


def _in_checkout(name: str, checkout: Path) -> dict[Path, str]:
    short = name.rpartition(".")[2]
    package = f"tracemill.tasks.{short}"
    table = (checkout / _TABLE).read_text(encoding="utf-8")
    if f'"{name}":' in table:
        raise UsageError(f"task {name!r} stands in {checkout / _TABLE} already; choose another name")
    files = _copies(name, package, checkout / "pipeline" / "tracemill" / "tasks" / short)
    files[checkout / "tests" / "tasks" / f"test_{short}.py"] = _renamed(_TEST, name, package)
    files[checkout / _TABLE] = _with_line(table, f'        "{name}": "{package}.task:{_class_of(name)}",\n')
    return files


def _with_line(table: str, line: str) -> str:
    """The table of plugins with one more task, the last."""
    start = table.index('    "task": {\n')
    end = table.index("    },\n", start)
    return table[:end] + line + table[end:]


def _distribution(name: str, folder: Path) -> dict[Path, str]:
    short = name.rpartition(".")[2]
    package = f"tracemill_{short}"
    root = folder / package.replace("_", "-")
    check_free(root)
    text = _PYPROJECT.format(distribution=root.name, name=name, package=package, cls=_class_of(name))
    return {
        root / "pyproject.toml": text,
        **_copies(name, package, root / package),
        root / "tests" / f"test_{short}.py": _renamed(_TEST, name, package),
    }


def _copies(name: str, package: str, folder: Path) -> dict[Path, str]:
    for place in (folder, folder.with_suffix(".py")):
        check_free(place)
    return {folder / file: _renamed(file, name, package) for file in _FILES}


def _renamed(file: str, name: str, package: str) -> str:
    text = (_SKELETON / file).read_text(encoding="utf-8")
    return text.replace(_PACKAGE, package).replace(_NAME, name).replace(_CLASS, _class_of(name))


def _class_of(name: str) -> str:
    """`Collisions` of `physics.mechanics.collisions`."""
    return "".join(word.capitalize() for word in name.rpartition(".")[2].split("_"))
