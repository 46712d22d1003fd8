"""What the views of a build need of its verifiers."""

from __future__ import annotations

from collections.abc import Sequence

from tracemill.settings.errors import UsageError
from tracemill.settings.plugins import load


def refuse_unjudged(views: Sequence[str], verifiers: Sequence[str]) -> None:
    """Raises:
    UsageError: a view that nothing can enter, since no verifier says what it is chosen by.
    """
    for view in views:
        needed = load("view", view).needs
        if needed and not set(needed) & set(verifiers):
            said = " or ".join(map(repr, needed))
            raise UsageError(
                f"the view {view!r} is chosen by what the verifier {said} says, and only {', '.join(verifiers)} "
                f"would judge; add {said} to verify.also, or take {view!r} out of `views`"
            )
