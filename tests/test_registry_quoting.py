import pytest
from hypothesis import given
from hypothesis import strategies as st

from hclarity.registry.quoting import printable, shown


@given(st.text())
def test_a_terminal_obeys_nothing_of_it(text: str) -> None:
    assert printable(text).isprintable()
    assert shown(text).isprintable()


@given(st.text(st.characters(exclude_categories=("C", "Z")), max_size=40))
def test_what_can_be_printed_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_a_stranger_fills_one_line_at_most() -> None:
    assert len(printable("a" * 1000)) == 120
    assert len(printable("a" * 1000, 400)) == 400
    assert "\n" not in shown("a\nb" * 1000)
    assert len(shown(["word"] * 1000)) < 80


@pytest.mark.parametrize("text", ["\x1b[31m", "\n", "\x7f", "\u202e", "\udcff"])
def test_escapes_can_be_told_apart(text: str) -> None:
    assert printable(text).encode().decode("unicode_escape") == text


def test_numbers_that_python_does_not_write() -> None:
    assert shown(10**5000) == "a number beyond all bounds"
    assert shown(10**600).startswith("1000")
