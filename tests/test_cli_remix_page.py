"""`hclarity remix --page`: the folder that a browser opens; `pages/` are about what it shows."""

import errno
import json
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
from cli_program import Ended, files_in, hclarity, music, write_song
from listening_pages import page_data, page_streams
from tiny_model import STEMS

from hclarity.audio.values import Samples

pytestmark = pytest.mark.usefixtures("workplace")

PAGE = Path("remixed/song.page/index.html")
OF_STEMS = Path("remixed/it.page/index.html")


def remix(*words: object, audiogram: str = "N3") -> Ended:
    return hclarity("remix", "-m", "tiny", "--audiogram", audiogram, *words)


def song(seconds: float = 1.0) -> Path:
    return write_song(Path("song.flac"), music(seconds))


def stems(seconds: float = 1.0) -> list[Samples]:
    """Of a song called `it`: bass and vocals."""
    players = [0.4 * music(seconds, seed=seed) for seed in range(2)]
    for name, player in zip(("bass", "vocals"), players, strict=True):
        write_song(Path("it") / f"{name}.flac", player)
    return players


def below_db(error: Samples, sound: Samples) -> float:
    return float(10 * np.log10(np.square(sound).sum() / np.square(error).sum()))


def test_a_page_with_the_song_in_pieces_beside_it() -> None:
    ended = remix(song(6.0), "--page", "--preset", "lyrics")
    files = ["remixed/song.flac", "remixed/song.remix.json", str(PAGE)]
    assert (ended.code, ended.paths) == (0, files)
    pieces = ["song.page/sound/00000.js", "song.page/sound/00001.js"]
    names = ["song.flac", "song.page/index.html", *pieces, "song.remix.json"]
    assert files_in(Path("remixed")) == names
    data = page_data(PAGE)
    assert (data["title"], data["frames"], data["segments"]) == ("song", 6 * 48000, 2)
    assert [(stream["name"], stream["has_slider"]) for stream in data["streams"]] == [
        *((stem, True) for stem in STEMS),
        ("", False),
    ]
    assert data["start"]["stem_gains_db"] == {"vocals": 3}
    assert data["command"] == (
        "hclarity remix song.flac --audiogram N3 --model tiny --gains song.gains.json"
    )
    assert data["gains_file"] == "song.gains.json"
    report = json.loads(Path("remixed/song.remix.json").read_text())
    assert data["song_lufs"] == pytest.approx(report["result"]["loudness_before"], abs=0.01)
    assert data["start"]["mixed_lufs"] - report["result"]["amplified_db"] == pytest.approx(
        data["song_lufs"], abs=0.01
    )
    left = dict(zip(data["gains"]["left"]["hz"], data["gains"]["left"]["db"], strict=True))
    assert left[1000] == report["plan"]["left_db_at_hz"]["1000"]


def test_the_streams_are_the_stems_and_their_sum_the_song() -> None:
    players = stems(6.0)
    assert remix("it", "--page").code == 0
    streams = page_streams(OF_STEMS)
    assert streams.shape == (2, 2, 6 * 48000)
    for stream, player in zip(streams, players, strict=True):
        assert below_db(stream[:, ::3] - player, player) > 20  # nothing there is above 8 kHz
    song = sum(players)
    assert below_db(streams.sum(axis=0)[:, ::3] - song, song) > 20
    assert len(page_data(OF_STEMS)["streams"]) == 2  # there is no rest


def test_what_is_in_no_stem_is_heard_too() -> None:
    played = music(2.0)
    write_song(Path("it/mixture.flac"), played)
    write_song(Path("it/vocals.flac"), 0.3 * music(2.0, seed=1))
    assert remix("it", "--page").code == 0
    assert [stream["name"] for stream in page_data(OF_STEMS)["streams"]] == ["vocals", ""]
    mixed = page_streams(OF_STEMS).sum(axis=0)[:, ::3]
    assert below_db(mixed - played, played) > 20


