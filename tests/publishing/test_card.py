"""The card says what the manifest says, every number of it, and the dataset beside it loads as it promises."""

from __future__ import annotations

import ast
import copy
import json
import re
from dataclasses import replace
from typing import Any

import pytest
import yaml
from tracemill.publishing import all_figures, card
from tracemill.publishing.as_text import rate
from tracemill.settings import plugins
from tracemill.settings.errors import TracemillError
from tracemill.verifiers.leakage import ENOUGH

AUDIT = {
    "canaries": {"passed": 31, "of": 32},
    "rates": {
        "false_negatives": {"count": 3, "of": 240, "low": 0.0043, "high": 0.0361},
        "false_positives": {"count": 0, "of": 1260, "low": 0.0, "high": 0.00031},
        "gold_undecided": {"count": 7, "of": 240, "low": 0.0142, "high": 0.0589},
        "twin_undecided": {"count": 11, "of": 1260, "low": 0.0049, "high": 0.0156},
    },
    "by_task": {
        "math.algebra.linear_system": {
            "false_negatives": {"count": 2, "of": 20, "low": 0.0279, "high": 0.301},
            "false_positives": {"count": 0, "of": 20, "low": 0.0, "high": 0.1611},
            "gold_undecided": {"count": 0, "of": 20, "low": 0.0, "high": 0.1611},
            "twin_undecided": {"count": 1, "of": 20, "low": 0.0089, "high": 0.2361},
        }
    },
    "unmeasured": ["equation", "state"],
}
LEAKAGE = {
    "limit": 0.65,
    "tasks": {
        "math.algebra.linear_system": {
            "pairs": 239,
            "step": {"auc": 0.59, "low": 0.52, "high": 0.6},
            "length": {"auc": 0.61, "low": 0.53, "high": 0.67},
            "closing": {"auc": 0.5, "low": 0.44, "high": 0.56},
            "mistakes": [
                {
                    "mistake": "term_dropped",
                    "pairs": 61,
                    "part": "step",
                    "auc": 0.64,
                    "low": 0.53,
                    "high": 0.76,
                    "words": ["the", "<3"],
                },
                {
                    "mistake": "sign_kept",
                    "pairs": 43,
                    "part": "until",
                    "auc": 0.63,
                    "low": 0.48,
                    "high": 0.78,
                    "words": [],
                },
            ],
        }
    },
}


def file(path: str, rows: int) -> dict[str, Any]:
    return {"path": path, "rows": rows, "bytes": 5, "sha256": "0f"}


