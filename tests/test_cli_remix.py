import hashlib
import json
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile as sf
from audio_files import halved
from cli_program import RATE, Ended, files_in, hclarity, music, write_song
from scipy.signal import resample_poly
from tiny_model import STEMS

from hclarity.audio.values import Samples

pytestmark = pytest.mark.usefixtures("workplace")

SLOPING = {"250": 20, "500": 25, "1000": 35, "2000": 45, "4000": 60, "8000": 70}
KEEN = {"250": 0, "1000": -5, "4000": 0}
NOTHING = ("--preset", "original", "--prescription", "none")


@pytest.fixture(autouse=True)
def audiogram(workplace: Path) -> None:
    write_audiogram({"name": "Ann", "left": SLOPING, "right": KEEN})


def write_audiogram(content: object) -> None:
    Path("me.json").write_text(content if isinstance(content, str) else json.dumps(content))


def remix(*words: object) -> Ended:
    return hclarity("remix", "-m", "tiny", "--audiogram", "me.json", *words)


def report(path: str = "remixed/song.remix.json") -> dict[str, dict[str, object]]:
    document: dict[str, dict[str, object]] = json.loads(
        Path(path).read_text(), parse_constant=pytest.fail
    )
    return document


def samples(path: object) -> Samples:
    return np.ascontiguousarray(sf.read(path, dtype="float32", always_2d=True)[0].T)


def loudness(path: object) -> float:
    rate = sf.info(path).samplerate
    return float(pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(samples(path).T))


def true_peak_db(path: object) -> float:
    return float(20 * np.log10(np.abs(resample_poly(samples(path), 8, 1, axis=1)).max()))


def loud_music(seconds: float = 3.0, rate: int = RATE) -> Samples:
    """As much is mastered: with every peak at one height."""
    return np.asarray(0.5 * np.tanh(4 * music(seconds, rate=rate)), np.float32)


@pytest.mark.parametrize("rate", [RATE, 44100])
def test_a_song_is_remixed_as_loud_as_it_was_and_below_the_ceiling(rate: int) -> None:
    write_song(Path("song.flac"), loud_music(rate=rate), rate=rate)
    ended = remix("song.flac")
    assert (ended.code, ended.paths) == (0, ["remixed/song.flac", "remixed/song.remix.json"])
    song, remixed = sf.info("song.flac"), sf.info("remixed/song.flac")
    assert (remixed.samplerate, remixed.channels) == (song.samplerate, 2)
    assert (remixed.frames, remixed.subtype) == (song.frames, "PCM_24")
    assert loudness("remixed/song.flac") == pytest.approx(loudness("song.flac"), abs=0.1)
    # Eightfold oversampling finds a little that BS.1770's fourfold one is allowed to miss.
    assert true_peak_db("remixed/song.flac") <= -1 + (0.01 if rate == 44100 else 0.1)
    change = samples("remixed/song.flac") - samples("song.flac")
    assert np.abs(change[0]).max() > 0.05


@pytest.mark.parametrize("format", ["mp3", "ogg", "opus"])
def test_a_lossy_file_keeps_the_ceiling_when_it_is_decoded(format: str) -> None:
    from hclarity.audio.reading import read_audio

    write_song(Path("song.flac"), loud_music(rate=48000), rate=48000)
    words = ("--loudness", "-3", "--format", format, "--preset", "original")
    assert remix("song.flac", *words).code == 0
    assert report()["plan"]["ceiling_dbtp"] == -1
    decoded = read_audio(Path(f"remixed/song.{format}")).samples
    peak = 20 * np.log10(np.abs(resample_poly(decoded, 8, 1, axis=1)).max())
    assert -3 < peak <= -1


def test_the_report_says_what_was_done_but_not_to_whom() -> None:
    write_song(Path("song.flac"), loud_music())
    ended = remix("song.flac")
    document = report()
    assert document["plan"]["stem_gains_db"] == {"vocals": 1, "drums": -1, "bass": -1, "other": -1}
    assert document["plan"]["right_db_at_hz"] == {"1000": 0}
    result = document["result"]
    assert result["loudness_before"] == pytest.approx(loudness("song.flac"), abs=0.01)
    assert result["loudness_after"] == pytest.approx(loudness("remixed/song.flac"), abs=0.01)
    assert result["true_peak_dbtp"] == pytest.approx(true_peak_db("remixed/song.flac"), abs=0.1)
    assert "Ann" not in Path("remixed/song.remix.json").read_text() + ended.err
    plan_alone = Path("remixed/song.remix.json").read_text().split('"result"')[0]
    assert str(SLOPING["8000"]) not in plan_alone


