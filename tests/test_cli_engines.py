import importlib.util
import json
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile as sf
from cli_program import Ended, files_in, hclarity, music, start, write_song
from engine_nets import snr
from tiny_model import QUICK_STEMS, make_quick_model

from hclarity.separation.engines.openvino_engine import has_bf16

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("openvino") is None, reason="OpenVINO is not here"
)

CONVERTING = "converting the model for OpenVINO, which is kept for the next time"
STEMS = [f"separated/quick/song/{stem}.flac" for stem in QUICK_STEMS]


@pytest.fixture
def place(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place to work in, with OpenVINO, a quick model that was never converted, and a song."""
    monkeypatch.setattr("hclarity.separation.engines.choice.find_spec", importlib.util.find_spec)
    monkeypatch.setattr("hclarity.cli.song_engines._WORTH_CONVERTING_S", 0.0)
    monkeypatch.setenv("HCLARITY_MODELS", str(workplace / "models"))
    make_quick_model(workplace / "models" / "quick")
    write_song(workplace / "song.flac")
    return workplace


def separate(*words: object) -> Ended:
    return hclarity("separate", "-m", "quick", "song.flac", *words)


def computed_by() -> tuple[str, str]:
    record = json.loads(Path("separated/quick/song/separation.json").read_text())
    return record["engine"], record["precision"]


def best() -> str:
    return "bf16" if has_bf16() else "fp32"


def opening(engine: str, precision: str) -> str:
    return f"model quick, bundled weights, on the cpu, by {engine} in {precision}"


@pytest.mark.usefixtures("place")
def test_openvino_is_what_computes_here() -> None:
    ended = separate()
    assert (ended.code, ended.paths) == (0, STEMS)
    assert ended.lines == [opening("openvino", best()), CONVERTING, "separating song.flac"]
    assert computed_by() == ("openvino", best())
    assert separate("--overwrite").lines == [opening("openvino", best()), "separating song.flac"]
    kept = {Path(name).name for name in files_in(Path("models/.converted"))}
    assert kept == {"model.xml", "model.bin", "sha256.txt"}
    assert hclarity("models", "list").code == 0


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("words", "by"),
    [
        (("--engine", "torch"), ("torch", "fp32")),
        (("--engine", "torch", "--precision", "bf16"), ("torch", "bf16")),
        (("--engine", "openvino", "--precision", "fp32"), ("openvino", "fp32")),
        (("--precision", "fp32"), ("openvino", "fp32")),
    ],
)
def test_what_is_asked_for_is_done_and_written_down(
    words: tuple[str, ...], by: tuple[str, str]
) -> None:
    ended = separate(*words)
    assert (ended.code, ended.lines[0]) == (0, opening(*by))
    assert computed_by() == by
    assert Path("models/.converted").exists() == (by[0] == "openvino")


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(("precision", "least"), [("fp32", 80), ("bf16", 30)])
def test_both_engines_make_the_same_stems(precision: str, least: float) -> None:
    if precision == "bf16" and not has_bf16():
        pytest.skip("this CPU has no bfloat16")
    form = ("--format", "wav", "--bits", "32f")
    write_song(Path("song.flac"), music(3.3, channels=1, rate=44100), rate=44100)
    torchs = separate("--engine", "torch", "-o", "torchs", *form).paths
    openvinos = separate("--precision", precision, "-o", "openvinos", *form).paths
    for one, other in zip(torchs, openvinos, strict=True):
        assert least < snr(sf.read(other)[0], sf.read(one)[0]) < 160


@pytest.mark.usefixtures("place")
def test_another_precision_makes_other_stems() -> None:
    """Another engine does not, and whoever asks for none takes what there is."""

    def is_done(*words: str) -> bool:
        return separate(*words).lines[-1] == "already separated: song.flac"

    assert not is_done("--precision", "fp32")
    assert is_done()
    assert is_done("--engine", "openvino", "--precision", "fp32")
    assert not is_done("--precision", "bf16")
    assert computed_by() == ("openvino", "bf16")
    assert is_done()
    assert is_done("--engine", "torch")
    assert not is_done("--engine", "torch", "--precision", "fp32")
    assert is_done("--precision", "fp32")


def test_no_openvino_here(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hclarity.separation.engines.choice.find_spec", lambda name: None)
    ended = separate("--engine", "openvino")
    assert (ended.code, ended.out) == (69, "")
    assert ended.lines == ["error: OpenVINO is not installed here; use --engine torch"]
    assert not (place / "separated").exists()
    assert separate().lines[0] == opening("torch", "fp32")


@pytest.mark.usefixtures("place")
def test_quiet_says_nothing() -> None:
    assert separate("-q").err == ""
    assert computed_by()[0] == "openvino"


@pytest.mark.usefixtures("place")
def test_a_net_that_cannot_be_converted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Costs a line; what is written down is what was done."""

    def broken(*_: object) -> None:
        raise RuntimeError("no such\noperation: " + 500 * "x")

    monkeypatch.setattr("hclarity.separation.engines.openvino_engine.converted", broken)
    ended = separate()
    assert (ended.code, ended.paths) == (0, STEMS)
    _, converting, reason, separating = ended.lines
    assert (converting, separating) == (CONVERTING, "separating song.flac")
    assert reason.startswith("OpenVINO cannot compute this model, so torch does: RuntimeError('no")
    assert computed_by() == ("torch", best())
    assert separate().lines[-1] == "already separated: song.flac"


@pytest.mark.usefixtures("place")
def test_what_is_kept_may_be_thrown_away() -> None:
    separate("-q")
    for path in Path("models/.converted").rglob("*.*"):
        path.write_bytes(b"")
    assert CONVERTING in separate("--overwrite").lines
    assert CONVERTING not in separate("--overwrite").lines


# --- in a process of its own ---------------------------------------------------------------------


@pytest.mark.usefixtures("place")
def test_nothing_else_is_said() -> None:
    """No warnings of Python's or OpenVINO's, by whatever way they come."""
    program = start("separate", "-m", "quick", "--engine", "openvino", "song.flac")
    out, err = program.communicate(timeout=60)
    assert (program.returncode, out.decode().splitlines()) == (0, STEMS)
    assert err.decode().splitlines() == [
        opening("openvino", best()),
        CONVERTING,
        "separating song.flac",
    ]


def _stems_are_begun() -> bool:
    return len(list(Path("separated").rglob("*.part"))) == len(STEMS)


def _stems_grow() -> bool:
    return _stems_are_begun() and all(
        path.stat().st_size > 50_000 for path in Path("separated").rglob("*.part")
    )


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    "reached", [pytest.param(_stems_are_begun, marks=pytest.mark.slow), _stems_grow]
)
def test_ctrl_c(reached: Callable[[], bool]) -> None:
    """While the net is compiled, and while workers compute."""
    write_song(Path("song.flac"), music(100))
    program = start("separate", "-m", "quick", "-q", "song.flac")
    for _ in range(3000):
        if reached():
            break
        assert program.poll() is None, program.communicate()
        time.sleep(0.01)
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=30)
    assert program.returncode == 130
    assert (out, err) == (b"", b"error: interrupted; the same command again does what is missing\n")
    assert files_in(Path("separated")) == []
    assert not list(Path("models").rglob("*.part"))
    write_song(Path("song.flac"))
    assert separate().code == 0