def manifest() -> dict[str, Any]:
    return {
        "name": "quickstart",
        "schema_version": 1,
        "seed": 7,
        "created": "2031-05-06T07:08:09",
        "stages": ["warm_up", "core", "hard"],
        "sources": [
            {"name": "domains", "revision": "2026.4", "licence": "Apache-2.0", "problems": 1800},
            {"name": "a|b", "revision": "r77", "licence": "MIT OR CC-BY-4.0", "problems": 65},
        ],
        "notices": [{"name": "networkx 3.6.1", "licence": "MIT", "file": "LICENSES/networkx.txt", "problems": 77}],
        "unnoticed": ["a|b"],
        "languages": ["en"],
        "teacher": {"kind": "symbolic", "name": "symbolic@1", "licence": "Apache-2.0"},
        "config": {"views": [{"kind": "sft", "reasoning": "inline"}, {"kind": "rlvr"}]},
        "earlier": None,
        "builds": {"each": [{}], "rows": {}, "verdicts": {}, "costs": {}},
        "views": {
            "sft": {
                "core": {"rows": 1234, "shards": 2},
                "hard": {"rows": 0, "shards": 0},
                "warm_up": {"rows": 21, "shards": 1},
            },
            "rlvr": {
                "core": {"rows": 0, "shards": 0},
                "hard": {"rows": 0, "shards": 0},
                "warm_up": {"rows": 19, "shards": 1},
            },
        },
        "view_order": ["sft", "rlvr"],
        "view_totals": {"sft": 1255, "rlvr": 19},
        "uses": {"sft": "fine-tuning in 2 rounds", "rlvr": "reinforcement learning with answers that are checked"},
        "domains": {"sft": {"math.algebra.linear_system": 1255}, "rlvr": {"logic.puzzle.knights_knaves": 19}},
        "lengths": {"sft": {"rows": 1250, "median": 161, "most": 402, "longest": 977}, "rlvr": None},
        "example": {"view": "sft", "json": '{\n  "tokens": 161,\n  "text": "\\u0007 ```"\n}'},
        "columns": {
            "views": {
                "sft": [{"name": "messages", "type": "list of {role, content}", "null": "never", "meaning": "turns"}],
                "rlvr": [{"name": "pass_rate", "type": "double", "null": "not measured", "meaning": "0 to 1"}],
            },
            "common": [{"name": "licence", "type": "string", "null": "never", "meaning": ""}],
        },
        "audit": {"answer": copy.deepcopy(AUDIT), "steps": None},
        "leakage": copy.deepcopy(LEAKAGE),
        "files": [
            file("dataset/sft/00-warm_up-00000-a1.parquet", 21),
            file("dataset/sft/01-core-00000-b2.parquet", 1000),
            file("dataset/sft/01-core-00001-c3.parquet", 234),
            file("dataset/rlvr/00-warm_up-00000-d4.parquet", 19),
            file("dataset/problems/part-00000-e5.parquet", 1865),
        ],
        "selection": {"sft": {"truncated": 54, "answer refuted": 87}, "rlvr": {}},
        "lines": {"not JSON": 14},
        "screening": {"duplicate": 12},
        "unasked": {"nothing to replay": 17},
        "verifiers": {
            "answer": {
                "version": "1.3",
                "outcomes": {"verified": 1700, "refuted": 88, "unknown": 4, "error": 0},
                "strengths": {"exact": 1600, "proof": 188},
                "coverage_claims": None,
                "coverage_steps": None,
            },
            "steps": {
                "version": "2",
                "outcomes": {"verified": 1690, "refuted": 95, "unknown": 6, "error": 1},
                "strengths": {"proof": 1785},
                "coverage_claims": 0.99971,
                "coverage_steps": 0.9234,
            },
        },
        "costs": {
            "calls": 1801,
            "failed": 13,
            "currency": "EUR",
            "prices": {"input": 0.25, "output": 1.75},
            "amounts": {
                "prompt_tokens": {"total": 123456, "calls": 1801, "per_trace": 68.9, "per_verified": 72.6},
                "completion_tokens": {"total": 7654321, "calls": 1799, "per_trace": 4269.1, "per_verified": 4502.5},
                "money": {"total": 13.4, "calls": 1798, "per_trace": 0.0075, "per_verified": 0.00000789},
            },
        },
        "solving": [
            {
                "task": "math.algebra.linear_system",
                "strategy": "refine",
                "traces": 1799,
                "verified": 1706,
                "accuracy": 0.9483,
                "verified_per_1000_tokens": 0.2229,
                "steps_per_second": None,
            }
        ],
        "critics": {
            "opinions": {
                "verified": {"approves": 1301, "rejects": 57, "unclear": 0},
                "refuted": {"approves": 33, "rejects": 59, "unclear": 2},
                "undecided": {"approves": 0, "rejects": 1, "unclear": 0},
            },
            "sycophancy": {"count": 33, "of": 92, "low": 0.2682, "high": 0.4609},
            "false_alarms": {"count": 57, "of": 1358, "low": 0.0325, "high": 0.054},
        },
        "retellings": {"accepted": 606, "copied": 51},
        "endings": {
            "calls": {"stop": 1789, "loop": 6, "error": 13, "length": 22},
            "retries": 41,
            "saved_tokens": 90210,
            "stopped": {"critic_agreed": 1503},
        },
        "decontamination": {
            "benchmarks": ["gsm8k"],
            "miss_rates": {
                "verbatim": {"count": 0, "of": 150, "low": 0.0, "high": 0.025},
                "renamed": {"count": 36, "of": 149, "low": 0.179, "high": 0.317},
            },
        },
        "conflicts": {"questions": 3, "problems": 8, "policy": "reject"},
        "variety": {"measured": {"texts": 977, "distinct_2": 0.1283, "compression": 5.04}, "alarms": []},
        "versions": {"tracemill": "0.1.0", "z3": "5.4.1"},
    }


