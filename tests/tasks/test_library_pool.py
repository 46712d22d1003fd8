"""The pool of calls: what is in it, what a reader needs beside the source, its licences, its cache."""

from __future__ import annotations

import ast
import json
import logging
import os
import re
import subprocess
import sys
from types import CodeType

import pytest
import yaml
from library_problems import TASK, own_cache, pool, request, spread
from tracemill.claims.execution import packages as library_packages
from tracemill.claims.execution.listed_calls import find
from tracemill.records import fingerprint
from tracemill.settings.kept_files import digest_of
from tracemill.tasks.library import catalogue
from tracemill.tasks.library import pool as library_pool
from tracemill.tasks.library.harvest import _follows_set_order
from tracemill.tasks.library.known import KNOWN
from tracemill.tasks.library.pool import entries_of, entry_at, slots
from tracemill.tasks.library.tracing import Looks, record

__all__ = ["own_cache"]
pytestmark = pytest.mark.usefixtures("own_cache")


def test_the_catalogue_has_five_thousand_problems_of_fifteen_hundred_functions_of_ten_packages():
    lines = [str(line) for modules in library_packages.CATALOGUE.values() for line in modules.values()]
    assert sum(line.count(";") + 1 for line in lines) >= 1_500
    assert sum(len(line.replace(";", "").split()) for line in lines) >= 5_000
    assert len(library_packages.CATALOGUE) >= 10


def test_the_catalogue_is_what_the_harvest_finds():
    for slot in slots():
        entry = entry_at(slot)
        assert entry is not None, slot
        assert (entry.steps, "".join(sorted(ask[0] for ask in entry.asks))) == (slot.steps, slot.asks), slot
    modules = {(slot.package, slot.module) for slot in slots()}
    assert sum(len(entries_of(*module)) for module in modules) == len(slots())


def test_few_problems_take_few_modules():
    """So that a small build does not wait for the harvest of hundreds of modules."""
    assert len({slot.module for slot in slots()[:70]}) <= 14


def test_what_a_call_runs_is_shown_noted_or_known():
    """Found in another way than the harvest does: the profiler sees which functions the shown one calls."""
    known = re.compile("|".join(f"(?:{entry['code'].strip()})" for entry in _known_code()))
    seen = 0
    for one in spread(90):
        call = find(one.premises[0].payload)
        for module, name in _called_by(call):
            if module.partition(".")[0] in ("sympy", "networkx") and not known.fullmatch(f"{module}:{name}"):
                seen += 1
                assert f"def {name.rpartition('.')[2]}(" in one.prompt, (call.names, module, name)
    assert seen > 4


def _known_code():
    content = yaml.safe_load(KNOWN.read_text())
    return [*content["known"], *({"code": code} for code in content["machinery"])]


def _called_by(call):
    code, found = call.function.object().__code__, set()

    def profile(frame, event, arg):
        if event == "call" and frame.f_back is not None and frame.f_back.f_code is code and frame.f_code is not code:
            spec = frame.f_globals.get("__spec__")
            found.add((spec.name if spec else "", frame.f_code.co_qualname.partition(".<locals>")[0]))

    space = {"__name__": "example"}
    exec(call.setup, space)
    sys.setprofile(profile)
    try:
        eval(call.expression, space)
    finally:
        sys.setprofile(None)
    return {(module, name) for module, name in found if name != call.function.qualname}


def test_a_call_that_needs_what_cannot_be_shown_is_left_out():
    """`find_cliques` is no short function, and a table of fifty numbers is no line."""
    left_out = {"number_of_cliques", "mersenne_prime_exponent", "Context.multiply", "riemann_bsgs"}
    assert not left_out & {entry.names["qualname"] for entry in pool()}


def test_each_constant_and_module_that_the_lines_which_ran_read_is_shown_or_noted():
    """Of constants and modules, found in another way than the harvest does: by the lines that ran."""
    read = 0
    for entry in pool():
        call = find(entry.names)
        ran = {line for line, _ in _visited(call)}
        space = call.function.object().__globals__
        for name, lines in _global_names(call.function.source).items():
            numbers = {call.function.lines[line - 1] for line in lines}
            if name not in space or not numbers & ran or callable(space[name]):
                continue
            text = "\n".join([entry.context, entry.setup, *entry.helpers, *entry.notes])
            if getattr(space[name], "__module__", "") != "sympy.core.numbers":
                read += 1
                assert re.search(rf"\b{name}\b", text), (entry.names, name)
    assert read > 40


