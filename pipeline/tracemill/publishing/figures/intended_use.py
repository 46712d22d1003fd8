"""What the dataset is for, and what it does not show. Fixed texts, chosen by what the build is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.figure import Figure, ManifestContent
from tracemill.publishing.figures.origins import OWN_TASKS
from tracemill.settings.plugins import load


def measure(build: BuildReading) -> dict[str, Any]:
    """What each view says that it is for, in one line; numbers in it are its author's."""
    return {"uses": {view: " ".join(load("view", view).use.split()) for view in build.views}}


def card(manifest: ManifestContent) -> str:
    uses = [f"- `{view}`: {manifest['uses'][view]}" for view in manifest["view_order"] if manifest["uses"][view]]
    return "\n".join([*uses, *([""] if uses else []), *(f"- {limit}" for limit in _limits(manifest))])


def _limits(manifest: ManifestContent) -> Iterator[str]:
    yield (
        "A row is as good as what was checked of it, and no better: read *What was checked* and *How far the\n"
        "  checkers can be trusted*. What a model gains by training on it was not measured."
    )
    own = {source["name"] == OWN_TASKS for source in manifest["sources"]}
    if True in own:
        yield (
            "Problems of the source `domains` were made by programs: they show how to reason in a few narrow tasks,\n"
            "  not what people ask. Their stories, names and languages are invented; what they show of the code of\n"
            "  others is listed under *Sources and licences*."
        )
    if False in own:
        yield (
            "Problems of the other sources are published as they came: nobody looked for personal or offensive\n"
            "  content."
        )
    if manifest["teacher"]["kind"] == "symbolic":
        yield (
            "Solutions were written by programs, with sentences from lists: they are more regular than those of\n"
            "  people or models. Wrong ones hold mistakes that were put there, not those that models make."
        )
    yield (
        "Problems whose `split` is `bench` in the table `problems` are for testing: train on none of them, nor on\n"
        "  others with their `group_id`."
    )


FIGURE = Figure(measure, ("uses",), "Intended use and limits", card, in_report=False)
