"""The protocols against the challenges' own software: the same files, the same numbers."""

import json
import pickle

import numpy as np
import pytest
from cadenza_challenges import (
    LISTENERS,
    PARAMETERS,
    RATE,
    EstimatedRow,
    estimates,
    recipe,
    reseeding,
    run_recipe,
    song_of_16_bits,
    their_listener,
    unwarned,
    write_json,
    write_stems,
)

from hclarity.datasets.tracks import Track
from hclarity.errors import BadDataError, MissingInputError
from hclarity.evaluation.protocols import PROTOCOLS
from hclarity.evaluation.rows import Output

SECONDS = 1.0
EQUAL = pytest.approx  # within 1e-6
FLAT = {"abs": 1e-6, "rel": 0}


def scored(task, measure, row):
    """The scores of a measure that has been to another process."""
    measure = pickle.loads(pickle.dumps(measure))
    json.dumps(measure.settings, allow_nan=False)
    return measure.scores(Output(row, task.song))


def by_ear(scores):
    return {score.ear: score.value for score in scores}


def saved(path, signal, rate, **how):
    """Write a system's output with the challenge's own writer."""
    from clarity.utils.flac_encoder import save_flac_signal

    path.parent.mkdir(parents=True, exist_ok=True)
    with unwarned():
        save_flac_signal(signal, path, RATE, rate, **how)


# CAD1


@pytest.fixture
def cad1(tmp_path):
    stems = song_of_16_bits(1, 0.6)
    track = write_stems(tmp_path / "musdb18hq" / "train" / "A - Song", stems, "A - Song")
    songs = [{"Track Name": "A - Song", "Split": "valid"}, {"Track Name": "B", "Split": "valid"}]
    write_json(tmp_path / "metadata" / "musdb18.valid.json", songs)
    one = {"L9001": LISTENERS["L9001"]}
    write_json(tmp_path / "metadata" / "listeners.valid.json", one)
    return tmp_path, track, stems


def cad1_tasks(folder, tracks, listeners=(), strict=True):
    return PROTOCOLS["cad1"].tasks(
        tracks, folder / "metadata", listeners, strict=strict, engine="own"
    )


def test_cad1_equals_its_recipe(cad1, monkeypatch):
    folder, track, stems = cad1
    module = recipe("cad1.task1")
    with unwarned():
        from clarity.enhancer.nalr import NALR
    heard, enhancer = their_listener("L9001"), NALR(220, RATE)
    made = estimates(stems)
    base = folder / "enhanced_signals" / "L9001" / "A - Song"
    for ear, audiogram in (("left", heard.audiogram_left), ("right", heard.audiogram_right)):
        fir, _ = enhancer.build(audiogram)
        for stem, samples in made.items():
            signal = enhancer.apply(fir, samples[int(ear == "right")])
            path = base / f"L9001_A - Song_{ear}_{stem}.flac"
            saved(path, signal, 24000, do_scale_signal=True)
    monkeypatch.setattr(module, "compute_haaqi", reseeding(module.compute_haaqi, "A - Song"))
    music = write_json(folder / "one.json", [{"Track Name": "A - Song", "Split": "valid"}])
    paths = {"root": str(folder), "music_dir": str(folder / "musdb18hq"), "music_file": str(music)}
    (theirs,) = run_recipe(module, paths, folder, monkeypatch)

    (task,) = cad1_tasks(folder, [track])
    (measure,) = task.measures
    for row in (EstimatedRow(made), EstimatedRow({}, "estimates", folder)):
        scores = scored(task, measure, row)
        assert [(score.stem, score.ear) for score in scores] == [
            (stem, ear) for stem in stems for ear in ("left", "right")
        ]
        for score in scores:
            assert score.value == EQUAL(float(theirs[f"{score.ear}_{score.stem}"]), **FLAT)
            assert (score.metric, score.song, score.listener) == ("haaqi", "A - Song", "L9001")


