"""What is wrong with the things that a config names: collected, so that a user hears all of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tracemill.running.build_config import BuildConfig
from tracemill.settings.errors import UsageError
from tracemill.settings.yaml_models import Wrong, WrongFileError


class Faults:
    """What has been found wrong so far.

    >>> faults = Faults(config)  # doctest: +SKIP
    >>> with faults.at("sources", 0):  # doctest: +SKIP
    ...     source.check()
    >>> faults.refuse()  # doctest: +SKIP
    """

    def __init__(self, config: BuildConfig) -> None:
        self.config = config
        self.found: list[Wrong] = []

    @contextmanager
    def at(self, *place: str | int) -> Iterator[None]:
        """A usage error within stands for the value at this place of the config. One about another file has places of
        its own."""
        try:
            yield
        except WrongFileError as exc:
            self.found += exc.wrong
        except UsageError as exc:
            self.found.append(Wrong(self.config.origin(*place), ".".join(map(str, place)), str(exc)))

    def refuse(self) -> None:
        """Raises: WrongFileError if anything was found."""
        if self.found:
            raise WrongFileError(f"the config {self.config.name!r} cannot be built", self.found)
