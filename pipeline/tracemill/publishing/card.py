"""The dataset card: `dataset/README.md`, made from the manifest alone, and the check that it says nothing else.

A number gets onto the card only by standing in the manifest (or by being the sum of a view's rows); fixed text spells
its numbers out. `check` holds a card to that. What was not measured is called so, and is never 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from tracemill.publishing.figures import FileEntry, Manifest, StageEntry
from tracemill.publishing.shards import LEDGER
from tracemill.records import OUTCOMES, STRENGTHS
from tracemill.settings.errors import TracemillError
from tracemill.views import view_schema

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

_TRUST = """\
A verified claim is not yet a correct step: a true calculation can be beside the point. A step is labelled correct only
where every step of its solution up to there follows from the problem and the steps before it, and wrong only where a
checker refuted it. `unknown` means that a checker could not decide, within its limits; `error` is a fault of the
pipeline. Neither ever becomes a label. Strength says how a checker knew, strongest first: `proof`, `exhaustive`
(every case tried), `exact` (computed), `tested` (on samples), `judged` (by a model)."""


def render(manifest: Manifest) -> str:
    """The card: the Hub's YAML header, then Markdown. The same manifest gives the same text, in whatever order its
    keys stand.

    Raises:
        KeyError: the manifest lacks something that the card must say.
        TracemillError: a view that does not exist, or in it a stage that the curriculum does not have; a share that
            is none.
    """
    for view in manifest["views"].keys() - view_schema.SCHEMAS.keys():
        raise TracemillError(f"the manifest counts rows of a view {view!r}; there are {', '.join(view_schema.SCHEMAS)}")
    for view, stages in _views(manifest).items():
        for stage in sorted(stages.keys() - set(manifest["stages"])):
            raise TracemillError(
                f"the manifest counts rows of view {view!r} in a stage {stage!r} that is not in 'stages'"
            )
    return f"---\n{_header(manifest)}---\n{_body(manifest)}"


def check(card: str, manifest: Manifest) -> None:
    """Holds a card to its manifest.

    Raises:
        TracemillError: a line differs from what the manifest gives; a number that does not come from the manifest;
            a manifest whose counts of rows differ from its own list of files, or that lacks a figure.
    """
    try:
        wanted_card = render(manifest)
    except KeyError as exc:
        raise TracemillError(f"the manifest lacks {exc}, which the card shows; build the dataset again") from exc
    lines = zip_longest(card.splitlines(), wanted_card.splitlines())
    for number, (found, wanted) in enumerate(lines, start=1):
        if found != wanted:
            raise TracemillError(
                f"line {number} of the card says {found!r}, the manifest gives {wanted!r}; build the dataset again"
            )
    known = set(_numbers(_known_texts(manifest)))
    strays = [number for number in _numbers([card.split("\n---\n", 1)[1]]) if number not in known]
    if strays:
        raise TracemillError(f"the card says {', '.join(dict.fromkeys(strays))}, which the manifest does not contain")
    for view, stages in _views(manifest).items():
        listed = sum(file["rows"] for file in _files(manifest, view))
        if listed != _total(stages):
            raise TracemillError(f"view {view!r} has {_total(stages)} rows by stages and {listed} by files")


def _header(manifest: Manifest) -> str:
    import yaml

    views = _loadable(manifest)
    content = {
        "pretty_name": manifest["name"],
        **_licence_header(manifest),
        "task_categories": ["text-generation", *(["reinforcement-learning"] if "rlvr" in views else [])],
        "tags": ["reasoning", "chain-of-thought", "verified", "tracemill", *views],
        "size_categories": [_size(sum(map(_total, manifest["views"].values())))],
        "configs": [
            *(_view_config(manifest, view, default=view == views[0]) for view in views),
            *(
                {"config_name": table, "data_files": [{"split": "train", "path": f"{table}/part-*.parquet"}]}
                for table in LEDGER
                if _files(manifest, table)
            ),
        ],
    }
    return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000))


def _view_config(manifest: Manifest, view: str, default: bool) -> dict[str, Any]:
    counts = manifest["views"][view]
    paths = {
        stage: f"{view}/{index:02d}-{stage}-*.parquet"
        for index, stage in enumerate(manifest["stages"])
        if stage in counts and counts[stage]["rows"]
    }
    whole = {"split": "test" if view == "bench" else "train", "path": list(paths.values())}
    splits = [whole, *({"split": stage, "path": path} for stage, path in paths.items())]
    return {"config_name": view, **({"default": True} if default else {}), "data_files": splits}


def _licence_header(manifest: Manifest) -> dict[str, Any]:
    names = sorted(
        {name for text in _licences(manifest) for name in re.split(r" AND | OR |[()]", text) if name.strip()}
    )
    if all(name in _HUB_LICENCES for name in names):
        return {"license": sorted({_HUB_LICENCES[name] for name in names})}
    # The Hub wants an identifier here, not an expression.
    return {
        "license": "other",
        "license_name": "-and-".join(re.sub(r"[^a-z0-9.]+", "-", name.lower()) for name in names),
    }


def _licences(manifest: Manifest) -> list[str]:
    return [source["licence"] for source in manifest["sources"]] + [
        licence for licence in [manifest["teacher"].get("licence")] if licence
    ]


def _size(rows: int) -> str:
    return next((name for bound, name in _SIZES if rows < bound), "n>10M")


def _body(manifest: Manifest) -> str:
    sections = [
        _introduction(manifest),
        _rows(manifest),
        _checked(manifest),
        _audited(manifest),
        _rejected(manifest),
        _decontaminated(manifest),
        _varied(manifest),
        _costs(manifest),
        _licensing(manifest),
        _loading(manifest),
        "## Versions\n\n" + _table(("component", "version"), sorted(manifest["versions"].items())),
    ]
    return "\n" + "\n\n".join(sections) + "\n"


def _introduction(manifest: Manifest) -> str:
    return (
        f"# {_cell(manifest['name'])}\n\n"
        "Problems with step-by-step solutions, checked by programs. Every row names what was checked, by which\n"
        "checker and how strongly; the tables `problems`, `traces` and `verdicts` hold the ledger.\n\n"
        f"Built by tracemill with seed {manifest['seed']}; schema version {manifest['schema_version']}."
    )


def _rows(manifest: Manifest) -> str:
    lines: list[tuple[str, ...]] = []
    for view, stages in _views(manifest).items():
        for stage in (name for name in manifest["stages"] if name in stages):
            lines.append((f"`{view}`", f"`{stage}`", f"{stages[stage]['rows']:,}", f"{stages[stage]['shards']:,}"))
        lines.append((f"`{view}`", "all", f"{_total(stages):,}", ""))
    return "## Rows\n\nStages stand in curriculum order.\n\n" + _table(("view", "stage", "rows", "shards"), lines)


def _checked(manifest: Manifest) -> str:
    lines = [
        (
            f"`{name}`",
            entry["version"],
            *(f"{entry['outcomes'].get(outcome, 0):,}" for outcome in OUTCOMES),
            ", ".join(f"{word} {entry['strengths'][word]:,}" for word in STRENGTHS if word in entry["strengths"])
            or "–",
            _share(entry["coverage_claims"], "–"),
            _share(entry["coverage_steps"], "–"),
        )
        for name, entry in sorted(manifest["verifiers"].items())
    ]
    heads = ("verifier", "version", *OUTCOMES, "strengths", "claims decided", "steps decided")
    return f"## What was checked\n\nTraces by outcome.\n\n{_table(heads, lines)}\n\n{_TRUST}"


def _audited(manifest: Manifest) -> str:
    lines: list[tuple[str, ...]] = []
    for name, entry in sorted(manifest["verifiers"].items()):
        audit = entry["audit"]
        if audit is None:
            lines.append((f"`{name}`", "not audited", *["not measured"] * 4))
            continue
        canaries = f"{audit['canaries_passed']:,} of {audit['canaries_total']:,}"
        gold, twins = audit["gold"], audit["twins"]
        refused = _rate(audit["false_negatives"], gold, audit["fn_low"], audit["fn_high"])
        accepted = _rate(audit["false_positives"], twins, audit["fp_low"], audit["fp_high"])
        undecided = (
            _rate(audit["gold_undecided"], gold, audit["gold_undecided_low"], audit["gold_undecided_high"]),
            _rate(audit["twins_undecided"], twins, audit["twins_undecided_low"], audit["twins_undecided_high"]),
        )
        lines.append((f"`{name}`", canaries, refused, accepted, *undecided))
    heads = (
        "verifier",
        "attacks and canaries passed",
        "right solutions refuted",
        "wrong twins passed or blamed at another step",
        "right solutions left undecided",
        "wrong twins left undecided",
    )
    return (
        "## How far the checkers can be trusted\n\n"
        "Measured on cases whose outcome is known; in brackets the interval at ninety-five per cent confidence.\n\n"
        + _table(heads, lines)
    )


def _rejected(manifest: Manifest) -> str:
    groups = {
        "lines of a source": manifest["lines"],
        "before any teacher was asked": manifest["screening"],
        "when the teacher was asked": manifest["unasked"],
        **{f"`{view}`": reasons for view, reasons in sorted(manifest["selection"].items())},
    }
    lines = [
        (where, reason, f"{count:,}") for where, reasons in groups.items() for reason, count in sorted(reasons.items())
    ]
    found = _table(("where", "reason", "rejected"), lines) if lines else "Nothing was rejected."
    return f"## What was rejected\n\n{found}"


def _decontaminated(manifest: Manifest) -> str:
    found = manifest["decontamination"]
    title = "## Decontamination\n\n"
    if not found["benchmarks"]:
        return f"{title}No benchmark was named, so nothing was searched for."
    names = ", ".join(_cell(name) for name in found["benchmarks"])
    if found["miss_rates"] is None:
        return f"{title}Problems were searched for items of: {names}. How many this search misses was not measured."
    lines = [
        (disguise, _rate(rate["missed"], rate["planted"], rate["low"], rate["high"]))
        for disguise, rate in sorted(found["miss_rates"].items())
    ]
    return (
        f"{title}Problems were searched for items of: {names}. Planted items that the search missed, with the\n"
        f"interval at ninety-five per cent confidence:\n\n{_table(('planted as', 'missed'), lines)}"
    )


def _varied(manifest: Manifest) -> str:
    measured, alarms = manifest["variety"]["measured"], manifest["variety"]["alarms"]
    if measured is None:
        return "## Variety\n\nNot measured: no view took a text."
    share, times = _share(measured["distinct_2"]), _amount(measured["compression"])
    told = (
        f"Of the neighbouring tokens of {measured['texts']:,} texts, {share} of the pairs are\n"
        f"different ones; together the texts compress {times} times."
    )
    return "\n\n".join(["## Variety", told, *(f"**Alarm:** {alarm}." for alarm in alarms)])


def _costs(manifest: Manifest) -> str:
    costs = manifest["costs"]
    lines = [
        ("prompt tokens", _amount(costs["prompt_tokens"])),
        ("completion tokens", _amount(costs["completion_tokens"])),
        ("completion tokens per verified trace", _amount(costs["tokens_per_verified_row"])),
        ("joules", _amount(costs["joules"])),
        ("joules per verified trace", _amount(costs["joules_per_verified_row"])),
    ]
    return f"## Cost\n\nBy the teacher's own count.\n\n{_table(('what', 'amount'), lines)}"


def _licensing(manifest: Manifest) -> str:
    lines = [
        (source["name"], source["revision"], source["licence"], f"{source['problems']:,}")
        for source in manifest["sources"]
    ]
    teacher = manifest["teacher"]
    terms = _cell(teacher.get("licence", "")) or "none stated"
    return (
        "## Sources and licences\n\nEach row carries the licence expression of its own source and teacher.\n\n"
        + _table(("source", "revision", "licence", "problems"), lines)
        + f"\n\nTeacher: {_cell(teacher['name'])} (`{_cell(teacher['kind'])}`); licence of its output: {terms}."
    )


def _loading(manifest: Manifest) -> str:
    views = _loadable(manifest)
    if not views:
        return "## Loading\n\nThere are no rows to load."
    view, split = views[0], "test" if views[0] == "bench" else "train"
    ledger = _names(table for table in LEDGER if _files(manifest, table))
    warning = "It has the held-out problems too, whose `split` in `problems` is `bench`: keep them out of training."
    return (
        "## Loading\n\n```python\nfrom datasets import load_dataset\n\n"
        f'rows = load_dataset("OWNER/NAME", "{view}", split="{split}")  # or the path of this folder\n```\n\n'
        f"Rows come in curriculum order. Each stage is a split of its own as well. Views: {_names(views)}.\n"
        f"Ledger: {f'{ledger}. {warning}' if ledger else 'not included.'}"
    )


def _views(manifest: Manifest) -> dict[str, Mapping[str, StageEntry]]:
    """In the order of the design, not of the manifest's keys: a stored manifest has them sorted."""
    return {view: manifest["views"][view] for view in view_schema.SCHEMAS if view in manifest["views"]}


