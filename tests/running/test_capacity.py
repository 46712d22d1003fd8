"""Asking and judging reserve no more than there is: said before anything starts, with what to change."""

from __future__ import annotations

import pytest
from tracemill.asking.asking_config import AskingConfig, JudgingConfig, worker_counts
from tracemill.running.executors.capacity import Capacity, refuse_lack
from tracemill.settings.errors import UsageError

FOUR = Capacity("the cluster", cpus=4, gpus=2, largest_cpus=2, largest_gpus=1)


def refused(asking: AskingConfig, judging: JudgingConfig, there: Capacity = FOUR, embedded: bool = False) -> str:
    with pytest.raises(UsageError) as caught:
        refuse_lack(asking, judging, worker_counts(asking, judging, embedded, int(there.cpus)), there)
    return str(caught.value)


@pytest.mark.parametrize("cpus", [1, 2, 16])
@pytest.mark.parametrize("embedded", [True, False])
def test_the_defaults_fit_every_machine(cpus, embedded):
    asking, judging = AskingConfig(), JudgingConfig()
    there = Capacity("this machine", cpus, 0, cpus, 0)
    refuse_lack(asking, judging, worker_counts(asking, judging, embedded, cpus), there)


def test_more_cpus_than_there_are_are_refused_with_what_to_change():
    message = refused(AskingConfig(), JudgingConfig(workers=8, cpus=1.5))
    assert message == (
        "1 × asking.cpus=0.5 and 8 × judging.cpus=1.5 reserve 12.5 CPUs, and the cluster has 4; "
        "set judging.cpus to at most 0.43 or judging.workers to at most 2"
    )


def test_the_change_that_is_proposed_is_enough():
    asking = AskingConfig()
    for judging in (JudgingConfig(workers=8, cpus=0.43), JudgingConfig(workers=2, cpus=1.5)):
        refuse_lack(asking, judging, worker_counts(asking, judging, False, 4), FOUR)


def test_a_worker_that_fits_no_node_is_refused():
    message = refused(AskingConfig(), JudgingConfig(workers=1, gpus=2))
    assert message == "judging.gpus=2, and the largest node of the cluster has 1; set it to at most 1"


def test_every_block_that_takes_too_much_alone_is_named():
    message = refused(AskingConfig(workers=4, cpus=2), JudgingConfig(workers=4, cpus=2))
    assert message.endswith("and the cluster has 4; lower asking.cpus and judging.cpus")


def test_an_embedded_teacher_judges_where_it_computes():
    counts = worker_counts(AskingConfig(), JudgingConfig(workers=7), embedded=True, workers=3)
    assert counts == (3, 0)
    assert worker_counts(AskingConfig(), JudgingConfig(workers=7), embedded=False, workers=3) == (1, 7)
    assert worker_counts(AskingConfig(workers=2), JudgingConfig(), embedded=False, workers=5) == (2, 2)


@pytest.mark.parametrize(
    ("override", "fix"),
    [
        ("asking.gpus=1", "asking.gpus=1, and this machine has 0; set it to at most 0"),
        ("asking.workers=2", "set it to 1, or executor.kind=ray"),
    ],
)
def test_a_build_is_refused_before_anything_is_written(workplace, capsys, override, fix):
    replayed = "teacher={kind: replay}"
    assert workplace.build(replayed, override) == 2
    assert fix in capsys.readouterr().err
    assert not (workplace.folder / "out" / "commits").exists()
