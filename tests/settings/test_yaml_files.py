"""YAML is read with the line of each value, and what would take time or memory is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from tracemill.settings.errors import UsageError
from tracemill.settings.yaml_files import Origin, read_yaml


def written(folder: Path, text: str | bytes) -> str:
    path = folder / "c.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: " + "[" * 5000, ":1: this is not plain YAML: it is nested more than 40 deep"),
        (
            "a:\n" + "".join(" " * depth + "b:\n" for depth in range(1, 900)),
            ":41: this is not plain YAML: it is nested",
        ),
        (LAUGHS, "values, with what its aliases stand for"),
        ("a: &a [*a]", ":1: this is not plain YAML: *a stands within itself"),
        ("a: 1\nb: *c", ":2: this is not plain YAML: found undefined alias"),
        ("a: 1\nb: " + "9" * 6000, f":2: this is not plain YAML: {'9' * 30}… is a number beyond 64 bits"),
        ("b: 18446744073709551616", "18446744073709551616 is a number beyond 64 bits"),
        ("b: -.inf", "-.inf is no finite number"),
        ("b: 1e999", None),
        ("b: 2024-99-99", "this is not plain YAML: month must be in 1..12"),
        ("a: 1\n\na: 2", "the key 'a' is given twice"),
        ("a: !!python/object/apply:os.system [x]", ":1: this is not plain YAML: could not determine a constructor"),
        ("a: [1, 2", "this is not plain YAML: "),
        ("a: \x00", "this is not plain YAML: "),
        (b"\xff\xfe\x00a", "cannot read"),
        ("- a", "is not a mapping of keys to values but list"),
        ("", "is not a mapping of keys to values but NoneType"),
        ("a: b" + " " * (1 << 20), "has more than 1,048,576 bytes"),
        ("? [a, b]\n: c", "this is not plain YAML: "),
    ],
)
def test_what_is_no_plain_mapping_is_refused_with_its_line(tmp_path: Path, text: str, said: str | None) -> None:
    path = written(tmp_path, text)
    if said is None:
        assert read_yaml(path).data == {"b": "1e999"}
        return
    with pytest.raises(UsageError) as caught:
        read_yaml(path)
    assert path in str(caught.value) and said in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_name_with_a_nul_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_yaml("a\0.yaml")


def test_every_key_and_item_knows_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "name: a\nbase: &base {x: 1}\nlist:\n  - b\n  - c: 1\n    <<: *base\n")
    file = read_yaml(path)
    assert file.data["list"] == ["b", {"c": 1, "x": 1}]
    lines = {at: origin.line for at, origin in file.origins.places.items()}
    assert lines == {
        ("name",): 1,
        ("base",): 2,
        ("base", "x"): 2,
        ("list",): 3,
        ("list", 0): 4,
        ("list", 1): 5,
        ("list", 1, "c"): 5,
        ("list", 1, "x"): 2,
    }
    assert file.origins.of(("list", 1, "missing")) == Origin(path, 5)
    assert str(file.origins.of(("gone",))) == path


def test_aliases_and_merged_keys_are_data(tmp_path: Path) -> None:
    assert read_yaml(written(tmp_path, "a: &a {x: 1}\nb: *a\n")).data == {"a": {"x": 1}, "b": {"x": 1}}
