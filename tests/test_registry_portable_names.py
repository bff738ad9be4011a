import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.registry.portable_names import is_portable, portable_name

any_text = st.text(max_size=300)


@settings(deadline=None, max_examples=300)
@given(any_text)
def test_whatever_comes_in_is_one_component_that_every_system_takes(text: str) -> None:
    name = portable_name(text)
    assert Path(name).parts == (name,)
    assert not name.endswith((".", " "))
    assert not set(name) & {*"/\\", *map(chr, range(32)), "\x7f", "\u2028"}
    assert len(name.encode(errors="surrogatepass")) <= 180
    assert is_portable(name)  # what is portable stays


@settings(deadline=None)
@given(st.lists(any_text, max_size=9))
def test_a_name_that_led_out_does_not(parts: list[str]) -> None:
    inside = os.path.normpath(Path("out", portable_name("/".join(["..", *parts]))))
    assert inside.startswith(f"out{os.sep}")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("01 intro", "01 intro"),
        ("Händel — 歌 🎵", "Händel — 歌 🎵"),
        ("a\u200db", "a\u200db"),  # joiners belong to names in Persian, and to some pictures
        ("What? <live>", "What? <live>"),
        ("../../x", ".._.._x"),
        ("/etc/passwd", "_etc_passwd"),
        ("a\\b", "a_b"),
        ("a\0b\n", "a_b_"),
        ("\x1b[2J", "_[2J"),
        (".", "_._"),
        ("..", "_.._"),
        ("", "_"),
        ("  ", "_  _"),
        ("Wait...", "Wait..._"),
        ("CON", "_CON"),
        ("nul.tar", "_nul.tar"),
        ("com1 .x", "_com1 .x"),
        ("CONSOLE", "CONSOLE"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert portable_name(text) == name


def test_long_names_stay_apart() -> None:
    first, second = (portable_name("ä" * 200 + end) for end in "ab")
    assert first != second
    assert first.startswith("ä" * 80)
    assert max(len(name.encode()) for name in (first, second)) <= 180
