import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch
from audio_files import halved, write, write_with_pyav
from cli_program import RATE, Ended, files_in, hclarity, music, start, write_song
from tiny_model import STEMS, make_tiny_model

from hclarity.audio.soundfile_encoder import SoundfileEncoder
from hclarity.separation.record import SeparationRecord

pytestmark = pytest.mark.usefixtures("workplace")


def separate(*words: object) -> Ended:
    return hclarity("separate", "-m", "tiny", *words)


def stems_of(track: str, suffix: str = "flac") -> list[str]:
    return [f"separated/tiny/{track}/{stem}.{suffix}" for stem in STEMS]


def test_a_song_becomes_four_stems(workplace: Path) -> None:
    write_song(workplace / "song.flac", music(1.3, rate=44100), rate=44100)
    ended = separate("song.flac")
    assert (ended.code, ended.paths) == (0, stems_of("song"))
    assert ended.lines == [
        "model tiny, bundled weights, on the cpu, by torch in fp32",
        "separating song.flac",
    ]
    folder = workplace / "separated/tiny/song"
    assert files_in(folder) == sorted([*(f"{stem}.flac" for stem in STEMS), "separation.json"])
    song = sf.info("song.flac")
    for path in ended.paths:
        stem = sf.info(path)
        assert (stem.samplerate, stem.channels, stem.frames) == (44100, 2, song.frames)
        assert stem.subtype == "PCM_24"
    record = SeparationRecord.from_json((folder / "separation.json").read_text())
    assert (record.song, record.model, record.stems) == ("song.flac", "tiny", STEMS)
    assert record.frames == song.frames
    assert (record.engine, record.precision) == ("torch", "fp32")


def test_the_stems_sum_to_the_song() -> None:
    """At the song's level too; the tiny net shares out what it hears."""
    song = 0.25 * music()
    write_song(Path("song.flac"), song)
    mix = sum(sf.read(path, dtype="float32")[0].T for path in separate("song.flac").paths)
    np.testing.assert_allclose(mix, song, rtol=0, atol=1e-4)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1, 700])
def test_short_songs_in_mono_and_stereo(channels: int, frames: int) -> None:
    write_song(Path("song.flac"), music(channels=channels)[:, :frames])
    ended = separate("song.flac")
    assert ended.code == 0
    assert {(sf.info(path).frames, sf.info(path).channels) for path in ended.paths} == {
        (frames, channels)
    }


def test_what_is_done_is_not_done_again(workplace: Path) -> None:
    write_song(workplace / "song.flac")
    first = separate("song.flac")
    before = {path: os.stat(path).st_mtime_ns for path in first.paths}
    again = separate("song.flac")
    assert (again.code, again.paths) == (0, first.paths)
    assert again.lines[-1] == "already separated: song.flac"
    assert {path: os.stat(path).st_mtime_ns for path in first.paths} == before
    assert separate("song.flac", "--stems", "vocals").paths == [stems_of("song")[3]]
    assert {path: os.stat(path).st_mtime_ns for path in first.paths} == before


@pytest.mark.parametrize(
    "change",
    [
        lambda: write_song(Path("song.flac"), music(seed=1)),
        lambda: Path(stems_of("song")[1]).unlink(),
        lambda: Path("separated/tiny/song/separation.json").write_text("{"),
        lambda: Path("separated/tiny/song/separation.json").unlink(),
    ],
    ids=["another song", "a stem is gone", "a torn record", "no record"],
)
def test_what_is_not_quite_done_is_done_again(change: Callable[[], object]) -> None:
    write_song(Path("song.flac"))
    separate("song.flac")
    change()
    ended = separate("song.flac")
    assert ended.lines[-1] == "separating song.flac"
    assert all(Path(path).is_file() for path in ended.paths)


def _reorder_stems(card: str) -> str:
    return card.replace('"drums", "bass", "other", "vocals"', '"vocals", "bass", "other", "drums"')