def test_what_was_done_is_told_in_words() -> None:
    write_song(Path("song.flac"), loud_music())
    ended = remix("song.flac")
    lines = [line for line in ended.lines if not line.startswith("note: me.json: ")]
    assert lines[0].startswith("model tiny, bundled weights, on the cpu")
    assert lines[1:6] == [
        "separating song.flac",
        "listening to song",
        "remixing song",
        "remixed/song.flac",
        f"  loudness   as loud as the song, {loudness('song.flac'):.1f} LUFS",
    ]
    assert "  balance    vocals 1 dB louder; drums, bass, other 1 dB softer" in ended.lines
    assert "  right ear     +0 dB   +0 dB   +0 dB   +0 dB   +0 dB" in ended.lines
    assert all(len(line) <= 80 and line == line.rstrip() for line in lines)


def test_the_newest_separation() -> None:
    for number, name in enumerate(("a", "c", "b")):
        write_song(Path(f"{name}.flac"), music(seed=number))
        hclarity("separate", "-m", "tiny", f"{name}.flac")
    assert remix().paths == ["remixed/b.flac", "remixed/b.remix.json"]
    hclarity("separate", "-m", "tiny", "a.flac")
    assert remix().paths == ["remixed/a.flac", "remixed/a.remix.json"]


def test_no_separation_to_remix() -> None:
    ended = remix()
    assert ended.code == 66
    (line,) = ended.lines
    assert line.startswith("error: no separation under separated; name a song, or run: hclarity")


def test_a_song_its_separation_and_a_folder_of_stems_are_remixed_alike() -> None:
    write_song(Path("song.flac"), music(2))
    first = remix("song.flac")
    assert "separating song.flac" in first.lines
    by_song = samples("remixed/song.flac")
    again = remix("song.flac", "-o", "again")
    assert "already separated: song.flac" in again.lines
    folder = remix("separated/tiny/song", "-o", "folder")
    assert not any(line.startswith(("model", "already")) for line in folder.lines)
    np.testing.assert_array_equal(samples("again/song.flac"), by_song)
    np.testing.assert_allclose(samples("folder/song.flac"), by_song, rtol=0, atol=1e-4)


def test_a_folder_with_its_mixture() -> None:
    """The mixture is the song, whatever the stems sum to."""
    write_song(Path("take 1/mixture.flac"), music())
    write_song(Path("take 1/vocals.flac"), music(seed=1))
    Path("take 1/cover.jpg").write_text("a picture")
    ended = remix("take 1", *NOTHING)
    assert (ended.code, ended.paths[0]) == (0, "remixed/take 1.flac")
    np.testing.assert_array_equal(samples("remixed/take 1.flac"), samples("take 1/mixture.flac"))


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
@pytest.mark.parametrize("sources", ["song", "stems"])
def test_a_remix_without_any_gain_is_the_song_to_the_bit(subtype: str, sources: str) -> None:
    Path("take").mkdir()
    name = "song.wav" if sources == "song" else "take/mixture.wav"
    sf.write(name, loud_music().T, RATE, subtype=subtype)
    sf.write("take/vocals.wav", music(3).T, RATE, subtype=subtype)
    ended = hclarity("remix", "song.wav" if sources == "song" else "take", *NOTHING)
    assert ended.code == 0
    assert not any(line.startswith("model") for line in ended.lines)
    remixed = sf.read(ended.paths[0], dtype="int32")[0]
    np.testing.assert_array_equal(remixed, sf.read(name, dtype="int32")[0])


def test_a_remix_in_mono_is_for_two_ears() -> None:
    write_song(Path("song.flac"), music(channels=1))
    assert remix("song.flac").code == 0
    assert sf.info("remixed/song.flac").channels == 2


def test_one_frame() -> None:
    write_song(Path("song.flac"), music()[:, :1])
    ended = remix("song.flac")
    assert (ended.code, sf.info("remixed/song.flac").frames) == (0, 1)
    assert report()["result"]["loudness_after"] is None
    assert "  loudness   too short or too soft to tell" in ended.lines


def test_what_is_asked_for_is_done() -> None:
    write_song(Path("song.flac"), music(3))
    words = ("--gain", "vocals=+3", "--gain", "drums=-60", "--loudness", "-30", "--ceiling", "-9")
    ended = remix("song.flac", *words, "--format", "wav", "--bits", "32f")
    assert ended.paths == ["remixed/song.wav", "remixed/song.remix.json"]
    plan = report()["plan"]
    assert plan["stem_gains_db"] == {"vocals": 3, "drums": -60}
    assert (plan["loudness_lufs"], plan["ceiling_dbtp"]) == (-30, -9)
    assert loudness("remixed/song.wav") == pytest.approx(-30, abs=0.1)


def test_several_songs_as_one_json_document() -> None:
    write_song(Path("a.flac"))
    write_song(Path("b.flac"), music(seed=1))
    ended = remix("a.flac", "nothing.flac", "b.flac", "--json", "-q")
    document = json.loads(ended.out, parse_constant=pytest.fail)
    assert [done["files"]["remix"] for done in document["done"]] == [
        "remixed/a.flac",
        "remixed/b.flac",
    ]
    assert [failed["input"] for failed in document["failed"]] == ["nothing.flac"]
    assert (ended.code, len(ended.lines)) == (1, 1)


