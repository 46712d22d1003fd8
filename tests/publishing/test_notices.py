"""What the licences of others ask for lies beside the rows that show their work, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from tracemill.claims.execution import packages
from tracemill.cli.command_line import main
from tracemill.publishing.notices import notice_files
from tracemill.records.licences import Notice, identifiers
from tracemill.settings.plugins import load
from tracemill.store.manifest import read_manifest
from tracemill.store.store import Store
from workplace import CONFIG, CURRICULUM, Workplace

LINE = '{{"question": "What is {0} plus 1?", "answer": "{1}"}}\n'


@pytest.mark.parametrize(
    ("package", "signs"),
    [
        ("python", ("PYTHON SOFTWARE FOUNDATION LICENSE", "Copyright (c) 2001")),
        ("networkx", ("NetworkX Developers", "Redistribution and use in source and binary forms")),
        ("sympy", ("SymPy Development Team", "Redistribution and use in source and binary forms")),
    ],
)
def test_the_notice_of_a_package_has_its_copyright_lines_and_terms(package: str, signs: tuple[str, ...]) -> None:
    text = packages.notice(package)
    assert text is not None
    assert all(sign in text for sign in signs)


def test_a_package_without_its_licence_text_gives_no_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "notice", lambda package: None if package == "sympy" else "text")
    installed = {package for package in packages.PACKAGES if packages.version(package)}
    assert packages.usable(packages.PACKAGES) == sorted(installed - {"sympy"})


def test_the_task_that_shows_code_of_others_states_a_notice_for_each_package() -> None:
    notices = load("task", "code.execution.library")().notices()
    stated = {(one.name.split()[0], one.licence) for one in notices}
    assert stated >= {
        ("networkx", "BSD-3-Clause"),
        ("Python", "PSF-2.0"),
        ("sympy", "BSD-3-Clause"),
        ("toolz", "BSD-3-Clause"),
    }
    permissive = {"MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0"}
    assert all(permissive.intersection(identifiers(licence)) for _, licence in stated)
    assert not any("GPL" in licence or "MPL" in licence for _, licence in stated), stated


def test_only_works_that_are_shown_have_a_file() -> None:
    shown, other = (Notice(name, name, "MIT", f"Copyright {name}", "Cut.") for name in ("shown 1", "other 2"))
    files = notice_files({"notices": [{"file": "LICENSES/shown-1.txt"}]}, [shown, other])
    assert files.keys() == {"LICENSES/shown-1.txt", "LICENSES/NOTICES.md"}
    assert files["LICENSES/shown-1.txt"] == b"Copyright shown 1"
    assert "## shown 1\n\nLicence: MIT." in files["LICENSES/NOTICES.md"].decode()
    assert notice_files({"notices": []}, [shown]) == {}


def test_the_notice_of_a_file_of_lines_is_published_also_if_it_is_named_later(workplace: Workplace) -> None:
    folder = workplace.folder
    (folder / "lines.jsonl").write_text("".join(LINE.format(n, n + 1) for n in range(12)))
    (folder / "LICENCE").write_text("Copyright (c) 1999 A. Writer")
    source = {
        "kind": "jsonl",
        "name": "sums",
        "path": str(folder / "lines.jsonl"),
        "licence": "MIT",
        "domain": "math.arithmetic.sums.plain",
        "fields": {
            "prompt": "question",
            "answer": "answer",
            "references": [{"text": "answer", "author": "people"}],
        },
        "check": {"kind": "numeric"},
    }
    verify = {"require": ["answer"], "audit": 1, "leakage": None}
    changes = {"sources": [source], "teacher": {"kind": "replay"}, "strategy": {"kind": "single"}, "verify": verify}
    workplace.config({**CONFIG, **changes, "views": ["rlvr"]})
    stage = {"name": "all_sums", "rows": "all", "domains": {"*": 1.0}}
    workplace.curriculum({**CURRICULUM, "stages": [stage]})
    dataset = Path(workplace.out) / "dataset"
    assert workplace.build() == 0
    assert "**Not here:** the copyright lines of `sums`" in (dataset / "README.md").read_text()
    assert not (dataset / "LICENSES").exists()

    assert workplace.build(f"sources.0.notice={folder / 'LICENCE'}", "sources.0.language=en") == 0
    assert (dataset / "LICENSES/sums.txt").read_text() == "Copyright (c) 1999 A. Writer"
    card = (dataset / "README.md").read_text()
    assert "**Not here:**" not in card
    assert "language:\n- en\n" in card and "license_link: LICENSES/NOTICES.md" in card
    assert main(["status", workplace.out]) == 0
    manifest = read_manifest(Store(workplace.out))
    assert manifest is not None
    assert "dataset/LICENSES/sums.txt" in {file["path"] for file in manifest["files"]}
