import errno
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest
from cli_program import files_in, hclarity, music, start, write_song
from tiny_model import STEMS
from typer import Exit

from hclarity import errors
from hclarity.__main__ import main
from hclarity.cli.ending import ending
from hclarity.errors import HclarityError

pytestmark = pytest.mark.usefixtures("workplace")

ERRORS = [
    kind for name in errors.__all__ if issubclass(kind := getattr(errors, name), HclarityError)
]


def ended_by(error: BaseException) -> int:
    with pytest.raises(Exit) as exit, ending():
        raise error
    return exit.value.exit_code


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_of_ours_has_its_code_and_line(
    kind: type[HclarityError], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended_by(kind("song.flac is not there")) == kind.exit_code
    assert capsys.readouterr() == ("", "error: song.flac is not there\n")


def test_an_error_of_the_system(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended_by(OSError(errno.EIO, "Input/output error", "song.flac")) == 74
    assert capsys.readouterr().err == "error: song.flac: Input/output error\n"


def test_an_error_of_ours_to_mend(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ended_by(ZeroDivisionError("division\nby zero")) == 70
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        "error: internal error: ZeroDivisionError: division\N{REPLACEMENT CHARACTER}by zero;"
    )
    assert "HCLARITY_DEBUG=1" in line
    monkeypatch.setenv("HCLARITY_DEBUG", "1")
    assert ended_by(ZeroDivisionError("division by zero")) == 70
    told = capsys.readouterr().err
    assert told.startswith("Traceback (most recent call last):")
    assert told.splitlines()[-1].startswith("error: internal error: ZeroDivisionError")


def test_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended_by(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err.startswith("error: interrupted; the same command again")


def test_ctrl_c_before_there_is_anything(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("hclarity.cli.app.end_on_signals", interrupted)
    with pytest.raises(SystemExit) as exit:
        main()
    assert exit.value.code == 130
    assert capsys.readouterr() == ("", "")


def test_what_ends_well_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    with ending():
        print("done")
    assert ended_by(Exit(3)) == 3
    assert capsys.readouterr() == ("done\n", "")


def test_an_internal_error_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise AssertionError("of our own making")

    monkeypatch.setattr("hclarity.separation.separator.Separator.push", broken)
    write_song(Path("song.flac"))
    ended = hclarity("separate", "-m", "tiny", "-q", "song.flac")
    assert (ended.code, ended.out) == (70, "")
    (line,) = ended.lines
    assert "internal error: AssertionError: of our own making" in line
    assert files_in(Path("separated")) == []


# --- in a process of its own ---------------------------------------------------------------------


def wait_for_unfinished_stems(program: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if len(list(Path().rglob("*.part"))) == len(STEMS):
            return
        assert program.poll() is None, program.communicate()
        time.sleep(0.05)
    pytest.fail("no stems were begun")


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow),
        pytest.param(signal.SIGHUP, marks=pytest.mark.slow),
    ],
)
def test_a_signal_leaves_nothing_half_done(number: signal.Signals) -> None:
    write_song(Path("song.flac"), music(60))
    program = start("separate", "-m", "tiny", "-q", "--engine", "torch", "song.flac")
    wait_for_unfinished_stems(program)
    program.send_signal(number)
    out, err = program.communicate()
    assert program.returncode == 128 + number
    assert (out, err) == (b"", b"error: interrupted; the same command again does what is missing\n")
    assert files_in(Path("separated")) == []
    write_song(Path("song.flac"), music(1))
    again = hclarity("separate", "-m", "tiny", "song.flac")
    assert (again.code, len(again.paths)) == (0, len(STEMS))


def test_whoever_reads_may_stop_reading() -> None:
    songs = [write_song(Path(f"{name}.flac")) for name in "abc"]
    program = start("separate", "-m", "tiny", "-q", "--engine", "torch", *songs)
    assert program.stdout is not None
    assert program.stderr is not None
    with program.stdout, program.stderr:
        assert program.stdout.readline() == b"separated/tiny/a/drums.flac\n"
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.wait() == 0
    assert not list(Path().rglob("*.part"))


def test_help_into_a_closed_pipe_is_quiet() -> None:
    program = start("separate", "--help")
    assert program.stdout is not None
    program.stdout.close()
    assert program.stderr is not None
    with program.stderr:
        assert program.stderr.read() == b""
    program.wait()


def on_a_terminal(*words: object) -> str:
    """All that is said on stderr, where that is a terminal."""
    ours, theirs = pty.openpty()
    program = start(*words, stderr=theirs)
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # as Linux tells that all has been read
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    program.communicate()
    return said.decode()


def test_bars_and_colours_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    write_song(Path("song.flac"))
    said = on_a_terminal("separate", "-m", "tiny", "--engine", "torch", "song.flac", "missing.flac")
    assert "\x1b[31merror:\x1b[0m missing.flac is not there\r\n" in said
    assert "separating song.flac \x1b" in said
    assert " % " in said
    monkeypatch.setenv("NO_COLOR", "1")
    said = on_a_terminal("separate", "-m", "tiny", "--engine", "torch", "missing.flac")
    assert said == "error: missing.flac is not there\r\n"