def test_cad1_without_the_delay_is_a_little_different(cad1):
    folder, track, stems = cad1
    row = EstimatedRow({"bass": estimates(stems)["bass"]})
    strict, cut = (
        by_ear(scored(task, task.measures[0], row))
        for task in (cad1_tasks(folder, [track], strict=strict)[0] for strict in (True, False))
    )
    assert strict != cut
    for ear, value in strict.items():
        assert cut[ear] == pytest.approx(value, abs=0.02)


def test_cad1_scores_no_silent_stem(cad1, tmp_path):
    folder, _, stems = cad1
    one_sided = dict(stems, bass=stems["bass"] * [[0], [1]])
    track = write_stems(tmp_path / "silent", one_sided, "A - Song")
    (task,) = cad1_tasks(folder, [track])
    left, right = scored(task, task.measures[0], EstimatedRow({"bass": stems["bass"]}))
    assert left.value is None
    assert 0 < right.value < 1


def test_cad1_hears_all_listeners_without_metadata(cad1, listeners):
    _, track, _ = cad1
    (task,) = PROTOCOLS["cad1"].tasks([track], None, listeners, strict=False, engine="own")
    assert [measure.listener for measure in task.measures] == listeners
    assert (task.song.start, task.song.frames) == (0, None)
    with pytest.raises(MissingInputError, match="--listeners"):
        PROTOCOLS["cad1"].tasks([track], None, [], strict=False, engine="own")


def test_cad1_needs_no_list_of_songs(cad1, listeners):
    folder, track, _ = cad1
    (folder / "metadata" / "musdb18.valid.json").unlink()
    for given, heard_by in ((listeners, list(LISTENERS)), ([], ["L9001"])):
        (task,) = cad1_tasks(folder, [track], given)
        assert [measure.listener.name for measure in task.measures] == heard_by


def test_cad1_cuts_the_segments_that_counted(cad1):
    folder, track, _ = cad1
    segment = {"start": 0.25, "end": 0.5, "duration": 0.25}
    segments = {"A - Song": {"objective_evaluation": segment, "subjective_evaluation": segment}}
    write_json(folder / "metadata" / "musdb18.segments.test.json", segments)
    (task,) = cad1_tasks(folder, [track])
    assert (task.song.start, task.song.frames) == (11025, 11025)


# ICASSP 2024


@pytest.fixture
def icassp24(tmp_path):
    stems = song_of_16_bits(1, SECONDS)
    track = write_stems(tmp_path / "audio" / "A - Song-hlp_1", stems, "A - Song-hlp_1")
    metadata = tmp_path / "metadata"
    gains = {"gain_1": {"vocals": 6, "drums": 0, "bass": -10, "other": -3}}
    scene = {"music": "A - Song", "gain": "gain_1", "head_loudspeaker_positions": "hlp_1"}
    write_json(metadata / "gains.json", gains)
    write_json(metadata / "scenes.train.json", {"scene_10001": scene})
    write_json(metadata / "scene_listeners.train.json", {"scene_10001": ["L9001"]})
    write_json(metadata / "listeners.train.json", LISTENERS)
    write_json(metadata / "at_mic_music.train.json", {"A - Song-hlp_1": {"Path": "A - Song-hlp_1"}})
    return tmp_path, track, stems, gains["gain_1"]


def icassp24_task(folder, track):
    (task,) = PROTOCOLS["icassp24"].tasks(
        [track], folder / "metadata", [], strict=False, engine="own"
    )
    return task


