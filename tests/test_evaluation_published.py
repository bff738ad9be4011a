import math

import pytest

from hclarity.datasets.catalogue import DATASETS
from hclarity.evaluation.aggregates import ALL
from hclarity.evaluation.definitions import METRICS
from hclarity.evaluation.published import published_rows

STEMS = {"drums", "bass", "other", "vocals"}
PROTOCOLS = ("cad1", "icassp24", "cad2-lyrics", "cad2-ensembles")
EVERY = [row for protocol in (None, *PROTOCOLS) for row in published_rows("musdb", protocol)]


@pytest.mark.parametrize("row", EVERY, ids=lambda row: f"{row.metric} {row.name} {row.split}")
def test_every_row_has_numbers_and_a_source(row):
    assert row.metric in METRICS
    assert row.source
    assert row.dataset
    assert row.scores
    assert set(row.scores) <= STEMS | {ALL, "remix"}
    assert all(math.isfinite(score) for score in row.scores.values())


@pytest.mark.parametrize("row", [row for row in EVERY if set(row.scores) > STEMS])
def test_all_is_the_mean_of_the_stems(row):
    """To the rounding of papers."""
    mean = sum(row.scores[stem] for stem in STEMS) / 4
    assert row.scores[ALL] == pytest.approx(mean, abs=0.011)


def test_hybrid_demucs_stands_with_its_csdr():
    (demucs,) = (row for row in EVERY if (row.metric, row.name) == ("csdr", "Hybrid Demucs"))
    assert demucs.scores == {
        "vocals": 8.13,
        "bass": 8.76,
        "drums": 8.24,
        "other": 5.59,
        "all": 7.68,
    }
    assert not any(row.metric == "usdr" and row.name == "Hybrid Demucs" for row in EVERY)


def test_other_songs_are_said_to_be_others():
    rows = {
        row.name: row for row in published_rows("musdb18", None, "valid") if row.metric == "csdr"
    }
    assert rows["BSRNN"].differs == "data set MUSDB18-HQ, not MUSDB18"
    assert rows["Conv-TasNet"].differs == "split test, not valid"
    same = {row.name: row for row in published_rows("musdb", None, "test") if row.metric == "csdr"}
    assert same["BSRNN"].differs == ""
    assert same["Hybrid Demucs"].differs == "a bag of four models"


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_protocol_has_its_own_rows_and_no_others(dataset):
    for protocol in PROTOCOLS:
        rows = published_rows(dataset, protocol)
        assert rows
        assert {(row.protocol, row.metric) for row in rows} == {(protocol, "haaqi")}
    assert {row.metric for row in published_rows(dataset, None)} == {"usdr", "csdr"}
