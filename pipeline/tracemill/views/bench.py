"""The view `bench`: a held-out problem with a solution and its label, in the columns of ProcessBench. Not installable
yet: its columns are frozen, but it has no policy and no row."""

from __future__ import annotations

import pyarrow as pa

from tracemill.views.columns import FLAG, FLAW_COLUMNS, INT, TEXT, may, need, view_schema

SCHEMA = view_schema(
    [
        need("id", TEXT, "the trace's id"),
        need("generator", TEXT, "the teacher"),
        need("problem", TEXT, "the problem"),
        need("steps", pa.list_(TEXT), "the whole solution, in steps"),
        need("final_answer_correct", FLAG, "whether the answer was verified"),
        need("label", INT, "index of the first wrong step; −1 if every step is correct"),
        need("label_source", TEXT, "as in `process`"),
        may("reason", TEXT, "no step was refuted", "why the step was refuted"),
        *FLAW_COLUMNS,
        need("answer", TEXT, "the expected answer"),
        need("check_kind", TEXT, "how an answer is judged"),
        need("check_spec", TEXT, "json: the parameters of that kind"),
    ]
)
