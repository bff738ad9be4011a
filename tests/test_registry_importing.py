import json
import shutil
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
    ConfigurationError,
    HclarityError,
    MissingInputError,
    StorageError,
    UsageError,
)
from hclarity.nets.conv_tasnet import conv_tasnet
from hclarity.nets.hdemucs import hdemucs
from hclarity.nets.separation_net import SeparationNet
from hclarity.registry import importing
from hclarity.registry.card_writing import card_text
from hclarity.registry.cards import ModelCard, read_card
from hclarity.registry.download import sha256_of
from hclarity.registry.importing import import_model
from hclarity.registry.models import available_models, find_card
from hclarity.registry.nets import load_net
from hclarity.registry.quoting import printable
from hclarity.registry.upstream.hdemucs import to_demucs
from hclarity.registry.weights import resolve_weights

SMALL = {"width": 8, "depth": 4, "nfft": 1024}
STEMS = ("drums", "bass", "other", "vocals")
ASSUMED = {"freq_emb": 0.2, "emb_scale": 10, "norm_groups": 4, "ratio_mask": False}
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
        return torch.allclose(a(song), b(song), rtol=0, atol=1e-5)


def test_an_imported_model_is_a_model(source: Path, net: SeparationNet, models: Path) -> None:
    path = import_model(source, "mine")
    assert path == models / "mine" / "card.toml"
    assert {file.name for file in path.parent.iterdir()} == {"card.toml", "weights.safetensors"}
    assert "mine" in available_models()
    assert same(loaded("mine"), net)


def test_its_card_tells_all_there_is_to_know(source: Path) -> None:
    card = read_card(import_model(source, "mine"))
    assert (card.net, card.stems, card.sample_rate, card.channels) == ("hdemucs", STEMS, 44100, 2)
    assert (card.chunk_seconds, card.overlap, card.stride) == (10.0, 0.1, 256)
    assert card.level == "deviation"
    weights = card.weights["official"]
    assert weights.arguments == {**SMALL, **ASSUMED}
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
    assert (card.chunk_seconds, card.overlap) == (10.0, 0.1)
    assert same(loaded("mine"), net)


def test_a_lightning_checkpoint() -> None:
    card = read_card(import_model(GOLDEN / "bsrnn_lightning.ckpt", "mine"))
    assert (card.net, card.stems, card.level, card.overlap) == ("bsrnn", ("bass",), "peak", 0.1)
    assert card.weights["official"].arguments["bands"] == "bass"
    with torch.inference_mode():
        assert loaded("mine")(torch.randn(1, 2, 3000)).isfinite().all()


