import numpy as np
import pytest
from evaluation_scores import IDEAL, MIXTURE, NET, output_of, report_of, scored

from hclarity.audio.values import Samples
from hclarity.evaluation.aggregates import Report
from hclarity.evaluation.examples import Case, excerpts, telling_cases

RATE = 8000


def told(report: Report) -> list[tuple[bool, str, str, float]]:
    return [(case.good, case.song, case.stem, case.value) for case in telling_cases(report)]


def burst(at_s: float, seconds: float = 20.0) -> Samples:
    samples = np.full((2, round(seconds * RATE)), 0.01, np.float32)
    samples[:, round(at_s * RATE) : round((at_s + 1) * RATE)] = 0.5
    return samples


def test_the_three_best_and_the_three_worst_of_each_separator() -> None:
    values = {"drums": [5.0, 1.0, 9.0, 3.0], "vocals": [4.0, 8.0, 2.0, 7.0]}
    report = report_of(*(scored("usdr", row.name, values) for row in (MIXTURE, NET, IDEAL)))
    assert {case.row for case in telling_cases(report)} == {"net"}
    assert told(report) == [
        (True, "2", "drums", 9.0),
        (True, "1", "vocals", 8.0),
        (True, "3", "vocals", 7.0),
        (False, "1", "drums", 1.0),
        (False, "2", "vocals", 2.0),
        (False, "3", "drums", 3.0),
    ]


@pytest.mark.parametrize(("songs", "good", "bad"), [(0, 0, 0), (1, 1, 0), (4, 2, 2), (5, 3, 2)])
def test_of_few_songs_no_case_is_told_twice(songs: int, good: int, bad: int) -> None:
    values = {"drums": [float(song) for song in range(songs)]}
    cases = telling_cases(report_of(scored("usdr", "net", values)))
    assert [case.good for case in cases] == [True] * good + [False] * bad
    assert len({case.song for case in cases}) == len(cases)


def test_only_finite_scores_of_single_stems() -> None:
    values = {
        "drums": [np.inf, None, 3.0],
        "vocals": [-np.inf, 2.0, None],
        "no_vocals": [1.0, 1.0, 1.0],
        "remix": [0.0, 0.0, 0.0],
    }
    report = report_of(scored("usdr", "net", values))
    assert told(report) == [(True, "2", "drums", 3.0), (False, "1", "vocals", 2.0)]


def test_the_first_metric_where_there_is_no_usdr() -> None:
    report = report_of(
        scored("haaqi", "net", {"drums": [0.5]}, listener="N3", ear="left"),
        scored("haaqi", "net", {"drums": [0.7]}, listener="N3", ear="right"),
        scored("sisdr", "net", {"drums": [4.0]}),
    )
    assert telling_cases(report) == (Case("net", "0", "drums", "sisdr", 4.0, good=True),)
    assert telling_cases(report_of()) == ()


def test_ears_are_heard_together() -> None:
    ears = {"left": 0.5, "right": 0.7}
    of_ears = [
        scored("haaqi", "net", {"drums": [value]}, listener="N3", ear=ear)
        for ear, value in ears.items()
    ]
    assert telling_cases(report_of(*of_ears))[0].value == pytest.approx(0.6)


def test_the_loudest_seconds_of_the_true_stem_are_cut_out() -> None:
    truth = {"drums": burst(3.0), "vocals": burst(15.0)}
    estimates = {stem: 0.5 * samples for stem, samples in truth.items()}
    output = output_of(truth, estimates)
    output.song.start, output.song.mixture = RATE, sum(truth.values())
    found = excerpts(output, ["drums", "vocals"])
    for stem, at in (("drums", 3.0), ("vocals", 15.0)):
        one = found[stem]
        first = round((one.start_s - 1) * RATE)  # the song begins a second into its track
        assert first <= at * RATE <= first + 7 * RATE
        assert one.truth.shape == (2, 8 * RATE)
        cut = slice(first, first + 8 * RATE)
        np.testing.assert_array_equal(one.truth, truth[stem][:, cut])
        np.testing.assert_array_equal(one.estimate, estimates[stem][:, cut])
        np.testing.assert_array_equal(one.mixture, output.song.mixture[:, cut])
        np.testing.assert_array_equal(one.wrong, one.estimate - one.truth)


def test_a_short_song_is_heard_whole() -> None:
    truth = {"drums": burst(1.0, seconds=3.0)}
    output = output_of(truth, truth)
    output.song.start, output.song.mixture = 0, truth["drums"]
    one = excerpts(output, ["drums"])["drums"]
    assert (one.start_s, one.truth.shape) == (0, (2, 3 * RATE))
    assert not one.wrong.any()
