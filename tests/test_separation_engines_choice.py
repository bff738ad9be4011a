from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_program import files_in
from engine_nets import QUICKEST
from tiny_nets import TINY_NETS

from hclarity.errors import UnavailableError
from hclarity.separation.engines.choice import choose_engine

NET = QUICKEST.build()
needs_openvino = pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not here")


@pytest.fixture
def without_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hclarity.separation.engines.choice.find_spec", lambda name: None)


def chosen(tmp_path: Path, **wanted: Any) -> tuple[str, str]:
    engine = choose_engine(NET, QUICKEST.contract, folder=tmp_path, **wanted)
    return engine.name, engine.precision


@needs_openvino
@pytest.mark.parametrize("has", [True, False])
def test_openvino_by_itself_and_half_precision_where_the_cpu_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has: bool
) -> None:
    monkeypatch.setattr("hclarity.separation.engines.openvino_engine.has_bf16", lambda: has)
    best = "bf16" if has else "fp32"
    assert chosen(tmp_path) == chosen(tmp_path, engine="openvino") == ("openvino", best)
    assert chosen(tmp_path, precision="fp32") == ("openvino", "fp32")
    assert chosen(tmp_path, precision="bf16") == ("openvino", "bf16")
    assert files_in(tmp_path) == []  # nothing is converted before there is something to hear


def test_torch_when_told(tmp_path: Path) -> None:
    assert chosen(tmp_path, engine="torch") == ("torch", "fp32")
    assert chosen(tmp_path, engine="torch", precision="bf16") == ("torch", "bf16")


@pytest.mark.usefixtures("without_openvino")
def test_torch_where_there_is_no_openvino(tmp_path: Path) -> None:
    assert chosen(tmp_path) == ("torch", "fp32")
    with pytest.raises(UnavailableError, match="OpenVINO is not installed here; use --engine torc"):
        chosen(tmp_path, engine="openvino")


@needs_openvino
def test_openvino_hears_no_stream(tmp_path: Path) -> None:
    tiny = TINY_NETS["convtasnet, causal"]
    net = tiny.build()
    assert choose_engine(net, tiny.contract, folder=tmp_path).name == "torch"
    with pytest.raises(UnavailableError, match="this model hears a stream; use --engine torch"):
        choose_engine(net, tiny.contract, folder=tmp_path, engine="openvino")


@needs_openvino
def test_openvino_has_no_place_without_a_folder() -> None:
    assert choose_engine(NET, QUICKEST.contract).name == "torch"
    with pytest.raises(UnavailableError, match="needs a folder for what it converts; use --engine"):
        choose_engine(NET, QUICKEST.contract, engine="openvino")


@needs_openvino
def test_openvino_computes_on_the_cpu_only(tmp_path: Path) -> None:
    on_meta = QUICKEST.build()
    words = {"folder": tmp_path, "device": "meta"}
    assert choose_engine(on_meta, QUICKEST.contract, **words).device == "meta"
    with pytest.raises(UnavailableError, match="computes on the CPU here, not on meta; use --engi"):
        choose_engine(on_meta, QUICKEST.contract, **words, engine="openvino")


@needs_openvino
def test_a_model_is_kept_for_its_weights_and_stems(tmp_path: Path) -> None:
    """And is found again; neither precision nor the order of asking matters."""
    told: list[str] = []
    chunk = np.ones((1, 2, QUICKEST.chunk), np.float32)

    def kept(**wanted: Any) -> set[Path]:
        engine = choose_engine(
            NET, QUICKEST.contract, folder=tmp_path / "kept", say=told.append, **wanted
        )
        before = set(tmp_path.glob("kept/*"))
        estimate = engine.submit(chunk).result()
        assert engine.name == "openvino"
        assert estimate.shape[1] == engine.stems == len(wanted.get("stems", QUICKEST.stems))
        return set(tmp_path.glob("kept/*")) - before

    (first,) = kept(identity="a")
    assert first.name.isalnum()
    assert kept(identity="a") == kept(identity="a", precision="fp32") == set()
    assert kept(identity="a", stems=QUICKEST.stems) == set()
    assert len(told) == 1
    assert len(kept(identity="b")) == 1
    assert len(kept(identity="a", stems=["rest"])) == 1
    assert len(kept(identity="a", stems=QUICKEST.stems[::-1])) == 1
    assert len(told) == 4


@pytest.mark.usefixtures("without_openvino")
@pytest.mark.parametrize("stems", [["rest"], ["rest", "vocals"]])
def test_only_what_is_wanted(stems: list[str]) -> None:
    chunk = np.random.default_rng(0).standard_normal((1, 2, 500)).astype(np.float32)
    every = choose_engine(NET, QUICKEST.contract).submit(chunk).result()
    some = choose_engine(NET, QUICKEST.contract, stems=stems).submit(chunk).result()
    numbers = [QUICKEST.stems.index(stem) for stem in stems]
    np.testing.assert_allclose(some, every[:, numbers], rtol=0, atol=1e-6)
