import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from demucs.hdemucs import HDemucs as TheirHDemucs
from perturbed_nets import perturbed
from registry_cards import write_card
from safetensors.torch import save_file

from hclarity.errors import BadDataError, CannotCreateError, MissingInputError, UsageError
from hclarity.nets.conv_tasnet import conv_tasnet
from hclarity.nets.hdemucs import hdemucs
from hclarity.registry.card_writing import card_text
from hclarity.registry.cards import NONE_PUBLISHED, ModelCard, Weights, read_card
from hclarity.registry.filling import fill_model
from hclarity.registry.first_use import remembered
from hclarity.registry.importing import import_model
from hclarity.registry.models import find_card
from hclarity.registry.nets import load_net
from hclarity.registry.places import cached_file, find_weights
from hclarity.registry.upstream.hdemucs import to_demucs
from hclarity.registry.weights import resolve_weights

STEMS = ("vocals", "rest")
SMALL = {"width": 4, "depth": 4, "nfft": 1024}
TASNET = {"N": 8, "L": 4, "B": 8, "H": 8, "P": 3, "X": 2, "R": 1}
SPOKEN = {"sample_rate": 16000, "channels": 2}


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HCLARITY_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")
    return tmp_path / "models"


@pytest.fixture
def net() -> torch.nn.Module:
    return perturbed(hdemucs(STEMS, **SPOKEN, **SMALL))


@pytest.fixture
def source(tmp_path: Path, net: torch.nn.Module) -> Path:
    path = tmp_path / "fetched (1).bin"
    torch.save(net.state_dict(), path)
    return path


@pytest.fixture
def card(tmp_path: Path, models: Path) -> ModelCard:
    """`far`: its weights are on a page, where nobody has published a digest."""
    return written(read_card(write_card(tmp_path / "tiny")), models)


def written(card: ModelCard, models: Path, **changes: object) -> ModelCard:
    values = {"file": "far.safetensors", "sha256": NONE_PUBLISHED, "arguments": SMALL, **changes}
    page = "https://example.org/far"
    official = Weights(licence="MIT", trained_on=(), seen=(), page=page, **values)
    text = card_text(replace(card, weights={"official": official}))
    return read_card(write_card(models / "far", text))


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_model_uses_the_file_and_is_what_it_was(card, source: Path, net) -> None:
    path = import_model(source, "far")
    assert path == cached_file(card, "official") == find_weights(card, "official")
    assert path.read_bytes() == source.read_bytes()
    assert find_card("far") == card
    assert remembered(path) == digest_of(source)
    loaded = load_net(card, resolve_weights(card))
    song = torch.randn(1, 2, 9000)
    with torch.inference_mode():
        assert torch.equal(loaded(song), net(song))
    assert import_model(source, "far") == path  # once more is fine


def test_a_file_that_is_not_the_published_one(card, source: Path, models: Path) -> None:
    card = written(card, models, sha256="ab" * 32)
    with pytest.raises(UsageError) as refused:
        fill_model(card, source)
    assert str(refused.value) == (
        f"{source} is not the published file of far (SHA-256 abababababab…);"
        f" it has {digest_of(source)[:12]}…; choose another name with --as"
    )
    assert find_weights(card, "official") is None
    card = written(card, models, sha256=digest_of(source))
    assert fill_model(card, source) == cached_file(card, "official")


def test_another_file_is_never_replaced(card, source: Path, tmp_path: Path) -> None:
    path = fill_model(card, source)
    before = path.read_bytes()
    again = tmp_path / "other.pt"
    torch.save(hdemucs(STEMS, **SPOKEN, **SMALL).state_dict(), again)
    with pytest.raises(UsageError, match=r"another file of far is there, .*far\.safetensors; dele"):
        fill_model(card, again)
    assert path.read_bytes() == before
    path.unlink()
    with pytest.raises(UsageError, match=r"not what far had at first .*\.sha256\); delete that"):
        fill_model(card, again)
    assert not path.exists()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"stems": ("rest", "vocals")}, "in their order: rest, vocals; got vocals, rest"),
        ({"stems": ("bass", "rest")}, "in their order: bass, rest; got vocals, rest"),
        ({"sample_rate": 8000}, "sample_rate is 16000, but its weights are for 8000"),
        ({"width": 8}, "width is 4, but its weights are for 8"),
    ],
)
def test_a_file_of_another_model(card, tmp_path: Path, changes, told: str) -> None:
    net = hdemucs(**{"stems": STEMS, **SPOKEN, **SMALL, **changes})
    torch.save(to_demucs(net), tmp_path / "a.th")
    with pytest.raises(UsageError) as refused:
        fill_model(card, tmp_path / "a.th")
    assert told in str(refused.value)
    assert str(refused.value).startswith(f"{tmp_path / 'a.th'} is not of the model far: ")
    assert str(refused.value).endswith("; choose another name with --as")
    assert find_weights(card, "official") is None