def test_one_listener_of_several() -> None:
    listeners = {
        name: {
            "name": name,
            "audiogram_cfs": [250, 1000, 4000],
            "audiogram_levels_l": levels,
            "audiogram_levels_r": levels,
        }
        for name, levels in {"L1": [20, 30, 40], "L2": [0, 0, 0]}.items()
    }
    write_audiogram(listeners)
    write_song(Path("song.flac"))
    assert remix("song.flac", "--listener", "L2", "--preset", "original").code == 0
    assert not any(report()["plan"]["left_db_at_hz"].values())
    ended = remix("song.flac")
    assert ended.code == 2
    assert ended.err.count("\n") == 1
    assert "choose one with --listener: 'L1', 'L2'" in ended.err


# --- what cannot be ------------------------------------------------------------------------------

LEFT = {"left": SLOPING, "right": KEEN}


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        ('{"left": {"250": NaN}, "right": {}}', 65, "NaN is not a number that JSON allows"),
        ('{"left": {"250": 1, "250": 2}, "right": {}}', 65, "'250' is given twice"),
        ({**LEFT, "right": {**KEEN, "250": 500}}, 65, "500 dB HL at 250 Hz is outside"),
        ({"left": SLOPING}, 65, "the right ear is missing"),
        ({**LEFT, "left": {"250": 10, "500": 10}}, 65, "at least 3 points, got 2"),
        ({**LEFT, "middle": KEEN}, 65, "unknown key 'middle'"),
        ("", 65, "not an audiogram: it is empty"),
        ("\0\1\2", 65, "not an audiogram, but NUL bytes"),
    ],
)
def test_an_audiogram_that_is_none(content: object, code: int, told: str) -> None:
    write_song(Path("song.flac"))
    write_audiogram(content)
    ended = remix("song.flac")
    assert ended.code == code
    (line,) = ended.lines
    assert line.startswith("error: me.json: ")
    assert told in line
    assert files_in(Path()) == ["me.json", "song.flac"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--audiogram", "you.json"), 66, "you.json"),
        (("--listener", "L7"), 2, "no listener 'L7'"),
        (("--gain", "choir=+3"), 2, "no stem 'choir' in the model tiny; it has drums, bass"),
        (("--gain", "vocals"), 2, "expected STEM=DB"),
        (("--gain", "vocals=nan"), 2, "nan dB for vocals is outside"),
        (("--gain", "vocals=99"), 2, "99 dB for vocals is outside -60 to +10 dB"),
        (("--gain", "vocals=1", "--gain", "vocals=2"), 2, "vocals is given twice"),
        (("--gain", "vocals=1", "--preset", "beat"), 2, "give --preset or --gain, not both"),
        (("--gains", "no.json", "--gain", "vocals=1"), 2, "give --gain or --gains, not both"),
        (("--gains", "no.json"), 66, "no.json: there is no such file"),
        (("--gains-id", "gain_1"), 2, "--gains-id chooses from a file; give --gains FILE too"),
        (("--compat", "cadenza", "--prescription", "fig6"), 2, "amplify by nalr, or by camfit"),
        (("--full-scale-spl", "20"), 2, "invalid value for '--full-scale-spl'"),
        (("--weekly-hours", "200"), 2, "invalid value for '--weekly-hours'"),
        (("--plan", "me.json"), 65, "me.json: unknown key 'name'; a gain plan has"),
        (("--plan", "me.json/plan.json"), 73, "me.json is not a folder"),
        (("--plan", "song.flac"), 65, "song.flac: a song, not a gain plan that can be read"),
        (("--plan", "remixed/song.flac"), 73, "the plan remixed/song.flac would be replaced"),
        (("--plan", "remixed/song.remix.json"), 73, "would be replaced by a remix; rename it"),
        (("--weekly-hours", "10"), 2, "--weekly-hours needs --full-scale-spl"),
        (("--allow-loud",), 2, "--allow-loud needs --full-scale-spl"),
        (("--format", "mp3", "--bits", "16"), 2, "--bits is about wav and flac; mp3 has none"),
        (("--prescription", "NAL-NL2"), 2, "'NAL-NL2' is not here, for its formulas are not free"),
        (("--prescription", "dsl5"), 2, "'dsl5' is not here"),
        (("--loudness", "loud"), 2, "--loudness must be match or a LUFS number, got 'loud'"),
        (("--loudness", "3"), 2, "the loudness must be -60 to 0 LUFS, got 3"),
        (("--loudness", "nan"), 2, "the loudness must be -60 to 0 LUFS, got nan"),
        (("--ceiling", "1"), 2, "the ceiling must be -20 to 0 dBTP, got 1"),
        (("--ceiling", "nan"), 2, "the ceiling must be -20 to 0 dBTP, got nan"),
        (("--ceiling", "low"), 2, "invalid value for '--ceiling'"),
        (("--preset", "louder"), 2, "'louder' is not one of 'original'"),
        (
            ("--prescription", "nal-r"),
            2,
            "no prescription 'nal-r' (did you mean 'nalr'?); there",
        ),
        (("--model", "tin"), 2, "no model named 'tin'"),
        (("-o", "me.json"), 73, "me.json is not a folder"),
    ],
)
def test_what_cannot_be_asked_for(words: tuple[str, ...], code: int, told: str) -> None:
    write_song(Path("song.flac"))
    ended = remix("song.flac", "-q", *words)
    assert ended.code == code
    (line,) = ended.lines
    assert line.startswith("error: ")
    assert told in line
    assert ended.out == ""
    assert files_in(Path()) == ["me.json", "song.flac"]
    assert remix("song.flac", "--dry-run", *words).code == code


