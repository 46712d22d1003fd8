"""The packages whose functions become problems: which modules are read, and under which licence."""

from __future__ import annotations

import logging
import platform
import re
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from tracemill.records.licences import UnknownLicenceError, spdx

STDLIB = "python"

_NETWORKX = """
    algorithms.approximation.clique algorithms.approximation.connectivity
    algorithms.approximation.dominating_set algorithms.assortativity.connectivity algorithms.assortativity.pairs
    algorithms.bipartite.basic algorithms.bipartite.centrality algorithms.bipartite.cluster algorithms.boundary
    algorithms.bridges algorithms.centrality.closeness algorithms.chordal algorithms.clique
    algorithms.community.kclique algorithms.community.local algorithms.components.biconnected
    algorithms.components.connected algorithms.components.strongly_connected
    algorithms.components.weakly_connected algorithms.connectivity.connectivity algorithms.connectivity.cuts
    algorithms.connectivity.disjoint_paths algorithms.connectivity.edge_augmentation
    algorithms.connectivity.edge_kcomponents algorithms.core algorithms.cuts algorithms.cycles algorithms.dag
    algorithms.distance_measures algorithms.dominance algorithms.efficiency_measures algorithms.euler
    algorithms.flow.maxflow algorithms.graphical algorithms.isomorphism.isomorph
    algorithms.isomorphism.isomorphvf2 algorithms.lowest_common_ancestors algorithms.matching algorithms.regular
    algorithms.shortest_paths.generic algorithms.shortest_paths.unweighted algorithms.shortest_paths.weighted
    algorithms.similarity algorithms.simple_paths algorithms.threshold algorithms.tournament
    algorithms.traversal.breadth_first_search algorithms.traversal.depth_first_search
    algorithms.tree.distance_measures algorithms.tree.recognition algorithms.triads algorithms.wiener
    classes.function classes.graph classes.multigraph generators.geometric generators.nonisomorphic_trees
    utils.misc
"""
_SYMPY = """
    combinatorics.free_groups combinatorics.graycode combinatorics.group_numbers combinatorics.partitions
    combinatorics.permutations combinatorics.prufer combinatorics.schur_number combinatorics.subsets
    combinatorics.tensor_can core.intfunc core.logic crypto.crypto discrete.convolutions
    functions.combinatorial.numbers geometry.point integrals.intpoly liealgebras.type_b liealgebras.type_c
    liealgebras.type_d liealgebras.type_e liealgebras.type_f liealgebras.type_g logic.algorithms.dpll
    logic.algorithms.dpll2 logic.boolalg matrices.sparsetools ntheory.bbp_pi
    ntheory.continued_fraction ntheory.digits ntheory.egyptian_fraction ntheory.factor_ ntheory.generate
    ntheory.modular ntheory.multinomial ntheory.primetest ntheory.residue_ntheory polys.densearith
    polys.densebasic polys.densetools polys.distributedmodules polys.galoistools polys.matrices.ddm
    polys.matrices.sdm polys.monomials solvers.diophantine.diophantine tensor.array.arrayop
    utilities.enumerative utilities.iterables utilities.misc
"""
_STDLIB = """
    _pydecimal collections difflib doctest fractions http.cookiejar pickle pickletools statistics zipfile
"""

PACKAGES: dict[str, tuple[str, ...]] = {
    STDLIB: tuple(_STDLIB.split()),
    "networkx": tuple(f"networkx.{name}" for name in _NETWORKX.split()),
    "sympy": tuple(f"sympy.{name}" for name in _SYMPY.split()),
}
"""Modules whose docstrings call their own functions on small values. Names that a version lacks are passed over."""

UNSTABLE = frozenset(
    {
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
    }
)
"""`module:qualname` of functions whose steps differ between processes: they follow the order of a set of texts, what a
cache of the package holds, or whether scipy is installed. Found by tracing every call under eleven hash seeds, in as
many orders, and by harvests with and without the packages that networkx and sympy can use (numpy, pandas, scipy,
gmpy2, python-flint, lxml)."""

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
    for package in sorted(packages):
        if version(package) is None:
            _LOG.warning("no functions from %s: it is not installed", package)
        elif licence(package) is None:
            _LOG.warning("no functions from %s: neither its metadata nor a licence file names a known licence", package)
        elif notice(package) is None:
            _LOG.warning("no functions from %s: its licence's text is not installed, which must go along", package)
        else:
            kept.append(package)
    return kept


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
