import numpy as np
import pytest
from stem_folders import noise, write_folder

from hclarity.datasets.catalogue import data_set
from hclarity.datasets.checking import check_track

FRAMES = 150_000  # more than two blocks


@pytest.fixture
def found(tmp_path):
    """What is found in the one song, as kinds and words."""

    def check(name="musdb"):
        known = data_set(name)
        (track,) = known.find(tmp_path, "train")
        findings = check_track(track, known)
        assert {finding.track for finding in findings} <= {"song"}
        return [(finding.kind, finding.words) for finding in findings]

    return check


@pytest.fixture
def song(tmp_path):
    """The folder of a song in which nothing is wrong."""
    stems = {
        f"{name}.wav": noise(i, FRAMES)
        for i, name in enumerate(("drums", "bass", "other", "vocals"))
    }
    write_folder(tmp_path / "train" / "song", stems)
    return tmp_path / "train" / "song"


def replace(song, **samples):
    write_folder(song, {f"{name}.wav": part for name, part in samples.items()}, mixture=None)


def test_a_good_song(found, song):
    assert found() == []
    assert found("folder") == []


def test_a_damaged_and_a_missing_file(found, song):
    (song / "drums.wav").write_bytes((song / "drums.wav").read_bytes()[:100_000])
    (song / "bass.wav").unlink()
    missing, unreadable = found()
    assert missing == ("missing", "no bass")
    assert unreadable[0] == "unreadable"
    assert f"{song}/drums.wav is cut short" in unreadable[1]


def test_a_song_with_other_stems_than_it_should_have(found, tmp_path):
    write_folder(tmp_path / "train" / "song", {"guitar.wav": noise(1)}, mixture=None)
    assert found() == [("missing", f"no {name}") for name in ("drums", "bass", "other", "vocals")]
    assert found("folder") == []


def test_a_silent_stem(found, song):
    quiet = np.zeros((2, FRAMES), np.float32)
    quiet[0, 5] = 2 / 32768
    replace(song, vocals=quiet)
    write_folder(song, {"mixture.wav": sum(noise(i, FRAMES) for i in range(3))}, mixture=None)
    assert found() == [("silent", "vocals is silent")]


@pytest.mark.parametrize("start", [0, 1, 65534, 65535, 65536, 70000, FRAMES - 3])
def test_flat_peaks_are_counted_once_wherever_they_are(found, song, start):
    clipped = noise(3, FRAMES)
    clipped[1, start : start + 3] = -1
    replace(song, vocals=clipped)
    (song / "mixture.wav").unlink()
    ((kind, words),) = found()
    assert kind == "clipped"
    seconds = f"{start / 22050:.2f} s"
    assert f"{song}/vocals.wav has 1 flat peak at full scale, the first at {seconds}" == words


def test_a_single_sample_at_full_scale_is_music(found, song):
    loud = noise(3, FRAMES)
    loud[:, 1000::500] = 32767 / 32768
    loud[:, 1001::500] = 32767 / 32768
    replace(song, vocals=loud)
    (song / "mixture.wav").unlink()
    assert found() == []


def test_float_peaks_beyond_full_scale_are_not_clipped(found, song):
    import soundfile as sf

    sf.write(song / "vocals.wav", 50 * noise(3, FRAMES).T, 22050, subtype="FLOAT")
    (song / "mixture.wav").unlink()
    assert found() == []


@pytest.mark.parametrize(("error", "told"), [(1e-3, None), (0.05, "-26.1"), (1.0, "-0.1")])
def test_a_mixture_that_is_not_the_sum(found, song, error, told):
    mixture = sum(noise(i, FRAMES) for i in range(4)) * (1 - error)
    write_folder(song, {"mixture.wav": np.clip(mixture + 1e-4, -1, 1)}, mixture=None)
    findings = found()
    if told is None:
        assert findings == []
    else:
        ((kind, words),) = [finding for finding in findings if finding[0] != "silent"]
        assert kind == "sum"
        expected = 20 * np.log10(error / (1 - error)) if error < 1 else None
        level = float(words.removeprefix("the mixture differs from the sum of the stems by ")[:-3])
        assert expected is None or level == pytest.approx(expected, abs=0.1)


def test_what_the_files_differ_in(found, song):
    replace(song, vocals=noise(3, FRAMES - 5000))
    assert found() == [
        ("length", "files differ: drums.wav 6.80 s, bass.wav 6.80 s, other.wav 6.80 s,"
         " vocals.wav 6.58 s, mixture.wav 6.80 s")
    ]  # fmt: skip
    replace(song, vocals=noise(3, FRAMES - 5000, channels=1))
    assert [kind for kind, _ in found()] == ["length", "channels"]
    write_folder(song, {"vocals.wav": noise(3, FRAMES)}, rate=44100, mixture=None)
    ((kind, words),) = found()
    assert kind == "rate"
    assert "other.wav 22050 Hz, vocals.wav 44100 Hz" in words


def test_a_few_frames_less_are_no_matter(found, song):
    replace(song, vocals=noise(3, FRAMES)[:, :-100])
    assert found() == []


def test_a_level_is_never_minus_zero(found, song):
    mixture = np.full((2, FRAMES), 0.25, np.float32)
    for name in ("drums", "bass", "other", "vocals"):
        replace(song, **{name: mixture / 4096})
    replace(song, mixture=mixture)
    assert ("sum", "the mixture differs from the sum of the stems by 0.0 dB") in found()


def test_a_damaged_container_is_told_once(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "song.stem.mp4").write_bytes(b"no sound" * 99)
    known = data_set("musdb18")
    (track,) = known.find(tmp_path, "train")
    (finding,) = check_track(track, known)
    assert finding.kind == "unreadable"
    assert f"{tmp_path}/train/song.stem.mp4" in finding.words