def _visited(call):
    return record(call, call.function.object().__code__, Looks(lambda _: None, lambda _: None, 10**6)).visits


def _global_names(source):
    """Each global name that the source reads, with the lines that do."""
    code = next(part for part in compile(source, "<shown>", "exec").co_consts if isinstance(part, CodeType))
    own = {*code.co_varnames, *code.co_cellvars}
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in own:
            found.setdefault(node.id, set()).add(node.lineno)
    return found


def test_the_setup_binds_nothing_that_is_not_read():
    for entry in pool():
        tree = ast.parse(entry.setup)
        for at, node in enumerate(tree.body):
            bound = {alias.asname or alias.name.partition(".")[0] for alias in getattr(node, "names", ())}
            if isinstance(node, ast.Assign):
                bound |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            later = [*tree.body[at + 1 :], ast.parse(entry.expression)]
            read = {n.id for other in later for n in ast.walk(other) if isinstance(n, ast.Name)}
            assert not bound or bound & read, (entry.names, ast.unparse(node))


def test_whether_a_result_is_what_the_docstring_says_does_not_hang_on_the_order_of_sets():
    """`{'e', 'd'}` is written in another order in every other process."""
    assert "groups" in {entry.names["qualname"] for entry in pool()}


def test_a_loop_over_a_set_in_another_order_than_the_written_one_is_not_told():
    loop = ast.parse("for x in xs:\n    y = x").body[0]
    entered = [{"kind": "arguments", "values": {"xs": {"value": "{1, 2}"}}}, {"kind": "enter", "line": 1, "visit": 1}]

    def rounds(*items):
        return [
            {"kind": "round", "line": 1, "visit": k, "changes": {"x": {"value": i}}} for k, i in enumerate(items, 1)
        ]

    assert _follows_set_order([*entered, *rounds("2", "1")], {1: loop})
    assert not _follows_set_order([*entered, *rounds("1", "2")], {1: loop})


def test_a_helper_is_shown_without_its_docstring_but_with_what_makes_it_a_property():
    shown = {helper for entry in pool() for helper in entry.helpers}
    assert any("@property" in helper and helper.splitlines()[1].startswith("class ") for helper in shown)
    assert not any(">>>" in helper for helper in shown)
    own = [[row for row in helper.splitlines() if not row.startswith(("#", "from ", "import "))] for helper in shown]
    assert max(map(len, own)) <= 21  # the function, and the class that it is of


def test_another_version_of_a_package_is_another_domain_version():
    provenance = library_packages.provenance()
    assert TASK.version == f"6+{fingerprint(provenance, library_packages.CATALOGUE)}"
    for package in library_packages.PACKAGES:
        number = library_packages.version(package)
        assert number is None or f"{package}{number}" in provenance


COUNT = """
import sys
from tracemill.tasks.library import tracing as trace
from tracemill.claims.execution.calls import call_of, function_of
function = function_of("sympy.combinatorics.partitions", "RGS_enum")
made = []
from sympy.core.random import _assumptions_rng
_assumptions_rng.seed(sys.argv[1])
class Recorder(trace._Recorder):
    def __init__(self, *given):
        super().__init__(*given)
        made.append(self)
trace._Recorder = Recorder
for example in (2, 3):
    call = call_of("sympy", function, example)
    trace.told(call, function.object().__code__)
print([recorder._calls for recorder in made])
"""


def test_the_calls_beneath_the_shown_lines_are_the_same_in_every_process():
    """sympy shuffles with generators of its own; whether a call is fit rests on how many calls it takes."""
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    counts = set()
    for earlier in "abcd":  # what calls before may have left
        command = [sys.executable, "-c", COUNT, earlier]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
        counts.add(ran.stdout)
    assert len(counts) == 1
    assert min(json.loads(counts.pop())) > 50


def test_each_problem_carries_the_licence_and_version_of_its_package():
    licences = {}
    for index, entry in enumerate(pool()):
        draft = TASK.make(request(index))
        licences[entry.names["package"]] = draft.licence
        assert draft.tags == (f"{entry.names['package']}=={library_packages.version(entry.names['package'])}",)
    common = {"python": "PSF-2.0", "networkx": "BSD-3-Clause", "sympy": "BSD-3-Clause", "toolz": "BSD-3-Clause"}
    common["algorithms"] = "MIT"
    assert licences == common


