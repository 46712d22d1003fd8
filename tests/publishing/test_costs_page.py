"""docs/costs.md holds: its configs are configs, and its metrics those that are served."""

from __future__ import annotations

import re

import yaml
from tracemill.publishing import all_figures
from tracemill.records import Completion, Turn, Verdict
from tracemill.records.codec import encode
from tracemill.running.build_config import read_config
from tracemill.running.metrics import BuildMetrics
from workplace import CONFIG, ROOT, Workplace

PAGE = (ROOT / "docs/costs.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def test_the_examples_are_configs(workplace: Workplace) -> None:
    assert len(EXAMPLES) == 2
    for example in EXAMPLES:
        workplace.config({**CONFIG, **example})
        config = read_config(str(workplace.folder / "config.yaml"))
        assert config.metrics.port == 9100 or config.teacher.prices.output == 2.4


def test_the_metrics_are_those_that_are_served() -> None:
    named = {name: re.findall(r"`(\w+)`", labels) for name, labels in re.findall(r"^\| `(\w+)` \|(.*?)\|", PAGE, re.M)}
    metrics = BuildMetrics()
    metrics.phase("traces")
    call = Completion("c", "p", "0", "openai", Turn("assistant"), "stop", prompt_tokens=1)
    verdict = Verdict("v", "t", "d", "answer", "1", "answer", "verified", "exact", "")
    metrics.count({"completions": encode("completions", [call]), "verdicts": encode("verdicts", [verdict])})
    samples = (sample for family in metrics.registry.collect() for sample in family.samples)
    served = {sample.name: list(sample.labels) for sample in samples if not sample.name.endswith("_created")}
    assert named == served


def test_the_figures_that_the_page_names_are_on_the_card() -> None:
    headings = {figure.heading for figure in all_figures.FIGURES}
    named = re.findall(r"^- \*\*(.*?)\*\*:", PAGE, re.MULTILINE)
    assert len(named) == 4 and set(named) <= headings
