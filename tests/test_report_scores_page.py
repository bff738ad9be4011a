from pathlib import Path

import numpy as np
import pytest
from evaluation_scores import NET, report_of, scored
from listening_pages import page_data
from scores_pages import EXCERPT, RATE, example_sounds, many_scores, write_page

from hclarity.errors import BadDataError
from hclarity.evaluation.examples import Excerpt, telling_cases
from hclarity.report.browser_page import SCORES
from hclarity.report.score_content import content
from hclarity.report.scores_page import example_script

MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return write_page(tmp_path / "page", many_scores())


def level_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-20))


def test_it_holds_what_the_tables_say(page: Path) -> None:
    data, report = page_data(page), many_scores()
    assert data["title"] == "12 songs of MUSDB18-HQ, test"
    assert [row["kind"] for row in data["rows"]] == ["floor", "model", "estimates", "ceiling"]
    assert [metric["name"] for metric in data["metrics"]] == ["usdr", "csdr"]
    usdr, table = data["metrics"][0], content(report, "usdr")
    assert usdr["columns"] == ["drums", "vocals", "all"]
    lines = [line for section in table.sections for line in section]
    assert [line["name"] for line in usdr["measured"]] == [line.name for line in lines]
    assert usdr["measured"][1]["name"] == "theirs †"
    assert (usdr["caption"], usdr["notes"]) == (table.caption, table.notes)
    for line, shown in zip(lines, usdr["measured"], strict=True):
        for cell, words in zip(line.cells, shown["cells"], strict=True):
            ascii_words = words["interval"].replace(MINUS, "-").replace("∞", "inf")
            assert ascii_words == cell.interval
    assert usdr["published"][0]["name"] == "Somebody [1]"
    assert usdr["published"][0]["cells"][0] == {
        "headline": "7.50", "other": "", "interval": "", "gain": "", "number": 7.5,
    }  # fmt: skip


def test_each_song_has_its_scores(page: Path) -> None:
    usdr, report = page_data(page)["metrics"][0], many_scores()
    for row in ("mixture", "net", "theirs"):
        for stem in ("drums", "vocals", "all"):
            values = report.values("usdr", row, stem)
            told = usdr["values"][stem][row]
            for song, value in zip(usdr["songs"], told, strict=True):
                assert value == ("inf" if values[song] == np.inf else values[song])
    assert usdr["values"]["vocals"]["net"][1] is None


def test_infinite_scores_are_told_as_such(page: Path) -> None:
    usdr = page_data(page)["metrics"][0]
    theirs = next(line for line in usdr["measured"] if line["row"] == "theirs")
    cell = theirs["cells"][0]
    assert (cell["headline"], cell["gain"], cell["number"]) == ("∞", "+∞", "inf")


def test_examples_tell_where_their_sound_is(tmp_path: Path) -> None:
    report = many_scores()
    cases = telling_cases(report)
    page = write_page(tmp_path / "page", report, broken=cases[:1])
    examples = page_data(page)["examples"]
    assert len(examples) == len(cases) == 12
    assert (examples[0]["heard"], examples[0]["problem"]) == (None, "its file is damaged")
    assert examples[1]["heard"] == {"number": 1, "start_s": 75.5, "seconds": 1.0}
    assert [examples[1][key] for key in ("row", "song", "stem", "value", "good")] == [
        cases[1].row, cases[1].song, cases[1].stem, cases[1].value, True,
    ]  # fmt: skip


def test_the_sound_of_an_example(page: Path) -> None:
    sounds = example_sounds(page.parent / "sound" / "0000.js")
    inner = slice(4800, -4800)
    for name, sound in sounds.items():
        assert sound.shape == (2, 48000)
        assert np.abs(sound[:, :20]).max() < 0.05
        expected = getattr(EXCERPT, name)
        assert level_db(sound[:, inner]) == pytest.approx(level_db(expected), abs=0.3), name
    difference = sounds["estimate"] - sounds["truth"] - sounds["wrong"]
    assert level_db(difference) < level_db(sounds["wrong"]) - 20


def test_silence_is_not_encoded() -> None:
    nothing = np.zeros((1, RATE), np.float32)
    script = example_script(3, Excerpt(0.0, RATE, nothing, nothing, nothing))
    assert script == b'hclarityExample(3,["","","",""]);'


def test_more_than_two_channels_cannot_be_heard() -> None:
    six = np.zeros((6, RATE), np.float32)
    with pytest.raises(BadDataError):
        example_script(0, Excerpt(0.0, RATE, six, six, six))


def test_names_end_no_script(tmp_path: Path) -> None:
    name = "</script><script>alert(1)</script>\n<!--"
    values = scored("usdr", NET.name, {name: [1.0, 2.0]})
    page = write_page(tmp_path / "page", report_of(values))
    assert page_data(page)["metrics"][0]["columns"] == [name]


def test_it_is_marked_as_ours(page: Path) -> None:
    assert SCORES.encode() in page.read_bytes()[:512]
    assert "{{" not in page.read_text(encoding="utf-8").split("<style>")[0]
