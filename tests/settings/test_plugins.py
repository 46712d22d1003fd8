"""Plugins of other packages that clash or cannot be imported: one clear error, before anything is written."""

from __future__ import annotations

import pytest
from plugin_package import write_package
from tracemill.settings import plugins
from tracemill.settings.errors import UsageError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.installed.cache_clear()
    yield tmp_path
    plugins.installed.cache_clear()


def test_two_packages_with_a_plugin_of_one_name_are_both_named(folder):
    write_package(folder, "red-tracemill", "red_rules", "class A: ...", {"verifiers/rules": "A"})
    write_package(folder, "blue-tracemill", "blue_rules", "class A: ...", {"verifiers/rules": "A"})
    with pytest.raises(UsageError, match=r"'rules' is in two packages, blue-tracemill 1.0 and red-tracemill 1.0; unin"):
        plugins.load("verifier", "rules")


def test_a_plugin_may_not_take_the_name_of_one_of_ours(folder):
    write_package(folder, "red-tracemill", "red_answer", "class A: ...", {"verifiers/answer": "A"})
    with pytest.raises(UsageError, match=r"'answer' is in two packages, red-tracemill 1.0 and tracemill "):
        plugins.load("verifier", "answer")


@pytest.mark.parametrize("code", ["1 / 0", "import tracemill.records.nothing as x", "def f(:"])
def test_a_plugin_that_fails_on_import_ends_the_command_with_its_name(folder, workplace, capsys, code):
    write_package(folder, "broken-tracemill", "broken_rules", code, {"verifiers/broken": "A"})
    assert workplace.build("verify.also=[broken]") == 2
    message = capsys.readouterr().err
    assert "verifier 'broken'" in message and "Traceback" not in message
    assert not (workplace.folder / "out").exists()
    if "import" not in code:
        assert "(package broken-tracemill 1.0) cannot be imported" in message and "broken_rules.py:1" in message


def test_code_is_known_by_the_plugin_that_it_belongs_to(folder):
    write_package(folder, "red-tracemill", "red_rules", "class A: ...", {"verifiers/rules": "A"})
    assert plugins.plugin_of("red_rules") == ("verifier", "rules")
    assert plugins.plugin_of("tracemill.verifiers.answer.forms.text_forms") == ("verifier", "answer")
    assert plugins.plugin_of("tracemill.verifiers.steps") == ("verifier", "steps")
    assert plugins.plugin_of("tracemill.verifiers.verifier") is None
    assert plugins.plugin_of("sympy.core") is None
    assert plugins.distribution_of("verifier", "rules") == "red-tracemill 1.0"
    assert plugins.distribution_of("verifier", "steps").startswith("tracemill ")


@pytest.mark.parametrize("code", ["VIEW = {'a': 1}", "class VIEW: ...", "class VIEW:\n    Config = dict"])
def test_what_is_no_plugin_at_all_is_refused_with_its_package(folder, workplace, capsys, code):
    write_package(folder, "odd-tracemill", f"odd_{abs(len(code))}", code, {"views/odd": "VIEW"})
    assert workplace.build("views=[sft,odd]") == 2
    assert "view 'odd' (package odd-tracemill 1.0) has no pydantic model `Config`" in capsys.readouterr().err