def test_icassp24_equals_its_recipe(icassp24, monkeypatch):
    folder, track, stems, gains = icassp24
    module = recipe("cad_icassp_2024")
    with unwarned():
        from clarity.enhancer.nalr import NALR
    heard, made, mixture = their_listener("L9001"), estimates(stems), sum(stems.values())
    with unwarned():
        parts = module.apply_gains({stem: made[stem].T for stem in made}, RATE, gains)
        remix = module.remix_stems(parts, mixture.T, RATE)
        ears = [
            module.apply_ha(NALR(220, RATE), None, remix[:, channel], audiogram)
            for channel, audiogram in enumerate((heard.audiogram_left, heard.audiogram_right))
        ]
    path = folder / "enhanced_signals" / "scene_10001_L9001_remix.flac"
    saved(path, np.stack(ears, axis=1), 32000, do_clip_signal=True)
    monkeypatch.setattr(module, "compute_haaqi", reseeding(module.compute_haaqi, "scene_10001"))
    paths = {"root": str(folder), "music_dir": str(folder / "audio")}
    (theirs,) = run_recipe(module, paths, folder, monkeypatch)

    task = icassp24_task(folder, track)
    (measure,) = task.measures
    for row in (EstimatedRow(made), EstimatedRow({}, "estimates", folder)):
        scores = scored(task, measure, row)
        assert by_ear(scores) == {
            "left": EQUAL(float(theirs["left_score"]), **FLAT),
            "right": EQUAL(float(theirs["right_score"]), **FLAT),
        }
        assert {(score.scene, score.stem) for score in scores} == {("scene_10001", "remix")}


def test_icassp24_takes_the_song_itself_and_its_mixture_as_the_floor(icassp24):
    folder, track, stems, _ = icassp24
    task = icassp24_task(folder, Track("A - Song", track.stems, track.mixture))
    floor = by_ear(scored(task, task.measures[0], EstimatedRow({}, "floor")))
    truth = by_ear(scored(task, task.measures[0], EstimatedRow(stems)))
    for ear in ("left", "right"):
        assert floor[ear] < truth[ear]


def test_a_remix_needs_all_stems(icassp24):
    folder, track, stems, _ = icassp24
    task = icassp24_task(folder, track)
    with pytest.raises(BadDataError, match="no estimate of drums, bass, other"):
        task.measures[0].scores(Output(EstimatedRow({"vocals": stems["vocals"]}), task.song))


# CAD2, lyrics


@pytest.fixture
def lyrics(tmp_path):
    stems = song_of_16_bits(2, 1.5)
    place = "musdb18_hq/train/audios/A - Song"
    track = write_stems(tmp_path / "audio" / place, stems, "A - Song", "flac")
    metadata = tmp_path / "metadata"
    segment = {"track_name": "A - Song", "path": place, "start_time": 0.3, "end_time": 1.3}
    write_json(metadata / "music.valid.json", {"A - Song_1": segment})
    write_json(metadata / "alpha.json", {"alpha_3": 0.3})
    write_json(
        metadata / "scene.valid.json", {"S1": {"segment_id": "A - Song_1", "alpha": "alpha_3"}}
    )
    write_json(metadata / "scene_listeners.valid.json", {"S1": ["L9001"]})
    write_json(metadata / "listeners.valid.json", LISTENERS)
    write_json(metadata / "compressor_params.valid.json", PARAMETERS)
    return tmp_path, track, stems


def their_compressed(signal, ear):
    """What the baseline makes of ``[frames]``, for an ear of L9001."""
    from clarity.enhancer.multiband_compressor import MultibandCompressor

    compressor = MultibandCompressor([353.55, 707.11, 1414.21, 2828.43, 5656.85], RATE)
    compressor.set_compressors(
        attack=[11, 11, 14, 13, 11, 11],
        release=[80, 80, 80, 80, 100, 100],
        threshold=[-30] * 6,
        ratio=PARAMETERS["L9001"][f"cr_{ear}"],
        makeup_gain=PARAMETERS["L9001"][f"gain_{ear}"],
    )
    return compressor(signal)[0]


