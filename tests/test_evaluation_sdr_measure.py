import pickle

import numpy as np
import pytest
from evaluation_scores import output_of
from stem_folders import noise

from hclarity.evaluation.sdr_measure import SdrMeasure
from hclarity.metrics.framewise import csdr
from hclarity.metrics.sdr import si_sdr, usdr

ALL = SdrMeasure(("usdr", "sisdr", "csdr"))
FRAMES = 20_000  # two windows and a half at 8 kHz


@pytest.fixture
def truth():
    return {stem: noise(n, FRAMES) for n, stem in enumerate(("drums", "bass", "vocals"))}


@pytest.fixture
def estimates(truth):
    return {stem: true + noise(n + 9, FRAMES) / 3 for n, (stem, true) in enumerate(truth.items())}


def values(measure, truth, estimates):
    scores = measure.scores(output_of(truth, estimates))
    assert all((score.row, score.song, score.ear) == ("net", "a song", "") for score in scores)
    return {(score.metric, score.stem): score.value for score in scores}


def test_every_stem_has_every_metric(truth, estimates):
    found = values(ALL, truth, estimates)
    together = csdr(list(truth.values()), list(estimates.values()), 8000)
    for number, (stem, true) in enumerate(truth.items()):
        assert found.pop(("usdr", stem)) == usdr(true, estimates[stem])
        assert found.pop(("sisdr", stem)) == si_sdr(true, estimates[stem])
        assert found.pop(("csdr", stem)) == together[number]
    assert not found


def test_stems_that_only_one_side_has_are_left_out(truth, estimates):
    del estimates["bass"]
    estimates["piano"] = estimates["drums"]
    assert set(values(ALL, truth, estimates)) == {
        (metric, stem) for metric in ALL.metrics for stem in ("drums", "vocals")
    }
    assert values(ALL, truth, {}) == {}


def test_what_is_left_is_compared_with_all_that_is_left(truth, estimates):
    found = values(ALL, truth, {"vocals": estimates["vocals"], "accompaniment": truth["drums"]})
    accompaniment = truth["drums"] + truth["bass"]
    assert found["usdr", "accompaniment"] == usdr(accompaniment, truth["drums"])
    pairs = [truth["vocals"], accompaniment], [estimates["vocals"], truth["drums"]]
    assert (found["csdr", "vocals"], found["csdr", "accompaniment"]) == tuple(csdr(*pairs, 8000))


def test_sums_are_scored_beside_the_stems_that_they_lack(truth, estimates):
    """As museval does: what is silent in a sum does not reach the others, nor theirs the sum."""
    alone = values(ALL, truth, estimates)
    truth["bass"][:, :8000] = 0
    estimates["accompaniment"] = estimates["drums"] + estimates["bass"]
    found = values(ALL, truth, estimates)
    of_singer = csdr(
        [truth["vocals"], truth["drums"] + truth["bass"]],
        [estimates["vocals"], estimates["accompaniment"]],
        8000,
    )
    assert (found["csdr", "vocals"], found["csdr", "accompaniment"]) == tuple(of_singer)
    assert found["csdr", "drums"] != alone["csdr", "drums"]
    assert found["csdr", "vocals"] == alone["csdr", "vocals"]


def test_a_silent_stem_has_no_value_and_harms_no_other(truth, estimates):
    truth["bass"] = np.zeros_like(truth["bass"])
    found = values(ALL, truth, estimates)
    assert [found[metric, "bass"] for metric in ALL.metrics] == [None] * 3
    assert all(found[metric, "drums"] is not None for metric in ALL.metrics)


def test_a_silent_estimate_is_scored_where_that_means_something(truth, estimates):
    estimates["bass"] = np.zeros_like(truth["bass"])
    found = values(ALL, truth, estimates)
    assert found["usdr", "bass"] == 0
    assert (found["sisdr", "bass"], found["csdr", "bass"]) == (None, None)
    assert found["csdr", "drums"] is not None


def test_perfect_is_infinite_where_nothing_is_added(truth):
    found = values(ALL, truth, truth)
    assert found["csdr", "bass"] == np.inf
    assert 50 < found["usdr", "bass"] < np.inf


def test_it_can_be_sent_away_and_told_apart():
    assert pickle.loads(pickle.dumps(ALL)) == ALL
    assert ALL.name == "usdr,sisdr,csdr"
    assert ALL.settings != SdrMeasure(("usdr",)).settings