def test_no_audiogram() -> None:
    write_song(Path("song.flac"))
    ended = hclarity("remix", "song.flac", "-m", "tiny")
    assert ended.code == 2
    assert "give --audiogram FILE, or --prescription none" in ended.err
    balanced = hclarity("remix", "song.flac", "-m", "tiny", "--prescription", "none")
    assert balanced.code == 0
    assert "  ears       not amplified" in balanced.lines


def test_a_stem_to_change_that_a_folder_lacks() -> None:
    write_song(Path("take/vocals.flac"))
    ended = remix("take", "--gain", "drums=3", "-q")
    assert ended.code == 2
    assert ended.lines == ["error: take: no stem named 'drums' to change; there are: vocals"]
    assert not Path("remixed").exists()
    assert remix("take", "--gain", "drums=3", "-q", "--dry-run").lines == ended.lines


def test_folders_without_stems_and_bad_stems() -> None:
    Path("empty").mkdir()
    write_song(Path("rates/vocals.flac"))
    write_song(Path("rates/drums.flac"), rate=8000)
    write_song(Path("channels/vocals.flac"))
    write_song(Path("channels/drums.flac"), music(channels=1))
    write_song(Path("lengths/vocals.flac"), music(6))
    write_song(Path("lengths/drums.flac"), music(5))
    write_song(Path("cut/vocals.flac"), music(6))
    halved(write_song(Path("cut/drums.flac"), music(6)))
    told = {
        "empty": "empty holds no stems; expected files such as vocals.flac",
        "rates": "rates: the sample rates differ: drums.flac has 8000 Hz, vocals.flac",
        "channels": "channels: the channels differ: drums.flac has 1, vocals.flac has 2",
        "lengths": "drums.flac has 5.000 s (80000 frames), vocals.flac has 6.000 s (96000 frames)",
        "cut": "cut/drums.flac is",
    }
    ended = remix(*told, "--preset", "original", "-q")
    assert ended.code == 1
    assert len(ended.lines) == len(told)
    for message in told.values():
        assert [message in line for line in ended.lines].count(True) == 1, ended.err
    assert not Path("remixed").exists()
    for folder in told:
        assert remix(folder, "--preset", "original").code == 65


def test_a_stem_that_is_there_twice() -> None:
    write_song(Path("take/vocals.flac"))
    sf.write("take/vocals.wav", music().T, RATE)
    ended = remix("take", "-q")
    assert (ended.code, ended.lines) == (
        65,
        ["error: take holds both vocals.flac and vocals.wav"],
    )


def test_stems_of_an_older_separation_in_another_format_are_not_heard() -> None:
    write_song(Path("song.flac"))
    for format in ("wav", "flac"):
        assert hclarity("separate", "-m", "tiny", "song.flac", "--format", format).code == 0
    Path("separated/tiny/song/vocals.wav").write_text("hurt")
    assert remix().code == 0


def test_stems_of_other_file_names_are_found() -> None:
    write_song(Path("song.flac"))
    hclarity("separate", "-m", "tiny", "song.flac", "--filename", "{track}/my_{stem}.{ext}")
    assert remix().code == 0
    assert report()["plan"]["stem_gains_db"]["vocals"] == 1


def test_a_preset_does_to_each_folder_what_it_can() -> None:
    for folder, stems in {"a": ("vocals", "accompaniment"), "b": ("vocals", "other")}.items():
        for stem in stems:
            write_song(Path(folder, f"{stem}.flac"))
    assert remix("a", "b").code == 0
    gains = [report(f"remixed/{name}.remix.json")["plan"]["stem_gains_db"] for name in "ab"]
    assert gains == [{"vocals": 1, "accompaniment": -1}, {"vocals": 1, "other": -1}]


def test_a_preset_for_stems_that_are_not_there() -> None:
    write_song(Path("take/violin.flac"))
    write_song(Path("take/accompaniment.flac"))
    ended = remix("take", "--preset", "beat")
    assert ended.code == 2
    assert "the preset beat changes drums, bass; there are: accompaniment, violin" in ended.err


