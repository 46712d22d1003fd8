"""What a running build says of itself to Prometheus: numbers of this run, on the port that its config names.

A scrape of `http://127.0.0.1:9100/metrics` gives, for example, `tracemill_verdicts_total{verifier="answer",
outcome="verified"} 812`. Counters begin at zero with each run, also one that goes on with a build.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, TypeVar

import polars as pl
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from tracemill.records.finished import Chunk
from tracemill.settings.errors import UsageError

T = TypeVar("T")

_TOKENS = ("prompt_tokens", "reasoning_tokens", "completion_tokens")


class MetricsConfig(BaseModel):
    """`port`: where they are served while a build runs; null serves none, 0 takes any free port and says which. `host`:
    the address to listen at; what is beyond this machine must be asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: Annotated[int, Field(ge=0, le=65_535)] | None = None
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"


class BuildMetrics:
    """Counts what comes back from the workers; `serve` makes it readable, `close` ends that."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge

        self.registry = CollectorRegistry()
        self._server: Any = None
        shared: dict[str, Any] = {"registry": self.registry, "namespace": "tracemill"}
        self._phase = Gauge("phase", "1 for the phase that is under way", ["phase"], **shared)
        self._rows = Counter("rows", "Rows that came back, by table", ["table"], **shared)
        self._in_flight = Gauge("problems_in_flight", "Problems given to workers and not finished", **shared)
        self._calls = Counter("calls", "Calls to the teacher that ended, by finish reason", ["finish_reason"], **shared)
        self._tokens = Counter("tokens", "Tokens that calls state", ["kind"], **shared)
        self._retries = Counter("retries", "Requests that were sent again within a call", **shared)
        self._verdicts = Counter("verdicts", "Verdicts by verifier and outcome", ["verifier", "outcome"], **shared)

    def serve(self, config: MetricsConfig) -> str | None:
        """Where they can be read; None where the config names no port.

        Raises:
            UsageError: the port is taken, or the address is none of this machine.
        """
        from prometheus_client import start_http_server

        if config.port is None:
            return None
        try:
            server, _ = start_http_server(config.port, config.host, self.registry)
        except (OSError, OverflowError) as exc:
            raise UsageError(
                f"metrics cannot be served at {config.host}:{config.port} ({exc}); set metrics.port to a free port, to "
                "0 for any, or to null for none"
            ) from exc
        self._server = server
        return f"http://{config.host}:{server.server_port}/metrics"

    def phase(self, name: str) -> None:
        self._phase.clear()
        self._phase.labels(name).set(1)

    def count(self, tables: Mapping[str, pa.RecordBatch]) -> None:
        """Rows that came back, by table."""
        for table, batch in tables.items():
            self._rows.labels(table).inc(batch.num_rows)
        if "completions" in tables:
            self._count_calls(pl.DataFrame(tables["completions"].select(["finish_reason", *_TOKENS, "metadata"])))
        if "verdicts" in tables:
            verdicts = pl.DataFrame(tables["verdicts"].select(["verifier", "outcome"]))
            for verifier, outcome, count in verdicts.group_by("verifier", "outcome").len().iter_rows():
                self._verdicts.labels(verifier, outcome).inc(count)

    def _count_calls(self, calls: pl.DataFrame) -> None:
        for reason, count in calls.group_by("finish_reason").len().iter_rows():
            self._calls.labels(reason).inc(count)
        for kind in _TOKENS:
            self._tokens.labels(kind.removesuffix("_tokens")).inc(float(calls[kind].sum()))
        retries = calls["metadata"].str.json_path_match("$.retries").cast(pl.Float64, strict=False)
        self._retries.inc(float(retries.sum()))

    def given(self, orders: Iterable[T]) -> Iterator[T]:
        """Passes on what workers take."""
        for order in orders:
            self._in_flight.inc()
            yield order

    def finished(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """Passes on what comes back of what was `given`. Problems of a failed call never come back as done: they leave
        with the last chunk."""
        for chunk in chunks:
            self._in_flight.dec(len(chunk.done))
            yield chunk
        self._in_flight.set(0)

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