@pytest.fixture(autouse=True)
def figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures that this manifest has the numbers of: another one, with tests of its own, changes none here."""
    known = tuple(figure for figure in all_figures.FIGURES if set(figure.reads) <= manifest().keys())
    assert len(known) >= 10
    monkeypatch.setattr(all_figures, "FIGURES", known)


def head(text: str) -> dict[str, Any]:
    return yaml.safe_load(text.split("---\n")[1])


def body(text: str) -> str:
    return text.split("\n---\n", 1)[1]


def test_the_card_says_each_count_and_rate() -> None:
    text = body(card.render(manifest()))
    for line in (
        "| `sft` | `warm_up` | 21 | 1 |\n| `sft` | `core` | 1,234 | 2 |\n",
        "| `sft` | `hard` | 0 | 0 |\n| `sft` | all | 1,255 |",
        "| `answer` | 1.3 | 1,700 | 88 | 4 | 0 | proof 188, exact 1,600 | – | – |",
        "| `steps` | 2 | 1,690 | 95 | 6 | 1 | proof 1,785 | >99.9% | 92.3% |",
        "| `answer` | 31 of 32 | 3 of 240 (0.4% to 3.6%) | 0 of 1,260 (0% to <0.1%) "
        "| 7 of 240 (1.4% to 5.9%) | 11 of 1,260 (0.5% to 1.6%) |",
        "| `steps` | not audited | not measured | not measured | not measured | not measured |",
        "| lines of a source | not JSON | 14 |",
        "| before any teacher was asked | duplicate | 12 |",
        "| when the teacher was asked | nothing to replay | 17 |",
        "| `sft` | answer refuted | 87 |",
        "| renamed | 36 of 149 (17.9% to 31.7%) |",
        "tokens of 977 texts, 12.8% of the pairs are\ndifferent ones; together the texts compress 5.0 times.\n",
        "| prompt tokens | 123,456 | 68.9 | 72.6 | 1,801 of 1,801 calls |",
        "| completion tokens, with those of reasoning | at least 7,654,321 | at least 4,269.1 | at least 4,502.5 |",
        "| money, EUR | at least 13.4 | at least 0.0075 | at least 0.00000789 | 1,798 of 1,801 calls |",
        "(EUR; of tokens per million): input 0.25, output 1.75.",
        "Beside these, 13 calls failed; what they cost is not known.",
        "| `math.algebra.linear_system` | `refine` | 1,706 of 1,799 | 94.8% | 0.2229 | – |",
        "| `loop` | ended since it repeated itself | 6 |",
        "had 90,210 tokens left",
        "Requests that were sent again: 41.",
        "| critic_agreed | 1,503 |",
        "| accepted | 606 |\n| copied | 51 |",
        "| refuted | 33 | 59 | 2 |",
        "- refuted solutions of which the critic approves (sycophancy): 33 of 92 (26.8% to 46.1%)",
        "| `a\\|b` | r77 | MIT OR CC-BY-4.0 | 65 |",
        "| networkx 3.6.1 | MIT | `LICENSES/networkx.txt` | 77 |",
        "**Not here:** the copyright lines of `a|b`, which a licence above asks to go along.",
        "Languages, as the sources state them: `en`.",
        "| z3 | 5.4.1 |",
        "seed 7; schema version 1",
        "| `math.algebra.linear_system` | 1,255 | – |",
        "| `sft` | 1,250 | 161 | 402 | 977 |",
        "| `rlvr` | not measured | not measured | not measured | not measured |",
        '```json\n{\n  "tokens": 161,\n',
        "### `rlvr`\n\n| column | type | null when | meaning |\n| --- | --- | --- | --- |\n| `pass_rate` | `double` |",
        "### After these, in `sft`, `rlvr`\n",
        "@misc{quickstart,\n  title = {quickstart},\n",
        "built with tracemill 0.1.0, seed 7",
        'GRPOTrainer\n\nrows = load_dataset("OWNER/NAME", "rlvr", split="train")\nGRPOTrainer(model="MODEL", ',
        "- `sft`: fine-tuning in 2 rounds\n- `rlvr`: reinforcement learning with answers",
        "in a refuted one, the steps that rest on\nthe wrong one stay undecided",
        "Ledger: `problems`. It has the held-out problems too, whose `split` in `problems` is `bench`",
    ):
        assert line in text, line


def test_the_card_says_what_was_not_audited_and_the_rates_of_each_task() -> None:
    text = body(card.render(manifest()))
    assert "The rates of `answer` say nothing of claims of these kinds" in text
    assert "canaries were tried: `equation`, `state`." in text
    assert "other verifiers" not in text
    assert (
        "| `answer` | `math.algebra.linear_system` | 2 of 20 (2.8% to 30.1%) | 0 of 20 (0% to 16.1%) "
        "| 0 of 20 (0% to 16.1%) | 1 of 20 (0.9% to 23.6%) |" in text
    )


def test_the_card_says_how_many_cases_a_verifier_leaves_to_others() -> None:
    told = manifest()
    told["audit"]["answer"]["not_concerned"] = 1173
    text = card.render(told)
    assert "`answer` leaves 1,173 of the cases to other verifiers; its rates do not count them." in text
    card.check(text, told)


def test_the_card_says_what_betrays_a_wrong_step_or_that_it_was_not_measured() -> None:
    told = manifest()
    assert (
        "| `math.algebra.linear_system` | 239 | 0.59 (0.52 to 0.6) | 0.5 (0.44 to 0.56) | 0.61 (0.53 to 0.67) |"
        in body(card.render(told))
    )
    assert "| `term_dropped` | 61 | a step | 0.64 (0.53 to 0.76) | the; ‹3 |" in card.render(told)
    assert "twenty pairs or more, the whole interval lies above 0.65." in card.render(told)
    assert "of its whole range of difficulty;\nnot on the rows of this build." in card.render(told)
    assert ENOUGH == 20
    told["leakage"] = {"limit": None, "tasks": {}}
    assert "Not measured: `verify.leakage` is null in this build's config." in card.render(told)
    card.check(card.render(told), told)
    told["leakage"] = {"limit": 0.65, "tasks": {}}
    assert "Not measured: no problem comes from a task" in card.render(told)
    card.check(card.render(told), told)


def test_what_a_line_says_of_itself_puts_no_markup_into_the_card() -> None:
    told = manifest()
    told["sources"][0] |= {
        "name": "<img src=x>",
        "revision": "www.evil.example",
        "licence": "MIT <script>x()</script> [free](https://evil.example)\x1b]0;x\x07",
    }
    told["teacher"] |= {"name": "# me@evil.example", "licence": "![x](y)"}
    told["lines"] = {"not <b>JSON</b>": 14}
    text = card.render(told)
    for shown in (
        "| `<img src=x>` | `www.evil.example` | `MIT <script>x()</script> [free](https://evil.example)\ufffd]0;x",
        "Teacher: `# me@evil.example` ",
        "licence of its output: `![x](y)`.",
        "| `not <b>JSON</b>` |",
    ):
        assert shown in text
    card.check(text, told)


def test_the_snippets_are_python() -> None:
    snippets = re.findall(r"```python\n(.*?)```", body(card.render(manifest())), re.DOTALL)
    assert len(snippets) == 2
    for snippet in snippets:
        ast.parse(snippet)


def test_the_limits_that_are_stated_are_those_of_what_the_build_is_made_of() -> None:
    text = card.render(manifest())
    for said in (
        "were made by programs",
        "languages are invented; what they show of the code of\n",
        "nobody looked for personal",
        "Solutions were written by programs",
    ):
        assert said in text
    replayed = manifest()
    replayed["teacher"] = {"kind": "replay", "name": "replay"}
    del replayed["sources"][0]
    text = card.render(replayed)
    assert "by programs:" not in text and "were written by programs" not in text


def test_the_time_of_the_build_is_not_on_the_card() -> None:
    late = {**manifest(), "created": "2099-01-01"}
    assert card.render(late) == card.render(manifest())


def test_a_manifest_that_was_stored_with_sorted_keys_gives_the_same_card() -> None:
    stored = json.loads(json.dumps(manifest(), sort_keys=True))
    assert list(stored["views"]) != list(manifest()["views"])
    assert card.render(stored) == card.render(manifest())


def test_what_was_not_done_has_no_heading() -> None:
    plain = manifest()
    assert "## What critics are worth" in card.render(plain) and "## Retellings" in card.render(plain)
    plain["critics"], plain["retellings"] = None, {}
    assert "critic" not in body(card.render(plain)).replace("on critics", "").replace("critic_agreed", "")
    assert "Retellings" not in card.render(plain)
    card.check(card.render(plain), plain)


def test_no_benchmark_and_no_measurement_are_said_in_words() -> None:
    plain = manifest()
    plain["decontamination"] = {"benchmarks": [], "miss_rates": None}
    assert "No benchmark was named" in card.render(plain)
    plain["decontamination"] = {"benchmarks": ["gsm8k"], "miss_rates": None}
    assert "misses was not measured" in card.render(plain)
    plain["lines"], plain["screening"], plain["unasked"], plain["selection"] = {}, {}, {}, {"sft": {}}
    assert "Nothing was rejected." in card.render(plain)
    card.check(card.render(plain), plain)


def test_contradictory_answers_are_counted_with_what_became_of_them() -> None:
    some = manifest()
    assert "3, asked\nby 8 problems, which were all rejected." in card.render(some)
    some["conflicts"] = {"questions": 3, "problems": 8, "policy": "keep"}
    assert "which were all kept." in card.render(some)
    some["conflicts"] = {"questions": 0, "problems": 0, "policy": "reject"}
    assert "No question stands in the sources with answers that contradict each other." in card.render(some)


def test_a_build_whose_variety_fell_says_so() -> None:
    fallen = manifest()
    fallen["variety"]["alarms"] = ["the texts have collapsed: distinct-2 is 0.001 over 977 texts"]
    assert "**Alarm:** the texts have collapsed: distinct-2 is 0.001 over 977 texts.\n" in card.render(fallen)
    card.check(card.render(fallen), fallen)
    fallen["variety"] = {"measured": None, "alarms": []}
    assert "Not measured: no view took a text." in card.render(fallen)


def test_the_header_lists_each_file_by_name_in_order() -> None:
    found = head(card.render(manifest()))
    warm_up = ["sft/00-warm_up-00000-a1.parquet"]
    core = ["sft/01-core-00000-b2.parquet", "sft/01-core-00001-c3.parquet"]
    rlvr = ["rlvr/00-warm_up-00000-d4.parquet"]
    assert found["configs"] == [
        {"config_name": "sft", "default": True, "data_files": [{"split": "train", "path": [*warm_up, *core]}]},
        {
            "config_name": "sft_by_stage",
            "data_files": [{"split": "warm_up", "path": warm_up}, {"split": "core", "path": core}],
        },
        {"config_name": "rlvr", "data_files": [{"split": "train", "path": rlvr}]},
        {"config_name": "rlvr_by_stage", "data_files": [{"split": "warm_up", "path": rlvr}]},
        {
            "config_name": "problems",
            "data_files": [{"split": "train", "path": ["problems/part-00000-e5.parquet"]}],
        },
    ]
    assert found["size_categories"] == ["1K<n<10K"]
    assert found["license"] == ["apache-2.0", "cc-by-4.0", "mit"]
    assert found["language"] == ["en"]
    assert found["task_categories"] == ["text-generation", "reinforcement-learning"]


def test_a_view_of_held_out_problems_is_a_test_split(monkeypatch: pytest.MonkeyPatch) -> None:
    real = plugins.load("view", "sft")
    monkeypatch.setattr(card, "load", lambda thing, name: replace(real, split="bench"))
    data = head(card.render(manifest()))["configs"][0]["data_files"]
    assert data[0]["split"] == "test"


def test_a_licence_that_the_hub_does_not_know_is_other() -> None:
    odd = manifest()
    odd["sources"][1]["licence"] = "EUPL-1.2"
    found = head(card.render(odd))
    assert (found["license"], found["license_name"]) == ("other", "apache-2.0-and-eupl-1.2")
    assert found["license_link"] == "LICENSES/NOTICES.md"
    published = {**odd, "repository": "me/x", "page": "https://hub/datasets/me/x"}
    link = head(card.render(published))["license_link"]
    assert link == "https://hub/datasets/me/x/blob/main/LICENSES/NOTICES.md"


def test_what_no_source_states_is_not_claimed() -> None:
    silent = manifest()
    silent["languages"], silent["notices"], silent["unnoticed"] = [], [], []
    text = card.render(silent)
    assert not {"language", "license_link"} & head(text).keys()
    assert "as the sources state them: not stated." in body(text)
    assert "LICENSES" not in text
    card.check(text, silent)


@pytest.mark.parametrize(
    ("rows", "size"), [(999, "n<1K"), (1000, "1K<n<10K"), (99_999, "10K<n<100K"), (10**7, "n>10M")]
)
def test_the_size_category_is_that_of_all_rows(rows: int, size: str) -> None:
    sized = manifest()
    sized["view_totals"] = {"sft": rows, "rlvr": 0}
    assert head(card.render(sized))["size_categories"] == [size]


@pytest.mark.parametrize("share", [1.01, -0.2, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    wrong = manifest()
    wrong["verifiers"]["steps"]["coverage_steps"] = share
    with pytest.raises(TracemillError, match="share"):
        card.render(wrong)


# The check (case 73).


def test_a_card_passes_against_its_own_manifest() -> None:
    card.check(card.render(manifest()), manifest())


def numbers_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to every number of the manifest."""
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in numbers_of(item, (*path, key))]
    if isinstance(value, list):
        return [found for key, item in enumerate(value) for found in numbers_of(item, (*path, key))]
    return [path] if isinstance(value, int | float) else []


