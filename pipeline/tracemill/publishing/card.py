"""The dataset card, `dataset/README.md`: made from the manifest when a build is finished, and sealed by its hash there.

A number gets onto the card only by standing in the manifest, under a key that its section reads; fixed text spells its
numbers out. `check` holds a card to that before it is written. What was not measured is called so, and is never 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tracemill.publishing import all_figures
from tracemill.publishing.as_text import looks_of, named, numbers
from tracemill.publishing.build_chain import stage_of
from tracemill.publishing.dataset_info import info_of, schema_of_table, schema_of_view
from tracemill.publishing.figure import ManifestContent
from tracemill.publishing.notices import OVERVIEW
from tracemill.publishing.shards import LEDGER
from tracemill.records.licences import UnknownLicenceError, identifiers
from tracemill.settings.encoders import markdown_text
from tracemill.settings.errors import TracemillError
from tracemill.settings.plugins import load
from tracemill.views.view import View

_HUB_LICENCES = {
    "Apache-2.0": "apache-2.0",
    "BSD-2-Clause": "bsd-2-clause",
    "BSD-3-Clause": "bsd-3-clause",
    "CC-BY-4.0": "cc-by-4.0",
    "CC-BY-NC-4.0": "cc-by-nc-4.0",
    "CC-BY-SA-3.0": "cc-by-sa-3.0",
    "CC-BY-SA-4.0": "cc-by-sa-4.0",
    "CC0-1.0": "cc0-1.0",
    "GPL-3.0-only": "gpl-3.0",
    "GPL-3.0-or-later": "gpl-3.0",
    "ISC": "isc",
    "MIT": "mit",
    "MPL-2.0": "mpl-2.0",
    "ODC-By-1.0": "odc-by",
    "Unlicense": "unlicense",
}
"""SPDX identifiers that the Hub has a name for; with any other the licence is `other`."""

_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"))

_INTRODUCTION = ("name", "seed", "schema_version")
_LOADING = "Loading"


def render(manifest: ManifestContent) -> str:
    """The card: the Hub's YAML header, then Markdown. The same manifest gives the same text, in whatever order its
    keys stand. The manifest of a card that is published also has `repository` (`OWNER/NAME`) and `page`, and is that of
    the whole chain of builds, see `build_chain.whole_chain`.

    Raises:
        KeyError: the manifest lacks something that the card must say.
        TracemillError: a share that is none.
    """
    sections = [_introduction(manifest), f"## {_LOADING}\n\n{_loading(manifest)}"]
    sections += [f"## {figure.heading}\n\n{said}" for figure in all_figures.FIGURES if (said := figure.card(manifest))]
    return f"---\n{_header(manifest)}---\n\n" + "\n\n".join(sections) + "\n"


def check(card: str, manifest: ManifestContent) -> None:
    """Holds a card to its manifest.

    Raises:
        TracemillError: a section says a number that is not among what it reads of the manifest; a manifest whose counts
            of rows differ from its own list of files.
    """
    reads = {figure.heading: figure.reads for figure in all_figures.FIGURES} | {
        _LOADING: ("view_order", *(["repository"] if "repository" in manifest else []))
    }
    introduction, *sections = re.split(r"^## ", card.split("\n---\n", 1)[1], flags=re.MULTILINE)
    _check_numbers("introduction", introduction, manifest, _INTRODUCTION)
    for section in sections:
        heading, _, text = section.partition("\n")
        _check_numbers(heading, text, manifest, reads.get(heading, ()))
    for view, stages in manifest["views"].items():
        counted = sum(stage["rows"] for stage in stages.values())
        in_files = sum(file["rows"] for file in _files(manifest, view))
        if not counted == in_files == manifest["view_totals"][view]:
            raise TracemillError(f"view {view!r} has {counted} rows by stages and {in_files} by files")


def _check_numbers(section: str, text: str, manifest: ManifestContent, reads: tuple[str, ...]) -> None:
    known = {number for key in reads for look in looks_of(manifest[key]) for number in numbers(look)}
    strays = [number for number in numbers(text) if number not in known]
    if strays:
        raise TracemillError(
            f"the card says {', '.join(dict.fromkeys(strays))} under {section!r}, which the manifest does not contain "
            f"under {', '.join(reads) or 'any key'}; correct the figure with that heading"
        )


def _header(manifest: ManifestContent) -> str:
    import yaml

    views = _loadable(manifest)
    content = {
        "pretty_name": manifest["name"],
        **({"language": list(manifest["languages"])} if manifest["languages"] else {}),
        **_licence_header(manifest),
        "task_categories": sorted({_view(view).task for view in views} | {"text-generation"}, reverse=True),
        "tags": ["reasoning", "chain-of-thought", "verified", "tracemill", *views],
        "size_categories": [_size(sum(manifest["view_totals"].values()))],
        "configs": [
            *(config for view in views for config in _view_configs(manifest, view, default=view == views[0])),
            *(
                _config(table, {"train": _paths(_shards(manifest, table))})
                for table in LEDGER
                if _files(manifest, table)
            ),
        ],
    }
    content["dataset_info"] = list(_infos(manifest, views))
    return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000))


def _view_configs(manifest: ManifestContent, view: str, default: bool) -> list[dict[str, Any]]:
    """Two for a view: all its rows as one split, so that a plain load gives each row once; and a split per stage."""
    shards = {stage: _paths(_shards(manifest, view, stage)) for stage in manifest["stages"]}
    whole = [path for paths in shards.values() for path in paths]
    first = {**({"default": True} if default else {}), **_config(view, {whole_split(view): whole})}
    return [first, _config(by_stage(view), {stage: paths for stage, paths in shards.items() if paths})]


def _config(name: str, splits: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Each file by its name: a pattern would take a stray shard too, and would be the same text in every build."""
    return {"config_name": name, "data_files": [{"split": split, "path": paths} for split, paths in splits.items()]}


