from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from random import Random

import polars as pl
import pytest
from tracemill.selection import screen as module
from tracemill.selection.screen import REJECTED, load_index, screen
from tracemill.selection.select_config import SelectConfig
from tracemill.settings.errors import UsageError

LONG = "Three friends share the rent of a flat in proportion to the size of their rooms, which have 12, 15 and 18 \
square metres; the rent is 900 euros. How much does each of the three friends pay every month, in euros?"
ALIKE = LONG.replace("Three friends share", "The friends share")
OTHER = "A ladder of 5 metres leans against a wall with its foot 3 metres away from it. How high does it reach?"


def problems(*rows: tuple[str, str] | tuple[str, str, dict[str, str]]) -> pl.DataFrame:
    common = {"source": "s", "licence": "MIT", "domain": "a.b.c.d", "answer": "1", "split": "train", "group_id": "g"}
    return pl.DataFrame(
        [common | {"id": id_, "prompt": prompt} | (more[0] if more else {}) for id_, prompt, *more in rows]
    )


def never(ids: pl.Series) -> pl.DataFrame:
    """Nothing is to be read again."""
    assert len(ids) == 0
    check = pl.Struct({"kind": pl.String, "spec": pl.String})
    return pl.DataFrame(schema={**dict.fromkeys(("id", "prompt", "answer"), pl.String), "check": check})


def screened(batches: Iterable[pl.DataFrame], config: SelectConfig) -> pl.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        found = screen(batches, config, never, load_index(config.decontaminate), Path(folder))
        return pl.concat([REJECTED.to_frame(), *found.rejected])


def rejected(*rows: tuple[str, str] | tuple[str, str, dict[str, str]]) -> list[tuple[str, str, str]]:
    return screened([problems(*rows)], SelectConfig()).rows()


def test_the_first_of_exact_duplicates_is_kept():
    assert rejected(("1", OTHER), ("2", LONG), ("3", "  " + OTHER.upper().replace(" ", "\n"))) == [
        ("3", "exact duplicate", "of 1")
    ]


def test_a_near_duplicate_names_the_one_that_is_kept():
    [(id_, reason, detail)] = rejected(("1", LONG), ("2", OTHER), ("3", ALIKE))
    assert (id_, reason) == ("3", "near duplicate")
    assert detail.startswith("of 1, similarity 0.")


def test_another_number_in_a_short_problem_makes_another_problem():
    assert rejected(("1", OTHER), ("2", OTHER.replace("3", "4"))) == []


def test_the_threshold_and_the_shingle_come_from_the_config():
    def with_minhash(twin: str, **minhash: float) -> list[str]:
        config = SelectConfig.model_validate({"dedup": {"minhash": minhash}})
        return screened([problems(("1", LONG), ("2", twin))], config)["id"].to_list()

    backwards = " ".join(reversed(LONG.split()))
    assert (with_minhash(ALIKE), with_minhash(ALIKE, threshold=1.0)) == (["2"], [])
    assert (with_minhash(backwards), with_minhash(backwards, shingle=1)) == ([], ["2"])


@pytest.mark.parametrize(("twin", "reason"), [(LONG, "exact duplicate"), (ALIKE, "near duplicate")])
def test_a_duplicate_of_a_held_out_problem_never_stays_in_training(twin: str, reason: str):
    first, second = ("1", LONG), ("2", twin, {"split": "bench"})
    [(id_, found, detail)] = rejected(first, second)
    assert (id_, found) == ("1", reason)
    assert detail.startswith("of 2")


@pytest.mark.parametrize("licence", ["", "  ", "unknown", "NOASSERTION", "MIT AND NOASSERTION", "None", None])
def test_72_a_problem_without_a_licence_is_excluded(licence: str | None):
    frame = problems(("1", OTHER), ("2", LONG)).with_columns(
        licence=pl.when(pl.col("id") == "1").then(pl.lit(licence)).otherwise("licence")
    )
    assert screened([frame], SelectConfig()).rows() == [("1", "no licence", licence or "")]


def test_a_rejected_problem_displaces_no_other():
    assert rejected(("1", LONG, {"licence": ""}), ("2", ALIKE)) == [("1", "no licence", "")]


def test_71_a_benchmark_item_is_contaminated_and_the_licence_comes_first(tmp_path: Path):
    (tmp_path / "b.txt").write_text(LONG)
    config = SelectConfig.model_validate(
        {"decontaminate": {"benchmarks": [{"path": str(tmp_path / "b.txt"), "format": "txt"}]}}
    )
    frame = problems(("1", LONG, {"licence": ""}), ("2", ALIKE), ("3", OTHER), ("4", LONG.upper()))
    assert screened([frame], config).rows() == [
        ("1", "no licence", ""),
        ("2", "contaminated", "b.txt: 13 words in a row"),
        ("4", "contaminated", "b.txt: 13 words in a row"),
    ]


def test_a_missing_benchmark_stops_the_run_before_any_problem_is_read(tmp_path: Path):
    config = SelectConfig.model_validate(
        {"decontaminate": {"benchmarks": [{"path": str(tmp_path / "absent"), "format": "txt"}]}}
    )

    def unread():
        raise AssertionError("read")
        yield

    with pytest.raises(UsageError, match="absent"):
        screened(unread(), config)


def test_the_result_depends_neither_on_batches_nor_on_their_order(monkeypatch: pytest.MonkeyPatch):
    rng = Random(1)
    base = [" ".join(rng.choice(LONG.split()) for _ in range(40)) for _ in range(60)]
    rows = [(f"{i:03}", f"{base[i % 60]} {'again ' * (i // 60)}") for i in range(150)]
    whole = problems(*rows)
    once = screened([whole], SelectConfig())
    assert 60 < len(once) <= 90
    assert once["id"].is_sorted()
    monkeypatch.setattr(module, "_ROWS_AT_ONCE", 7)
    assert screened(reversed([whole[:40], whole[40:]]), SelectConfig()).equals(once)


def test_nothing_in_nothing_out():
    for batches in ([], [problems(("1", OTHER)).clear()]):
        found = screened(batches, SelectConfig())
        assert found.is_empty()
        assert found.schema == REJECTED