@pytest.mark.parametrize("earlier", [(), ("--stems", "drums")])
def test_a_stem_and_the_rest_are_remixed_as_the_song(earlier: tuple[str, ...]) -> None:
    """Not together with what an earlier separation left there."""
    song = music()
    write_song(Path("song.flac"), song)
    for words in (earlier, ("--two-stems", "vocals")):
        hclarity("separate", "-m", "tiny", "song.flac", *words)
    assert hclarity("remix", *NOTHING).code == 0
    np.testing.assert_allclose(samples("remixed/song.flac"), song, rtol=0, atol=1e-4)
    assert remix().code == 0
    assert report()["plan"]["stem_gains_db"] == {"vocals": 1, "no_vocals": -1}


def test_only_some_stems_are_not_the_song() -> None:
    write_song(Path("song.flac"))
    hclarity("separate", "-m", "tiny", "song.flac", "--stems", "vocals,bass")
    ended = remix("-q")
    assert ended.code == 65
    (line,) = ended.lines
    assert "separated/tiny/song has only bass, vocals, which do not sum to the song" in line
    assert remix("song.flac").code == 0
    assert len(files_in(Path("separated/tiny/song"))) == len(STEMS) + 1


def test_a_remix_never_replaces_what_is_no_remix() -> None:
    song = write_song(Path("music/song.flac"))
    before = song.read_bytes()
    ended = remix(song, "-o", "music", *NOTHING)
    assert ended.code == 73
    assert "music/song.flac would be replaced by music/song.flac" in ended.err
    write_song(Path("other/song.flac"), music(seed=1))
    ended = remix("other/song.flac", "-o", "music", *NOTHING)
    assert ended.code == 73
    assert "music/song.flac is there already and was not made by hclarity" in ended.err
    assert song.read_bytes() == before
    assert files_in(Path("music")) == ["song.flac"]


