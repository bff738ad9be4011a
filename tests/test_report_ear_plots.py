import re

import numpy as np
import pytest

from hclarity.audio.third_octaves import THIRD_OCTAVES_HZ, BandLevels
from hclarity.errors import UsageError
from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.sound_field import threshold_db_spl
from hclarity.hearing.standard import STANDARD_LISTENERS
from hclarity.report.ear_plots import EarChange, _drawn, heard_share, plot_ears

pytest.importorskip("matplotlib")

HZ = np.array(THIRD_OCTAVES_HZ)
SOFT, LOUD = tuple([-60.0] * 25), tuple([-20.0] * 25)
BEFORE = BandLevels(THIRD_OCTAVES_HZ, SOFT, SOFT, LOUD)
GAINS = {250.0: 0.0, 4000.0: 20.0}
REALISED = {250.0: 0.2, 4000.0: 19.9}
N3 = STANDARD_LISTENERS["N3"].left
NR = Audiogram((250, 1000, 4000, 8000), (10, 20, 100, 110), {8000: 105})


def change(audiogram):
    return EarChange(BEFORE, BEFORE.raised(10), audiogram, GAINS, REALISED)


def figure_of(**ears):
    return _drawn(ears, 100, "")


def line(axes, label):
    return next(line for line in axes.lines if line.get_label() == label)


def area(axes, label):
    return next(area for area in axes.collections if area.get_label() == label)


def test_levels_are_those_at_the_ear():
    levels, _, gains, _ = figure_of(right=change(N3), left=change(NR)).axes
    assert set(area(levels, "before").get_paths()[0].vertices[:, 1]) == {40, 80}
    assert set(area(levels, "after").get_paths()[0].vertices[:, 1]) == {50, 90}
    marked = next(line for line in levels.lines if line.get_marker() == "o")
    assert list(marked.get_xdata()) == list(N3.frequencies)
    expected = np.array(N3.thresholds) + threshold_db_spl(N3.frequencies)
    assert marked.get_ydata() == pytest.approx(expected)
    assert dict(zip(*line(gains, "realised").get_data(), strict=True)) == REALISED
    at = line(gains, "prescribed")
    assert np.interp(1000, *at.get_data()) == pytest.approx(10, abs=0.1)


def test_right_stands_left_as_one_faces_the_listener():
    right, left, *_ = figure_of(right=change(N3), left=change(None)).axes
    assert right.get_title().startswith("Right ear: ")
    assert left.get_title() == "Left ear"


def test_no_response_is_an_arrow_upwards():
    _, left, *_ = figure_of(right=change(N3), left=change(NR)).axes
    (arrow,) = left.texts
    assert arrow.xy[0] == 8000
    assert arrow.xy[1] > NR.threshold_at(8000) + threshold_db_spl(8000)
    assert left.get_ylim()[1] > arrow.xy[1]
    longest = max(left.lines, key=lambda line: len(line.get_xdata()))
    assert longest.get_xdata().max() == pytest.approx(4000)


def test_small_gains_do_not_look_large():
    quiet = EarChange(BEFORE, BEFORE, None, {1000.0: 0.0}, {250.0: 0.01})
    gains = figure_of(right=quiet, left=quiet).axes[2]
    assert gains.get_ylim()[1] > 10


@pytest.mark.parametrize(
    ("soft", "loud", "share"), [(10, 20, 1), (-20, -10, 0), (-5, 5, 0.5), (-1, 3, 0.75), (1, 1, 1)]
)
def test_how_much_is_heard(soft, loud, share):
    """Against thresholds; levels are given relative to those."""
    level = 40 + threshold_db_spl(HZ)
    ear = Audiogram((125, 1000, 8000), (40, 40, 40))
    raised = BandLevels(THIRD_OCTAVES_HZ, SOFT, (soft,) * 25, (loud,) * 25).raised(level.tolist())
    assert heard_share(raised, ear) == pytest.approx(share)


def test_everything_is_named_and_always_the_same(tmp_path):
    first, second = tmp_path / "one.svg", tmp_path / "two.svg"
    for path in (first, second):
        plot_ears(path, left=change(NR), right=change(N3), full_scale_spl=94, title="$A song ガ")
    assert first.read_bytes() == second.read_bytes()
    text = first.read_text()
    for word in (
        "$A song ガ",
        "third-octave level (dB SPL)",
        "insertion gain (dB)",
        "before",
        "after",
        "threshold",
        "prescribed",
        "realised",
        "Played so that a full-scale sine has 94 dB SPL.",
        "What lies above the threshold is heard, what lies below is not.",
    ):
        assert word in text


def test_without_an_audiogram_there_is_no_threshold(tmp_path):
    plot_ears(tmp_path / "ears.png", left=change(None), right=change(None))
    assert (tmp_path / "ears.png").read_bytes().startswith(b"\x89PNG")
    right, *_ = figure_of(right=change(None), left=change(None)).axes
    assert not right.lines


def test_other_kinds_of_file_are_refused(tmp_path):
    with pytest.raises(UsageError, match=r"\.png, \.svg"):
        plot_ears(tmp_path / "ears.jpg", left=change(None), right=change(None))


def test_it_is_told_what_turning_it_up_would_do():
    quiet = EarChange(BEFORE.raised(-30), BEFORE.raised(-30), N3, {1000.0: 0.0}, {})
    told = _drawn({"right": quiet, "left": quiet}, 100, "", 30).axes[0].get_title()
    assert "% turned up by 30 dB" in told
    before, after, turned_up = (float(share) for share in re.findall(r"(\d+) %", told))
    assert before == after < turned_up
    told = _drawn({"right": quiet, "left": quiet}, 100, "", 3.9).axes[0].get_title()
    assert "turned up by 3 dB" in told  # never more than is safe
    assert (
        "turned up" not in _drawn({"right": quiet, "left": quiet}, 100, "", 0.9).axes[0].get_title()
    )
    assert "turned up" not in figure_of(right=quiet, left=quiet).axes[0].get_title()
