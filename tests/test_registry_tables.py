"""What a TOML file can do to its reader."""

import time
from pathlib import Path

import pytest

from hclarity.errors import ConfigurationError
from hclarity.registry.tables import Key, number, read_toml, take, whole

HUGE = "0x" + "f" * 10_000  # which Python reads, and does not write


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (f"a = {HUGE}", "a whole number of more than 64 bits"),
        (f"a = [{{ b = {2**63} }}]", "a whole number of more than 64 bits"),
        (".".join("a" * 150) + " = 1", "nested more than 16 deep"),
        ("a = " + "[" * 40 + "]" * 40, "nested more than 16 deep"),
        ("a = " + "[" * 20_000, "is not a TOML file"),
        (".".join("a" * 50_000) + " = 1", "line 1 has more than 200 dots"),
        (f"\n[{'.'.join('a' * 50_000)}]", "line 2 has more than 200 dots"),
        ("# " + "x" * 250_000, "larger than 250000 bytes"),
        ("a = 1\ra = 2", "is not a TOML file"),
    ],
    ids=range(9),
)
def test_what_is_beyond_a_card_is_refused_in_no_time(tmp_path: Path, words: str, told: str) -> None:
    path = tmp_path / "card.toml"
    path.write_text(words, newline="")
    begun = time.monotonic()
    with pytest.raises(ConfigurationError, match=told) as refused:
        read_toml(path)
    assert time.monotonic() - begun < 2
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 300 + len(str(path))


def test_the_deepest_and_the_largest_pass(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_text(f"a = {'[' * 14}{2**63 - 1}{']' * 14}\n" + "#" * 200_000)
    assert read_toml(path).keys() == {"a"}


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**400, 16**9000], ids=range(4))
@pytest.mark.parametrize("kind", [whole, number])
def test_numbers_beyond_64_bits(value: int, kind: object) -> None:
    with pytest.raises(ConfigurationError, match="a must be a") as refused:
        take({"a": value}, {"a": Key(kind)})  # type: ignore[arg-type]
    assert len(str(refused.value)) < 200


def test_names_and_values_are_told_on_one_line() -> None:
    with pytest.raises(ConfigurationError, match=r"unknown key red\\x1b\[31m\\n") as refused:
        take({"red\x1b[31m\n": 1}, {})
    assert str(refused.value).isprintable()
    with pytest.raises(ConfigurationError) as refused:
        take({"a": "\n" * 9999}, {"a": Key(whole)})
    assert len(str(refused.value)) < 200
