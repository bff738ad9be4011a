import re

import pytest
from evaluation_scores import IDEAL, MIXTURE, NET, report_of, scored

from hclarity import __version__
from hclarity.evaluation.aggregates import RowInfo
from hclarity.evaluation.published import Published
from hclarity.report.scores import markdown, score_tables

BETTER = RowInfo("better", "estimates", False, "b")
SEEN = RowInfo("cheat", "model", True, "c")
ROWS = (MIXTURE, NET, BETTER, SEEN, IDEAL)
BSRNN = Published("BSRNN", "usdr", "MUSDB18-HQ", "test", {"drums": 8.92, "all": 7.94}, "a paper")
OTHER = Published("Elsewhere", "usdr", "X", "test", {"drums": 9}, "a page", "data set X, not Y")


@pytest.fixture
def report():
    stems = {"mixture": [-5, -3, -4.5], "net": [5, 6, 7.5], "better": [7, 8, 9], "cheat": [1, 2, 3]}
    stems["ideal ratio mask"] = [9, 10, 11.5]
    return report_of(
        *(scored("usdr", row, {"drums": db, "bass": [4, 4, 4]}) for row, db in stems.items()),
        scored("csdr", "net", {"drums": [1, 2, 9]}),
        rows=ROWS,
    )


def names(table):
    """The first word of every row with numbers."""
    return re.findall(r"^(\w+) .*\d\.\d\d(?!,)", table.partition("──")[2], re.MULTILINE)


def test_a_cell_has_headline_and_other_statistic_interval_and_gain(report):
    lines = score_tables(report).splitlines()
    assert lines[0] == "uSDR in dB, 3 songs of MUSDB18-HQ, test"
    assert lines[1] == (
        "mean / median over songs, [95 % interval of the mean], + mean over the mixture"
    )
    assert lines[3].split() == ["drums", "bass", "all"]
    (net,) = (n for n, line in enumerate(lines) if re.match("net .*5.08", line))
    assert lines[net].split("  ")[0] == "net"
    assert re.findall(r"\S+ / \S+", lines[net]) == ["6.17 / 6.00", "4.00 / 4.00", "5.08 / 5.00"]
    assert re.findall(r"\[.*?\]", lines[net + 1]) == ["[5.0, 7.5]", "[4.0, 4.0]", "[4.5, 5.8]"]
    assert lines[net + 2].split() == ["+10.33", "+0.00", "+5.17"]


def test_the_headline_of_csdr_is_the_median(report):
    table = score_tables(report).partition("\n\ncSDR")[2]
    assert "median / mean over songs, [95 % interval of the median]" in table
    assert "2.00 / 4.00" in table


def test_rows_are_framed_and_the_best_comes_first(report):
    table = score_tables(report, [BSRNN]).partition("cSDR")[0]
    assert names(table) == ["mixture", "better", "net", "cheat", "ideal", "BSRNN"]
    rules = [line for line in table.splitlines() if set(line) == {"─"}]
    assert len(rules) == 4  # below the head; between mixture, separators, mask and published


def test_published_rows_stand_apart_with_their_source(report):
    table = score_tables(report, [BSRNN, OTHER]).partition("cSDR")[0]
    below = table.partition("as published:")[2].splitlines()
    assert below[1].split() == ["Elsewhere", "[1]", "9.00", "-", "-"]
    assert below[2].split() == ["BSRNN", "[2]", "8.92", "-", "7.94"]
    assert "  [1] X, test: a page. Differs: data set X, not Y." in below
    assert "  [2] MUSDB18-HQ, test: a paper." in below
    assert "as published" not in score_tables(report)


def test_what_cannot_be_compared_is_not_shown(report):
    piano = Published("P", "usdr", "X", "test", {"piano": 9}, "a page")
    haaqi = Published("H", "haaqi", "X", "test", {"drums": 0.9}, "a page")
    assert score_tables(report, [piano, haaqi]) == score_tables(report)


def test_a_model_that_knows_the_songs_is_marked(report):
    for text in (score_tables(report), markdown(report)):
        assert "cheat †" in text
        assert "† trained on these songs" in text
        assert "net †" not in text