def fake(folder, name, headers="", licence_text=""):
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{headers}\n")
    if licence_text:
        info.joinpath("licenses").mkdir()
        info.joinpath("licenses", "LICENSE").write_text(licence_text)


def test_a_package_without_a_licence_is_left_out_with_a_message(tmp_path, monkeypatch, caplog):
    mit = "Permission is hereby granted, free of charge, to any person, to deal in it without\n restriction"
    fake(tmp_path, "unlicensed")
    fake(tmp_path, "vague", "License: see the web site")
    fake(tmp_path, "stated", "License-Expression: MIT AND BSD-3-Clause\nLicense-File: LICENSE", "Copyright (c)")
    fake(tmp_path, "textless", "License-Expression: MIT")
    fake(tmp_path, "written", "License: custom\nLicense-File: LICENSE", mit)
    monkeypatch.syspath_prepend(str(tmp_path))
    names = ("unlicensed", "vague", "stated", "textless", "written", "absent")
    with caplog.at_level(logging.WARNING):
        assert library_packages.usable(dict.fromkeys(names, ())) == ["stated", "written"]
    assert library_packages.licence("stated") == "MIT AND BSD-3-Clause"
    assert library_packages.licence("written") == "MIT"
    warned = [record.getMessage() for record in caplog.records]
    assert [name for name in names for text in warned if f" {name}:" in text] == [
        "unlicensed",
        "vague",
        "textless",
        "absent",
    ]


def harvested(monkeypatch, cache):
    """The calls of one module, in a process that knows none yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    return entries_of.__wrapped__("python", "statistics")


def test_a_cache_that_is_damaged_forged_or_unwritable_changes_nothing(tmp_path, monkeypatch):
    expected = harvested(monkeypatch, tmp_path)
    (file,) = (tmp_path / "tracemill").iterdir()
    whole = file.read_bytes()
    content = json.loads(whole)
    forged = json.loads(whole)
    forged["entries"][0]["answer"] = "forged"
    misshapen = {"digest": digest_of([{"names": 1}]), "entries": [{"names": 1}]}
    for damaged in (b"", whole[:-9], b"[]", json.dumps(forged).encode(), json.dumps(misshapen).encode(), b"\xff\xfe"):
        file.write_bytes(damaged)
        assert library_pool._read(file) is None
    assert harvested(monkeypatch, tmp_path) == expected
    assert file.read_bytes() == whole
    assert library_pool._read(file) == content["entries"]
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    assert harvested(monkeypatch, blocked) == expected


DEADLY = '''
import os

def lives(xs):
    """
    >>> lives([1, 2, 3])
    12
    """
    total = 0
    for x in xs:
        total += 2 * x
    return total

def dies(xs):
    """
    >>> dies([1, 2, 3])
    12
    """
    os.abort()
    return 12
'''


def test_a_function_whose_calls_end_the_process_is_left_out_with_a_message(tmp_path, monkeypatch, caplog):
    """As Python 3.13.0 did where variables were read within a comprehension."""
    tmp_path.joinpath("deadly_module.py").write_text(DEADLY + DEADLY.replace("lives", "lives_too").split("def dies")[0])
    monkeypatch.syspath_prepend(str(tmp_path))
    with caplog.at_level(logging.WARNING):
        rows = library_pool.harvested("python", "deadly_module")
    assert list(dict.fromkeys(row["names"]["qualname"] for row in rows)) == ["lives", "lives_too"]
    (warned,) = [record.getMessage() for record in caplog.records]
    assert warned.startswith("no calls of deadly_module.dies become problems: ") and "(signal 6)" in warned


def test_a_whole_cache_is_used(tmp_path, monkeypatch):
    expected = harvested(monkeypatch, tmp_path)
    monkeypatch.setattr(library_pool, "harvested", lambda *names: pytest.fail(f"harvested {names} again"))
    assert harvested(monkeypatch, tmp_path) == expected


def test_the_counts_of_the_catalogue_name_the_licence_of_each_package():
    *rows, total = [row.split() for row in catalogue.counted()][1:]
    assert [row[0] for row in rows] == list(library_packages.CATALOGUE)
    assert not any("not installed" in row for row in catalogue.counted())
    for column in range(-5, 0):
        assert sum(int(row[column]) for row in rows) == int(total[column])
