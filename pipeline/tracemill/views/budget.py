"""The view `budget`: one problem at several efforts, for TRL's SFT trainer. Not installable yet: its columns are
frozen, but it has no policy and no row."""

from __future__ import annotations

import pyarrow as pa

from tracemill.views.columns import FLAG, INT, LONG, MESSAGE, NUMBER, TEXT, may, need, view_schema

SCHEMA = view_schema(
    [
        need("messages", pa.list_(MESSAGE), "as in `sft`, with the control in the prompt"),
        need("thinking", FLAG, "whether there is reasoning before the reply"),
        may("control", TEXT, "the prompt has none", "the control as written, such as `[Easy]` or `/no_think`"),
        need("effort", TEXT, "the effort's name"),
        need("effort_rank", INT, "0 is the least effort of this problem"),
        need("efforts", INT, "how many efforts of this problem there are in the view"),
        may("budget_tokens", LONG, "no budget was given", "the budget in tokens"),
        may("pass_rate", NUMBER, "not measured", "share of samples verified at this effort"),
        may("sufficient", FLAG, "not measured", "whether this is the least effort at which the problem is solved"),
    ]
)
