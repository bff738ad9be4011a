"""An audiogram as a picture, as audiologists draw it.

Source: ASHA, "Guidelines for audiometric symbols", 1990: one octave is as wide as 20 dB are high;
right red O, left blue X; arrows for no response, to which no line leads.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hclarity.audio.third_octaves import BandLevels
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.sound_field import threshold_db_spl
from hclarity.hearing.speech_spectrum import LTASS_DB_SPL, LTASS_HZ
from hclarity.report.audiogram_words import (
    NO_DIAGNOSIS,
    average_words,
    grade_words,
    level_unknown,
    tested_hz,
)
from hclarity.report.console import one_line
from hclarity.report.pictures import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    RED,
    check_picture,
    write_picture,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["SIGNS", "Run", "joined_runs", "plot_audiogram"]

_OCTAVE_DB = 20  # high, where it is one wide
_TOP_DB, _BOTTOM_DB = -10, 120
_FIRST_HZ, _LAST_HZ, _LAST_EXTENDED_HZ = 125, 8000, 16000
_BETWEEN_HZ = (750, 1500, 3000, 6000, 12000)
_SPEECH_DB_SPL, _LTASS_OVERALL = 65.0, 70.0
_SPEECH_ABOVE, _SPEECH_BELOW = 12.0, 18.0  # dB, the range of speech about its mean (ANSI S3.5)
_ARROW_OCTAVES = 0.3
_BEYOND_OCTAVES, _BEYOND_DB = 0.3, 6  # so far the form extends beyond its scales
_OCTAVE_INCHES = 0.85
_LEFT, _RIGHT, _BOTTOM, _TOP = 0.1, 0.97, 0.19, 0.9  # of the form on the page
_VERDICT_TOP, _VERDICT_LINE = 0.1, 0.022

_LINE = {"linewidth": 1.4, "markerfacecolor": "none", "markeredgewidth": 1.5}
SIGNS: Mapping[str, Mapping[str, Any]] = {
    "right": {"color": RED, "marker": "o", "markersize": 8, "linestyle": "-", "zorder": 4, **_LINE},
    "left": {
        "color": BLUE,
        "marker": "x",
        "markersize": 7,
        "linestyle": "--",
        "zorder": 5,
        **_LINE,
    },
}
"""How each ear is drawn; the left over the right."""


def plot_audiogram(
    listener: Listener, path: Path, song: BandLevels | None = None, song_words: str = ""
) -> None:
    """Draw both ears over the area of speech, and that of a song.

    Speech is that of Byrne et al. (1994) at 65 dB SPL. What lies above a threshold on the page is
    not heard.

    Args:
        listener: whose ears.
        path: ``.png`` or ``.svg``.
        song: to lay behind, in dB HL; from its soft to its loud levels.
        song_words: which song at what level.

    Raises:
        UsageError: for another suffix.
        UnavailableError: without matplotlib.
        CannotCreateError: when the file cannot be created.
        StorageError: when it cannot be written.
    """
    check_picture(path)
    write_picture(path, lambda: _drawn(listener, song, song_words))


class Run(NamedTuple):
    """Thresholds that a line may join."""

    hz: Sequence[float]
    levels: Sequence[float]


def joined_runs(ear: Audiogram) -> list[Run]:
    """The runs of an ear: each goes on until there is no response."""
    known = dict(zip(ear.frequencies, ear.thresholds, strict=True))
    tested = sorted({*known, *ear.no_response})
    grouped = groupby(tested, key=lambda hz: hz in ear.no_response)
    runs = [tuple(run) for unheard, run in grouped if not unheard]
    return [Run(run, [known[hz] for hz in run]) for run in runs]


def _drawn(listener: Listener, song: BandLevels | None, song_words: str) -> "Figure":
    from matplotlib.figure import Figure

    highest = max(tested_hz(listener))
    last = _LAST_HZ if highest <= _LAST_HZ else _LAST_EXTENDED_HZ
    width = (log2(last / _FIRST_HZ) + 2 * _BEYOND_OCTAVES) * _OCTAVE_INCHES
    height = (_BOTTOM_DB - _TOP_DB + 2 * _BEYOND_DB) / _OCTAVE_DB * _OCTAVE_INCHES
    page = (width / (_RIGHT - _LEFT), height / (_TOP - _BOTTOM))
    figure = Figure(figsize=page)
    axes = figure.add_axes((_LEFT, _BOTTOM, _RIGHT - _LEFT, _TOP - _BOTTOM))
    _draw_form(axes, last)
    _shade_speech(axes)
    if song is not None:
        _shade_song(axes, song, song_words, last)
    _draw_ear(axes, "right", listener.right)
    _draw_ear(axes, "left", listener.left)
    _add_legend(axes, listener)
    _write_verdict(figure, listener)
    if listener.name:
        axes.set_title(listener.name, fontsize=11, pad=8)
    return figure


def _draw_form(axes: "Axes", last: int) -> None:
    """The empty form: frequencies above, levels growing downwards."""
    octaves = [_FIRST_HZ * 2**n for n in range(round(log2(last / _FIRST_HZ)) + 1)]
    between = [hz for hz in _BETWEEN_HZ if hz < last]
    first, end = (float(_octave(hz)) for hz in (_FIRST_HZ, last))
    axes.set_xlim(first - _BEYOND_OCTAVES, end + _BEYOND_OCTAVES)
    axes.set_ylim(_BOTTOM_DB + _BEYOND_DB, _TOP_DB - _BEYOND_DB)
    axes.set_aspect(1 / _OCTAVE_DB)
    axes.set_xticks(_octave(octaves), list(map(str, octaves)))
    axes.set_xticks(_octave(between), list(map(str, between)), minor=True)
    axes.set_yticks(range(_TOP_DB, _BOTTOM_DB + 1, 10))
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("Frequency (Hz)")
    axes.set_ylabel("Hearing level (dB HL)")
    axes.tick_params(length=0)
    axes.tick_params(axis="x", which="minor", labelsize=6, length=0, labelcolor=GREY)
    axes.grid(color=PALE, linewidth=0.8)
    axes.grid(which="minor", axis="x", color=PALE, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=1)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(True)


def _shade_speech(axes: "Axes") -> None:
    hz = np.array(LTASS_HZ)
    shown = (hz >= _FIRST_HZ) & (hz <= _LAST_HZ)
    at_65 = np.array(LTASS_DB_SPL) + _SPEECH_DB_SPL - _LTASS_OVERALL
    middle = (at_65 - threshold_db_spl(hz))[shown]
    axes.fill_between(
        _octave(hz[shown]),
        middle - _SPEECH_BELOW,
        middle + _SPEECH_ABOVE,
        color="#dfe6e0",
        linewidth=0,
        zorder=0.5,
        label=f"speech at {_SPEECH_DB_SPL:g} dB SPL",
    )


def _shade_song(axes: "Axes", song: BandLevels, words: str, last: int) -> None:
    hz = np.array(song.hz)
    shown = (hz >= _FIRST_HZ) & (hz <= last)
    axes.fill_between(
        _octave(hz[shown]),
        np.array(song.soft)[shown],
        np.array(song.loud)[shown],
        facecolor="none",
        edgecolor=ORANGE,
        hatch="///",
        linewidth=0.9,
        zorder=0.7,
        label=one_line(words),
    )


def _draw_ear(axes: "Axes", side: str, ear: Audiogram) -> None:
    look, outward = SIGNS[side], {"right": -1, "left": 1}[side]
    for run in joined_runs(ear):
        axes.plot(_octave(run.hz), run.levels, **look)
    for hz, tone in ear.no_response.items():
        x, y = float(_octave(hz)), _BOTTOM_DB if tone is None else ear.threshold_at(hz)
        if tone is not None:  # else nobody knows where a sign would stand
            axes.plot(x, y, **{**look, "linestyle": "none"})
        axes.annotate(
            "",
            xy=(x + outward * _ARROW_OCTAVES, y + _ARROW_OCTAVES * _OCTAVE_DB),
            xytext=(x, y),
            arrowprops={"arrowstyle": "->", "color": look["color"], "shrinkA": 5, "shrinkB": 0},
            annotation_clip=False,
        )


def _add_legend(axes: "Axes", listener: Listener) -> None:
    from matplotlib.lines import Line2D

    areas, words = axes.get_legend_handles_labels()
    ears = [Line2D([], [], **SIGNS[side]) for side in ("right", "left")]
    unheard = listener.right.no_response or listener.left.no_response
    words_on_arrows = "arrow: no response to the loudest tone"
    if level_unknown(listener):
        words_on_arrows += "; without a sign: at a level that is not known"
    axes.legend(
        [*ears, *areas],
        ["Right (O)", "Left (X)", *words],
        title=words_on_arrows if unheard else None,
        loc="upper left",
        bbox_to_anchor=(0, -0.01),
        ncols=2,
        frameon=False,
        alignment="left",
    )


def _write_verdict(figure: "Figure", listener: Listener) -> None:
    right, left = average_words(listener.right), average_words(listener.left)
    told = (
        "Sounds below an ear's line on the page are heard by it, those above are not.",
        f"Pure-tone average (0.5, 1, 2, 4 kHz):  right {right},  left {left}",
        *grade_words(listener),
        NO_DIAGNOSIS,
    )
    for number, line in enumerate(told):
        colour = GREY if line is NO_DIAGNOSIS else INK
        figure.text(_LEFT, _VERDICT_TOP - number * _VERDICT_LINE, line, color=colour, va="top")


def _octave(hz: ArrayLike) -> NDArray[np.float64]:
    """Where a frequency is on the page: in octaves above 1 kHz."""
    return np.asarray(np.log2(np.asarray(hz, np.float64) / 1000))
