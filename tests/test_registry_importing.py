import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from demucs.hdemucs import HDemucs as TheirHDemucs
from hostile_files import Attack
from perturbed_nets import perturbed
from safetensors.torch import load_file, save_file

from hclarity.errors import (
    BadDataError,
    CannotCreateError,
    HclarityError,
    MissingInputError,
    StorageError,
    UsageError,
)
from hclarity.nets.conv_tasnet import conv_tasnet
from hclarity.nets.hdemucs import hdemucs
from hclarity.nets.separation_net import SeparationNet
from hclarity.registry import importing
from hclarity.registry.cards import ModelCard, read_card
from hclarity.registry.checkpoints import load_net
from hclarity.registry.importing import import_model
from hclarity.registry.models import available_models, find_card
from hclarity.registry.upstream.hdemucs import to_demucs
from hclarity.registry.weights import resolve_weights

SMALL = {"width": 8, "depth": 4, "nfft": 1024}
STEMS = ("drums", "bass", "other", "vocals")
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of models, which is not there yet; and no network."""
    monkeypatch.setenv("HCLARITY_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")
    return tmp_path / "models"


@pytest.fixture(scope="module")
def net() -> SeparationNet:
    return perturbed(hdemucs(STEMS, sample_rate=44100, channels=2, **SMALL))


@pytest.fixture
def source(tmp_path: Path, net: SeparationNet) -> Path:
    """What torchaudio writes: tensors, and nothing about them."""
    torch.save(net.state_dict(), tmp_path / "hdemucs.pt")
    return tmp_path / "hdemucs.pt"


def loaded(name: str) -> SeparationNet:
    """Find a model and load it, as any command does."""
    card = find_card(name)
    return load_net(card, resolve_weights(card, "auto"))


def same(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    song = torch.randn(1, 2, 9000, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return torch.equal(a(song), b(song))


def test_an_imported_model_is_a_model(source: Path, net: SeparationNet, models: Path) -> None:
    path = import_model(source, "mine")
    assert path == models / "mine" / "card.toml"
    assert {file.name for file in path.parent.iterdir()} == {"card.toml", "weights.safetensors"}
    assert "mine" in available_models()
    assert same(loaded("mine"), net)


def test_its_card_tells_all_there_is_to_know(source: Path) -> None:
    card = read_card(import_model(source, "mine"))
    assert (card.net, card.stems, card.sample_rate, card.channels) == ("hdemucs", STEMS, 44100, 2)
    assert (card.chunk_seconds, card.overlap, card.stride) == (6.0, 0.25, 256)
    assert card.level == "deviation"
    weights = card.weights["official"]
    assert weights.arguments == SMALL
    assert (weights.licence, weights.seen) == ("not stated", ())
    assert weights.trained_on == ("imported from hdemucs.pt",)


def test_a_demucs_package_keeps_half_precision_and_its_stems(tmp_path: Path) -> None:
    theirs = perturbed(TheirHDemucs(["voice", "rest"], channels=8, samplerate=16000))
    package = {
        "klass": TheirHDemucs,
        "args": (["voice", "rest"],),
        "kwargs": {"channels": 8, "samplerate": 16000},
        "state": {name: tensor.half() for name, tensor in theirs.state_dict().items()},
    }
    torch.save(package, tmp_path / "a.th")
    card = read_card(import_model(tmp_path / "a.th", "mine"))
    assert (card.stems, card.sample_rate) == (("voice", "rest"), 16000)
    state = load_file(card.folder / "weights.safetensors")
    dead = {name for name in state if name.startswith("time_encoder.4.norm1.")}
    assert {state[name].dtype for name in state.keys() - dead} == {torch.float16}
    assert same(loaded("mine"), theirs.half().float())


def test_a_hugging_face_folder(tmp_path: Path) -> None:
    sizes = {"N": 8, "L": 4, "B": 8, "H": 8, "P": 3, "X": 2, "R": 1}
    net = perturbed(conv_tasnet(("violin", "rest"), sample_rate=44100, channels=2, **sizes))
    folder = tmp_path / "ConvTasNet_Violin"
    folder.mkdir()
    save_file(net.state_dict(), folder / "model.safetensors")
    config = {**sizes, "C": 2, "audio_channels": 2, "samplerate": 44100, "norm_type": "gLN"}
    (folder / "config.json").write_text(json.dumps({**config, "causal": False}))
    with pytest.raises(UsageError, match="does not name its stems, of which there are 2; give --s"):
        import_model(folder, "mine")
    card = read_card(import_model(folder, "mine", stems=["violin", "rest"]))
    assert (card.net, card.stride, card.level) == ("convtasnet", 2, "-40 LUFS")
    assert (card.chunk_seconds, card.overlap) == (10.0, 0.25)
    assert same(loaded("mine"), net)


def test_a_lightning_checkpoint() -> None:
    card = read_card(import_model(GOLDEN / "bsrnn_lightning.ckpt", "mine"))
    assert (card.net, card.stems, card.level, card.overlap) == ("bsrnn", ("bass",), "peak", 0.1)
    assert card.weights["official"].arguments["bands"] == "bass"
    with torch.inference_mode():
        assert loaded("mine")(torch.randn(1, 2, 3000)).isfinite().all()


def test_a_file_fills_the_model_that_comes_with_hclarity(source: Path, net: SeparationNet) -> None:
    shipped = find_card("demucs")
    imported = read_card(import_model(source, "demucs"))
    about = ("title", "description", "stems", "chunk_seconds", "overlap", "stride", "level")
    assert all(getattr(imported, key) == getattr(shipped, key) for key in about)
    ours, theirs = imported.weights["official"], shipped.weights["official"]
    assert (ours.licence, ours.seen) == (theirs.licence, theirs.seen)
    assert ours.trained_on == (*theirs.trained_on, "imported from hdemucs.pt")
    assert ours.arguments == SMALL
    assert find_card("demucs").folder == imported.folder
    assert same(loaded("demucs"), net)


def test_the_card_says_what_the_file_does_not(source: Path, monkeypatch) -> None:
    """As the scale of an embedding, which no shape tells."""
    shipped = find_card("demucs")
    arguments = {"width": 48, "freq_emb": 0.5}
    official = replace(
        shipped.weights["official"], arguments=arguments, page="https://example.org/a"
    )
    card = replace(shipped, weights={"official": official}, sample_rate=22050, stride=100)
    monkeypatch.setattr(importing, "find_card", lambda name: card)
    imported = read_card(import_model(source, "demucs"))
    weights = imported.weights["official"]
    assert weights.arguments == {**SMALL, "freq_emb": 0.5}
    assert weights.page == "https://example.org/a"
    assert (imported.sample_rate, imported.stride) == (22050, 256)


def test_stems_in_the_order_of_the_file(tmp_path: Path) -> None:
    order = ("vocals", "drums", "bass", "other")
    net = perturbed(hdemucs(order, sample_rate=44100, channels=2, **SMALL))
    torch.save(to_demucs(net), tmp_path / "a.th")
    assert read_card(import_model(tmp_path / "a.th", "demucs")).stems == order


def test_a_file_that_is_not_of_the_model_of_that_name(tmp_path: Path, source: Path) -> None:
    with pytest.raises(UsageError, match="holds a hdemucs, but the model convtasnet is a convtasn"):
        import_model(source, "convtasnet")
    net = hdemucs(("vocals", "rest"), sample_rate=44100, channels=2, **SMALL)
    torch.save(to_demucs(net), tmp_path / "a.th")
    with pytest.raises(UsageError, match="separates 'vocals', 'rest', but the model demucs drums"):
        import_model(tmp_path / "a.th", "demucs")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../mine", "a/b", "/mine", ".hidden", "a b", "a\n", "ä", "-m"]
)
def test_names_that_no_model_can_have(source: Path, name: str, models: Path) -> None:
    with pytest.raises(UsageError, match="a model is named with letters, digits"):
        import_model(source, name)
    assert not models.exists()


def test_a_model_is_never_replaced(source: Path) -> None:
    before = import_model(source, "mine").read_bytes()
    with pytest.raises(UsageError, match=r"there is a model mine at .*mine; choose another name"):
        import_model(source, "mine")
    assert find_card("mine").folder.joinpath("card.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("stems", "told"),
    [
        (["vocals", "rest"], "has 4 stems, got vocals, rest; give --stems a,b"),
        ([], "has 4 stems, got none; give --stems a,b"),
        (["a", "b", "c", "../d"], "a stem must be named with letters, .*; give --stems a,b"),
        (["a", "b", "c", "A"], r"stems must be named once each, .*; give --stems a,b"),
    ],
)
def test_stems_that_cannot_be(source: Path, stems, told: str, models: Path) -> None:
    with pytest.raises(UsageError, match=told):
        import_model(source, "mine", stems=stems)
    assert not models.exists()


def test_stems_as_given(source: Path) -> None:
    assert read_card(import_model(source, "mine", stems=["d", "b", "o", "v"])).stems == tuple(
        "dbov"
    )


def test_stems_that_a_file_names_badly(tmp_path: Path) -> None:
    net = hdemucs(("../../vocals", "rest"), sample_rate=44100, channels=2, **SMALL)
    torch.save(to_demucs(net), tmp_path / "a.th")
    with pytest.raises(UsageError, match="a stem must be named with letters"):
        import_model(tmp_path / "a.th", "mine")
    assert read_card(import_model(tmp_path / "a.th", "mine", stems=["vocals", "rest"]))


@pytest.mark.parametrize("name", ['qu"ote\\.pt', "new\nline.pt", "\x7f\x1b[1m.pt", "♪ “ä”.pt"])
def test_file_names_of_every_kind_stand_on_the_card(source: Path, name: str) -> None:
    card = read_card(import_model(source.rename(source.with_name(name)), "mine"))
    assert card.title == "".join(letter if letter.isprintable() else "?" for letter in name)


def bad(contents: object, told: str):
    return pytest.param(contents, told, id=told[:30])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        bad({"freq_encoder.2.conv.bias": None}, "1 missing: freq_encoder.2.conv.bias"),
        bad({"time_encoder.0.conv.weight": torch.zeros(8, 0, 8)}, "got 1 stems of 0 channels"),
        bad({"extra": torch.zeros(1)}, "1 unknown: extra"),
        bad({"freq_encoder.2.conv.bias": torch.zeros(3)}, "conv.bias [3] instead of [32]"),
        bad({"freq_encoder.2.conv.bias": torch.full((32,), torch.nan)}, "holds NaN or infinite"),
        bad({"freq_encoder.2.conv.bias": torch.zeros(1).expand(10**6, 10**6)}, "claims 100000000"),
        bad({"freq_encoder.2.conv.bias": "text"}, "expected named tensors, got 'freq_encoder.2"),
    ],
)
def test_weights_that_are_nearly_right(
    tmp_path: Path, net: SeparationNet, change, told: str, models: Path
) -> None:
    state = {**net.state_dict(), **change}
    kept = {name: tensor for name, tensor in state.items() if tensor is not None}
    torch.save(kept, tmp_path / "a.pt")
    with pytest.raises(BadDataError) as refused:
        import_model(tmp_path / "a.pt", "mine")
    assert told in str(refused.value)
    assert str(refused.value).startswith(f"{tmp_path / 'a.pt'}: ")
    assert "\n" not in str(refused.value)
    assert not models.exists()


def test_files_that_are_no_weights(tmp_path: Path, models: Path) -> None:
    path = tmp_path / "a.pt"
    for contents in (torch.zeros(3), [1], {"fc.weight": torch.zeros(3)}, {"w": Attack(models)}):
        torch.save(contents, path)
        with pytest.raises(BadDataError, match=r"a\.pt: not "):
            import_model(path, "mine")
    path.write_bytes(b"<html>Not found</html>")
    with pytest.raises(BadDataError, match=r"a\.pt: not a readable checkpoint"):
        import_model(path, "mine")
    with pytest.raises(MissingInputError, match="cannot read"):
        import_model(tmp_path / "none.pt", "mine")
    with pytest.raises(MissingInputError, match="no weights in"):
        import_model(tmp_path, "mine")
    assert not models.exists()


@pytest.mark.parametrize("kept", [0.2, 0.9, 0.999])
def test_truncated(source: Path, kept: float, models: Path) -> None:
    content = source.read_bytes()
    source.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(BadDataError, match="not a readable checkpoint"):
        import_model(source, "mine")
    assert not models.exists()


@pytest.mark.parametrize("place", [0.3, 0.5, 0.7])
def test_altered(source: Path, place: float, models: Path) -> None:
    """torch itself reads another number there and says nothing."""
    content = bytearray(source.read_bytes())
    content[int(place * len(content))] ^= 1
    source.write_bytes(content)
    with pytest.raises(BadDataError, match="is damaged: the checksum of a part differs"):
        import_model(source, "mine")
    assert not models.exists()


def full_disk(path: Path, contents: bytes) -> None:
    raise StorageError(f"{path} cannot be written: No space left on device")


def test_a_full_disk_leaves_nothing(source: Path, models: Path, monkeypatch) -> None:
    monkeypatch.setattr(importing, "write_whole", full_disk)
    with pytest.raises(StorageError, match="No space left"):
        import_model(source, "mine")
    assert not (models / "mine").exists()


def test_an_interrupted_import_leaves_nothing_but_what_was_there(
    source: Path, models: Path, monkeypatch
) -> None:
    def interrupted(*arguments) -> str:
        raise KeyboardInterrupt

    (models / "mine").mkdir(parents=True)
    fetched = models / "mine" / "12345678-weights.pt"
    fetched.touch()
    with monkeypatch.context() as patched:
        patched.setattr(importing, "_card_text", interrupted)
        with pytest.raises(KeyboardInterrupt):
            import_model(source, "mine")
    assert list((models / "mine").iterdir()) == [fetched]
    assert import_model(source, "mine").is_file()
    assert fetched.exists()


def test_where_no_model_can_be(source: Path, models: Path) -> None:
    models.touch()
    with pytest.raises(CannotCreateError, match="mine cannot be made a folder"):
        import_model(source, "mine")


def test_every_refusal_is_one_of_ours(source: Path) -> None:
    """Whatever a card says, an import ends in a model or in an error that a user can mend."""
    refused = 0
    for name in available_models():
        try:
            card: ModelCard = read_card(import_model(source, name))
        except HclarityError as error:
            refused += 1
            assert "\n" not in str(error)  # noqa: PT017
        else:
            assert card.net == "hdemucs"
    assert refused >= 1
