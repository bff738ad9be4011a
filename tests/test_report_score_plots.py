import sys

import pytest
from evaluation_scores import IDEAL, MIXTURE, NET, report_of, scored

from hclarity.errors import CannotCreateError, UnavailableError, UsageError
from hclarity.evaluation.aggregates import RowInfo
from hclarity.report.score_plots import check_plot, plot_scores

pytest.importorskip("matplotlib")

INF = float("inf")
BEGINNINGS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


@pytest.fixture(scope="module")
def report():
    cheat = RowInfo("$cheat ガ", "model", True, "c")
    return report_of(
        scored("usdr", "mixture", {"drums": [-1, -2], "bass": [1, None]}),
        scored("usdr", "net", {"drums": [3, 4], "bass": [INF, -INF]}),
        scored("usdr", cheat.name, {"drums": [3]}),
        scored("haaqi", "net", {"remix": [0.5, 0.75]}, listener="N1", ear="left"),
        rows=[MIXTURE, NET, cheat, IDEAL],
    )


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_a_picture_of_each_kind_and_always_the_same(report, kind, tmp_path):
    first, second = tmp_path / f"one.{kind}", tmp_path / f"two.{kind.upper()}"
    for path in (first, second):
        plot_scores(report, path)
    assert first.read_bytes().startswith(BEGINNINGS[kind])
    assert first.read_bytes() == second.read_bytes()


def test_curves_say_what_share_of_songs_scores_at_most_so_much(report):
    from matplotlib.figure import Figure

    from hclarity.report.score_plots import _draw_curve

    axes = Figure().subplots()
    look = {"color": "red", "zorder": 1}
    _draw_curve(axes, {"a": 3.0, "b": 1.0, "c": None, "d": 2.0, "e": 4.0}, look)
    curve, dot = axes.lines
    assert list(curve.get_xdata()) == [1, 1, 2, 3, 4]
    assert list(curve.get_ydata()) == [0, 0.25, 0.5, 0.75, 1]
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (2.5, 0.5)
    _draw_curve(axes, {"a": None}, look)
    assert len(axes.lines) == 2


def test_everything_is_named(report, tmp_path):
    plot_scores(report, tmp_path / "plot.svg")
    text = (tmp_path / "plot.svg").read_text()
    for word in ("mixture", "net", "$cheat", "ideal ratio mask", "drums", "remix", "uSDR (dB)"):
        assert f"<!-- {word}" in text
    assert "2 songs of MUSDB18-HQ, test; † trained on these songs" in text


def test_what_cannot_be_drawn_is_refused_at_once(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match=r"scores\.gif.*\.png, \.svg, \.pdf"):
        check_plot(tmp_path / "scores.gif")
    check_plot(tmp_path / "scores.PNG")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UnavailableError, match=r"pip install 'hclarity\[plot\]'"):
        check_plot(tmp_path / "scores.png")


def test_a_place_that_is_not_there_is_named(report, tmp_path):
    with pytest.raises(CannotCreateError, match="nowhere"):
        plot_scores(report, tmp_path / "nowhere" / "plot.png")
