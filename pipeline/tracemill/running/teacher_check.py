"""Whether a config's teacher can be asked, before anything is spent on it."""

from __future__ import annotations

import asyncio
from typing import Any

from tracemill.settings.plugins import load


def check_teacher(config: Any) -> None:
    """Asks the teacher of this config whether it is there, if it has a way to find out (`Teacher`).

    Raises:
        UsageError: it cannot be asked.
    """
    teacher = load("teacher", config.kind)(config)
    if hasattr(teacher, "check"):
        asyncio.run(_checked(teacher))


async def _checked(teacher: Any) -> None:
    try:
        await teacher.check()
    finally:
        await teacher.close()