def test_cad2_lyrics_equals_its_recipe(lyrics, monkeypatch):
    folder, track, stems = lyrics
    module = recipe("cad2.task1")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    made = estimates(stems)
    start, end = int(0.3 * RATE), int(1.3 * RATE)
    with unwarned():
        cut = sum(stems.values())[:, start:end].T
        level = module.normalise_luft(cut, RATE, -40.0)[0, 0] / cut[0, 0]
        vocals = made["vocals"][:, start:end]
        rest = sum(made[stem] for stem in made if stem != "vocals")[:, start:end]
        remix = level * (vocals * (0.3**2 + 1) + rest * (2 - (0.3**2 + 1)))
        ears = [their_compressed(remix[channel], ear) for channel, ear in enumerate("lr")]
    path = folder / "enhanced_signals" / "S1_L9001_A0.3_remix.flac"
    saved(path, np.stack(ears, axis=1), RATE, do_clip_signal=True)
    config = type("", (), {"remix_sample_rate": RATE, "input_sample_rate": RATE})
    config.HAAQI_sample_rate = 24000
    with unwarned():
        from clarity.utils.flac_encoder import read_flac_signal

        place = track.mixture.path.parent
        reference = module.load_reference_signal(place, start, end)
        heard = [their_compressed(reference[:, channel], ear) for channel, ear in enumerate("lr")]
        enhanced, _ = read_flac_signal(path)
        monkeypatch.setattr(module, "compute_haaqi", reseeding(module.compute_haaqi, "S1"))
        left, right = module.compute_quality(
            np.stack(heard, axis=1), enhanced, their_listener("L9001"), config
        )

    (task,) = PROTOCOLS["cad2-lyrics"].tasks(
        [track], folder / "metadata", [], strict=False, engine="own"
    )
    (measure,) = task.measures
    assert (task.song.name, task.song.start, task.song.frames) == ("A - Song_1", start, end - start)
    divided = {"vocals": made["vocals"], "accompaniment": sum(list(made.values())[:3])}
    for row in (
        EstimatedRow(made),
        EstimatedRow(divided),
        EstimatedRow({}, "estimates", folder / "enhanced_signals"),
    ):
        scores = by_ear(scored(task, measure, row))
        assert scores == {"left": EQUAL(left, **FLAT), "right": EQUAL(right, **FLAT)}


# CAD2, ensembles


@pytest.fixture
def ensembles(tmp_path):
    """Two violins and a cello; the excerpt begins half a second after their files."""
    song = song_of_16_bits(3, 1.5)
    stems = {"Violin_1": song["vocals"], "Violin_2": song["other"], "Cello": song["bass"]}
    folder = tmp_path / "audio" / "piece" / "Mix_1"
    written = write_stems(folder, stems, "piece", "flac")
    violins = tuple(written.stems[name][0] for name in ("Violin_1", "Violin_2"))
    track = Track("piece", {"cello": written.stems["Cello"], "violin": violins}, written.mixture)
    part = {"source_dataset": "EnsembleSet", "start": 0.5, "duration": 1.0}
    music = {
        f"source_{number}": {**part, "instrument": name, "track": f"piece/Mix_1/{name}.flac"}
        for number, name in enumerate(stems, 1)
    }
    music["mixture"] = {**part, "instrument": "Mixture", "track": "piece/Mix_1/mixture.flac"}
    metadata = tmp_path / "metadata"
    gains = {"source_1": 6, "source_2": 0, "source_3": -6}
    write_json(metadata / "music.valid.json", {"piece_002": music})
    write_json(metadata / "gains.json", {"gain_2": gains})
    write_json(metadata / "scenes.valid.json", {"S50001": {"music": "piece_002", "gain": "gain_2"}})
    write_json(metadata / "scene_listeners.valid.json", {"S50001": ["L9001"]})
    write_json(metadata / "listeners.valid.json", LISTENERS)
    write_json(metadata / "compressor_params.valid.json", PARAMETERS)
    return tmp_path, track, stems, gains