def test_silence_is_not_encoded() -> None:
    write_song(Path("it/vocals.flac"), np.zeros((2, 16000), np.float32))
    write_song(Path("it/bass.flac"), music())
    assert remix("it", "--page").code == 0
    script = Path("remixed/it.page/sound/00000.js").read_text()
    assert script.startswith('hclaritySegment(0,["T2dnUw')
    assert script.endswith(',""]);')


def test_one_channel_is_heard_with_both_ears() -> None:
    write_song(Path("song.flac"), music(2.0, channels=1))
    assert remix("song.flac", "--page", "--preset", "original").code == 0
    streams = page_streams(PAGE)
    np.testing.assert_allclose(streams[:, 0], streams[:, 1], atol=0.02)


def test_a_page_that_is_there_is_not_made_again_and_one_that_is_not_is() -> None:
    stems()
    remix("it")
    assert "already remixed: it" not in remix("it", "--page").lines
    before = OF_STEMS.stat().st_mtime_ns
    assert "already remixed: it" in remix("it", "--page").lines
    assert OF_STEMS.stat().st_mtime_ns == before
    OF_STEMS.unlink()
    assert remix("it", "--page").code == 0
    assert OF_STEMS.is_file()


def test_a_mix_that_was_chosen_is_made_and_the_page_stays() -> None:
    stems()
    remix("it", "--page")
    chosen = {"prescription_percent": 50, "left_db": -6, "right_db": 0}
    Path("gains.json").write_text(json.dumps({"stem_gains_db": {"vocals": 5}, **chosen}))
    assert remix("it", "--gains", "gains.json").code == 0
    assert OF_STEMS.is_file()
    plan = json.loads(Path("remixed/it.remix.json").read_text())["plan"]
    data = page_data(OF_STEMS)
    full = dict(zip(data["gains"]["left"]["hz"], data["gains"]["left"]["db"], strict=True))
    assert plan["stem_gains_db"] == {"vocals": 5}
    assert plan["left_db_at_hz"]["2000"] == pytest.approx(full[2000] / 2 - 6, abs=0.01)
    assert plan["right_db_at_hz"]["2000"] == pytest.approx(full[2000] / 2, abs=0.01)
    assert remix("it", "--page", "--gains", "gains.json").code == 0
    start = page_data(OF_STEMS)["start"]
    assert {key: start[key] for key in chosen} == chosen
    assert page_data(OF_STEMS)["gains"] == data["gains"]


def test_a_shorter_song_leaves_no_piece_of_the_longer() -> None:
    stems(6.0)
    remix("it", "--page")
    stems(2.0)
    remix("it", "--page")
    assert len(list(OF_STEMS.parent.glob("sound/*"))) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--wdrc"], "--page plays linear gain only; leave out --wdrc and --compat"),
        (["--compat", "cadenza"], "--page plays linear gain only"),
    ],
)
def test_what_a_page_could_not_play(words: list[str], told: str) -> None:
    ended = remix(song(), "--page", *words)
    assert (ended.code, len(ended.lines)) == (2, 1)
    assert told in ended.err
    assert not Path("remixed").exists()


def test_a_saved_plan_has_no_page() -> None:
    assert remix(song(), "--plan", "plan.json").code == 0
    ended = hclarity("remix", "-m", "tiny", "song.flac", "--page", "--plan", "plan.json")
    assert (ended.code, len(ended.lines)) == (2, 1)
    assert "leave out --plan plan.json" in ended.err


def test_a_folder_that_is_not_ours_is_not_touched() -> None:
    (Path("remixed") / "song.page").mkdir(parents=True)
    (Path("remixed") / "song.page" / "diary.txt").write_text("mine")
    ended = remix(song(), "--page")
    assert (ended.code, len(ended.lines)) == (73, 1)
    assert "remixed/song.page is there already and is no page of hclarity's" in ended.err
    assert files_in(Path("remixed")) == ["song.page/diary.txt"]


