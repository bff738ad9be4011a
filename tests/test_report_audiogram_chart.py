import re

import pytest

from hclarity.audio.third_octaves import THIRD_OCTAVES_HZ, BandLevels
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.standard import STANDARD_LISTENERS
from hclarity.report.audiogram_chart import audiogram_chart

RIGHT = Audiogram((250, 500, 1000, 4000, 8000), (0, 10, 30, 80, 105), {8000: 100})
LEFT = Audiogram((125, 500, 1000, 2000, 8000), (-10, 40, 30, 65, 120), {125: -10})


def chart_of(listener: Listener, **more) -> list[str]:
    return audiogram_chart(listener, **more).plain.splitlines()


def column(lines: list[str], hz: int) -> int:
    """Where the middle of a frequency's label stands."""
    head = next(line for line in lines if line.startswith("dB HL"))
    found = re.search(rf"(?<!\d){hz}(?!\d)", head)
    assert found
    return (found.start() + found.end()) // 2


def row(lines: list[str], level: int) -> int:
    start = next(number for number, line in enumerate(lines) if line.startswith("dB HL"))
    labelled = 10 * (level // 10)
    found = next(
        n for n, line in enumerate(lines) if n > start and line.startswith(f"{labelled:4}")
    )
    return found + (level - labelled) // 5


def sign(lines: list[str], hz: int, level: int, down: int = 0, aside: int = 0) -> str:
    line = lines[row(lines, level) + down]
    return line.ljust(80)[column(lines, hz) + aside]


def test_signs_stand_at_their_frequency_and_level():
    lines = chart_of(Listener(LEFT, RIGHT))
    for hz, level in ((250, 0), (500, 10), (4000, 80), (8000, 105)):
        assert sign(lines, hz, level) == "O"
    for hz, level in ((125, -10), (500, 40), (2000, 65), (8000, 120)):
        assert sign(lines, hz, level) == "X"
    assert sign(lines, 1000, 30) == "*"
    grid = lines[row(lines, -10) : row(lines, 120) + 1]
    assert sum(line.count("O") for line in grid) == 4
    assert sum(line.count("X") for line in grid) == 4


def test_arrows_point_down_and_outwards():
    lines = chart_of(Listener(LEFT, RIGHT))
    assert sign(lines, 8000, 105, down=1, aside=-1) == "/"
    assert sign(lines, 125, -10, down=1, aside=1) == "\\"
    assert any("/ \\ no response" in line for line in lines)
    deaf = Audiogram((500, 1000, 2000), (115, 120, 120), {1000: 115, 2000: 120})
    lines = chart_of(Listener(deaf, deaf))
    assert sign(lines, 1000, 120, down=1, aside=1) == "\\"


def test_no_line_leads_to_no_response():
    gone = Audiogram((250, 500, 1000, 8000), (60, 60, 60, 60), {500: 55})
    lines = chart_of(Listener(RIGHT, gone))
    line = lines[row(lines, 60)]
    low, middle, high, end = (column(lines, hz) for hz in (250, 500, 1000, 8000))
    assert set(line[low + 1 : middle]) <= {" ", "+"}
    assert set(line[middle + 1 : high]) <= {" ", "+"}
    assert set(line[high + 1 : end]) - {"X"} <= {"-", "'", ".", "O"}
    assert line[high + 1 : end].count("-") > 20


@pytest.mark.parametrize("name", STANDARD_LISTENERS)
def test_it_fits_a_terminal_and_is_ascii(name):
    lines = chart_of(STANDARD_LISTENERS[name])
    assert max(map(len, lines)) <= 79
    assert all(line.isascii() for line in lines)
    assert not any("no response" in line for line in lines)
    assert not any(line != line.rstrip() for line in lines)


def test_extended_frequencies():
    many = tuple(125 * 2 ** (n / 2) for n in range(15))
    lines = chart_of(Listener(RIGHT, Audiogram(many, tuple(range(0, 75, 5)))))
    assert max(map(len, lines)) <= 79
    assert sign(lines, 16000, 70) == "O"
    assert sum(line.startswith("right O") for line in lines) == 2


def test_the_table_and_the_verdict():
    listener = Listener(LEFT, RIGHT, "Ada ガ")
    lines = chart_of(listener)
    assert lines[0] == "Ada ガ"
    table = {line.split()[0]: line.split()[1:] for line in lines if line[:5] in ("Hz   ", "right")}
    assert table["Hz"] == ["125", "250", "500", "1000", "2000", "4000", "8000"]
    assert table["right"][1:] == ["-", "0", "10", "30", "-", "80", ">100"]
    text = " ".join(" ".join(lines).split())
    assert "right estimated 43.8 dB HL, left estimated 56.9 dB HL" in text
    assert "WHO grade: estimated moderate hearing loss (35 to below 50 dB HL in the better" in text
    assert text.endswith("Ask an audiologist what your hearing test means.")


def test_no_average_and_no_grade_are_made_up():
    low = Audiogram((250, 500, 1000), (90, 90, 90))
    text = " ".join(audiogram_chart(Listener(low, RIGHT)).plain.split())
    assert "left unknown: too few of 500, 1000, 2000 and 4000 Hz were tested." in text
    assert (
        "WHO grade: none, for of an ear too few of 500, 1000, 2000 and 4000 Hz were tested." in text
    )
    assert "Common with it" not in text


def test_an_average_over_what_was_not_heard_is_at_least_so_much():
    deaf = Audiogram((500, 1000, 4000), (90, 90, 90), {4000: 85})
    text = " ".join(audiogram_chart(Listener(deaf, RIGHT)).plain.split())
    assert "left estimated at least 90 dB HL" in text


@pytest.mark.parametrize(("tone", "shown"), [(115, ">115"), (117, ">117"), (120, ">120")])
def test_no_response_is_told_with_the_loudest_tone(tone, shown):
    deaf = Audiogram((500, 1000, 4000), (90, 90, 120), {4000: tone})
    (row_of_left,) = [line for line in chart_of(Listener(deaf, RIGHT)) if line.startswith("left X")]
    assert shown in row_of_left.split()


def test_no_response_at_an_unknown_level_is_marked_but_given_no_level():
    unknown = Audiogram((500, 1000, 2000, 8000), (30, 40, 50, 60), {4000: None})
    lines = chart_of(Listener(unknown, Audiogram((500, 1000, 2000), (50, 50, 50))))
    assert sign(lines, 4000, 120, down=1, aside=1) == "\\"
    heard = [line.ljust(80)[column(lines, 4000)] for line in lines[1 : row(lines, 120) + 2]]
    assert set(heard) <= {" ", "+"}
    between = lines[row(lines, 55)][column(lines, 2000) + 1 : column(lines, 8000)]
    assert set(between) <= {" ", "+"}
    table = {line.split()[0]: line.split()[1:] for line in lines if line[:5] in ("Hz   ", "left ")}
    assert dict(zip(table["Hz"], table["left"][1:], strict=True))["4000"] == "NR"
    text = " ".join(" ".join(lines).split())
    assert "(NR: its level unknown)" in text
    assert "left at least 43.8 dB HL" in text
    assert "WHO grade: estimated at least moderate hearing loss" in text


def test_a_song_is_shaded_between_soft_and_loud():
    level = tuple([30.0] * 25)
    song = BandLevels(THIRD_OCTAVES_HZ, level, tuple([20.0] * 25), tuple([50.0] * 25))
    listener = Listener(*[Audiogram((250, 1000, 8000), (100, 100, 100))] * 2)
    lines = chart_of(listener, song=song, song_words="a \x1b song")
    for inside in (20, 35, 50):
        assert sign(lines, 1000, inside) == ":"
    for outside in (15, 55):
        assert sign(lines, 1000, outside, aside=3) == " "
    assert any(": a \N{REPLACEMENT CHARACTER} song" in line for line in lines)
    assert ":" not in "".join(chart_of(listener)[:30])


def test_a_song_without_high_bands_ends_where_they_do():
    levels = tuple([30.0] * 18)
    song = BandLevels(THIRD_OCTAVES_HZ[:18], levels, levels, levels)
    lines = chart_of(STANDARD_LISTENERS["N7"], song=song, song_words="narrow")
    shaded = lines[row(lines, 30)]
    assert column(lines, 2000) < shaded.rindex(":") < column(lines, 4000)


def test_colours_are_an_addition():
    chart = audiogram_chart(Listener(LEFT, RIGHT))
    styles = {str(span.style) for span in chart.spans}
    assert {"red", "blue", "bold magenta"} <= styles
