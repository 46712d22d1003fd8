"""The way out of the cage for values. Standard library only."""

from __future__ import annotations

import json
import os
from typing import Any


class Channel:
    """Lines of JSON, each with the nonce of the run, so that what a program writes there by chance is not taken for
    one."""

    def __init__(self, descriptor: int, nonce: str) -> None:
        self.descriptor = descriptor
        self._nonce = nonce

    def send(self, **fields: Any) -> None:
        view = memoryview(json.dumps({"nonce": self._nonce, **fields}).encode("ascii") + b"\n")
        while view:
            view = view[os.write(self.descriptor, view) :]

    def wait(self) -> None:
        """Until the supervisor has taken what was printed so far."""
        os.read(self.descriptor, 1)