@pytest.mark.parametrize(
    "change",
    [
        _reorder_stems,
        lambda card: card.replace('level = "deviation"', 'level = "peak"'),
        lambda card: card.replace("overlap = 0.25", "overlap = 0.5"),
        lambda card: card.replace("ratio_mask = true", "freq_emb = 0.3, ratio_mask = true"),
    ],
    ids=["stems", "level", "overlap", "arguments"],
)
def test_another_card_makes_other_stems(tiny_models: Path, change: Callable[[str], str]) -> None:
    """With weights that are the same to the bit."""
    write_song(Path("song.flac"))
    shutil.copytree(tiny_models / "tiny", "mine")
    words = ("separate", "-m", "./mine", "song.flac")
    assert hclarity(*words).code == 0
    assert hclarity(*words).lines[-1] == "already separated: song.flac"
    card = Path("mine/card.toml")
    changed = change(card.read_text())
    assert changed != card.read_text()
    card.write_text(changed)
    assert hclarity(*words).lines[-1] == "separating song.flac"


def test_other_weights_make_other_stems(tiny_models: Path) -> None:
    write_song(Path("song.flac"))
    shutil.copytree(tiny_models / "tiny", "mine")
    words = ("separate", "-m", "./mine", "song.flac")
    first = [Path(path).read_bytes() for path in hclarity(*words).paths]
    shutil.rmtree("mine")
    make_tiny_model(Path("mine"), seed=1)
    ended = hclarity(*words)
    assert ended.lines[-1] == "separating song.flac"
    assert [Path(path).read_bytes() for path in ended.paths] != first


def test_files_of_other_names_do_not_count() -> None:
    """Two templates may share a record; the later one is what it tells of."""
    write_song(Path("song.flac"))
    named = ("--filename", "{track}/x_{stem}.{ext}")
    separate("song.flac")
    assert separate("song.flac", *named).lines[-1] == "separating song.flac"
    assert separate("song.flac", *named).lines[-1] == "already separated: song.flac"
    assert separate("song.flac").lines[-1] == "separating song.flac"


def test_replacing_another_songs_stems_is_told() -> None:
    write_song(Path("song.flac"))
    separate("song.flac")
    write_song(Path("song.flac"), music(seed=1))
    told = "warning: song.flac: replacing another song's stems in separated/tiny/song"
    assert separate("song.flac", "-q").lines == [told]


@pytest.mark.parametrize("words", [("--overwrite",), ("--bits", "16")])
def test_is_done_again_when_told(words: tuple[str, ...]) -> None:
    write_song(Path("song.flac"))
    separate("song.flac")
    assert separate("song.flac", *words).lines[-1] == "separating song.flac"


def test_the_same_song_gives_the_same_files() -> None:
    write_song(Path("song.flac"))
    first = [Path(path).read_bytes() for path in separate("song.flac").paths]
    again = [Path(path).read_bytes() for path in separate("song.flac", "--overwrite").paths]
    assert first == again


def test_the_whole_run_as_one_json_document() -> None:
    write_song(Path("song.flac"))
    ended = separate("song.flac", "missing.flac", "--json", "--quiet")
    document = json.loads(ended.out, parse_constant=pytest.fail)
    assert document["done"] == [
        {"input": "song.flac", "files": dict(zip(STEMS, stems_of("song"), strict=True))}
    ]
    (failed,) = document["failed"]
    assert (failed["input"], failed["exit_code"]) == ("missing.flac", 66)
    assert ended.lines == [f"error: {failed['error']}"]
    assert ended.code == 1


def test_quiet_says_nothing() -> None:
    write_song(Path("song.flac"))
    assert separate("song.flac", "-q").err == ""


@pytest.mark.parametrize("format", ["wav", "mp3", "ogg", "opus"])
def test_other_formats(format: str) -> None:
    write_song(Path("song.flac"))
    ended = separate("song.flac", "--format", format)
    assert (ended.code, ended.paths) == (0, stems_of("song", format))
    assert all(sf.info(path).channels == 2 for path in ended.paths)


def test_some_stems_elsewhere() -> None:
    write_song(Path("song.flac"))
    words = ("--stems", "vocals, bass", "-o", "out", "--filename", "{track}-{stem}.{ext}")
    ended = separate("song.flac", *words)
    assert ended.paths == ["out/tiny/song-bass.flac", "out/tiny/song-vocals.flac"]
    assert files_in(Path("out")) == [
        "tiny/song-bass.flac",
        "tiny/song-vocals.flac",
        "tiny/song.separation.json",
    ]
    assert separate("song.flac", *words).lines[-1] == "already separated: song.flac"