def test_silence_and_missing_songs_are_told():
    report = report_of(
        scored("usdr", "mixture", {"drums": [1, None], "bass": [1, 2]}),
        scored("usdr", "net", {"drums": [1], "bass": [None]}),
    )
    for text in (score_tables(report), markdown(report)):
        assert "silent, without a value and left out: drums in 1 song (mixture)" in text
        assert "silent, without a value and left out: bass in 1 song (net)" in text
        assert "net: only 1 of 2 songs" in text
    assert re.search(r"net +1\.00 / 1\.00 +- +1.00 / 1.00", score_tables(report))


def test_silence_in_all_rows_is_told_once():
    drums = {"drums": [1, None]}
    report = report_of(scored("usdr", "mixture", drums), scored("usdr", "net", drums))
    assert "left out: drums in 1 song\n" in score_tables(report) + "\n"


def test_haaqi_has_listeners_and_no_unit():
    report = report_of(
        scored("haaqi", "net", {"remix": [0.25, 0.5], "drums": [0.5, 0.5]}, listener="N1"),
        scored("haaqi", "net", {"remix": [0.25, 0.5]}, listener="N2"),
    )
    table = score_tables(report)
    assert table.startswith("HAAQI, 2 songs of MUSDB18-HQ, test, 2 listeners\n")
    assert "0.375 / 0.375" in table
    assert "over the mixture" not in table


def test_many_stems_wrap_into_tables_that_fit():
    stems = {f"instrument {n}": [1.0, 2.0] for n in range(12)}
    report = report_of(scored("usdr", "net", stems), scored("usdr", "mixture", stems))
    table = score_tables(report)
    assert max(map(len, table.splitlines())) <= 100
    assert table.count("mixture  ") > 1
    assert all(re.search(rf"instrument {n}\b", table) for n in range(12))


@pytest.mark.parametrize("width", [60, 80])
def test_a_narrow_terminal_gets_the_same_words_below_each_other(report, width):
    wide = score_tables(report, [BSRNN]).replace("─", "")
    narrow = score_tables(report, [BSRNN], width=width)
    assert max(map(len, narrow.splitlines())) <= width
    assert set(narrow.replace("─", "").split()) == set(wide.split())


def test_any_name_is_a_name():
    hostile = RowInfo("a|b [red]*x*\n\x1b[31m" + "long" * 20, "estimates", False, "h")
    report = report_of(scored("usdr", hostile.name, {"drums|": [1.0, 2.0]}), rows=[hostile])
    table, paper = score_tables(report), markdown(report)
    assert "\x1b" not in table + paper
    assert "a|b" in table
    assert "[red]*x*" in table
    assert max(map(len, table.splitlines())) <= 100
    assert r"| a\|b \[red\]\*x\*" in paper


def test_markdown_is_ready_for_a_paper(report):
    paper = markdown(report, [BSRNN]).splitlines()
    assert paper[:6] == [
        "### uSDR",
        "",
        "|  | drums | bass | all |",
        "|---|---:|---:|---:|",
        "| mixture | -4.17 / -4.50 [-5.0, -3.0] | 4.00 / 4.00 [4.0, 4.0] "
        "| -0.08 / -0.25 [-0.5, 0.5] |",
        "| better | 8.00 / 8.00 [7.0, 9.0] | 4.00 / 4.00 [4.0, 4.0] | 6.00 / 6.00 [5.5, 6.5] |",
    ]
    assert "| better, over the mixture | +12.17 | +0.00 | +6.08 |" in paper
    assert "| *as published:* BSRNN \\[1\\] | 8.92 | - | 7.94 |" in paper
    (caption,) = (line for line in paper if line.startswith("uSDR in dB, 3 songs of MUSDB18-HQ"))
    assert "95 % bootstrap interval of the mean" in caption
    assert "1e-7 added to both sums" in caption
    assert caption.endswith(f"hclarity {__version__}.")
    assert "\\[1\\] MUSDB18-HQ, test: a paper." in paper


def test_nothing_scored_is_no_table():
    assert score_tables(report_of()) == ""
    assert markdown(report_of()) == ""
