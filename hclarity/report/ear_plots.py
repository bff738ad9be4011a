"""What each ear gets of a remix: the song before and after against its threshold, and the gain."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hclarity.audio.third_octaves import BandLevels
from hclarity.hearing.audiogram import Audiogram, interpolated
from hclarity.hearing.sound_field import threshold_db_spl
from hclarity.report.audiogram_plot import SIGNS, joined_runs
from hclarity.report.console import one_line
from hclarity.report.pictures import GREY, INK, PALE, check_picture, write_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["EarChange", "heard_share", "plot_ears"]

_HZ_LIMITS = (56, 18000)
_TICKS = {125: "125", 250: "250", 500: "500", 1000: "1k", 2000: "2k", 4000: "4k", 8000: "8k"}
_SPEECH_HZ = (125.0, 8000.0)  # what an audiogram covers
_PAGE = (8.4, 6.2)  # inches
_DENSE = 64


@dataclass(frozen=True)
class EarChange:
    """What a remix changes for one ear.

    Args:
        before: levels of the song in this ear's channel, in dB where a full-scale sine has 0.
        after: the same of the remix, as it is in the file.
        audiogram: of this ear; None where nobody's was given.
        prescribed: the insertion gain that was asked for, in dB for each Hz.
        realised: what the ear really gets, in dB for each Hz.
    """

    before: BandLevels
    after: BandLevels
    audiogram: Audiogram | None
    prescribed: Mapping[float, float]
    realised: Mapping[float, float]


def plot_ears(
    path: Path,
    *,
    left: EarChange,
    right: EarChange,
    full_scale_spl: float = 100.0,
    turned_up_db: float = 0.0,
    title: str = "",
) -> None:
    """Draw both ears, right one first, as the listener is seen from the front.

    Args:
        path: ``.png`` or ``.svg``.
        left: what the left ear gets.
        right: what the right ear gets.
        full_scale_spl: how loud a full-scale sine is played, in dB SPL; 100 as in the Cadenza
            challenges.
        turned_up_db: by how much the remix may be played louder, which is then told of, too, in
            whole dB and never more.
        title: above all, such as the song's name.

    Raises:
        UsageError: for another suffix.
        UnavailableError: without matplotlib.
        CannotCreateError: when the file cannot be created.
        StorageError: when it cannot be written.
    """
    check_picture(path)
    ears = {"right": right, "left": left}
    write_picture(path, lambda: _drawn(ears, full_scale_spl, title, turned_up_db))


def heard_share(levels: BandLevels, audiogram: Audiogram) -> float:
    """How much of a song's range lies above the threshold, from 0 to 1.

    In each third octave from 125 Hz to 8 kHz the part of what lies between soft and loud levels;
    of these the mean.

    Args:
        levels: in dB SPL.
        audiogram: of the ear.
    """
    hz = np.array(levels.hz)
    shown = (hz >= _SPEECH_HZ[0]) & (hz <= _SPEECH_HZ[1])
    loud, soft = np.array(levels.loud)[shown], np.array(levels.soft)[shown]
    above = loud - _threshold(audiogram, hz[shown])
    return float(np.clip(above / np.maximum(loud - soft, 1e-6), 0, 1).mean())


def _threshold(audiogram: Audiogram, hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """In dB SPL."""
    return interpolated(hz, audiogram.frequencies, audiogram.thresholds) + threshold_db_spl(hz)


def _drawn(
    ears: Mapping[str, EarChange], full_scale_spl: float, title: str, turned_up_db: float = 0.0
) -> "Figure":
    from matplotlib.figure import Figure

    figure = Figure(figsize=_PAGE, layout="constrained")
    grid = {"height_ratios": (5, 3)}
    rows = figure.subplots(2, 2, sharex=True, sharey="row", squeeze=False, gridspec_kw=grid)
    for levels, gains, (side, ear) in zip(*rows, ears.items(), strict=True):
        _draw_levels(levels, side, ear, full_scale_spl)
        levels.set_title(_heading(side, ear, full_scale_spl, turned_up_db))
        _draw_gains(gains, side, ear)
    rows[0][0].set_ylabel("third-octave level (dB SPL)")
    rows[1][0].set_ylabel("insertion gain (dB)")
    _fit_levels(rows[0][0], ears, full_scale_spl)
    _fit_gains(rows[1][0], ears)
    if title:
        figure.suptitle(one_line(title), fontsize=11)
    figure.supxlabel(_explained(ears, full_scale_spl), fontsize=7, color=INK)
    return figure


def _explained(ears: Mapping[str, EarChange], full_scale_spl: float) -> str:
    played = f"Played so that a full-scale sine has {full_scale_spl:g} dB SPL. "
    ranges = "Areas: from what 30 % of all 125 ms stay below to what 99 % do."
    if not any(ear.audiogram for ear in ears.values()):
        return played + ranges
    return f"{played}{ranges}\nWhat lies above the threshold is heard, what lies below is not."


def _draw_levels(axes: "Axes", side: str, ear: EarChange, full_scale_spl: float) -> None:
    colour = SIGNS[side]["color"]
    before, after = (levels.raised(full_scale_spl) for levels in (ear.before, ear.after))
    axes.fill_between(
        before.hz, before.soft, before.loud, color=GREY, alpha=0.35, linewidth=0, label="before"
    )
    axes.fill_between(
        after.hz,
        after.soft,
        after.loud,
        facecolor="none",
        edgecolor=colour,
        hatch="////",
        alpha=0.5,
        label="after",
    )
    if ear.audiogram:
        _draw_threshold(axes, side, ear.audiogram)
    axes.legend(loc="lower left", frameon=False, ncols=3)
    _dress(axes)


def _heading(side: str, ear: EarChange, full_scale_spl: float, turned_up_db: float) -> str:
    """Which ear, and how much of the song it hears."""
    heading = f"{side.capitalize()} ear"
    if ear.audiogram is None:
        return heading
    ways = {
        "before": ear.before.raised(full_scale_spl),
        "after": ear.after.raised(full_scale_spl),
    }
    if louder := floor(turned_up_db):
        ways[f"turned up by {louder} dB"] = ear.after.raised(full_scale_spl + louder)
    shares = (f"{100 * heard_share(song, ear.audiogram):.0f} % {way}" for way, song in ways.items())
    return f"{heading}: of the song's range it hears\n{', '.join(shares)}"


def _draw_threshold(axes: "Axes", side: str, audiogram: Audiogram) -> None:
    """The threshold between frequencies too, where the ear was tested and responded."""
    look = SIGNS[side]
    stroke = {key: look[key] for key in ("color", "linestyle", "linewidth", "zorder")}
    for run in joined_runs(audiogram):
        dense = np.geomspace(run.hz[0], run.hz[-1], _DENSE)
        axes.plot(dense, _threshold(audiogram, dense), **stroke)
    points = np.array(audiogram.frequencies)
    levels = _threshold(audiogram, points)
    sign = {**look, "linestyle": "none", "markersize": 5}
    axes.plot(points, levels, **sign)
    axes.plot([], [], label="threshold", **{**look, "markersize": 5})
    for hz, level in zip(points, levels, strict=True):
        if hz in audiogram.no_response:
            arrow = {"arrowstyle": "->", "color": look["color"], "shrinkA": 3, "shrinkB": 0}
            axes.annotate("", (hz, level + 9), (hz, level), arrowprops=arrow)


def _draw_gains(axes: "Axes", side: str, ear: EarChange) -> None:
    colour = SIGNS[side]["color"]
    hz = np.geomspace(*_SPEECH_HZ, _DENSE)
    prescribed = interpolated(hz, tuple(ear.prescribed), tuple(ear.prescribed.values()))
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.plot(hz, prescribed, color=colour, linewidth=1.4, label="prescribed")
    axes.plot(
        list(ear.realised),
        list(ear.realised.values()),
        linestyle="none",
        marker="D",
        markersize=4,
        markerfacecolor="none",
        color=INK,
        label="realised",
    )
    axes.legend(loc="upper left", frameon=False, ncols=2)
    _dress(axes)


def _dress(axes: "Axes") -> None:
    axes.set_xscale("log")
    axes.set_xlim(_HZ_LIMITS)
    axes.set_xticks(list(_TICKS), list(_TICKS.values()))
    axes.minorticks_off()
    axes.grid(color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def _fit_levels(axes: "Axes", ears: Mapping[str, EarChange], full_scale_spl: float) -> None:
    """Levels from 0 dB SPL to a little above the highest; an arrow has room there."""
    highest = 90.0
    for ear in ears.values():
        loudest = max(*ear.before.loud, *ear.after.loud) + full_scale_spl
        highest = max(highest, loudest)
        if ear.audiogram:
            points = np.array(ear.audiogram.frequencies)
            highest = max(highest, float(_threshold(ear.audiogram, points).max()))
    axes.set_ylim(0, 10 * np.ceil(highest / 10 + 1))


def _fit_gains(axes: "Axes", ears: Mapping[str, EarChange]) -> None:
    """All gains, with room for the legend; what is next to none shall not look like much."""
    gains = [
        gain for ear in ears.values() for gain in (*ear.prescribed.values(), *ear.realised.values())
    ]
    axes.set_ylim(min(0, *gains) - 2, 1.3 * max(10, *gains))
