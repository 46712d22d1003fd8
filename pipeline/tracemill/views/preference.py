"""The view `preference`: two replies to one prompt, for TRL's DPO trainer. Not installable yet: its columns are frozen,
but it has no policy and no row."""

from __future__ import annotations

import pyarrow as pa

from tracemill.views.columns import FLAW_COLUMNS, INT, LONG, MESSAGE, TEXT, may, need, view_schema

SCHEMA = view_schema(
    [
        need("prompt", pa.list_(MESSAGE), "system text if there is one, and the prompt"),
        need("chosen", pa.list_(MESSAGE), "the better reply, verified"),
        need("rejected", pa.list_(MESSAGE), "the worse one"),
        need("criterion", TEXT, "`verified_over_refuted` or `shorter_over_longer` (both verified)"),
        need("chosen_trace_id", TEXT, "row of `traces`"),
        need("rejected_trace_id", TEXT, "row of `traces`"),
        may("chosen_tokens", LONG, "not counted", "completion tokens of the chosen trace"),
        may("rejected_tokens", LONG, "not counted", "completion tokens of the rejected trace"),
        may("rejected_first_wrong", INT, "no step of it was refuted", "index of the step"),
        may("reason", TEXT, "the rejected reply is verified", "why it was refuted"),
        *FLAW_COLUMNS,
    ]
)