@pytest.mark.parametrize("links", [False, True])
def test_what_a_stranger_added_to_a_page_is_refused_before_anything_is_heard(links: bool) -> None:
    stems()
    remix("it", "--page")
    if links:
        (OF_STEMS.parent / "sound").rename("theirs")
        (OF_STEMS.parent / "sound").symlink_to(Path("theirs").absolute())
    else:
        (OF_STEMS.parent / "diary.txt").write_text("mine")
    before = files_in(Path("."))
    ended = remix("it", "--page", "--preset", "lyrics")
    assert (ended.code, len(ended.lines)) == (73, 1)
    assert (
        "remixed/it.page is there already and is no page of hclarity's, or holds more" in ended.err
    )
    assert files_in(Path(".")) == before


def test_what_file_managers_leave_in_a_page_does_not_matter() -> None:
    stems()
    remix("it", "--page")
    (OF_STEMS.parent / ".DS_Store").touch()
    assert remix("it", "--page", "--overwrite").code == 0
    assert not (OF_STEMS.parent / ".DS_Store").exists()


def test_the_command_on_a_page_keeps_what_keeps_the_listener_safe() -> None:
    stems()
    Path("my ears.json").write_text(json.dumps({"left": {"250": 9, "1000": 9, "4000": 9}}))
    words = ("--other-ear", "same", "--full-scale-spl", 70, "--weekly-hours", 20, "--allow-loud")
    remix("it", "--page", "--plot", "--gain", "vocals=1", *words, audiogram="my ears.json")
    assert page_data(OF_STEMS)["command"] == (
        "hclarity remix it --audiogram 'my ears.json' --other-ear same --full-scale-spl 70.0"
        " --weekly-hours 20.0 --allow-loud --plot --model tiny --gains it.gains.json"
    )


def test_a_page_and_a_remix_without_one_are_of_the_same_remix() -> None:
    song()
    remix("song.flac", "--page")
    assert "already remixed: song.flac" in remix("song.flac").lines
    assert "already remixed: song.flac" in remix("song.flac", "--page").lines


def test_names_end_no_script() -> None:
    name = "</script><script>alert(1)</script>"
    path = write_song(Path("it") / "vocals.flac", music()).parent.rename("<!--<script> & 'it'")
    Path("me.json").write_text(
        json.dumps({"name": name, "left": {"250": 20, "1000": 30, "4000": 60}})
    )
    ended = remix(path, "--page", "--other-ear", "same", audiogram="me.json")
    assert ended.code == 0
    data = page_data(Path(ended.paths[-1]))
    assert set(data["listener"]) == {"left", "right"}  # and not whose they are
    assert data["title"] == path.name


def test_a_saved_mix_that_would_change_what_is_prescribed_as_a_whole() -> None:
    Path("gains.json").write_text('{"stem_gains_db": {}, "prescription_percent": 50}')
    ended = remix(song(), "--gains", "gains.json", "--wdrc")
    assert (ended.code, len(ended.lines)) == (2, 1)
    assert "prescription_percent, left_db and right_db change linear gain only" in ended.err


def test_nothing_is_left_where_it_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_off(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("hclarity.cli.listening.listening_page", broken_off)
    stems()
    assert remix("it", "--page").code == 130
    assert files_in(Path("remixed")) == []


def test_a_disk_that_fills_up_costs_nothing_that_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    stems()
    remix("it")
    before = {path: path.read_bytes() for path in Path("remixed").iterdir()}
    opened = Path.open

    def full(path: Path, mode: str = "r", **words: Any) -> IO[Any]:
        if path.suffix == ".js":
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, mode, **words)

    monkeypatch.setattr(Path, "open", full)
    ended = remix("it", "--page")
    assert ended.code == 74
    assert ended.lines[-1] == "error: remixed/it.page cannot be written: No space left on device"
    assert {path: path.read_bytes() for path in Path("remixed").iterdir()} == before


def test_several_songs_at_once_have_a_page_each() -> None:
    for name in ("one", "two"):
        write_song(Path(name) / "vocals.flac", music())
    ended = remix("one", "two", "--page", "-j", "2")
    assert ended.code == 0
    assert sorted(path for path in ended.paths if path.endswith(".html")) == [
        "remixed/one.page/index.html",
        "remixed/two.page/index.html",
    ]