def other(net: torch.nn.Module, frames: int = 9000) -> torch.Tensor:
    song = torch.randn(1, 2, frames, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return net(song)


def test_what_a_file_does_not_tell_is_said_on_the_card(source: Path, tmp_path: Path) -> None:
    assert read_card(import_model(source, "mine")).description == (
        "Imported from hdemucs.pt. Assumed: norm_groups 4, ratio_mask False,"
        " freq_emb 0.2, emb_scale 10, sample rate 44100, stems drums bass other vocals."
    )
    sizes = {"N": 8, "L": 4, "B": 8, "H": 8, "P": 3, "X": 2, "R": 1}
    tasnet = conv_tasnet(("violin", "rest"), sample_rate=44100, channels=2, **sizes)
    torch.save(tasnet.state_dict(), tmp_path / "b.pt")
    card = read_card(import_model(tmp_path / "b.pt", "violin", stems=["violin", "rest"]))
    assert card.description == (
        "Imported from b.pt. Assumed: norm gLN, mask relu, sample rate 44100."
    )
    whole = to_demucs(hdemucs(STEMS, sample_rate=44100, channels=2, width=4))
    torch.save(whole, tmp_path / "c.th")
    card = read_card(import_model(tmp_path / "c.th", "told"))
    assert card.description == "Imported from c.th."


def test_an_imported_model_says_what_it_is_wherever_it_goes(
    source: Path, net: SeparationNet, tmp_path: Path
) -> None:
    """Its weights alone, without their card, are the same net with the same stems."""
    card = read_card(import_model(source, "mine", stems=["d", "b", "o", "v"]))
    alone = tmp_path / "alone.bin"
    shutil.copy(card.folder / "weights.safetensors", alone)
    again = read_card(import_model(alone, "again"))
    assert again.stems == tuple("dbov")
    assert again.description == "Imported from alone.bin."
    assert same(loaded("again"), net)


MASKING = {"width": 8, "depth": 5, "freq_emb": 0.5, "ratio_mask": True}


@pytest.fixture
def carded(tmp_path: Path) -> ModelCard:
    """A model's folder as ours are: bare weights, and a card that says what they do not."""
    net = perturbed(hdemucs(("voice", "rest"), sample_rate=16000, channels=2, **MASKING))
    folder = tmp_path / "carded"
    folder.mkdir()
    save_file(net.state_dict(), folder / "weights.safetensors")
    shipped = find_card("demucs")
    weights = replace(
        shipped.weights["bundled"],
        arguments=MASKING,
        sha256=sha256_of(folder / "weights.safetensors"),
        bytes=(folder / "weights.safetensors").stat().st_size,
    )
    card = replace(
        shipped,
        name="carded",
        folder=folder,
        stems=("voice", "rest"),
        sample_rate=16000,
        overlap=0.5,
        weights={"bundled": weights, "official": shipped.weights["official"]},
    )
    (folder / "card.toml").write_text(card_text(card))
    return card


def test_a_file_is_what_the_card_beside_it_says(carded: ModelCard) -> None:
    source = carded.folder / "weights.safetensors"
    path = import_model(source, "mine")
    weights = {"bundled": carded.weights["bundled"]}
    assert read_card(path) == replace(carded, name="mine", folder=path.parent, weights=weights)
    assert torch.equal(other(loaded("mine")), other(the_bundled(carded)))


def the_bundled(card: ModelCard) -> SeparationNet:
    return load_net(card, resolve_weights(card, "bundled"))


def test_a_models_folder_is_copied(carded: ModelCard) -> None:
    path = import_model(carded.folder, "mine")
    copied = read_card(path)
    assert copied == replace(carded, name="mine", folder=path.parent)
    assert {file.name for file in path.parent.iterdir()} == {"card.toml", "weights.safetensors"}
    assert torch.equal(other(the_bundled(copied)), other(the_bundled(carded)))


def test_the_bundled_weights_under_another_name() -> None:
    shipped = find_card("demucs")
    import_model(shipped.folder / "weights.safetensors", "mine")
    song = torch.randn(1, 2, 20_000, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        assert torch.equal(loaded("mine")(song), the_bundled(shipped)(song))


def test_a_card_beside_a_file_that_is_not_its_own(
    carded: ModelCard, source: Path, models: Path
) -> None:
    beside = carded.folder / "other.pt"
    shutil.copy(source, beside)
    assert read_card(import_model(beside, "mine")).stems == STEMS
    weights = carded.folder / "weights.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    for place in (weights, carded.folder):
        with pytest.raises(BadDataError, match=r"has SHA-256 \w+…, its card says"):
            import_model(place, "altered")
    assert not (models / "altered").exists()


def test_stems_other_than_those_of_the_card_beside(carded: ModelCard) -> None:
    with pytest.raises(UsageError, match=r"card\.toml says that the stems are voice, rest, got a"):
        import_model(carded.folder, "mine", stems=["a", "b"])


def test_a_card_beside_that_says_otherwise(carded: ModelCard) -> None:
    wrong = replace(carded.weights["bundled"], arguments={**MASKING, "width": 4})
    card = replace(carded, weights={"bundled": wrong})
    (carded.folder / "card.toml").write_text(card_text(card))
    with pytest.raises(ConfigurationError, match="width is 4, but its weights are for 8"):
        import_model(carded.folder, "mine")


def test_a_card_alone_brings_nothing(carded: ModelCard) -> None:
    (carded.folder / "weights.safetensors").unlink()
    with pytest.raises(MissingInputError, match="no weights in"):
        import_model(carded.folder, "mine")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../mine", "a/b", "/mine", ".hidden", "a b", "a\n", "ä", "-m"]
)
def test_names_that_no_model_can_have(source: Path, name: str, models: Path) -> None:
    with pytest.raises(UsageError, match="a model must be named with letters, digits"):
        import_model(source, name)
    assert not models.exists()


def test_a_model_is_never_replaced(source: Path) -> None:
    before = import_model(source, "mine").read_bytes()
    with pytest.raises(UsageError, match=r"there is a model mine at .*mine; choose another name w"):
        import_model(source, "mine")
    assert find_card("mine").folder.joinpath("card.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("stems", "told"),
    [
        (["vocals", "rest"], "has 4 stems, got vocals, rest; name them all"),
        ([], "has 4 stems, got none; name them all"),
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
    assert card.title == printable(name)


def bad(contents: object, told: str):
    return pytest.param(contents, told, id=told[:30])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        bad({"freq_encoder.2.conv.bias": None}, "1 missing: freq_encoder.2.conv.bias"),
        bad(
            {"time_encoder.0.conv.weight": torch.zeros(8, 0, 8)},
            "expected a tensor time_encoder.0.conv.weight with at least 2",
        ),
        bad({"extra": torch.zeros(1)}, "1 unknown: extra"),
        bad({"freq_encoder.2.conv.bias": torch.zeros(3)}, "conv.bias [3] instead of [32]"),
        bad({"freq_encoder.2.conv.bias": torch.full((32,), torch.nan)}, "holds NaN or infinite"),
        bad({"freq_encoder.2.conv.bias": torch.zeros(1).expand(10**6, 10**6)}, "claims 100000000"),
        bad({"freq_encoder.2.conv.bias": "text"}, "expected named tensors, got freq_encoder.2"),
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
        patched.setattr(importing, "card_text", interrupted)
        with pytest.raises(KeyboardInterrupt):
            import_model(source, "mine")
    assert list((models / "mine").iterdir()) == [fetched]
    assert import_model(source, "mine").is_file()
    assert fetched.exists()


def test_where_no_model_can_be(source: Path, models: Path) -> None:
    models.touch()
    with pytest.raises(CannotCreateError, match="mine cannot be made a folder"):
        import_model(source, "mine")


def test_no_file_passes_for_a_model_that_comes_with_hclarity(source: Path, models: Path) -> None:
    """Whatever a card says, that is an error which a user can mend, and changes nothing."""
    for name in available_models():
        before = find_card(name)
        with pytest.raises(HclarityError) as refused:
            import_model(source, name)
        assert "\n" not in str(refused.value)
        assert find_card(name) == before
    assert not models.exists()


@pytest.fixture
def told_beside(tmp_path: Path) -> ModelCard:
    """A card in a Hugging Face folder, whose config.json tells what neither card nor names do."""
    arguments = {"N": 4, "L": 20, "B": 4, "H": 4, "P": 3, "X": 2, "R": 1}
    net = conv_tasnet(
        ("a", "b"), sample_rate=44100, channels=2, **arguments, norm="cLN", mask="softmax"
    )
    folder = tmp_path / "told"
    folder.mkdir()
    save_file(perturbed(net).state_dict(), folder / "model.safetensors")
    config = {**arguments, "C": 2, "audio_channels": 2, "samplerate": 44100, "causal": False}
    config |= {"norm_type": "cLN", "mask_nonlinear": "softmax"}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "card.toml").write_text(
        'title = "Told"\ndescription = "Told beside."\nnet = "convtasnet"\nstems = ["a", "b"]\n'
        "sample_rate = 44100\nchannels = 2\nchunk_seconds = 1.0\noverlap = 0.25\nstride = 10\n"
        'level = "deviation"\n[weights.official]\nfile = "model.safetensors"\n'
        'sha256 = "none published"\npage = "https://example.org/told"\nlicence = "MIT"\n'
        "trained_on = []\nseen = []\n"
    )
    return read_card(folder / "card.toml")


def test_what_is_told_beside_the_weights_comes_along(told_beside: ModelCard) -> None:
    original = load_net(told_beside, resolve_weights(told_beside, "official"))
    path = import_model(told_beside.folder, "mine")
    assert (path.parent / "config.json").is_file()
    assert same(loaded("mine"), original)


def test_weights_that_are_not_what_they_were_at_first(told_beside: ModelCard, models: Path) -> None:
    resolve_weights(told_beside, "official")
    file = told_beside.folder / "model.safetensors"
    state = load_file(file)
    save_file({name: tensor + 1e-3 for name, tensor in state.items()}, file)
    with pytest.raises(BadDataError, match=r"at first it had"):
        import_model(told_beside.folder, "mine")
    assert not (models / "mine").exists()


@pytest.mark.parametrize("bare", [True, False])
def test_a_file_that_is_there_is_never_replaced(
    source: Path, carded: ModelCard, models: Path, bare: bool
) -> None:
    (models / "mine").mkdir(parents=True)
    precious = models / "mine" / "weights.safetensors"
    precious.write_text("precious")
    with pytest.raises(CannotCreateError, match="is there already; move it away or choose another"):
        import_model(source if bare else carded.folder, "mine")
    assert precious.read_text() == "precious"
    assert [file.name for file in (models / "mine").iterdir()] == [precious.name]