@pytest.mark.parametrize("rate", [RATE, 44100])
def test_a_stem_and_the_rest_are_the_song(rate: int) -> None:
    song = music(1.3, rate=rate)
    write_song(Path("song.flac"), song, rate=rate)
    four = separate("song.flac", "-o", "four")
    ended = separate("song.flac", "--two-stems", "vocals")
    assert ended.paths == [f"separated/tiny/song/{stem}.flac" for stem in ("vocals", "no_vocals")]
    vocals, rest = (sf.read(path, dtype="float32")[0].T for path in ended.paths)
    np.testing.assert_allclose(vocals + rest, song, rtol=0, atol=1e-4)
    np.testing.assert_allclose(vocals, sf.read(four.paths[3])[0].T, rtol=0, atol=1e-5)
    assert np.abs(rest).max() > 0.01
    assert (
        separate("song.flac", "--two-stems", "vocals").lines[-1] == "already separated: song.flac"
    )
    assert separate("song.flac", "--two-stems", "bass").lines[-1] == "separating song.flac"


def test_songs_may_share_a_folder_of_stems() -> None:
    write_song(Path("a.flac"))
    write_song(Path("b.flac"), music(seed=1))
    ended = separate("a.flac", "b.flac", "--filename", "{stem}/{track}.{ext}", "--stems", "bass")
    assert (ended.code, len(ended.paths)) == (0, 2)
    assert len(files_in(Path("separated"))) == 4


def test_an_out_folder_above() -> None:
    write_song(Path("here/song.flac"))
    os.chdir("here")
    assert separate("song.flac", "-o", "../out").code == 0
    assert Path("../out/tiny/song/vocals.flac").is_file()


def test_a_model_by_its_folder(tiny_models: Path) -> None:
    write_song(Path("song.flac"))
    ended = hclarity("separate", "song.flac", "-m", tiny_models / "tiny" / "card.toml")
    assert ended.paths == stems_of("song")


@pytest.mark.parametrize(
    "name",
    [
        "my söng 音楽.flac",
        "two\nlines.flac",
        "[red]x[red] :smile:.flac",
        "a.b..flac",
        " .flac",
        "a\\b.flac",
    ],
)
def test_songs_of_any_name(name: str) -> None:
    write_song(Path(name))
    ended = separate("--json", "--", name)
    (done,) = json.loads(ended.out)["done"]
    assert done["input"] == name
    assert all(Path(path).is_file() for path in done["files"].values())
    assert ended.lines[-1] == f"separating {name}".replace("\n", "\N{REPLACEMENT CHARACTER}")
    assert separate("--", name).lines[-1].startswith("already separated: ")


# --- inputs that are not right -------------------------------------------------------------------


def _of_frames(path: Path, samples: np.ndarray, subtype: str = "FLOAT") -> None:
    sf.write(path, samples.T, RATE, format="WAV", subtype=subtype)


def _nan(path: Path) -> None:
    samples = music(3.0)
    samples[1, 40000] = np.nan
    _of_frames(path, samples)


BAD_SONGS: dict[str, tuple[str, Callable[[Path], object], int, str]] = {
    "missing": ("bad.flac", lambda path: None, 66, "bad.flac is not there"),
    "a folder": ("bad.flac", lambda path: path.mkdir(), 66, "bad.flac is a folder"),
    "empty": ("bad.flac", lambda path: path.touch(), 65, "bad.flac is empty: 0 bytes"),
    "a text": ("bad.flac", lambda path: path.write_text("la la la\n" * 99), 65, "no audio file"),
    "cut WAV": ("16.wav", lambda path: halved(write(path, music())), 65, "cut short"),
    "cut FLAC": ("song.flac", lambda path: halved(write(path, music())), 65, "song.flac is"),
    "cut MP3": (
        "song.mp3",
        lambda path: halved(write(path, music(9))),
        65,
        "song.mp3 is cut short",
    ),
    "no frames": ("bad.wav", lambda path: _of_frames(path, music()[:, :0]), 65, "holds no audio"),
    "8 channels": ("bad.wav", lambda path: _of_frames(path, music(channels=8)), 65, "8 channels"),
    "NaN": ("bad.wav", _nan, 65, "1 NaN or infinite samples from frame 40000"),
    "a playlist": ("bad.m3u", lambda path: path.write_text("#EXTM3U\nx.flac\n"), 65, "no audio"),
}


