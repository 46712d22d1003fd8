"""How much a teacher is to think: one notation, which each family of models gets in its own words."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

Effort = Annotated[str, StringConstraints(pattern=r"^(off|low|medium|high|dynamic|tokens [1-9][0-9]{0,6})$")]
"""`off`: no thought. `low`, `medium`, `high`: the model's own levels. `dynamic`: the model decides. `tokens 512`: at
most so many tokens of thought."""
