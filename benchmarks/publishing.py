"""What publishing costs, and what a build pays for what is published: `python -m benchmarks.publishing`.

Both against the stand-in Hub of the tests, on loopback: the network costs nothing here, so this is what the client, our
checks and the screening take.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from hub.client import environment_of
from hub.server import HubServer, Trouble
from tracemill.selection.screen import screen
from tracemill.selection.select_config import SelectConfig
from workplace import CONFIG, Workplace

INTERRUPTED = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--published", type=int, default=100_000, help="problems that are there (default: 100000)")
    parser.add_argument("--new", type=int, default=10_000, help="problems of the new build (default: 10000)")
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        upload(Path(folder))
        screening(sizes.published, sizes.new, Path(folder))


def upload(folder: Path) -> None:
    """A build of more than 200 shards: whole at once, and killed ten times at a file further on."""
    place = Workplace(folder)
    place.config({**CONFIG, "shards": {"rows": 1}})
    assert place.build(flags=("-q",)) == 0
    shards = len(place.shards())
    with HubServer() as hub:
        seconds = publish(place, hub, folder)
        print(
            f"upload of {shards} shards at once: {seconds:.1f} s, {len(hub.seen)} requests, {len(hub.heads) - 1} commit"
        )
    with HubServer() as hub:
        hub.repository("me/x", private=True)
        running: list[subprocess.Popen[bytes]] = []

        def kill() -> None:
            running[-1].kill()

        for number in range(INTERRUPTED):
            hub.troubles[:] = [Trouble("PUT", "/lfs/put", skip=2 * number + 5, first=kill, cut=0)]
            with started(place, hub, folder) as process:
                running.append(process)
        hub.troubles.clear()
        publish(place, hub, folder)
        sent = len([one for one in hub.asked("PUT", "/lfs/put") if one.status == 200])
        print(f"the same, killed {INTERRUPTED} times: {len(hub.heads) - 1} commit, {sent} uploads that arrived")


def started(place: Workplace, hub: HubServer, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tracemill", "publish", place.out, "me/x", "-q"]
    return subprocess.Popen(command, env=environment_of(hub, folder / "home"), stdout=subprocess.DEVNULL)


def publish(place: Workplace, hub: HubServer, folder: Path) -> float:
    began = time.perf_counter()
    with started(place, hub, folder) as process:
        assert process.wait() == 0
    return time.perf_counter() - began


def screening(published: int, new: int, folder: Path) -> None:
    """New problems alone, and beside those that are published; one in ten is published already."""
    frames = [problems(range(published - new // 10, published + new - new // 10))]
    alone, _ = screened(frames, [], folder / "alone")
    there = [problems(range(start, min(start + 1_000, published))) for start in range(0, published, 1_000)]
    beside, left_out = screened(frames, there, folder / "beside")
    per = 1e6 * (beside - alone) / published
    print(
        f"screening {new} problems: {alone:.1f} s; beside {published} published: {beside:.1f} s ({per:.0f} µs for each)"
    )
    print(f"left out: {left_out} of {new // 10} that are published")


def problems(numbers: range) -> pl.DataFrame:
    """Texts of some 60 words, no two of which are alike."""
    prompts = []
    for number in numbers:
        words = random.Random(number)
        prompts.append(" ".join(f"word{words.randrange(99_991)}" for _ in range(60)))
    return pl.DataFrame({"id": [f"{number:020x}" for number in numbers], "prompt": prompts}).with_columns(
        answer=pl.lit("1"), split=pl.lit("train"), licence=pl.lit("MIT")
    )


def _again(_ids: pl.Series) -> pl.DataFrame:
    """No two of these contradict each other."""
    return pl.DataFrame(schema={"id": pl.String, "prompt": pl.String, "answer": pl.String, "check": pl.Struct})


def screened(new: list[pl.DataFrame], published: list[pl.DataFrame], folder: Path) -> tuple[float, int]:
    folder.mkdir()
    began = time.perf_counter()
    found = screen(new, SelectConfig(), _again, None, folder, published)
    reasons = pl.concat(list(found.rejected) or [pl.DataFrame(schema={"reason": pl.String})])["reason"]
    return time.perf_counter() - began, int((reasons == "published before").sum())


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_DISABLE_XET", "1")
    main()