@pytest.mark.parametrize(("name", "make", "code", "told"), BAD_SONGS.values(), ids=BAD_SONGS)
def test_a_bad_song(name: str, make: Callable[[Path], object], code: int, told: str) -> None:
    make(Path(name))
    ended = separate(name, "-q")
    assert ended.code == code
    (line,) = ended.lines
    assert line.startswith("error: ")
    assert name in line
    assert told in line
    assert ended.out == ""
    assert not Path("separated").exists()


def test_bad_songs_never_stop_the_good_ones() -> None:
    bad = []
    for number, (name, make, _, _) in enumerate(BAD_SONGS.values()):
        folder = Path(str(number))
        folder.mkdir()
        make(folder / name)
        bad.append(folder / name)
    good = [write_song(Path("first.flac")), write_song(Path("last.flac"))]
    ended = separate(good[0], *bad, good[1])
    assert ended.code == 1
    assert ended.paths == [*stems_of("first"), *stems_of("last")]
    errors = [line for line in ended.lines if line.startswith("error: ")]
    assert len(errors) == len(bad)
    for path in bad:
        assert [str(path) in line for line in errors].count(True) == 1, errors
    assert any(line.startswith(f"done 2, failed {len(bad)}; ") for line in ended.lines)
    assert len(files_in(Path("separated"))) == 2 * (len(STEMS) + 1)


def test_a_bad_song_leaves_older_stems_alone() -> None:
    write_song(Path("song.flac"))
    paths = separate("song.flac").paths
    halved(Path("song.flac"))
    assert separate("song.flac").code == 65
    assert all(sf.info(path).frames == RATE for path in paths)


def test_a_name_that_is_no_text() -> None:
    """Where the file system allows any bytes; libraries below do not."""
    song = write_song(Path("song.flac"))
    name = os.fsdecode(b"caf\xe9.flac")
    song.rename(name)
    ended = separate(name, "-q")
    assert ended.code == 66
    (line,) = ended.lines
    assert (
        line == "error: caf\N{REPLACEMENT CHARACTER}.flac: its name is not UTF-8; rename it first"
    )


def test_two_songs_of_one_name() -> None:
    write_song(Path("a/song.flac"))
    write_song(Path("b/song.flac"), music(seed=1))
    ended = separate("a/song.flac", "b/song.flac", "-q")
    assert (ended.code, ended.paths) == (1, stems_of("song"))
    (line,) = ended.lines
    assert line == (
        "error: b/song.flac: its results would replace those of a/song.flac, of the same name;"
        " rename one of them, or choose another --out"
    )
    assert separate("a/song.flac").lines[-1] == "already separated: a/song.flac"


def test_one_song_twice_is_one_song() -> None:
    write_song(Path("song.flac"))
    assert separate("song.flac", "./song.flac").code == 0


def test_a_stem_never_replaces_the_song_itself() -> None:
    song = write_song(Path("separated/tiny/vocals/vocals.flac"))
    before = song.read_bytes()
    ended = separate(song, "-q")
    assert ended.code == 73
    assert "would be replaced" in ended.err
    assert song.read_bytes() == before


# --- outputs that cannot be ----------------------------------------------------------------------


def test_the_out_folder_is_a_file() -> None:
    write_song(Path("song.flac"))
    Path("out").write_text("mine")
    ended = separate("song.flac", "-o", "out", "-q")
    assert ended.code == 73
    (line,) = ended.lines
    assert "out/tiny/song/drums.flac cannot be written: Not a directory" in line
    assert Path("out").read_text() == "mine"


