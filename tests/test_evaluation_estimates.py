from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from stem_folders import RATE, VDBO, noise, write_folder

from hclarity.datasets.folders import find_tracks
from hclarity.errors import BadDataError, MissingInputError, UsageError
from hclarity.evaluation.estimates import EstimatesRow, find_estimates
from hclarity.evaluation.songs import Song
from hclarity.registry.download import sha256_of

NAMES = ("a", "b")


@pytest.fixture
def songs(tmp_path: Path) -> list[Song]:
    for name in NAMES:
        write_folder(tmp_path / "set" / "test" / name)
    return [Song(track.name, track) for track in find_tracks(tmp_path / "set", "test")]


def write_estimates(place: Path, stems=VDBO, *, suffix=".wav", frames=2000, channels=2, rate=RATE):
    for song, name in enumerate(NAMES):
        (place / name).mkdir(parents=True, exist_ok=True)
        for number, stem in enumerate(stems):
            samples = noise(100 * song + number, frames, channels)
            sf.write(place / name / f"{stem}{suffix}", samples.T, rate)


def found(folder: Path, songs: list[Song]) -> EstimatesRow:
    return find_estimates("theirs", folder, songs, "test", sha256_of)


@pytest.mark.parametrize("place", [".", "test", "htdemucs", "htdemucs/test"])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_layouts_are_recognised_by_looking(tmp_path, songs, place, suffix):
    write_estimates(tmp_path / "out" / place, suffix=suffix)
    row = found(tmp_path / "out", songs)
    assert (row.name, row.kind, row.seen, row.enhanced, row.uneven) == (
        "theirs",
        "estimates",
        False,
        None,
        0,
    )
    stems = row.estimate(songs[1])
    assert set(stems) == set(VDBO)
    for number, stem in enumerate(VDBO):
        np.testing.assert_allclose(stems[stem], noise(100 + number), atol=1e-6)


def test_digests_are_of_contents(tmp_path, songs):
    write_estimates(tmp_path / "one")
    write_estimates(tmp_path / "two" / "model")
    one, two = found(tmp_path / "one", songs), found(tmp_path / "two", songs)
    assert one.digest == two.digest
    assert [one.digest_of(song) for song in songs] == [two.digest_of(song) for song in songs]
    sf.write(tmp_path / "one" / "a" / "bass.wav", noise(7).T, RATE)
    changed = found(tmp_path / "one", songs)
    assert changed.digest != one.digest
    assert changed.digest_of(songs[0]) != one.digest_of(songs[0])
    assert changed.digest_of(songs[1]) == one.digest_of(songs[1])


def test_some_stems_are_enough_and_strange_files_are_passed_over(tmp_path, songs):
    write_estimates(tmp_path / "out", ("Vocals", "no_vocals", "mixture", "guitar"))
    (tmp_path / "out" / "a" / "notes.txt").write_text("hello")
    row = found(tmp_path / "out", songs)
    assert set(row.estimate(songs[0])) == {"vocals", "no_vocals"}
    assert len(row.digests) == 4


def test_missing_songs_and_stems_are_told_at_once(tmp_path, songs):
    write_estimates(tmp_path / "out")
    (tmp_path / "out" / "b" / "bass.wav").unlink()
    with pytest.raises(MissingInputError, match=r"1 of 2 songs, the first b \(no bass\)"):
        found(tmp_path / "out", songs)
    for path in (tmp_path / "out" / "b").iterdir():
        path.unlink()
    with pytest.raises(MissingInputError, match=r"lacks estimates of 1 of 2 songs, the first b"):
        found(tmp_path / "out", songs)
    assert set(found(tmp_path / "out", songs[:1]).files) == {"a"}


def test_a_folder_of_something_else_is_told(tmp_path, songs):
    with pytest.raises(MissingInputError, match="no folder"):
        found(tmp_path / "nowhere", songs)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingInputError, match=r"expected a/STEM.wav .* found nothing"):
        found(tmp_path / "empty", songs)
    write_estimates(tmp_path / "odd", ("guitar", "mixture"))
    with pytest.raises(MissingInputError, match="odd"):
        found(tmp_path / "odd", songs)


def test_several_models_need_a_choice(tmp_path, songs):
    write_estimates(tmp_path / "out" / "htdemucs")
    write_estimates(tmp_path / "out" / "mdx")
    with pytest.raises(UsageError, match=r"several models: give one of .*htdemucs, .*mdx"):
        found(tmp_path / "out", songs)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"rate": 16000}, "16000 Hz, .* 22050: resample"),
        ({"channels": 1}, r"1 channel\(s\), .* has 2: write"),
        ({"frames": 9000}, "9000 frames, the song a 2000"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_computed(tmp_path, songs, form, words):
    write_estimates(tmp_path / "out", **form)
    with pytest.raises(BadDataError, match=words) as caught:
        found(tmp_path / "out", songs)
    assert str(tmp_path / "out" / "a") in str(caught.value)


@pytest.mark.parametrize("frames", [1990, 2010])
def test_a_few_frames_more_or_less_are_borne(tmp_path, songs, frames):
    write_estimates(tmp_path / "out", frames=frames)
    row = found(tmp_path / "out", songs)
    assert row.uneven == 8
    stem = row.estimate(songs[0])["bass"]
    expected = np.pad(noise(0, frames)[:, :2000], ((0, 0), (0, max(0, 2000 - frames))))
    np.testing.assert_allclose(stem, expected, atol=1e-6)


def test_a_damaged_file_is_told(tmp_path, songs):
    write_estimates(tmp_path / "out")
    (tmp_path / "out" / "b" / "bass.wav").write_bytes(b"RIFF no")
    with pytest.raises(BadDataError, match="bass"):
        found(tmp_path / "out", songs)


def test_excerpts_take_their_part_of_the_whole_or_a_file_of_their_own(tmp_path, songs):
    write_folder(tmp_path / "long" / "test" / "a", {"drums.wav": noise(1, 9000)})
    track = find_tracks(tmp_path / "long", "test")[0]
    part = Song("a at 2000", track, 2000, 4000)
    for frames, first in ((9000, 2000), (4000, 0)):
        out = tmp_path / str(frames)
        write_estimates(out, ("drums",), frames=frames)
        row = found(out, [part])
        expected = noise(0, frames)[:, first : first + 4000]
        np.testing.assert_allclose(row.estimate(part)["drums"], expected, atol=1e-6)


@pytest.mark.parametrize("name", ["L1/a/L1_a_remix.flac", "enhanced_signals/L1_a_left_vocals.flac"])
def test_what_was_made_for_listeners_is_left_to_the_protocols(tmp_path, songs, name):
    path = tmp_path / "out" / name
    path.parent.mkdir(parents=True)
    sf.write(path, noise(0).T, RATE)
    row = found(tmp_path / "out", songs)
    assert row.enhanced == tmp_path / "out"
    with pytest.raises(BadDataError, match="--protocol"):
        row.estimate(songs[0])
    assert row.digest_of(songs[0]) == row.digest
    sf.write(path, noise(1).T, RATE)
    assert found(tmp_path / "out", songs).digest != row.digest
