"""The table of figures, in the order of the card. A figure is one file in `figures/` and one line here."""

from __future__ import annotations

from tracemill.publishing.figure import Figure
from tracemill.publishing.figures import (
    audit_rates,
    benchmark_search,
    call_endings,
    citation,
    column_meanings,
    conflicting_answers,
    critics,
    example_row,
    intended_use,
    isolation,
    origins,
    package_versions,
    rejections,
    retellings,
    row_counts,
    row_lengths,
    rows_by_domain,
    solving_rates,
    teacher_costs,
    text_variety,
    verdict_counts,
    wording_tells,
)

FIGURES: tuple[Figure, ...] = (
    row_counts.FIGURE,
    rows_by_domain.FIGURE,
    row_lengths.FIGURE,
    example_row.FIGURE,
    column_meanings.FIGURE,
    intended_use.FIGURE,
    verdict_counts.FIGURE,
    isolation.FIGURE,
    audit_rates.FIGURE,
    wording_tells.FIGURE,
    rejections.FIGURE,
    conflicting_answers.FIGURE,
    benchmark_search.FIGURE,
    text_variety.FIGURE,
    teacher_costs.FIGURE,
    solving_rates.FIGURE,
    call_endings.FIGURE,
    critics.FIGURE,
    retellings.FIGURE,
    origins.FIGURE,
    package_versions.FIGURE,
    citation.FIGURE,
)