def test_a_disk_that_fills_up(monkeypatch: pytest.MonkeyPatch) -> None:
    write_song(Path("song.flac"))
    write_song(Path("next.flac"))
    wrote = SoundfileEncoder.write
    calls = iter(range(3))

    def write(encoder: SoundfileEncoder, frames: np.ndarray) -> None:
        if next(calls, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        wrote(encoder, frames)

    monkeypatch.setattr(SoundfileEncoder, "write", write)
    ended = separate("song.flac", "next.flac")
    assert ended.code == 1
    errors = [line for line in ended.lines if line.startswith("error: ")]
    assert len(errors) == 2
    assert all("cannot be written: disk full; free some space" in line for line in errors)
    assert files_in(Path("separated")) == []
    monkeypatch.undo()


def test_a_disk_that_is_full_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    write_song(Path("song.flac"))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(SoundfileEncoder, "close", full)
    ended = separate("song.flac", "-q")
    assert (ended.code, len(ended.lines)) == (74, 1)
    assert files_in(Path("separated")) == []


def test_the_system_refuses_large_files() -> None:
    """No mock: the kernel stops the write."""
    write_song(Path("song.flac"))
    program = start(
        "separate", "-m", "tiny", "-q", "--engine", "torch", "song.flac", largest_file=20000
    )
    out, err = program.communicate()
    assert (program.returncode, out) == (74, b"")
    assert err.count(b"\n") == 1
    assert b"File too large" in err
    assert files_in(Path("separated")) == []


# --- a model that cannot be ----------------------------------------------------------------------


def test_damaged_weights_end_the_run_at_once(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, tiny_models: Path
) -> None:
    for name in ("a", "b"):
        write_song(Path(f"{name}.flac"))
    folder = workplace / "models" / "hurt"
    folder.mkdir(parents=True)
    for file in (tiny_models / "tiny").iterdir():
        content = bytearray(file.read_bytes())
        if file.suffix == ".safetensors":
            content[len(content) // 2] ^= 1
        (folder / file.name).write_bytes(content)
    monkeypatch.setenv("HCLARITY_MODELS", str(folder.parent))
    ended = hclarity("separate", "-m", "hurt", "a.flac", "b.flac")
    assert ended.code == 65
    (line,) = ended.lines
    assert "weights.safetensors has SHA-256" in line
    assert not Path("separated").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_a_device_that_is_not_there() -> None:
    write_song(Path("song.flac"))
    ended = separate("song.flac", "--device", "cuda")
    assert ended.code == 69
    (line,) = ended.lines
    assert line.startswith("error: no cuda device here")


def test_clipping_is_told() -> None:
    """Stems of a loud song may rise above full scale, though the song does not."""
    sf.write("song.wav", 30 * music().T, RATE, subtype="FLOAT")
    ended = separate("song.wav", "--stems", "bass")
    assert "samples above full scale were clipped" in ended.lines[-1]
    assert ended.lines[-1].startswith("warning: separated/tiny/song/bass.flac: ")
    float_ended = separate("song.wav", "--stems", "bass", "--format", "wav", "--bits", "32f")
    assert "warning" not in float_ended.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--model", "tin"), "no model named 'tin' (did you mean 'tiny'?); see `hclarity"),
        (("--stems", "vocals,choir"), "no stem 'choir' in the model tiny; it has drums, bass"),
        (("--stems", ""), "no stem '' in the model"),
        (("--two-stems", "choir"), "no stem 'choir' in the model tiny; it has drums, bass"),
        (("--stems", "bass", "--two-stems", "vocals"), "give --stems or --two-stems, not both"),
        (("--filename", "{track}.{ext}"), "must use {track} and {stem}"),
        (("--filename", "{song}/{stem}"), "must use {track} and {stem}, may use {ext}, no other"),
        (("--filename", "{track}/{stem"), "cannot be filled in"),
        (("--filename", "{}/{track}/{stem}"), "cannot be filled in"),
        (("--filename", "{track.name}/{track}{stem}"), "cannot be filled in"),
        (("--filename", "../{track}/{stem}.{ext}"), "leads out of separated/tiny"),
        (("--filename", "/{track}/{stem}.{ext}"), "leads out of separated/tiny"),
        (("--format", "flac", "--bits", "32f"), "flac holds integers only"),
        (("--format", "aiff"), "'aiff' is not one of 'wav', 'flac'"),
        (("--bits", "8"), "'8' is not one of"),
        (("--weights", "official"), "the model tiny has no official weights; it has bundled"),
        (("--device", "tpu"), "'tpu' is not one of"),
        (("--engine", "onnx"), "'onnx' is not one of 'auto', 'torch', 'openvino'"),
        (("--precision", "fp16"), "'fp16' is not one of 'auto', 'fp32', 'bf16'"),
        (("--loud",), "no such option: --loud"),
    ],
)
def test_what_cannot_be_asked_for(words: tuple[str, ...], told: str) -> None:
    write_song(Path("song.flac"))
    ended = separate("song.flac", *words)
    assert ended.code == 2
    (line,) = ended.lines
    assert line.startswith("error: ")
    assert told in line
    assert ended.out == ""
    assert files_in(Path()) == ["song.flac"]


def test_other_containers(workplace: Path) -> None:
    write_with_pyav(workplace / "song.mka", [music()], RATE, "matroska", "pcm_f32le")
    assert separate("song.mka").paths == stems_of("song")


def test_stems_are_those_of_the_weights_that_are_used(
    workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card may tell of other stems for weights that cannot be had here."""
    make_tiny_model(workplace / "mine" / "tiny")
    monkeypatch.setenv("HCLARITY_MODELS", str(workplace / "mine"))
    card = workplace / "mine" / "tiny" / "card.toml"
    text = card.read_text(encoding="utf-8")
    own = text.replace("arguments =", f"contract = {{ stems = {json.dumps(STEMS)} }}\narguments =")
    text = own.replace(
        f"stems = {json.dumps(STEMS)}\nsample_rate", 'stems = ["a", "b"]\nsample_rate'
    )
    official = """
[weights.official]
file = "official.pt"
page = "https://example.org/weights"
sha256 = "none published"
licence = "MIT"
trained_on = []
seen = []
"""
    card.write_text(text + official, encoding="utf-8")
    write_song(Path("song.flac"), music())
    assert separate("song.flac", "--stems", "vocals").paths == ["separated/tiny/song/vocals.flac"]
    ended = separate("song.flac", "--stems", "c")
    assert (ended.code, ended.paths) == (2, [])
    assert "no stem 'c' in the model tiny" in ended.lines[-1]
    ended = separate("song.flac", "--weights", "bundled", "--stems", "a")
    assert (ended.code, ended.paths) == (2, [])
    ended = separate("song.flac", "--stems", "a")  # which only the official ones would give
    assert (ended.code, ended.paths) == (2, [])


# Names and links that would lead elsewhere


@pytest.mark.parametrize(
    "filename",
    ["../../{track}/{stem}", "/tmp/{track}/{stem}", "{track}\0/{stem}", "{track:>999999999}{stem}"],
)
def test_templates_that_lead_elsewhere(workplace: Path, filename: str) -> None:
    write_song(workplace / "song.flac")
    before = files_in(workplace)
    assert separate("song.flac", "--filename", filename).code == 2
    assert files_in(workplace) == before


@pytest.mark.parametrize(
    "name", ["x" * 250, "é" * 125, "...", "a\nb", "a\x1b[2Jb", "nul", "-x", "a\\..\\b", "Wait... "]
)
def test_a_song_of_any_name_gets_its_stems_below_out(workplace: Path, name: str) -> None:
    write_song(workplace / f"{name}.flac"[-255:])
    ended = separate("--", f"./{name}.flac"[-257:])
    assert (ended.code, len(ended.paths)) == (0, 4)
    for path in ended.paths:
        assert Path(path).is_file()
        assert Path(path).parent.parent == Path("separated/tiny")


def test_a_link_where_a_song_s_folder_should_be_is_not_followed(workplace: Path) -> None:
    write_song(workplace / "song.flac")
    write_song(workplace / "good.flac", music(seed=1))
    precious = workplace / "precious"
    precious.mkdir()
    (precious / "vocals.flac").write_bytes(b"mine")
    (workplace / "separated/tiny").mkdir(parents=True)
    (workplace / "separated/tiny/song").symlink_to(precious)
    ended = separate("song.flac", "good.flac")
    assert ended.code == 1
    assert "a link in separated/tiny leads out of it" in ended.err
    assert ended.paths == stems_of("good")
    assert files_in(precious) == ["vocals.flac"]
    assert (precious / "vocals.flac").read_bytes() == b"mine"


def test_a_stem_that_is_a_link_is_replaced_and_what_it_leads_to_is_not(workplace: Path) -> None:
    write_song(workplace / "song.flac")
    (workplace / "precious").write_bytes(b"mine")
    folder = workplace / "separated/tiny/song"
    folder.mkdir(parents=True)
    for name in (f"{STEMS[0]}.flac", "separation.json"):
        (folder / name).symlink_to(workplace / "precious")
    assert separate("song.flac").code == 0
    assert (workplace / "precious").read_bytes() == b"mine"
    assert not any(path.is_symlink() for path in folder.iterdir())


def test_out_itself_may_be_a_link(workplace: Path) -> None:
    write_song(workplace / "song.flac")
    (workplace / "disk").mkdir()
    (workplace / "separated").symlink_to(workplace / "disk")
    assert separate("song.flac").paths == stems_of("song")
    assert (workplace / "disk/tiny/song/separation.json").is_file()
