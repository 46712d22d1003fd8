"""The packages whose functions become problems: which modules are read, and under which licence."""

from __future__ import annotations

import logging
import platform
import re
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import yaml

from tracemill.records.licences import UnknownLicenceError, spdx

STDLIB = "python"

MODULES = Path(__file__).with_name("modules.yaml")
"""Of each package the modules whose functions become problems, and for each of its calls, in the harvest's order, the
steps that it takes and what can be asked of it beside its result: `7 12ip; 5` are two calls of a function, of the
second of which also an input and a property are asked, and one of another function. Written by
`python -m tracemill.tasks.library.catalogue`."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CATALOGUE: dict[str, dict[str, str]] = yaml.load(MODULES.read_text("utf-8"), Loader=_LOADER)
PACKAGES: dict[str, tuple[str, ...]] = {package: tuple(modules) for package, modules in CATALOGUE.items()}
EXTRA = "realcode"
"""The extra that installs those of the packages that nothing else needs."""
_NAMED = 3
"""Packages that a message names."""

UNSTABLE = frozenset(
    {
        "algorithms.bit_manipulation.gray_code:gray_code",
        "algorithms.math.generate_strobogrammtic:_helper",
        "algorithms.math.generate_strobogrammtic:_helper2",
        "algorithms.math.generate_strobogrammtic:gen_strobogrammatic",
        "networkx.generators.geometric:geometric_edges",
        "sympy.combinatorics.group_numbers:is_abelian_number",
        "sympy.combinatorics.group_numbers:is_cyclic_number",
        "sympy.combinatorics.group_numbers:is_nilpotent_number",
        "sympy.logic.boolalg:Boolean.equals",
        "sympy.logic.boolalg:is_literal",
        "sympy.logic.algorithms.dpll:dpll_satisfiable",
        "sympy.logic.algorithms.dpll:find_unit_clause",
        "sympy.ntheory.generate:Sieve.search",
        "sympy.ntheory.generate:composite",
        "sympy.ntheory.multinomial:multinomial_coefficients",
    }
)
"""`module:qualname` of functions whose steps differ between processes: they follow the order of a set of texts, what a
cache of the package holds, or whether scipy is installed; or whose made inputs take about as much time
or memory as they may. Found by tracing every call under eleven hash seeds, in as many orders, by harvests with and
without the packages that networkx and sympy can use (numpy, pandas, scipy, gmpy2, python-flint, lxml), and by timing
every made input."""

_NOTICE = re.compile(r"(?:.*/)?(?:LICEN[CS]E|COPYING|NOTICE|COPYRIGHT)", re.IGNORECASE)
"""Of the files that a package lists as licences; others, such as AUTHORS, nobody asks for."""

_LOG = logging.getLogger(__name__)

_TEXTS = (
    # What only that licence's text says, in order: the three clauses include the two.
    (("Redistribution and use in source and binary forms", "Neither the name"), "BSD-3-Clause"),
    (("Redistribution and use in source and binary forms",), "BSD-2-Clause"),
    (("Permission is hereby granted, free of charge", "without restriction"), "MIT"),
    (("Apache License", "Version 2.0"), "Apache-2.0"),
)


def version(package: str) -> str | None:
    """The installed version, or None where the package is not installed."""
    if package == STDLIB:
        return platform.python_version()
    found = _distribution(package)
    return found.version if found else None


def provenance() -> str:
    """The installed packages with their versions: `networkx3.6.1.python3.11.7`."""
    versions = {package: version(package) for package in sorted(PACKAGES)}
    return ".".join(f"{package}{number}" for package, number in versions.items() if number is not None)


def licence(package: str) -> str | None:
    """The package's licence as an SPDX expression, from its own metadata or, where that is vague, its licence text."""
    if package == STDLIB:
        return "PSF-2.0"
    found = _distribution(package)
    if found is None:
        return None
    headers = found.metadata
    stated = next((headers[key] for key in ("License-Expression", "License") if key in headers), "")
    try:
        return spdx(stated)
    except UnknownLicenceError:
        return _licence_of_text(found)


def usable(packages: dict[str, tuple[str, ...]]) -> list[str]:
    """The packages that are installed under a known licence, with its text, sorted; the others are named in a
    warning."""
    kept = []
    absent = [package for package in sorted(packages) if version(package) is None]
    if absent:
        others = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
        fix = f"pip install 'tracemill[{EXTRA}]' brings them"
        _warn(f"no functions from {', '.join(absent[:_NAMED])}{others}: not installed; {fix}")
    for package in sorted({*packages} - {*absent}):
        if licence(package) is None:
            _warn(f"no functions from {package}: neither its metadata nor a licence file names a known licence")
        elif notice(package) is None:
            _warn(f"no functions from {package}: its licence's text is not installed, which must go along")
        else:
            kept.append(package)
    return kept


@cache
def _warn(text: str) -> None:
    """Once: a config is checked when it is read and when it is built."""
    _LOG.warning("%s", text)


def _distribution(package: str) -> Distribution | None:
    try:
        return distribution(package)
    except PackageNotFoundError:
        return None


def notice(package: str) -> str | None:
    """The package's licence texts with their copyright lines, as it was installed with them; None if there are none."""
    if package == STDLIB:
        return next((file.read_text("utf-8") for file in _python_licences() if file.is_file()), None)
    found = _distribution(package)
    texts = [text for name, text in _licence_files(found) if _NOTICE.match(name)] if found else []
    return "\n\n".join(texts) or None


def _python_licences() -> list[Path]:
    """Where Python's own installers, Linux distributions and conda put it."""
    folders = (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix))
    return [folder / name for folder in folders for name in ("LICENSE.txt", "LICENSE")]


def _licence_files(found: Distribution) -> Iterator[tuple[str, str]]:
    """Name and text of each licence file that the metadata lists."""
    for name in found.metadata.get_all("License-File") or []:
        for path in (f"licenses/{name}", name):
            if text := found.read_text(path):
                yield name, text
                break


def _licence_of_text(found: Distribution) -> str | None:
    for _, content in _licence_files(found):
        text = " ".join(content.split())
        for signs, licence in _TEXTS:
            if all(sign in text for sign in signs):
                return licence
    return None
