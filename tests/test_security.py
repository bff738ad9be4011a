"""What SECURITY.md says of limits is what the code does, and is tried."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WORDS = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
TABLE = WORDS.partition("## The limits")[2].partition("\n## ")[0]
ROWS = [
    tuple(cell.strip(" `") for cell in line.strip("|").split("|"))
    for line in TABLE.splitlines()
    if line.startswith("| ") and not line.startswith("| what")
]
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py"))
KEPT = [(what, said, constant) for what, said, constant, _ in ROWS if constant]


def numbers_of(value: object) -> list[float]:
    match value:
        case dict():
            return [float(number) for number in value.values()]
        case tuple():
            return [float(number) for number in value]
    return [float(value)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("what", "said", "constant"), KEPT, ids=[row[2] for row in KEPT])
def test_a_limit_is_as_large_as_it_is_said_to_be(what: str, said: str, constant: str) -> None:
    module, _, name = constant.rpartition(".")
    told = [float(number) for number in re.findall(r"-?\d+", said)]
    assert told == numbers_of(getattr(importlib.import_module(module), name)), what


@pytest.mark.parametrize(("what", "test"), [(row[0], row[3]) for row in ROWS])
def test_a_limit_is_tried(what: str, test: str) -> None:
    assert f"def {test}(" in TESTS, what


def test_all_limits_are_told() -> None:
    assert len(ROWS) > 40


def test_every_file_that_is_named_is_there() -> None:
    for path in re.findall(r"`(tests/\S+?|constraints\.txt)`", WORDS):
        assert (ROOT / path).is_file(), path