def ensembles_task(folder, track, strict):
    (task,) = PROTOCOLS["cad2-ensembles"].tasks(
        [track], folder / "metadata", [], strict=strict, engine="own"
    )
    return task


def test_cad2_ensembles_equals_its_recipe(ensembles, monkeypatch):
    folder, track, stems, gains = ensembles
    module = recipe("cad2.task2")
    mixture = sum(stems.values())
    made = {
        "violin": (0.8 * (stems["Violin_1"] + stems["Violin_2"]) + 0.1 * mixture),
        "cello": (0.7 * stems["Cello"] + 0.2 * mixture),
    }
    made = {name: samples.astype(np.float32) for name, samples in made.items()}
    cut = slice(int(0.5 * RATE), int(1.5 * RATE))
    with_rest = {
        name: (samples + np.float32(0.1) * (mixture - samples))[:, cut].T
        for name, samples in made.items()
    }
    sources = {
        "source_1": with_rest["violin"],
        "source_2": with_rest["violin"],
        "source_3": with_rest["cello"],
    }
    mean = {"source_1": 3.0, "source_2": 3.0, "source_3": -6}
    with unwarned():
        remix = module.remix_stems(module.apply_gains(sources, RATE, mean))
        remix = module.adjust_level(remix, gains)
        ears = [their_compressed(remix[:, channel], ear) for channel, ear in enumerate("lr")]
    path = folder / "enhanced_signals" / "valid" / "S50001_L9001_remix.flac"
    saved(path, np.stack(ears, axis=1), 32000, do_clip_signal=True)
    monkeypatch.setattr(module, "compute_haaqi", reseeding(module.compute_haaqi, "S50001"))
    paths = {"root": str(folder)}
    (theirs,) = run_recipe(module, paths, folder, monkeypatch)

    task = ensembles_task(folder, track, strict=True)
    (measure,) = task.measures
    for row in (EstimatedRow(made), EstimatedRow({}, "estimates", folder)):
        assert by_ear(scored(task, measure, row)) == {
            "left": EQUAL(float(theirs["left_haaqi"]), **FLAT),
            "right": EQUAL(float(theirs["right_haaqi"]), **FLAT),
        }


def test_cad2_ensembles_hears_each_instrument_once(ensembles):
    folder, track, stems, _ = ensembles
    task = ensembles_task(folder, track, strict=False)
    assert task.song.track.names == ("violin", "cello")
    true = {"violin": stems["Violin_1"] + stems["Violin_2"], "cello": stems["Cello"]}
    no_rest = {"no_violin": 0 * true["violin"], "no_cello": 0 * true["violin"]}
    scores = by_ear(scored(task, task.measures[0], EstimatedRow(true | no_rest)))
    floor = by_ear(scored(task, task.measures[0], EstimatedRow({}, "floor")))
    for ear in ("left", "right"):
        assert floor[ear] < scores[ear] < 1


def test_cad2_ensembles_needs_a_mixture(ensembles):
    folder, track, _, _ = ensembles
    path = folder / "metadata" / "music.valid.json"
    music = json.loads(path.read_text())
    del music["piece_002"]["mixture"]
    write_json(path, music)
    with pytest.raises(BadDataError, match=r"music\.valid\.json: piece_002 has no 'mixture'"):
        ensembles_task(folder, track, strict=False)


# All


@pytest.fixture
def listeners(tmp_path):
    from hclarity.hearing.formats.reading import read_listeners

    return [one.listener for one in read_listeners(write_json(tmp_path / "who.json", LISTENERS))]


def test_only_the_listeners_who_are_given_hear(icassp24, listeners):
    folder, track, _, _ = icassp24
    write_json(folder / "metadata" / "scene_listeners.train.json", {"scene_10001": list(LISTENERS)})
    protocol = PROTOCOLS["icassp24"]
    for given in (listeners, listeners[1:]):
        (task,) = protocol.tasks([track], folder / "metadata", given, strict=False, engine="own")
        assert [measure.hearing.listener for measure in task.measures] == given


