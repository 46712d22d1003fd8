"""What a figure is: one thing that a build says of itself, measured once and shown in several places."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from tracemill.publishing.build_reading import BuildReading
from tracemill.publishing.report.plot import Plot

ManifestContent: TypeAlias = Mapping[str, Any]
"""What `manifest.json` holds."""


def _shows_nothing(_manifest: ManifestContent) -> str:
    return ""


def _draws_nothing(_manifest: ManifestContent) -> Iterable[Plot]:
    return ()


@dataclass(frozen=True, slots=True)
class Figure:
    """An entry of `all_figures.FIGURES`.

    `measure`: from the build to what stands in the manifest, plain JSON by key. No other figure has these keys.
    `reads`: the manifest's keys from which card, summary and report take their numbers. The card is checked against
    just these.
    `card`: from the manifest to what stands under `heading` on the card and in the report, in Markdown; empty where it
    says nothing, and then there is no such heading.
    `summary`: from the manifest to its part of what is printed at the end of a build, a text of one or several lines,
    which stands behind `label`; empty where it has none.
    `after`: the phase after which it can be measured, so that the report of an unfinished build has it.
    `plots`: from the manifest to what the report draws above the card's text.
    `in_report`: false for what helps to use a dataset, and says nothing of the build.
    """

    measure: Callable[[BuildReading], Mapping[str, Any]]
    reads: tuple[str, ...]
    heading: str
    card: Callable[[ManifestContent], str]
    label: str = ""
    summary: Callable[[ManifestContent], str] = _shows_nothing
    after: str = "dataset"
    plots: Callable[[ManifestContent], Iterable[Plot]] = _draws_nothing
    in_report: bool = True


def lines(found: Iterable[str]) -> str:
    return "\n".join(found)