NUMBERS = [path for path in numbers_of(manifest()) if path[0] != "files"]


@pytest.mark.parametrize("path", NUMBERS, ids=lambda path: ".".join(map(str, path)))
def test_73_any_number_that_changes_in_the_manifest_changes_the_card(path: tuple[Any, ...]) -> None:
    changed = manifest()
    place: Any = changed
    for key in path[:-1]:
        place = place[key]
    value = place[path[-1]]
    if isinstance(value, int):
        place[path[-1]] += 1
    else:
        place[path[-1]] = value + (0.05 if value < 0.5 else -0.05 if value <= 1 else 1.0)
    assert card.render(changed) != card.render(manifest())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("1,234", "1,235"), "1,235 under 'Rows'"),
        (("92.3%", "99.3%"), "99.3 under 'What was checked'"),
        (("| 68.9 |", "| 68.8 |"), "68.8 under 'Cost'"),
        (("31 of 32", "65 of 32"), "65 under 'How far the checkers can be trusted'"),
        (("seed 7", "seed 17"), "17 under 'introduction'"),
        (("Ledger:", "Over 9,000 rows. Ledger:"), "9,000 under 'Loading'"),
        (("## Cost", "## Prices"), "under 'Prices'"),
    ],
)
def test_73_a_number_that_its_section_does_not_read_fails(wrong: tuple[str, str], said: str) -> None:
    """65 stands in the manifest too, but is a count of problems."""
    text = card.render(manifest()).replace(*wrong)
    assert text != card.render(manifest())
    with pytest.raises(TracemillError, match=said):
        card.check(text, manifest())