def _infos(manifest: ManifestContent, views: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Columns, rows and bytes of every configuration, where the columns are known."""
    for view in views:
        schema = schema_of_view(manifest, view)
        if schema is not None:
            stages = {stage: _shards(manifest, view, stage) for stage in manifest["stages"]}
            whole = [file for files in stages.values() for file in files]
            yield info_of(view, schema, {whole_split(view): whole})
            yield info_of(by_stage(view), schema, {stage: files for stage, files in stages.items() if files})
    for table in LEDGER:
        if files := _shards(manifest, table):
            yield info_of(table, schema_of_table(table), {"train": files})


def _shards(manifest: ManifestContent, table: str, stage: str | None = None) -> list[Mapping[str, Any]]:
    """Files in the order of their rows: build by build where several add to each other."""
    own = len(manifest["files"])
    files = sorted(_files(manifest, table), key=lambda file: (file.get("build", own), file["path"]))
    return [file for file in files if stage is None or stage_of(file["path"]) == stage]


def _paths(files: Sequence[Mapping[str, Any]]) -> list[str]:
    """Within `dataset/`."""
    return [file["path"].removeprefix("dataset/") for file in files]


def _licence_header(manifest: ManifestContent) -> dict[str, Any]:
    """`license`, `license_name` where the Hub has no name for one, and a link to the notices if there are any."""
    names = sorted({name for expression in _licences(manifest) for name in _names_in(expression)})
    place = f"{manifest['page']}/blob/main/{OVERVIEW}" if "page" in manifest else OVERVIEW
    link = {"license_link": place} if manifest["notices"] else {}
    if all(name in _HUB_LICENCES for name in names):
        return {"license": sorted({_HUB_LICENCES[name] for name in names}), **link}
    # The Hub wants an identifier here, not an expression.
    name = "-and-".join(re.sub(r"[^a-z0-9.]+", "-", name.lower()) for name in names)
    return {"license": "other", "license_name": name, **link}


def _names_in(expression: str) -> tuple[str, ...]:
    """The licences in an expression; what a teacher states need not be one that SPDX knows."""
    try:
        return identifiers(expression)
    except UnknownLicenceError:
        return (expression,)


def _licences(manifest: ManifestContent) -> list[str]:
    own = [licence for licence in [manifest["teacher"].get("licence")] if licence]
    return [source["licence"] for source in manifest["sources"]] + list(manifest.get("teacher_licences", own))


def _size(rows: int) -> str:
    return next((name for bound, name in _SIZES if rows < bound), "n>10M")


def _introduction(manifest: ManifestContent) -> str:
    return (
        f"# {markdown_text(manifest['name'])}\n\n"
        "Problems with step-by-step solutions, checked by programs. Every row names what was checked, by which\n"
        "checker and how strongly; the tables `problems`, `traces`, `verdicts` and, where a model's pass\n"
        "rates were measured, `estimates` hold the ledger.\n\n"
        f"Built by tracemill with seed {manifest['seed']}; schema version {manifest['schema_version']}."
    )


def _loading(manifest: ManifestContent) -> str:
    views = _loadable(manifest)
    if not views:
        return "There are no rows to load."
    ledger = named(table for table in LEDGER if _files(manifest, table))
    warning = "It has the held-out problems too, whose `split` in `problems` is `bench`: keep them out of training."
    parts = [
        *_where(manifest),
        *(_snippet(manifest, view) for view in views),
        "Rows come in curriculum order, each once.",
        f"In {named(by_stage(view) for view in views)} each stage is a split.",
        f"Ledger: {f'{ledger}. {warning}' if ledger else 'not included.'}",
    ]
    return "\n\n".join(parts)


def _where(manifest: ManifestContent) -> list[str]:
    """Of a card that is not published yet: what its snippets cannot know."""
    known = "`OWNER/NAME` is where the dataset lies on the Hub; the path of this folder does as well."
    return [] if "repository" in manifest else [known]


def _snippet(manifest: ManifestContent, view: str) -> str:
    """How the rows of a view are loaded and trained on."""
    place = manifest.get("repository", "OWNER/NAME")
    load_call = f'rows = load_dataset("{place}", "{view}", split="{whole_split(view)}")'
    return f"`{view}`:\n\n```python\n{_view(view).snippet.replace('{load}', load_call)}\n```"


def _loadable(manifest: ManifestContent) -> list[str]:
    """The views that have rows, in the config's order: a stored manifest has its keys sorted."""
    return [view for view in manifest["view_order"] if manifest["view_totals"][view]]


def _view(name: str) -> View:
    found: View = load("view", name)
    return found


def whole_split(view: str) -> str:
    """The name of the split with all rows of a view."""
    return "train" if _view(view).split == "train" else "test"


def by_stage(view: str) -> str:
    """The name of the configuration in which each stage of a view is a split."""
    return f"{view}_by_stage"


def _files(manifest: ManifestContent, table: str) -> list[Mapping[str, Any]]:
    return [file for file in manifest["files"] if file["path"].startswith(f"dataset/{table}/")]
