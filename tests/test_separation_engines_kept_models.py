import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_program import files_in

from hclarity.separation.engines.kept_models import _digest, kept_model
from hclarity.separation.engines.openvino_door import openvino, openvino_core

pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not here")

WHOLE = ["model.bin", "model.xml", "sha256.txt"]


class Converter:
    """Makes a model that adds a number to each of a row; counts how often."""

    def __init__(self, number: float = 3.0) -> None:
        self.number, self.times = number, 0

    def __call__(self) -> Any:
        self.times += 1
        openvino()
        from openvino import opset13 as operations

        row = operations.parameter([1, 64], np.float32)
        added = operations.constant(np.full((1, 64), self.number, np.float32))
        return openvino().Model([operations.add(row, added)], [row], "adder")


def adds(model: Any) -> float:
    """What a model adds."""
    compiled = openvino_core().compile_model(model, "CPU")
    (row,) = compiled([np.zeros((1, 64), np.float32)]).to_tuple()
    return float(row[0, 63])


def test_what_is_kept_is_not_converted_again(tmp_path: Path) -> None:
    convert = Converter()
    assert adds(kept_model(tmp_path / "below" / "it", convert)) == 3
    assert files_in(tmp_path) == [f"below/it/{name}" for name in WHOLE]
    assert adds(kept_model(tmp_path / "below" / "it", convert)) == 3
    assert convert.times == 1


def test_another_folder_is_another_model(tmp_path: Path) -> None:
    kept_model(tmp_path / "three", Converter())
    assert adds(kept_model(tmp_path / "four", Converter(4.0))) == 4
    assert adds(kept_model(tmp_path / "three", Converter(5.0))) == 3


def _bent(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\n0"),
    "one bit": _bent,
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x80"),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_mended(
    tmp_path: Path, name: str, damage: Callable[[Path], object]
) -> None:
    folder = tmp_path / "it"
    kept_model(folder, Converter())
    damage(folder / name)
    convert = Converter()
    assert adds(kept_model(folder, convert)) == 3
    assert convert.times == 1
    assert files_in(tmp_path) == [f"it/{name}" for name in WHOLE]
    kept_model(folder, convert)
    assert convert.times == 1


def test_files_that_fit_but_are_no_model(tmp_path: Path) -> None:
    """As after a change of format."""
    folder = tmp_path / "it"
    kept_model(folder, Converter())
    (folder / "model.xml").write_text("<net/>")
    (folder / "sha256.txt").write_bytes(_digest(folder))
    assert adds(kept_model(folder, Converter())) == 3


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o500)
    assert adds(kept_model(closed / "it", Converter())) == 3
    assert files_in(tmp_path) == []


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    convert = Converter()
    for times in (1, 2):
        assert adds(kept_model(tmp_path / "file" / "it", convert)) == 3
        assert convert.times == times
    assert files_in(tmp_path) == ["file"]


def test_a_disk_that_fills_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(model: Any, path: Path, **_: object) -> None:
        path.write_text("<half")
        raise RuntimeError("Cannot write")  # as OpenVINO says it

    monkeypatch.setattr(openvino(), "save_model", full)
    assert adds(kept_model(tmp_path / "it", Converter())) == 3
    assert files_in(tmp_path) == []


def test_a_bug_in_the_conversion_is_told(tmp_path: Path) -> None:
    def broken() -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        kept_model(tmp_path / "it", broken)
    assert files_in(tmp_path) == []


def test_an_interrupted_conversion_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(openvino(), "save_model", interrupted)
    with pytest.raises(KeyboardInterrupt):
        kept_model(tmp_path / "it", Converter())
    assert files_in(tmp_path) == []


def test_many_threads_at_once(tmp_path: Path) -> None:
    for round in range(5):
        folder, convert = tmp_path / str(round), Converter()
        with ThreadPoolExecutor(8) as pool:
            models = list(pool.map(kept_model, [folder] * 8, [convert] * 8))
        assert [adds(model) for model in models[:2]] == [3, 3]
        assert sorted(os.listdir(tmp_path)) == [str(number) for number in range(round + 1)]
        assert sorted(os.listdir(folder)) == WHOLE
        kept_model(folder, convert)
        assert convert.times == 1


PROGRAM = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_separation_engines_kept_models import Converter, adds, kept_model, openvino
openvino()
folder = Path(sys.argv[2])
(folder / f"ready{sys.argv[3]}").touch()
while len(list(folder.glob("ready*"))) < 2:
    time.sleep(0.001)
for number in range(6):
    assert adds(kept_model(folder / f"model{number}", Converter())) == 3
"""


def test_two_processes_at_once(tmp_path: Path) -> None:
    words = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent), str(tmp_path)]
    running = [subprocess.Popen([*words, name], stderr=subprocess.PIPE, text=True) for name in "ab"]
    for program in running:
        _, err = program.communicate(timeout=60)
        assert (program.returncode, err) == (0, "")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"readya", "readyb", *(f"model{number}" for number in range(6))}
    assert all(sorted(os.listdir(tmp_path / f"model{n}")) == WHOLE for n in range(6))
    convert = Converter()
    for number in range(6):
        kept_model(tmp_path / f"model{number}", convert)
    assert convert.times == 0
