import sys

import numpy as np
import pytest

from hclarity.audio.third_octaves import THIRD_OCTAVES_HZ, BandLevels
from hclarity.errors import CannotCreateError, UnavailableError, UsageError
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.standard import STANDARD_LISTENERS
from hclarity.report.audiogram_plot import _drawn, joined_runs, plot_audiogram

pytest.importorskip("matplotlib")

N3 = STANDARD_LISTENERS["N3"]
HALF = Audiogram((250, 500, 1000, 2000, 4000), (20, 40, 90, 60, 80), {1000: 85})
SONG = BandLevels(THIRD_OCTAVES_HZ, (40.0,) * 25, (30.0,) * 25, (50.0,) * 25)


def drawn(listener, song=None, words=""):
    figure = _drawn(listener, song, words)
    return figure, figure.axes[0]


def points(axes, colour):
    """Where markers of a colour are: octaves above 1 kHz, and dB HL."""
    return {
        (round(float(x), 6), float(y))
        for line in axes.lines
        if line.get_color() == colour
        for x, y in zip(*line.get_data(), strict=True)
    }


def test_signs_are_where_they_belong():
    from hclarity.report.pictures import BLUE, RED

    _, axes = drawn(Listener(left=HALF, right=N3.right))
    expected = zip(np.log2(np.array(HALF.frequencies) / 1000), HALF.thresholds, strict=True)
    assert points(axes, BLUE) == {(round(float(x), 6), float(y)) for x, y in expected}
    assert (-2.0, 35.0) in points(axes, RED)
    assert (2.0, 60.0) in points(axes, RED)
    looks = {line.get_color(): line for line in axes.lines}
    assert (looks[RED].get_marker(), looks[BLUE].get_marker()) == ("o", "x")
    assert looks[RED].get_markerfacecolor() == "none"
    assert (looks[RED].get_linestyle(), looks[BLUE].get_zorder() > looks[RED].get_zorder()) == (
        "-",
        True,
    )


def test_no_line_across_no_response_but_an_arrow():
    assert [run.hz for run in joined_runs(HALF)] == [(250, 500), (2000, 4000)]
    assert joined_runs(Audiogram((250, 500, 1000), (90,) * 3, {250: 85, 500: 85, 1000: 85})) == []
    _, axes = drawn(Listener(HALF, HALF))
    ends = {(round(float(note.xy[0]), 2), float(note.xy[1])) for note in axes.texts}
    assert ends == {(-0.3, 96.0), (0.3, 96.0)}


def test_no_response_at_an_unknown_level_is_an_arrow_without_a_sign():
    unknown = Audiogram((250, 500, 2000, 4000), (20, 30, 40, 50), {1000: None})
    assert [run.hz for run in joined_runs(unknown)] == [(250, 500), (2000, 4000)]
    _, axes = drawn(Listener(unknown, unknown))
    ends = {(round(float(note.xy[0]), 2), float(note.xy[1])) for note in axes.texts}
    assert ends == {(-0.3, 126.0), (0.3, 126.0)}
    signs = {x for line in axes.lines if line.get_marker() in "ox" for x in line.get_xdata()}
    assert 0 not in {round(float(x), 6) for x in signs}
    assert "without a sign" in axes.get_legend().get_title().get_text()


@pytest.mark.parametrize("last", [8000, 16000])
def test_an_octave_is_as_wide_as_twenty_decibels_are_high(last):
    ear = Audiogram((250, 1000, last), (10, 20, 30))
    figure, axes = drawn(Listener(ear, ear))
    figure.draw_without_rendering()
    (x0, y0), (x1, y1) = axes.transData.transform([(0, 20), (1, 40)])
    assert x1 - x0 == pytest.approx(y0 - y1, rel=1e-6)
    assert y0 > y1  # worse hearing is further down
    assert axes.get_xticks()[-1] == np.log2(last / 1000)


def test_speech_and_song_are_areas_about_their_levels():
    _, axes = drawn(N3, SONG, "a song")
    areas = {area.get_label(): area.get_paths()[0].vertices for area in axes.collections}
    at_1k = areas["speech at 65 dB SPL"]
    at_1k = at_1k[np.isclose(at_1k[:, 0], 0)][:, 1]
    assert [at_1k.min(), at_1k.max()] == pytest.approx([46.3 - 18, 46.3 + 12], abs=0.05)
    assert set(areas["a song"][:, 1]) == {30, 50}
    assert areas["a song"][:, 0].min() == -3


def test_everything_is_named(tmp_path):
    path = tmp_path / "audiogram.svg"
    plot_audiogram(Listener(HALF, N3.right, "$Ada ガ"), path, SONG, "a song at 65 dB SPL")
    text = path.read_text()
    for word in (
        "$Ada ガ",
        "Frequency (Hz)",
        "Hearing level (dB HL)",
        "Right (O)",
        "Left (X)",
        "speech at 65 dB SPL",
        "a song at 65 dB SPL",
        "arrow: no response to the loudest tone",
        "Pure-tone average (0.5, 1, 2, 4 kHz):  right 46.2 dB HL,  left at least 67.5 dB HL",
        "WHO grade: moderate hearing loss (35 to below 50 dB HL in the better ear)",
        "This is no diagnosis.",
    ):
        assert f"<!-- {word}" in text
    plot_audiogram(N3, path)
    assert "arrow" not in path.read_text()


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_always_the_same(kind, tmp_path):
    first, second = tmp_path / f"one.{kind}", tmp_path / f"two.{kind.upper()}"
    for path in (first, second):
        plot_audiogram(N3, path, SONG, "song")
    assert first.read_bytes().startswith({"png": b"\x89PNG", "svg": b"<?xml"}[kind])
    assert first.read_bytes() == second.read_bytes()


def test_what_cannot_be_drawn_is_refused(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match=r"a\.pdf: name it with one of \.png, \.svg"):
        plot_audiogram(N3, tmp_path / "a.pdf")
    with pytest.raises(CannotCreateError, match="nowhere"):
        plot_audiogram(N3, tmp_path / "nowhere" / "a.svg")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UnavailableError, match=r"pip install 'hclarity\[plot\]'"):
        plot_audiogram(N3, tmp_path / "a.png")