def test_73_a_figure_that_makes_up_a_number_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = all_figures.FIGURES
    made_up = replace(first, card=lambda found: first.card(found) + "\n\nChecked 271,828 times.")
    monkeypatch.setattr(all_figures, "FIGURES", (made_up, *others))
    with pytest.raises(TracemillError, match="271,828 under 'Rows'"):
        card.check(card.render(manifest()), manifest())


def test_a_card_cannot_be_made_of_a_manifest_that_lacks_a_figure() -> None:
    older = manifest()
    older["costs"].pop("failed")
    with pytest.raises(KeyError, match="failed"):
        card.render(older)


def test_73_rows_that_the_files_do_not_have_fail() -> None:
    short = manifest()
    del short["files"][2]
    with pytest.raises(TracemillError, match="1255 rows by stages and 1021 by files"):
        card.check(card.render(short), short)


def test_a_rate_has_its_interval() -> None:
    assert rate(3, 240) == {"count": 3, "of": 240, "low": 0.0043, "high": 0.0361}
    assert rate(0, 0)["of"] == 0


def test_a_bar_behind_a_backslash_ends_no_cell() -> None:
    # Some readers of Markdown see an escaped backslash and a bar in `\\|`, and then markup outside of any code span.
    told = manifest()
    told["sources"][0] |= {"revision": r"a\|<b>x</b>\\|[y](z)"}
    assert r"| `a\ \|<b>x</b>\\ \|[y](z)` |" in card.render(told)


def test_the_header_has_columns_and_sizes_of_every_configuration() -> None:
    found = head(card.render(manifest()))
    infos = {one["config_name"]: one for one in found["dataset_info"]}
    assert list(infos) == [one["config_name"] for one in found["configs"]]
    assert {one["name"]: one["num_examples"] for one in infos["sft_by_stage"]["splits"]} == {
        "warm_up": 21,
        "core": 1234,
    }
    assert infos["sft"]["features"][0]["name"] == "messages"


def test_a_card_that_is_published_names_its_repository() -> None:
    published = {**manifest(), "repository": "me/audited-2", "page": "https://hub/datasets/me/audited-2"}
    text = card.render(published)
    card.check(text, published)
    assert 'load_dataset("me/audited-2", "sft", split="train")' in text and "OWNER/NAME" not in text