def test_a_remix_has_its_report_before_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a run that breaks off between the two does not keep the next one from replacing it."""
    write_song(Path("song.flac"))

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hclarity.cli.remixing.tell_clipping", interrupted)
    assert remix("song.flac").code == 130
    assert files_in(Path("remixed")) == ["song.flac", "song.remix.json"]
    monkeypatch.setattr("hclarity.cli.remixing.write_text", interrupted)
    Path("remixed/song.flac").unlink()
    Path("remixed/song.remix.json").unlink()
    assert remix("song.flac").code == 130
    assert files_in(Path("remixed")) == []


def test_an_older_remix_is_replaced() -> None:
    write_song(Path("song.flac"))
    assert remix("song.flac", "--gain", "vocals=3").code == 0
    assert remix("song.flac", "--gain", "vocals=-3").code == 0
    assert report()["plan"]["stem_gains_db"] == {"vocals": -3}


def test_what_is_done_is_not_done_again() -> None:
    song = write_song(Path("song.flac"))
    assert remix(song).code == 0
    before = Path("remixed/song.flac").stat().st_mtime_ns

    def untouched() -> bool:
        return Path("remixed/song.flac").stat().st_mtime_ns == before

    again = remix(song, song)
    assert again.paths == ["remixed/song.flac", "remixed/song.remix.json"]
    assert again.lines.count("already remixed: song.flac") == 1
    assert untouched()
    for words in (("--overwrite",), ("--bits", "16"), (), ("--full-scale-spl", "70"), ("--plot",)):
        assert "already remixed: song.flac" not in remix(song, *words).lines
        assert not untouched()
        before = Path("remixed/song.flac").stat().st_mtime_ns
    Path("remixed/song.flac").unlink()
    assert remix(song, "--plot").code == 0
    assert Path("remixed/song.flac").is_file()


def test_a_remix_that_was_allowed_to_be_loud_is_no_reason_to_allow_it_again() -> None:
    write_song(Path("song.flac"), loud_music())
    loud = ("--full-scale-spl", "120")
    assert remix("song.flac", *loud, "--allow-loud").code == 0
    assert "already remixed: song.flac" in remix("song.flac", *loud, "--allow-loud").lines
    assert remix("song.flac", *loud).code == 2


def test_files_of_the_listener_are_never_replaced() -> None:
    song = write_song(Path("song.flac"))
    Path("remixed").mkdir()
    for name, words in {
        "song.png": ("--plot",),
        "song.remix.json": (),
        "song.mp3": ("--format", "mp3"),
    }.items():
        theirs = Path("remixed", name)
        for content in ("{}", '{"files": 1, "plan": 2}', "mine"):
            theirs.write_text(content)
            ended = remix(song, *words, "-q")
            assert (ended.code, len(ended.lines)) == (73, 1)
            assert f"remixed/{name} is there already and " in ended.err
            assert theirs.read_text() == content
            assert remix(song, *words, "--dry-run").code == 73
        theirs.unlink()
    assert remix(song).code == 0
    Path("remixed/song.png").write_text("a cover")
    assert remix(song, "--plot").code == 73
    assert remix(song, "--overwrite").code == 0
    assert Path("remixed/song.png").read_text() == "a cover"


def test_an_older_plot_goes_and_an_older_format_stays() -> None:
    song = write_song(Path("song.flac"))
    assert remix(song, "--plot").code == 0
    assert remix(song, "--format", "ogg").code == 0
    assert files_in(Path("remixed")) == ["song.flac", "song.ogg", "song.remix.json"]
    left = {"remix": "song.ogg", "before": ["song.flac"], "plot": None, "page": None}
    assert report()["files"] == left
    assert remix(song).code == 0
    assert report()["files"]["before"] == ["song.ogg"]


def test_replacing_another_remix_is_told() -> None:
    write_song(Path("a/song.flac"))
    write_song(Path("b/song.flac"), music(seed=1))
    remix("a/song.flac", "-q")
    told = "warning: a/song.flac: replacing a remix by another plan in remixed"
    assert told in remix("a/song.flac", "--loudness", "-30", "-q").lines
    told = "warning: b/song.flac: replacing another song's remix in remixed"
    assert told in remix("b/song.flac", "-q").lines
    assert remix("b/song.flac", "--format", "wav", "-q").lines == []


def test_two_songs_of_one_name() -> None:
    write_song(Path("a/song.flac"))
    write_song(Path("b/song.flac"), music(seed=1))
    ended = hclarity("remix", "a/song.flac", "b/song.flac", *NOTHING, "-q")
    assert (ended.code, ended.paths) == (1, ["remixed/song.flac", "remixed/song.remix.json"])
    (line,) = ended.lines
    assert "b/song.flac: its results would replace those of a/song.flac" in line
    np.testing.assert_array_equal(samples("remixed/song.flac"), samples("a/song.flac"))


# --- where gains come from -----------------------------------------------------------------------


def test_stem_gains_from_a_file() -> None:
    write_song(Path("song.flac"))
    Path("gains.json").write_text('{"gain_1": {"vocals": 3}, "gain_2": {"drums": -6, "bass": 0}}')
    assert remix("song.flac", "--gains", "gains.json", "--gains-id", "gain_2").code == 0
    assert report()["plan"]["stem_gains_db"] == {"drums": -6, "bass": 0}
    ended = remix("song.flac", "--gains", "gains.json", "-q")
    assert (ended.code, ended.err.count("choose one with --gains-id")) == (2, 1)


def test_gains_of_an_audiologist() -> None:
    """Laid out as an audiogram, without one."""
    write_song(Path("song.flac"))
    Path("targets.json").write_text(
        json.dumps(
            {
                "left_db_at_hz": {"500": 3, "2000": 12},
                "right_db_at_hz": {"500": 0, "2000": 6},
            }
        )
    )
    ended = hclarity("remix", "song.flac", "-m", "tiny", "--prescription", "targets.json")
    assert ended.code == 0
    assert report()["plan"]["left_db_at_hz"] == {"500": 3, "2000": 12}
    assert report()["result"]["right_gains_db"]["2000"] == pytest.approx(6, abs=0.5)


@pytest.mark.parametrize("prescription", ["nalrp", "cameq", "camfit", "fig6", "half"])
def test_every_prescription(prescription: str) -> None:
    write_song(Path("song.flac"))
    words = ("--prescription", prescription, "--preset", "original")
    assert remix("song.flac", *words).code == 0
    plan = report()["plan"]
    assert max(plan["left_db_at_hz"].values()) > 8
    assert not any(plan["right_db_at_hz"].values())


def test_a_standard_audiogram_and_typed_pairs() -> None:
    write_song(Path("song.flac"))
    for source in ("N3", "right=250:35,1000:40,4000:60;left=250:35,1000:40,4000:60"):
        ended = hclarity(
            "remix", "song.flac", "--preset", "original", "--audiogram", source, "-o", "out"
        )
        assert ended.code == 0, ended.err
        plan = report("out/song.remix.json")["plan"]
        assert plan["left_db_at_hz"]["1000"] == pytest.approx(19.65, abs=0.5)


def test_one_ear() -> None:
    write_audiogram({"left": SLOPING})
    write_song(Path("song.flac"))
    refused = remix("song.flac")
    assert refused.code == 65
    assert "--other-ear" in refused.err
    idle = hclarity("remix", "song.flac", *NOTHING, "--other-ear", "same")
    assert (idle.code, "give --audiogram FILE too" in idle.err) == (2, True)
    ended = remix("song.flac", "--other-ear", "normal")
    assert ended.code == 0
    assert any(line.startswith("note: me.json: ") and "normal" in line for line in ended.lines)
    assert not any(report()["plan"]["right_db_at_hz"].values())


def test_compression() -> None:
    write_song(Path("song.flac"), music(3))
    plain = remix("song.flac", "-o", "plain")
    compressed = remix("song.flac", "--wdrc")
    assert (plain.code, compressed.code) == (0, 0)
    wdrc = report()["plan"]["wdrc"]
    assert max(wdrc["left"]["ratios"]) > 1.3
    assert "dynamics" in compressed.err
    assert "metering song" in compressed.lines
    assert "dynamics" not in plain.err
    change = samples("remixed/song.flac")[0] - samples("plain/song.flac")[0]
    assert np.abs(change).max() > 0.001
    assert loudness("remixed/song.flac") == pytest.approx(loudness("song.flac"), abs=0.1)


def test_compression_for_ears_without_loss_is_none() -> None:
    write_audiogram({"left": KEEN, "right": KEEN})
    write_song(Path("song.flac"), music(3))
    ended = remix("song.flac", "--wdrc", "--preset", "original")
    assert ended.code == 0
    assert "dynamics" not in ended.err
    np.testing.assert_array_equal(samples("remixed/song.flac"), samples("song.flac"))


def test_amplification_by_compression_alone_is_told() -> None:
    write_song(Path("song.flac"), music(3))
    words = ("--compat", "cadenza", "--prescription", "camfit", "--wdrc", "--plot")
    ended = remix("song.flac", *words)
    assert ended.code == 0
    assert "not amplified" not in ended.err
    assert any(line.startswith("  left ear") for line in ended.lines)
    assert report()["result"]["left_gains_db"]["2000"] > 5


# --- plans ---------------------------------------------------------------------------------------


def test_a_plan_is_saved_edited_and_followed() -> None:
    write_song(Path("song.flac"))
    assert remix("song.flac", "--plan", "plan.json").code == 0
    plan = json.loads(Path("plan.json").read_text())
    assert plan == report()["plan"]
    assert all(gain == round(gain, 2) for gain in plan["left_db_at_hz"].values())
    plan["stem_gains_db"] = {"bass": 6}
    Path("plan.json").write_text(json.dumps(plan))
    edited = hclarity("remix", "song.flac", "-m", "tiny", "--plan", "plan.json", "-o", "edited")
    assert edited.code == 0
    assert report("edited/song.remix.json")["plan"] == plan
    again = hclarity("remix", "song.flac", "-m", "tiny", "--plan", "edited/song.remix.json")
    assert again.code == 0
    np.testing.assert_array_equal(samples("remixed/song.flac"), samples("edited/song.flac"))
    refused = remix("song.flac", "--plan", "plan.json")
    assert refused.code == 2
    assert "plan.json is there, holds the whole plan, and differs" in refused.err


def test_the_same_command_with_a_plan_goes_on() -> None:
    write_song(Path("a/song.flac"))
    write_song(Path("b.flac"), music(seed=1))
    words = ("--plan", "plan.json", "--wdrc", "--prescription", "CAMFIT")
    assert remix("a/song.flac", *words).code == 0
    ended = remix("a/song.flac", "b.flac", *words)
    assert (ended.code, len(ended.paths)) == (0, 4)
    assert "already remixed: a/song.flac" in ended.lines
    assert "already remixed: b.flac" not in ended.lines
    assert remix("b.flac", *words, "--gain", "vocals=1").code == 2


def test_a_plan_spoilt_by_hand() -> None:
    write_song(Path("song.flac"))
    Path("plan.json").write_text('{"stem_gains_db": {}}')
    ended = hclarity("remix", "song.flac", "--plan", "plan.json", "-q")
    assert ended.code == 65
    assert ended.lines == ["error: plan.json: a gain plan has no left_db_at_hz"]


def test_a_plan_is_shown_and_nothing_done() -> None:
    write_song(Path("song.flac"))
    before = files_in(Path())
    ended = remix("song.flac", "--show-plan", "--dry-run", "--plan", "plan.json", "--plot")
    assert ended.code == 0
    plan = json.loads(ended.out)
    assert plan["stem_gains_db"] == {"vocals": 1, "drums": -1, "bass": -1, "other": -1}
    assert plan["left_db_at_hz"]["1000"] > 10
    dry = remix("song.flac", "--dry-run")
    assert dry.paths == ["remixed/song.flac", "remixed/song.remix.json"]
    assert files_in(Path()) == before
    document = json.loads(remix("song.flac", "--dry-run", "--show-plan", "--json").out)
    assert document["done"][0]["plan"] == plan
    assert remix("nothing.flac", "--dry-run").code == 66
    Path("plan.json").write_text(ended.out)
    assert hclarity("remix", "song.flac", "-m", "tiny", "--plan", "plan.json").code == 0
    assert report()["plan"] == plan


# --- safety --------------------------------------------------------------------------------------


def test_what_is_not_safe_is_refused_unless_it_is_wanted() -> None:
    write_song(Path("song.flac"), loud_music())
    ended = remix("song.flac", "--full-scale-spl", "120", "-q")
    assert ended.code == 2
    (line,) = ended.lines
    assert "song.flac: at 120 dB SPL full scale this would be" in line
    assert "minutes a week" in line
    assert not Path("remixed").exists()
    allowed = remix("song.flac", "--full-scale-spl", "120", "--allow-loud")
    assert allowed.code == 0
    listening = report()["listening"]
    assert listening["weekly_dose_percent"] > 100
    assert any(line.startswith("  safe for") for line in allowed.lines)
    safe = remix("song.flac", "--full-scale-spl", "75")
    assert safe.code == 0
    assert report()["listening"]["safe_hours_a_week"] > 40
    assert report()["listening"]["turn_up_db"] <= report()["result"]["gain_removed_db"]
    dry = remix("song.flac", "--full-scale-spl", "120", "--dry-run")
    assert dry.code == 0
    assert any(line.startswith("note: how loud it would be") for line in dry.lines)
    assert remix("song.flac").code == 0
    assert report()["listening"] is None


# --- what comes with the sound -------------------------------------------------------------------


@pytest.mark.parametrize("format", ["flac", "mp3", "ogg", "opus", "wav"])
def test_title_and_cover_are_carried_over(format: str) -> None:
    from hclarity.audio.tags import Picture, Tags, read_tags, write_tags

    cover = Picture(b"\x89PNG\r\n\x1a\n" + bytes(100))
    write_song(Path("song.flac"))
    tags = Tags({"title": ("A Song",), "artist": ("Ann", "Bo")}, (cover,))
    write_tags(Path("song.flac"), tags, "flac")
    assert remix("song.flac", "--format", format).code == 0
    carried = read_tags(Path(f"remixed/song.{format}"))
    assert carried.fields["title"] == ("A Song",)
    assert carried.fields["artist"] == ("Ann", "Bo")
    assert carried.fields["comment"][-1].startswith("remixed with hclarity")
    assert carried.pictures == (cover,)
    content = Path(f"remixed/song.{format}").read_bytes()
    assert b"audiogram" not in content
    assert b"nalr" not in content


def test_the_newest_separation_still_knows_its_title() -> None:
    from hclarity.audio.tags import Tags, read_tags, write_tags

    write_song(Path("song.flac"))
    write_tags(Path("song.flac"), Tags({"title": ("A Song",)}), "flac")
    assert hclarity("separate", "-m", "tiny", "song.flac").code == 0
    assert remix().code == 0
    assert read_tags(Path("remixed/song.flac")).fields["title"] == ("A Song",)


def test_the_report_says_of_what_and_by_what() -> None:
    write_song(Path("song.flac"))
    assert remix("song.flac").code == 0
    sources = report()["sources"]
    assert sources["model"]["name"] == "tiny"
    assert len(sources["model"]["sha256"]) == len(report()["software"]["sha256"]) == 64
    assert len(sources["song_sha256"]) == 64
    digest = hashlib.sha256(Path("song.flac").read_bytes()).hexdigest()
    assert sources["files"][0] == {"name": "song.flac", "sha256": digest}


def test_what_each_ear_gets_is_drawn() -> None:
    write_song(Path("song.flac"))
    ended = remix("song.flac", "--plot")
    assert ended.paths[-1] == "remixed/song.png"
    assert Path("remixed/song.png").read_bytes().startswith(b"\x89PNG")


# Names and links that would lead elsewhere


@pytest.mark.parametrize("name", ["x" * 250, "...", "a\nb", "con", "Wait..."])
def test_a_song_of_any_name_gets_its_remix_in_out(workplace: Path, name: str) -> None:
    write_song(workplace / f"{name}.flac")
    ended = remix(*NOTHING, "--", f"./{name}.flac")
    assert (ended.code, len(ended.paths)) == (0, 2)
    assert {Path(path).parent for path in ended.paths} == {Path("remixed")}
    assert all(Path(path).is_file() for path in ended.paths)


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("name", ["song.flac", "song.remix.json"])
def test_what_a_link_leads_to_is_not_replaced(workplace: Path, name: str, there: bool) -> None:
    write_song(workplace / "song.flac")
    (workplace / "remixed").mkdir()
    (workplace / "remixed" / name).symlink_to(workplace / "precious")
    if there:
        (workplace / "precious").write_bytes(b"mine")
    ended = remix(*NOTHING, "song.flac")
    assert ended.code == (73 if there else 0)
    assert (workplace / "precious").exists() == there
    assert not there or (workplace / "precious").read_bytes() == b"mine"


def test_a_record_cannot_name_stems_elsewhere(workplace: Path) -> None:
    """What `separation.json` says is a stranger's word: stems are passed on."""
    write_song(workplace / "song.flac")
    assert hclarity("separate", "-m", "tiny", "song.flac").code == 0
    record = workplace / "separated/tiny/song/separation.json"
    told = json.loads(record.read_text())
    changes = ({"filename": "{track}/{stem:>9999999999}.x"}, {"encoding": "/../../x"})
    for change in (*changes, {"encoding": ""}, {"frames": 10**400}, {"overlap": 10**400}):
        record.write_text(json.dumps({**told, **change}))
        ended = remix(*NOTHING, "separated/tiny/song")
        assert ended.code in (0, 65)
        assert "internal error" not in ended.err
