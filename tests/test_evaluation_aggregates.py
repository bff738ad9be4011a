import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from evaluation_scores import IDEAL, MIXTURE, NET, report_of, scored
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import hclarity as package
from hclarity.evaluation.aggregates import ALL
from hclarity.evaluation.bootstrap import interval, over_songs
from hclarity.evaluation.scores import REMIX

HERE = Path(package.__file__).parent.parent

NOTHING = math.nan
MATRICES = arrays.arrays(
    float,
    st.tuples(st.integers(1, 6), st.integers(1, 3)),
    elements=st.floats(-100, 100) | st.just(NOTHING),
)


@pytest.mark.filterwarnings("ignore:(Mean of empty|All-NaN) slice:RuntimeWarning")
@given(MATRICES)
@settings(deadline=None, max_examples=100)
def test_statistics_are_those_of_numpy(matrix):
    for statistic, plain in (("mean", np.nanmean), ("median", np.nanmedian)):
        want = np.nanmean(plain(matrix, axis=0))
        np.testing.assert_allclose(over_songs(matrix, statistic), want, atol=1e-9)


def test_a_stack_of_tables_is_taken_one_by_one():
    rng = np.random.default_rng(0)
    stack = rng.standard_normal((7, 5, 3))
    stack[rng.random(stack.shape) < 0.3] = NOTHING
    for statistic in ("mean", "median"):
        each = [over_songs(table, statistic) for table in stack]
        np.testing.assert_allclose(over_songs(stack, statistic), each)


def test_the_interval_of_a_mean_is_about_two_standard_errors():
    values = np.random.default_rng(0).standard_normal((400, 1))
    low, high = interval(values, "mean")
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert interval(values, "mean") == (low, high)


def test_stems_of_a_song_are_drawn_together():
    """Two stems that make up for each other, song by song: their mean never moves."""
    stem = np.random.default_rng(0).standard_normal(30)
    low, high = interval(np.stack([stem, -stem], axis=1), "mean")
    assert high - low < 1e-12


def test_one_song_tells_nothing_of_others():
    assert interval(np.array([[1.0]]), "mean") is None
    assert interval(np.array([[1.0], [NOTHING]]), "mean") is None
    assert interval(np.empty((0, 2)), "median") is None


def test_infinite_scores_stay_infinite():
    values = np.array([[np.inf], [np.inf], [1.0]])
    assert over_songs(values, "median") == np.inf
    assert interval(values, "median")[1] == np.inf
    assert np.isnan(over_songs(np.array([[np.inf], [-np.inf]]), "mean"))


def test_usdr_is_a_mean_over_songs_and_all_is_of_the_stems_of_each():
    report = report_of(scored("usdr", "net", {"drums": [1, 2, 9], "bass": [3, None, 5]}))
    drums = report.summary("usdr", "net", "drums")
    assert (drums.mean, drums.median, drums.songs, drums.silent) == (4, 2, 3, 0)
    assert drums.low <= 4 <= drums.high
    both = report.summary("usdr", "net", ALL)
    assert (both.mean, both.median) == (pytest.approx(11 / 3), 2)  # of 2, 2 and 7
    assert (both.songs, both.silent) == (3, 1)


def test_csdr_of_all_is_the_mean_over_stems_of_the_medians_over_songs():
    report = report_of(scored("csdr", "net", {"drums": [1, 2, 9], "bass": [3, None, 6]}))
    both = report.summary("csdr", "net", ALL)
    assert both.median == (2 + 4.5) / 2
    assert both.mean == (4 + 4.5) / 2


def test_haaqi_is_of_ears_then_listeners_then_songs():
    scores = [
        *scored("haaqi", "net", {REMIX: [0.2, 0.5]}, listener="N1", ear="left"),
        *scored("haaqi", "net", {REMIX: [0.4, None]}, listener="N1", ear="right"),
        *scored("haaqi", "net", {REMIX: [0.9, None]}, listener="N2", ear="left"),
    ]
    report = report_of(scores)
    assert report.stems("haaqi") == (REMIX,)
    found = report.summary("haaqi", "net", REMIX)
    assert found.mean == pytest.approx(((0.3 + 0.9) / 2 + 0.5) / 2)
    assert report.values("haaqi", "net", REMIX) == {"0": pytest.approx(0.6), "1": 0.5}


def test_improvement_is_song_by_song_against_the_mixture():
    report = report_of(
        scored("csdr", "mixture", {"drums": [-5, -4, -9], "bass": [0, 1, None]}),
        scored("csdr", "net", {"drums": [1, 2, 9], "bass": [1, None, 5]}),
    )
    assert report.improvements == ("csdri",)
    drums, bass = (report.summary("csdri", "net", stem) for stem in ("drums", "bass"))
    assert drums.median == 6  # of 6, 6 and 18
    assert (bass.median, bass.songs, bass.silent) == (1, 1, 2)
    assert report.summary("csdri", "net", ALL).median == 3.5
    assert report_of(scored("csdr", "net", {"drums": [1]}), rows=[NET]).improvements == ()


def test_silence_is_counted_and_never_averaged():
    report = report_of(scored("usdr", "net", {"drums": [None, 4.0, None]}))
    drums = report.summary("usdr", "net", "drums")
    assert (drums.mean, drums.songs, drums.silent, drums.low) == (4, 1, 2, None)
    never = report_of(scored("usdr", "net", {"drums": [None]})).summary("usdr", "net", "drums")
    assert (never.mean, never.median, never.songs, never.silent) == (None, None, 0, 1)
    none = report.summary("usdr", "mixture", "drums")
    assert (none.mean, none.songs, none.silent) == (None, 0, 0)


def test_a_row_without_some_stem_has_no_score_of_all():
    report = report_of(
        scored("usdr", "mixture", {"drums": [0, 0], "bass": [0, 0], "accompaniment": [9, 9]}),
        scored("usdr", "net", {"drums": [5, 5], "accompaniment": [7, 7]}),
    )
    assert report.stems("usdr") == ("drums", "bass", "accompaniment", ALL)
    assert report.summary("usdr", "mixture", ALL).mean == 0  # what stands for others is not one
    assert report.summary("usdr", "net", ALL).songs == 0


def test_songs_may_differ_in_stems():
    violins = scored("usdr", "net", {"violin": [2, 4]})
    flutes = [replace(one, song="duo") for one in scored("usdr", "net", {"flute": [6]})]
    everything = report_of(violins, flutes).summary("usdr", "net", ALL)
    assert (everything.mean, everything.songs) == (4, 3)


def test_columns_and_metrics_keep_their_order():
    report = report_of(
        scored("haaqi", "net", {REMIX: [0.5], "vocals": [0.5], "bass": [0.4]}, ear="left"),
        scored("usdr", "net", {"vocals": [1]}),
        rows=[MIXTURE, NET, IDEAL],
    )
    assert report.metrics == ("usdr", "haaqi")
    assert report.stems("haaqi") == ("vocals", "bass", ALL, REMIX)
    assert report.stems("usdr") == ("vocals",)


def test_every_process_comes_to_the_same_sums():
    program = """
from hclarity.evaluation.aggregates import ALL, Report, RowInfo
from hclarity.evaluation.scores import Score
values = {"drums": 1e17, "bass": 1.0, "other": -1e17, "vocals": 3.0}
scores = [Score("net", "song", stem, "usdr", value) for stem, value in values.items()]
report = Report(scores, [RowInfo("net", "model", False, "")])
print(report.summary("usdr", "net", ALL), end="")
"""
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(HERE), "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(4)
    }
    assert len(told) == 1
