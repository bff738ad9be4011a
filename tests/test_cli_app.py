import subprocess
import sys
from pathlib import Path

import pytest
from cli_program import hclarity, write_song

import hclarity as package

pytestmark = pytest.mark.usefixtures("workplace")

COMMANDS = ["separate", "remix", "demo", "train", "dataset", "dataset generate"]
COMMANDS += ["models", "models list", "models show", "models pull", "models verify"]
COMMANDS += ["models import", "models export"]

HEAVY = {"torch", "torchaudio", "scipy", "av", "pyloudnorm"}


def imported_by(*words: str) -> tuple[int, set[str]]:
    """The exit code of a run in a process of its own, and what it imported."""
    code = (
        "import sys\nfrom hclarity.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n"
        "    print(end.code, *sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(package.__file__).parent.parent), "HCLARITY_MODELS": "none"},
    )
    exit_code, *modules = ended.stderr.splitlines()[-1].split()
    return int(exit_code), set(modules)


@pytest.mark.parametrize(
    ("words", "code", "light"),
    [
        (("--help",), 0, {"numpy"}),
        (("--version",), 0, {"numpy"}),
        (("separate", "--help"), 0, {"numpy"}),
        (("remix", "--help"), 0, {"numpy"}),
        (("separate", "--wrong", "song.flac"), 2, {"numpy"}),
        (("separate", "missing.flac"), 66, set()),
        (("remix", "missing.flac", "--prescription", "none"), 66, set()),
        (("remix", "--prescription", "none"), 66, set()),
        (("separate", "missing.flac", "-m", "nothing"), 2, set()),
        (("models", "list"), 0, {"numpy"}),
        (("models", "show", "nothing"), 2, {"numpy"}),
        (("models", "verify", "demucs"), 0, {"numpy"}),
    ],
)
def test_answers_at_once(words: tuple[str, ...], code: int, light: set[str]) -> None:
    """Without what takes seconds to import."""
    ended, imported = imported_by(*words)
    assert ended == code
    assert not imported & (HEAVY | light)


def test_a_remix_of_stems_needs_no_torch() -> None:
    write_song(Path("take/vocals.flac"))
    ended, imported = imported_by("remix", "take", "--gain", "vocals=3", "--prescription", "none")
    assert ended == 0
    assert "torch" not in imported


def test_no_words_at_all_ask_for_help() -> None:
    ended = hclarity()
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == hclarity("--help").out
    for command in COMMANDS:
        assert f"  {command.split()[0]} " in ended.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    ended = hclarity(*command.split(), "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"Usage: hclarity {command} ")
    assert all(len(line) <= 80 for line in ended.out.splitlines())


def test_the_version() -> None:
    assert hclarity("--version").out == f"hclarity {package.__version__}\n"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--loud",), "no such option: --loud (see hclarity --help)"),
        (
            ("seperate", "x"),
            "no such command 'seperate'. Did you mean 'separate'? (see hclarity --help)",
        ),
        (
            ("separate",),
            "missing argument: name songs, folders of songs, or --from-file LIST",
        ),
        (("dataset",), "missing command (see hclarity dataset --help)"),
        (
            ("dataset", "generate"),
            "missing argument 'FOLDER' (see hclarity dataset generate --help)",
        ),
        (
            ("separate", "x", "--bits", "17"),
            "invalid value for '--bits': '17' is not one of '16', '24', '32f'"
            " (see hclarity separate --help)",
        ),
    ],
)
def test_a_wrong_command_line_is_told_on_one_line(words: tuple[str, ...], line: str) -> None:
    ended = hclarity(*words)
    assert (ended.code, ended.out, ended.lines) == (2, "", [f"error: {line}"])