def test_a_file_of_another_net(card, tmp_path: Path) -> None:
    torch.save(conv_tasnet(STEMS, **SPOKEN, **TASNET).state_dict(), tmp_path / "a.pt")
    with pytest.raises(UsageError, match="far: net is hdemucs, but its weights are for convtasnet"):
        fill_model(card, tmp_path / "a.pt")


def test_broken_files(card, tmp_path: Path, net) -> None:
    state = net.state_dict()
    state.pop("freq_encoder.1.conv.bias")
    torch.save(state, tmp_path / "a.pt")
    with pytest.raises(BadDataError, match=r"a\.pt: not the weights of this net .*: 1 missing"):
        fill_model(card, tmp_path / "a.pt")
    (tmp_path / "a.pt").write_bytes(b"<html>")
    with pytest.raises(BadDataError, match="not a readable checkpoint"):
        fill_model(card, tmp_path / "a.pt")
    with pytest.raises(MissingInputError, match="cannot read"):
        fill_model(card, tmp_path / "none.pt")
    assert find_weights(card, "official") is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "hugging"
    folder.mkdir()
    net = conv_tasnet(STEMS, **SPOKEN, **TASNET)
    save_file(net.state_dict(), folder / "model.safetensors")
    return folder


@pytest.mark.parametrize(
    ("arguments", "config", "fits"),
    [
        ({}, {"norm_type": "gLN", "mask_nonlinear": "relu"}, True),
        ({"mask": "softmax"}, {"mask_nonlinear": "softmax"}, True),
        ({}, {"mask_nonlinear": "softmax"}, False),
        ({}, {"norm_type": "cLN"}, False),
    ],
)
def test_a_folder_whose_configuration_does_not_come_along(
    card, models: Path, folder: Path, arguments, config, fits: bool
) -> None:
    card = replace(card, net="convtasnet", stride=2)
    card = written(card, models, arguments=arguments)
    (folder / "config.json").write_text(json.dumps(config))
    if fits:
        assert import_model(folder, "far") == cached_file(card, "official")
        assert load_net(card, resolve_weights(card))
    else:
        with pytest.raises(UsageError, match=r"its config\.json says (mask|norm) is '\w+', not '"):
            import_model(folder, "far")


def test_stems_that_are_given(card, source: Path) -> None:
    with pytest.raises(UsageError, match="the model far separates vocals, rest, got a, b; choose"):
        import_model(source, "far", stems=["a", "b"])
    assert import_model(source, "far", stems=list(STEMS))


def test_a_model_without_official_weights(tmp_path: Path, models: Path, source: Path) -> None:
    bundled = read_card(write_card(models / "own"))
    with pytest.raises(UsageError, match=r"there is a model own at .*own; choose another name wi"):
        import_model(source, bundled.name)


def test_the_shipped_model_keeps_its_weights_and_its_name(tmp_path: Path, models: Path) -> None:
    """A file under the name ``demucs`` once hid the bundled weights, and passed for official."""
    theirs = TheirHDemucs(["drums", "bass", "other", "vocals"], channels=8)
    torch.save(theirs.state_dict(), tmp_path / "a.th")
    shipped = find_card("demucs")
    with pytest.raises(UsageError, match=r"a\.th is not of the model demucs: width is 48, but"):
        import_model(tmp_path / "a.th", "demucs")
    assert find_card("demucs") == shipped
    assert resolve_weights(find_card("demucs")).variant == "bundled"
    assert not models.exists()


def test_where_no_file_can_be(tmp_path: Path, source: Path, card) -> None:
    (tmp_path / "blocked").touch()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("HCLARITY_MODELS", str(tmp_path / "blocked"))
        with pytest.raises(CannotCreateError, match="cannot be made a folder"):
            fill_model(card, source)
