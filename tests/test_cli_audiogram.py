import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from cli_program import hclarity, write_song

from hclarity import __version__
from hclarity.hearing.formats.reading import read_listener
from hclarity.hearing.standard import STANDARD_LISTENERS

UNEVEN = "right=250:20,500:30,1000:40,2000:45,4000:NR95;left=250:0,500:0,1000:5,2000:10,4000:15"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def tone(hz, seconds=1.0, rate=16000):
    wave = 0.1 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return np.tile(wave, (2, 1)).astype(np.float32)


def test_show():
    ended = hclarity("audiogram", "show", "N3")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("N3\n\ndB HL 125")
    assert ended.out.isascii()
    assert "moderate hearing loss" in ended.out
    assert "no diagnosis" in ended.out


def test_colours_are_for_terminals(monkeypatch):
    plain = hclarity("audiogram", "show", UNEVEN).out
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    red, blue = "\x1b[31m", "\x1b[34m"
    coloured = hclarity("audiogram", "show", UNEVEN).out
    assert red in coloured
    assert blue in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert red not in hclarity("audiogram", "show", UNEVEN).out


def test_notes_are_told_and_no_part_of_the_chart():
    ended = hclarity("audiogram", "show", UNEVEN)
    assert ended.code == 0
    assert all(line.startswith("note: the typed audiogram: ") for line in ended.lines)
    assert any("no response at 4000 Hz" in line for line in ended.lines)
    assert "note" not in ended.out


def test_show_as_json():
    ended = hclarity("audiogram", "show", UNEVEN, "--json")
    told = json.loads(ended.out)
    assert told["version"] == __version__
    assert told["format"] == "typed"
    assert told["right"]["no_response_hz"] == [4000]
    assert told["right"]["db_hl"] == [20, 30, 40, 45, 100]
    assert told["left"]["pure_tone_average_db_hl"] == 7.5
    assert told["right"]["no_response_db_hl"] == [95]
    assert told["right"]["pure_tone_average_at_least"] is True
    assert told["grade"]["at_least"] is False
    assert told["grade"]["name"] == "hearing loss in one ear"
    assert len(told["notes"]) == len(ended.lines) > 0
    assert "song" not in told


def test_a_song_at_a_level():
    song = write_song(Path("song.flac"), tone(1000))
    told = json.loads(hclarity("audiogram", "show", "N3", "--song", song, "--json").out)["song"]
    at = told["hz"].index(1000)
    assert told["mean_db_spl"] == 65
    assert told["p99_db_hl"][at] == pytest.approx(65 - 2.4, abs=0.15)
    louder = hclarity("audiogram", "show", "N3", "--song", song, "--level", 80, "--json")
    told = json.loads(louder.out)["song"]
    assert told["p30_db_hl"][at] == pytest.approx(80 - 2.4, abs=0.15)
    shown = hclarity("audiogram", "show", "N3", "--song", song, "--level", 80)
    assert ": song.flac at 80 dB SPL (30th to 99th percentile)" in shown.out


@pytest.mark.parametrize("to", ["json", "cadenza", "csv", "fhir"])
def test_convert_prints_what_reads_back(to, tmp_path):
    ended = hclarity("audiogram", "convert", "S2", "--to", to)
    assert (ended.code, ended.err) == (0, "")
    (tmp_path / "again").write_text(ended.out)
    listener = read_listener(tmp_path / "again").listener
    assert listener.left == listener.right == STANDARD_LISTENERS["S2"].left


def test_convert_writes_a_file_and_replaces_none_unasked(tmp_path):
    ended = hclarity("audiogram", "convert", "N1", "-o", "n1.csv")
    assert (ended.code, ended.out) == (0, "n1.csv\n")
    before = Path("n1.csv").read_text()
    assert before.startswith("frequency_hz,left_db_hl,right_db_hl\n")
    again = hclarity("audiogram", "convert", "N2", "-o", "n1.csv", "--to", "json")
    assert (again.code, again.out) == (73, "")
    assert again.err == "error: n1.csv is there already; choose another name, or --overwrite\n"
    assert Path("n1.csv").read_text() == before
    assert hclarity("audiogram", "convert", "N2", "-o", "n1.csv", "--overwrite").code == 0
    assert Path("n1.csv").read_text() != before
    assert hclarity("audiogram", "convert", "N2", "-o", "n2").code == 0
    assert json.loads(Path("n2").read_text())["name"] == "N2"
    assert {path.name for path in tmp_path.iterdir()} == {"n1.csv", "n2"}


def test_plot():
    pytest.importorskip("matplotlib")
    song = write_song(Path("song.flac"), tone(500))
    ended = hclarity("audiogram", "plot", "N3", "-o", "n3.svg", "--song", song, "--level", 70)
    assert (ended.code, ended.out) == (0, "n3.svg\n")
    assert "song.flac at 70 dB SPL" in Path("n3.svg").read_text()
    ended = hclarity("audiogram", "plot", "N3", "-o", "n3.png", "--json")
    assert json.loads(ended.out)["plot"] == "n3.png"
    assert Path("n3.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["show", "nobody.json"], 66, "nobody.json"),
        (["show", "N3", "--listener", "N4"], 2, "N4"),
        (["show", "right=250:20,500:30,1000:40"], 65, "left"),
        (["show", "N3", "--level", "70"], 2, "--level means nothing without --song"),
        (["show", "N3", "--song", "none.wav"], 66, "none.wav"),
        (["show", "N3", "--song", "silence.flac"], 65, "silence.flac is silent"),
        (["convert", "N3", "--to", "xml"], 2, "xml"),
        (["convert", "N3", "-o", "nowhere/n3.csv"], 73, "nowhere"),
        (["plot", "N3"], 2, "--out"),
        (["plot", "N3", "-o", "n3.gif"], 2, "n3.gif"),
        (["plot", "nobody.json", "-o", "n3.png"], 66, "nobody.json"),
        (["plot", "N3", "-o", "nowhere/n3.png"], 73, "nowhere"),
    ],
)
def test_what_goes_wrong_is_told_on_one_line(words, code, told):
    write_song(Path("silence.flac"), np.zeros((1, 8000), np.float32))
    ended = hclarity("audiogram", *words)
    assert (ended.code, ended.out) == (code, "")
    assert ended.lines[-1].startswith("error: ")
    assert told in ended.lines[-1]
    assert sum(line.startswith("error") for line in ended.lines) == 1


def test_the_other_ear():
    one = "right=250:20,500:30,1000:40"
    told = json.loads(hclarity("audiogram", "show", one, "--other-ear", "normal", "--json").out)
    assert set(told["left"]["db_hl"]) == {0}


def test_plots_need_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    ended = hclarity("audiogram", "plot", "N3", "-o", "n3.png")
    assert ended.code == 69
    assert "pip install 'hclarity[plot]'" in ended.err


def test_the_group_says_what_there_is():
    ended = hclarity("audiogram", "--help")
    assert all(word in ended.out for word in ("show", "convert", "plot"))
