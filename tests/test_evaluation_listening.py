"""What listeners hear, against pyclarity's functions in the order that the definition tells."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from cadenza_challenges import (
    LISTENERS,
    RATE,
    EstimatedRow,
    estimates,
    recipe,
    reseeding,
    song_of_16_bits,
    their_listener,
    unwarned,
    write_json,
    write_stems,
)

from hclarity.errors import BadDataError
from hclarity.evaluation.listening import ListeningMeasure
from hclarity.evaluation.rows import Output
from hclarity.evaluation.songs import Song
from hclarity.hearing.formats.reading import read_listeners
from hclarity.hearing.standard import STANDARD_LISTENERS

GAINS = {"vocals": 6.0, "drums": -3.0}
EARS = ("left", "right")


@pytest.fixture
def song(tmp_path):
    return Song("A - Song", write_stems(tmp_path / "song", song_of_16_bits(1, 0.6), "A - Song"))


@pytest.fixture
def listener(tmp_path):
    return read_listeners(write_json(tmp_path / "who.json", LISTENERS))[0].listener


def scores_of(measure, row, song):
    measure = pickle.loads(pickle.dumps(measure))
    json.dumps(measure.settings, allow_nan=False)
    scores = measure.scores(Output(row, song))
    return {(score.stem, score.ear): score.value for score in scores}


def theirs_of(module, reference, processed, song):
    """HAAQI by their functions, of ``[frames, 2]`` that is not yet amplified."""
    listener, rms = their_listener("L9001"), module.compute_rms
    haaqi = reseeding(module.compute_haaqi, song.name)
    values = {}
    for channel, ear in enumerate(EARS):
        audiogram = (listener.audiogram_left, listener.audiogram_right)[channel]
        amplified = [
            module.resample(
                module.apply_ha(module.NALR(220, RATE), None, signal[:, channel], audiogram),
                RATE,
                24000,
            )
            for signal in (reference, processed)
        ]
        values[ear] = haaqi(
            processed_signal=amplified[1],
            reference_signal=amplified[0],
            processed_sample_rate=24000,
            reference_sample_rate=24000,
            audiogram=audiogram,
            equalisation=2,
            level1=65 - 20 * np.log10(rms(reference[:, channel])),
        )
    return values


def test_stems_and_remix_are_scored_as_defined(song, listener):
    made = estimates(song.stems)
    module = recipe("cad_icassp_2024")
    gains = dict.fromkeys(made, 0.0) | GAINS
    with unwarned():
        remixes = [
            module.remix_stems(
                module.apply_gains({name: stems[name].T for name in stems}, RATE, gains),
                song.mixture.T,
                RATE,
            )
            for stems in (song.stems, made)
        ]
        expected = {
            "bass": theirs_of(module, song.stems["bass"].T, made["bass"].T, song),
            "remix": theirs_of(module, *remixes, song),
        }
    scores = scores_of(ListeningMeasure(listener, GAINS), EstimatedRow(made), song)
    assert list(scores) == [(stem, ear) for stem in [*made, "remix"] for ear in EARS]
    for stem, ears in expected.items():
        for ear, value in ears.items():
            assert scores[stem, ear] == pytest.approx(value, abs=1e-6)


def test_the_truth_sounds_best_and_the_floor_is_the_mixture(song, listener):
    measure = ListeningMeasure(listener, GAINS)
    truth = scores_of(measure, EstimatedRow(song.stems), song)
    floor = scores_of(measure, EstimatedRow(dict.fromkeys(song.stems, song.mixture), "floor"), song)
    for where, value in truth.items():
        assert value > 0.95
        assert floor[where] < value


def test_a_silent_stem_has_no_score_in_that_ear(tmp_path, listener):
    stems = song_of_16_bits(1, 0.6)
    one_sided = {"vocals": stems["vocals"], "bass": stems["bass"] * np.float32([[0], [1]])}
    song = Song("A - Song", write_stems(tmp_path / "one-sided", one_sided, "A - Song"))
    scores = scores_of(ListeningMeasure(listener, {}), EstimatedRow(stems), song)
    assert scores["bass", "left"] is None
    assert all(value is not None for where, value in scores.items() if where != ("bass", "left"))


def test_what_estimates_nothing_has_no_remix(song, listener):
    for gains in (GAINS, {}, {"vocals": 6.0}, dict.fromkeys(song.stems, 3.0)):
        assert not scores_of(ListeningMeasure(listener, gains), EstimatedRow({}), song)


@pytest.mark.parametrize("milliseconds", [5, 40])
def test_a_stem_that_hardly_sounds_has_no_score(tmp_path, milliseconds):
    """The filter of the hearing aid makes it 5 ms longer; HAAQI wants 16."""
    stems = song_of_16_bits(1, 0.6)
    click = np.zeros_like(stems["bass"])
    frames = milliseconds * RATE // 1000
    click[:, 9000 : 9000 + frames] = np.random.default_rng(0).uniform(-0.5, 0.5, frames)
    true = {"vocals": stems["vocals"], "bass": click}
    song = Song("A - Song", write_stems(tmp_path / "click", true, "A - Song"))
    measure = ListeningMeasure(STANDARD_LISTENERS["N3"], {})
    scores = scores_of(measure, EstimatedRow({"bass": stems["bass"]}), song)
    assert [value is None for value in scores.values()] == [milliseconds < 16] * 2


def test_a_stem_too_faint_for_single_precision_is_scored(song, listener):
    faint = {stem: np.float32(1e-25) * samples for stem, samples in song.stems.items()}
    faint_song = replace(song)
    faint_song.__dict__["stems"] = faint
    row = EstimatedRow({"bass": faint["bass"]})
    for value in scores_of(ListeningMeasure(listener, {}), row, faint_song).values():
        assert 0 < value < 1


def test_of_mono_both_ears_hear_the_same(tmp_path):
    stems = {name: samples[:1] for name, samples in song_of_16_bits(1, 0.6).items()}
    song = Song("A - Song", write_stems(tmp_path / "mono", stems, "A - Song"))
    row = EstimatedRow({"bass": estimates(stems)["bass"]})
    scores = scores_of(ListeningMeasure(STANDARD_LISTENERS["N3"], {}), row, song)
    assert scores["bass", "left"] == scores["bass", "right"]


def test_what_a_row_lacks_is_taken_from_the_mixture(song, listener):
    """Unless that has several gains, or none of its own: then there is no remix."""
    made = estimates(song.stems)
    rest = song.mixture - made["vocals"]
    few = EstimatedRow({"vocals": made["vocals"]})
    nothing = np.zeros_like(rest)
    whole = {"drums": rest, "bass": nothing, "other": nothing, "vocals": made["vocals"]}
    for gains in ({"vocals": 6.0}, {"vocals": 1.0} | dict.fromkeys(("drums", "bass", "other"), -1)):
        measure = ListeningMeasure(listener, gains)
        scores = scores_of(measure, few, song)
        expected = scores_of(measure, EstimatedRow(whole), song)
        assert {stem for stem, _ in scores} == {"vocals", "remix"}
        for ear in EARS:
            assert scores["remix", ear] == pytest.approx(expected["remix", ear], abs=1e-6)
    for gains in (GAINS, {}, dict.fromkeys(song.stems, 3.0)):
        without = scores_of(ListeningMeasure(listener, gains), few, song)
        assert {stem for stem, _ in without} == {"vocals"}


def test_an_accompaniment_is_compared_with_all_else(song, listener):
    rest = song.mixture - song.stems["vocals"]
    scores = scores_of(ListeningMeasure(listener, {}), EstimatedRow({"accompaniment": rest}), song)
    assert scores["accompaniment", "left"] > 0.95


def test_too_short_a_song_is_refused(tmp_path, listener):
    stems = {name: samples[:, :900] for name, samples in song_of_16_bits(1, 0.6).items()}
    song = Song("A - Song", write_stems(tmp_path / "short", stems, "A - Song"))
    with pytest.raises(BadDataError):
        ListeningMeasure(listener, {}).scores(Output(EstimatedRow(stems), song))


def test_its_name_and_settings_tell_it_apart(listener):
    measure = ListeningMeasure(listener, GAINS | {"bass": 0.0})
    assert measure.name == "haaqi L9001"
    assert measure.settings["stem_gains"] == GAINS
    others = [
        ListeningMeasure(listener, {}),
        ListeningMeasure(listener, GAINS, "reference"),
        ListeningMeasure(listener, GAINS, "own", 1),
        ListeningMeasure(STANDARD_LISTENERS["N3"], GAINS),
    ]
    assert all(measure.settings != other.settings for other in others)
