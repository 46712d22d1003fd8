"""The view `critique`: a flawed solution, where and why it is wrong, and its repair, for TRL's SFT trainer. Not
installable yet: its columns are frozen, but it has no policy and no row."""

from __future__ import annotations

import pyarrow as pa

from tracemill.views.columns import FLAW_COLUMNS, INT, MESSAGE, TEXT, may, need, view_schema

SCHEMA = view_schema(
    [
        need(
            "messages",
            pa.list_(MESSAGE),
            "problem and flawed solution as the user's, critique and repair as the assistant's",
        ),
        need("problem", TEXT, "the problem"),
        need("steps", pa.list_(TEXT), "the flawed solution, in steps, to its end"),
        need("first_wrong", INT, "index of the first wrong step"),
        need("label_source", TEXT, "`refuted`, or `seeded` where an independent oracle confirmed the seeded mistake"),
        need("reason", TEXT, "why the step is wrong, from the checker or the oracle"),
        *FLAW_COLUMNS,
        need("critique", TEXT, "the critique alone"),
        may("repair", TEXT, "there is no repair", "the verified solution from the wrong step on"),
    ]
)
