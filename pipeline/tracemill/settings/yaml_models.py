"""Plain data into frozen models; what is wrong is said with origin, place, value, choices and fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError

from tracemill.settings.errors import UsageError
from tracemill.settings.yaml_files import KeyPath, Origin, Origins


class Fault(NamedTuple):
    """One thing that is wrong, and where: `Fault(("seed",), "'many': Input should be a valid integer …")`."""

    at: KeyPath
    text: str


class Wrong(NamedTuple):
    """A fault as it is shown: where its value comes from, the key, and what is wrong."""

    origin: Origin
    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.key}: {self.text}" if self.key else f"{self.origin}: {self.text}"


class WrongFileError(UsageError):
    """A config or a curriculum in which something is wrong, or which names what is: all of it at once."""

    def __init__(self, headline: str, wrong: Sequence[Wrong]) -> None:
        self.wrong = sorted(wrong, key=lambda one: (one.origin.source, one.origin.line or 0))
        super().__init__(f"{headline}:\n  " + "\n  ".join(map(str, self.wrong)))


class Collected:
    """What has been found wrong with a file and with what it names, so that a user hears all of it at once."""

    def __init__(self, headline: str, origins: Origins) -> None:
        self.headline = headline
        self.origins = origins
        self.found: list[Wrong] = []

    def add(self, faults: Iterable[Fault]) -> None:
        """Adds faults of the file's own values."""
        for fault in faults:
            self.found.append(Wrong(self.origins.of(fault.at), ".".join(map(str, fault.at)), fault.text))

    @contextmanager
    def at(self, *place: str | int) -> Iterator[None]:
        """A usage error raised within is one of the value at this place. One about another file has its own places."""
        try:
            yield
        except WrongFileError as exc:
            self.found += exc.wrong
        except UsageError as exc:
            self.add([Fault(place, str(exc))])

    def refuse(self) -> None:
        """Raises: WrongFileError if anything was found."""
        if self.found:
            raise WrongFileError(self.headline, self.found)


def validated(model: type[BaseModel], data: Any, at: KeyPath, faults: list[Fault]) -> BaseModel | None:
    """The model made from `data`, or None with what is wrong added to `faults`; `at` is the place of `data`."""
    try:
        made = model.model_validate(data)
    except ValidationError as exc:
        faults.extend(_fault(error, model, at) for error in exc.errors())
        return None
    wrong = list(_taken_for_numbers(data, made, at))
    faults.extend(wrong)
    return None if wrong else made


def _taken_for_numbers(given: Any, made: Any, at: KeyPath) -> Iterator[Fault]:
    """A fault for each `true` or `false` of which pydantic has made the number 1 or 0."""
    if isinstance(given, bool) and isinstance(made, int | float) and not isinstance(made, bool):
        yield Fault(at, f"{shown(given)}: a number is wanted")
    elif isinstance(given, Mapping) and isinstance(made, BaseModel | Mapping):
        for key, value in given.items():
            there = made.get(key) if isinstance(made, Mapping) else getattr(made, str(key), None)
            yield from _taken_for_numbers(value, there, (*at, key))
    elif isinstance(given, list | tuple) and isinstance(made, list | tuple):
        for index, (one, other) in enumerate(zip(given, made, strict=False)):
            yield from _taken_for_numbers(one, other, (*at, index))


def _fault(error: Any, model: type[BaseModel], at: KeyPath) -> Fault:
    """One error of pydantic's in our form."""
    place = (*at, *error["loc"])
    if error["type"] == "extra_forbidden":
        choices = sorted(_fields_at(model, error["loc"][:-1]))
        near = difflib.get_close_matches(str(error["loc"][-1]), choices, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return Fault(place, f"unknown key; choices: {', '.join(choices)}{hint}")
    if error["type"] == "missing":
        return Fault(place, "missing; add it")
    said = error["msg"].removeprefix("Value error, ")
    return Fault(place, said if isinstance(error["input"], dict | BaseModel) else f"{shown(error['input'])}: {said}")


def shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _fields_at(model: type[BaseModel], loc: Sequence[Any]) -> Iterator[str]:
    """The keys there are at a place; a list's or mapping's model is found in its annotation."""
    for part in loc:
        field = model.model_fields.get(str(part))
        model = next(_models(field.annotation), model) if field is not None else model
    yield from model.model_fields


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