def test_a_listener_without_an_audiogram(icassp24):
    folder, track, _, _ = icassp24
    write_json(folder / "metadata" / "scene_listeners.train.json", {"scene_10001": ["L7"]})
    with pytest.raises(BadDataError, match=r"scene_10001 is for 'L7', of whom .* no audiogram"):
        icassp24_task(folder, track)


def test_files_of_all_splits_have_no_split_in_their_names(icassp24):
    folder, track, _, _ = icassp24
    for path in (folder / "metadata").glob("*.train.json"):
        path.rename(path.with_name(path.name.replace(".train", "")))
    (folder / "metadata" / "scene_listeners.json").rename(
        folder / "metadata" / "scenes_listeners.json"
    )
    assert len(icassp24_task(folder, track).measures) == 1


@pytest.mark.parametrize("name", ["icassp24", "cad2-lyrics", "cad2-ensembles"])
def test_what_needs_metadata_says_which(name, listeners):
    with pytest.raises(MissingInputError, match=r"--metadata, a folder with .*scene_listeners"):
        PROTOCOLS[name].tasks([], None, listeners, strict=False, engine="own")


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_folder_that_is_not_there(name, tmp_path, listeners):
    with pytest.raises(MissingInputError, match="no folder of metadata"):
        PROTOCOLS[name].tasks([], tmp_path / "no", listeners, strict=False, engine="own")


def test_metadata_of_other_songs(icassp24):
    folder, track, _, _ = icassp24
    with pytest.raises(MissingInputError, match=r"nothing in .* is about a song"):
        icassp24_task(folder, Track("B", track.stems, track.mixture))


def test_a_file_of_metadata_that_is_missing(icassp24):
    folder, track, _, _ = icassp24
    (folder / "metadata" / "gains.json").unlink()
    with pytest.raises(MissingInputError, match=r"lacks gains\.train\.json"):
        icassp24_task(folder, track)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "not JSON"),
        ("7", "must be an object, got 7"),
        ('{"scene_10001": 7}', "scene_10001 must be an object, got 7"),
        ('{"scene_10001": {"gain": "g"}}', "has no 'music'"),
    ],
)
def test_a_file_of_metadata_that_is_wrong(icassp24, content, complaint):
    folder, track, _, _ = icassp24
    path = folder / "metadata" / "scenes.train.json"
    path.write_text(content)
    with pytest.raises(BadDataError, match=complaint) as caught:
        icassp24_task(folder, track)
    assert str(caught.value).startswith(str(path))


def test_an_enhanced_file_that_is_missing_or_of_another_rate(icassp24):
    folder, track, _, _ = icassp24
    task = icassp24_task(folder, track)
    output = Output(EstimatedRow({}, "estimates", folder), task.song)
    with pytest.raises(MissingInputError, match=r"lacks scene_10001_L9001_remix\.flac"):
        task.measures[0].scores(output)
    saved(folder / "scene_10001_L9001_remix.flac", np.zeros((RATE, 2)), RATE)
    with pytest.raises(BadDataError, match="has 44100 Hz; the challenge wants 32000"):
        task.measures[0].scores(output)


def test_estimates_must_be_finite_and_as_long_as_the_song(icassp24):
    folder, track, stems, _ = icassp24
    task = icassp24_task(folder, track)
    broken = {stem: samples.copy() for stem, samples in stems.items()}
    broken["bass"][0, 7] = np.nan
    short = {stem: samples[:, :-9] for stem, samples in stems.items()}
    for made, complaint in (
        (broken, "bass .* not finite"),
        (short, "drums .* differ in .* frames"),
    ):
        with pytest.raises(BadDataError, match=complaint):
            task.measures[0].scores(Output(EstimatedRow(made), task.song))