def _loadable(manifest: Manifest) -> list[str]:
    return [view for view, stages in _views(manifest).items() if _total(stages)]


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _total(stages: Mapping[str, StageEntry]) -> int:
    return sum(stage["rows"] for stage in stages.values())


def _files(manifest: Manifest, table: str) -> list[FileEntry]:
    return [file for file in manifest["files"] if file["path"].startswith(f"dataset/{table}/")]


def _share(value: float | None, absent: str = "not measured") -> str:
    """A share (0–1) as a percentage; only 0 is shown as 0% and only 1 as 100%."""
    if value is None:
        return absent
    if not 0 <= value <= 1:
        raise TracemillError(f"the manifest has a share of {value}; shares lie between 0 and 1")
    if value in (0, 1):
        return f"{value:.0%}"
    if value < 0.0005:
        return "<0.1%"
    return ">99.9%" if value >= 0.9995 else f"{value:.1%}"


def _amount(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def _rate(count: int, of: int, low: float, high: float) -> str:
    return f"{count:,} of {of:,} ({_share(low)} to {_share(high)})" if of else "not measured"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [heads, ["---"] * len(heads), *([_cell(cell) for cell in line] for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _numbers(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from re.findall(r"\d+(?:[.,]\d+)*", text)


def _known_texts(value: Any) -> Iterator[str]:
    """Everything that a value of the manifest may look like on the card."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _known_texts(item)
        if value and all(isinstance(item, Mapping) and "rows" in item for item in value.values()):
            yield f"{sum(item['rows'] for item in value.values()):,}"
    elif isinstance(value, str):
        yield value
    elif isinstance(value, Iterable):
        for item in value:
            yield from _known_texts(item)
    elif isinstance(value, int | float):
        yield from (str(value), _amount(value), _share(value) if 0 <= value <= 1 else "")
