"""The files of an environment's package: code, rows, metadata, and the notices that go along with every copy."""

from __future__ import annotations

import gzip
import json
import keyword
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracemill import __version__
from tracemill.publishing.environments.environment_rows import EnvironmentRow, EnvironmentRows
from tracemill.publishing.notices import FOLDER
from tracemill.settings.errors import UsageError
from tracemill.store.files import Files
from tracemill.views.row_parts import licence_expression

_TEMPLATES = Path(__file__).with_name("templates")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class EnvironmentKind:
    """`needs`: requirements beside tracemill. `code`: a template for each file of the package. `use`: how
    it is used, for the README."""

    needs: Sequence[str]
    code: Mapping[str, str]
    use: str


KINDS = {
    "verifiers": EnvironmentKind(
        needs=("verifiers>=0.4",),
        code={"__init__.py": "verifiers_environment.py"},
        use="""\
```sh
vf-eval {name} --env.taskset.split bench --env.agent.harness.id null --env.agent.runtime.type subprocess
```

The harness `null` only talks. One that runs a model's commands must not see this package's files, which hold the
expected answers: give it a container (`--env.agent.runtime.type docker`).""",
    ),
    "gym": EnvironmentKind(
        needs=("gymnasium>=1.0",),
        code={"__init__.py": "gym_environment.py"},
        use="""\
```python
import gymnasium

env = gymnasium.make("{package}:{id}", split="bench")
question, info = env.reset(seed=3)
_, reward, terminated, _, info = env.step("It is \\\\boxed{{42}}.")
```""",
    ),
    "openenv": EnvironmentKind(
        needs=("openenv>=0.4", "uvicorn>=0.30"),
        code={"__init__.py": "openenv_environment.py", "__main__.py": "openenv_main.py"},
        use="""\
```sh
python -m {package} --port 8000
```

```python
from {package} import QuestionClient, Reply

with QuestionClient(base_url="http://127.0.0.1:8000").sync() as client:
    question = client.reset(seed=3).observation.text
    print(client.step(Reply(text="It is \\\\boxed{{42}}.")).reward)
```""",
    ),
}

_PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = {description}
readme = "README.md"
requires-python = ">=3.11"
license = "{licence}"
{licence_files}dependencies = [{needs}]

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""

_README = """\
# {name}

{train:,} questions to train on and {bench:,} held out for evaluation (`split="bench"`), from the dataset `{dataset}`. A
reply's reward is `tracemill.rewards`: 1.0 for the expected answer, 0.0 for a wrong one. What cannot be judged has no
reward; it is never 0. `tracemill environment --kind {kind}` of tracemill {version} wrote this package.

```sh
pip install .
```

{use}

Licence of the questions: {licence}. Each row states its own.{notices}
"""


def package_files(
    kind: str, name: str, dataset: str, rows: EnvironmentRows, notices: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Every file of the package by its path. `name`: of the distribution; `notices`: see `notices_of`.

    Raises:
        UsageError: no kind or no name of that sort, or no row to train on.
    """
    package = module_name(name)
    if not rows.train:
        raise UsageError("the view 'rlvr' has no row without tools; these environments are one question and one reply")
    made = KINDS[kind]
    licence = licence_expression(rows.licences)
    words = {
        "name": name,
        "package": package,
        "id": f"Tracemill/{''.join(part.capitalize() for part in name.split('-'))}-v0",
        "dataset": dataset,
        "description": _toml(f"Questions of the dataset {dataset}, rewarded by the verifiers that judged it"),
        "kind": kind,
        "version": __version__,
        "licence": licence,
        "licence_files": f'license-files = ["{FOLDER}/*"]\n' if notices else "",
        "notices": f" `{FOLDER}/` goes along with every copy." if notices else "",
        "needs": ", ".join(_toml(one) for one in (f"tracemill>={__version__}", *made.needs)),
        "train": len(rows.train),
        "bench": len(rows.bench),
    }
    use = made.use.format(**words)
    code = {f"{package}/{file}": _template(template, words) for file, template in made.code.items()}
    return {
        "pyproject.toml": _PYPROJECT.format(**words).encode(),
        "README.md": _README.format(**words, use=use).encode(),
        **code,
        f"{package}/rows.py": _template("rows.py", words),
        f"{package}/train.jsonl.gz": _packed(rows.train),
        f"{package}/bench.jsonl.gz": _packed(rows.bench),
        **notices,
    }


def notices_of(files: Files) -> dict[str, bytes]:
    """Licence texts and copyright lines of the works whose text the dataset shows, by their paths in the package."""
    paths = files.list(f"dataset/{FOLDER}/")
    return {path.removeprefix("dataset/"): files.read(path) for path in paths}


def module_name(name: str) -> str:
    """The package that the distribution `name` holds.

    Raises:
        UsageError: it is no name, or hides a module that is there.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"no package can be named {name!r}; use small letters and digits, with hyphens between them")
    module = name.replace("-", "_")
    taken = {*sys.stdlib_module_names, "tracemill", "verifiers", "gymnasium", "openenv", "uvicorn"}
    if module in taken or keyword.iskeyword(module):
        raise UsageError(f"a package named {name!r} would hide another; choose another --out, such as {name}-questions")
    return module


def _template(name: str, words: Mapping[str, object]) -> bytes:
    text = (_TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")
    for placeholder, word in (("ENVIRONMENT_ID", "id"), ("PACKAGE_ID", "name"), ("PACKAGE", "package")):
        text = text.replace(placeholder, str(words[word]))
    return text.encode()


def _toml(text: str) -> str:
    """A text as TOML writes it, which is as JSON does."""
    return json.dumps(text, ensure_ascii=False)


def _packed(rows: Sequence[EnvironmentRow]) -> bytes:
    """JSON lines, the same bytes for the same rows."""
    text = "".join(f"{json.dumps(row, sort_keys=True)}\n" for row in rows)
    return gzip.compress(text.encode(), mtime=0)
