from pathlib import Path

import pytest
import torch
from demucs.states import load_model
from perturbed_nets import perturbed

from hclarity.errors import BadDataError, CannotCreateError
from hclarity.nets.hdemucs import hdemucs
from hclarity.registry.exporting import export_model
from hclarity.registry.importing import import_model
from hclarity.registry.models import find_card
from hclarity.registry.weights import ResolvedWeights, resolve_weights

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCLARITY_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")


def imported(source: Path) -> tuple[object, ResolvedWeights]:
    import_model(source, "mine")
    card = find_card("mine")
    return card, resolve_weights(card)


def test_demucs_reads_what_is_exported(tmp_path: Path) -> None:
    stems = ("drums", "bass", "other", "vocals")
    ours = perturbed(hdemucs(stems, sample_rate=44100, channels=2, width=8))
    torch.save(ours.state_dict(), tmp_path / "a.pt")
    target = tmp_path / "a.th"
    assert export_model(*imported(tmp_path / "a.pt"), target) == target
    theirs = load_model(target, strict=True).eval()
    song = torch.randn(1, 2, 9000, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        assert torch.allclose(theirs(song), ours(song), rtol=0, atol=1e-5)


def test_nets_that_demucs_does_not_have(tmp_path: Path) -> None:
    card, resolved = imported(GOLDEN / "bsrnn_lightning.ckpt")
    with pytest.raises(BadDataError, match="demucs has no BandSplitRNN; only Hybrid Demucs goes"):
        export_model(card, resolved, tmp_path / "a.th")
    card = find_card("demucs")
    with pytest.raises(BadDataError, match="no net with ratio masks"):
        export_model(card, resolve_weights(card, "bundled"), tmp_path / "a.th")
    assert not (tmp_path / "a.th").exists()


def test_where_no_file_can_be(tmp_path: Path) -> None:
    net = hdemucs(("a", "b", "c", "d"), sample_rate=44100, channels=2, width=8)
    torch.save(net.state_dict(), tmp_path / "a.pt")
    with pytest.raises(CannotCreateError, match=r"a\.th cannot be created"):
        export_model(*imported(tmp_path / "a.pt"), tmp_path / "none" / "a.th")
