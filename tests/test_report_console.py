import sys

import pytest

from hclarity.report.console import Reporter, one_line

NASTY = "a\nb\x1b[31mc\rd\x07e\u202ef [bold]x[/bold] [/] :smile: \\[y]"


def test_a_message_stays_on_its_line_and_is_printed_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    reporter = Reporter()
    reporter.error(NASTY)
    reporter.warn(NASTY)
    reporter.say(NASTY)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.split("\n")
    text = one_line(NASTY)
    assert lines == [f"error: {text}", f"warning: {text}", text, ""]
    assert text == "a\ufffdb\ufffd[31mc\ufffdd\ufffde\ufffdf [bold]x[/bold] [/] :smile: \\[y]"


def test_long_lines_are_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    Reporter().error("word " * 100)
    assert capsys.readouterr().err.count("\n") == 1


def test_quiet_keeps_warnings_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter(quiet=True)
    reporter.say("said")
    reporter.show("shown")
    with reporter.progress("going on", 3) as bar:
        bar.advance(1)
    assert capsys.readouterr() == ("", "")
    reporter.warn("warned")
    reporter.error("failed")
    assert capsys.readouterr().err == "warning: warned\nerror: failed\n"


def test_a_table_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    Reporter().show("  a  [b]\n    c")
    assert capsys.readouterr().err == "  a  [b]\n    c\n"


@pytest.mark.parametrize("forced", [False, True])
def test_without_a_terminal_progress_is_a_line(
    forced: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if forced:
        monkeypatch.setenv("FORCE_COLOR", "1")
    with Reporter().progress("going [on]", 3) as bar:
        bar.advance(1)
        bar.set(3)
    assert capsys.readouterr().err == "going [on]\n"


def test_no_progress_leaves_no_trace(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter().progress("going on", 3):
        pass
    assert capsys.readouterr().err == ""


def test_a_bar_on_a_terminal_goes_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Reporter().progress("going [on]\n", 4) as bar:
        bar.advance(1)
    err = capsys.readouterr().err
    assert "going [on]\ufffd " in err
    assert " 25 %" in err
    assert err.endswith("\x1b[?25h\r\x1b[1A\x1b[2K")  # the cursor is back, the line cleared


def test_a_dumb_terminal_gets_no_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Reporter().progress("going on", 3) as bar:
        bar.advance(1)
    assert capsys.readouterr().err == "going on\n"
