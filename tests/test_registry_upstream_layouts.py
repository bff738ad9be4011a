from pathlib import Path

import pytest
import torch
from hostile_files import Attack
from safetensors.torch import save_file

from hclarity.errors import BadDataError, MissingInputError
from hclarity.nets.hdemucs import hdemucs
from hclarity.registry.nets import NETS
from hclarity.registry.upstream import layouts
from hclarity.registry.upstream.layouts import LAYOUTS, read_published
from hclarity.registry.upstream.published import Published

GOLDEN = Path(__file__).parent / "golden"


def test_hybrid_demucs_is_recognised(tmp_path: Path) -> None:
    net = hdemucs(("a", "b"), sample_rate=44100, channels=2, width=8)
    save_file(net.state_dict(), tmp_path / "a.safetensors")
    published = read_published(tmp_path / "a.safetensors")
    assert published.net == "hdemucs"
    assert published.arguments == {"width": 8, "depth": 6, "nfft": 4096}
    assert published.stem_count == 2


def test_a_lightning_checkpoint_is_recognised() -> None:
    published = read_published(GOLDEN / "bsrnn_lightning.ckpt")
    assert (published.net, published.stems, published.sample_rate) == ("bsrnn", ("bass",), 44100)


def test_the_first_layout_that_knows_the_contents_wins(tmp_path: Path, monkeypatch) -> None:
    asked = []

    def stand_in(name: str, knows: bool):
        def translate(contents, config):
            asked.append((name, config))
            return Published(name, {}, contents, stem_count=2) if knows else None

        return translate

    answers = {"a": False, "b": True, "c": True}
    monkeypatch.setattr(layouts, "LAYOUTS", {n: stand_in(n, knows) for n, knows in answers.items()})
    save_file({"w": torch.zeros(2)}, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text('{"N": 8}')
    assert read_published(tmp_path).net == "b"
    assert asked == [("a", {"N": 8}), ("b", {"N": 8})]


@pytest.mark.parametrize(
    ("contents", "found"),
    [
        (torch.zeros(2), "found a Tensor;"),
        ([1, 2], "found a list;"),
        ({}, "found a dict of nothing;"),
        ({"fc.weight": torch.zeros(2), "fc.bias": 1}, "found a dict of fc.weight, fc.bias;"),
        ({"a\n": 1, 2: 2, "c": 3, "d": 4, "e": 5}, "found a dict of a\\n, 2, c and 2 more;"),
    ],
)
def test_what_no_layout_knows(tmp_path: Path, contents: object, found: str) -> None:
    torch.save(contents, tmp_path / "a.pt")
    with pytest.raises(BadDataError) as refused:
        read_published(tmp_path / "a.pt")
    told = str(refused.value)
    assert told.startswith(f"{tmp_path / 'a.pt'}: not weights that can be read: {found} expected ")
    assert all(layout in told for layout in LAYOUTS)
    assert "\n" not in told


def test_what_a_layout_knows_but_cannot_read_names_the_file(tmp_path: Path) -> None:
    net = hdemucs(("a", "b"), sample_rate=44100, channels=2, width=8)
    state = net.state_dict()
    del state["freq_encoder.4.conv.weight"]
    torch.save(state, tmp_path / "a.pt")
    with pytest.raises(BadDataError, match=r"a\.pt: expected a tensor freq_encoder.4.conv.weight"):
        read_published(tmp_path / "a.pt")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (BadDataError("n_hop must not be\n  tensor([[0.]])"), "n_hop must not be tensor([[0.]])"),
        (KeyError("\x1b"), "not as its layout has it: '\\x1b'"),
        (
            RuntimeError("Boolean value of Tensor"),
            "not as its layout has it: Boolean value of Tens",
        ),
    ],
)
def test_what_nobody_thought_of_is_bad_data(monkeypatch, error: Exception, told: str) -> None:
    def translate(contents, config):
        raise error

    monkeypatch.setattr(layouts, "LAYOUTS", {"one": translate})
    with pytest.raises(BadDataError) as refused:
        layouts.recognise({"w": 1}, {})
    assert str(refused.value).startswith(told)


def test_files_that_bring_code_or_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"cannot read .*a\.pt"):
        read_published(tmp_path / "a.pt")
    torch.save({"state_dict": Attack(tmp_path / "ran")}, tmp_path / "a.pt")
    with pytest.raises(BadDataError, match="not a readable checkpoint"):
        read_published(tmp_path / "a.pt")
    assert not (tmp_path / "ran").exists()


def test_every_layout_is_of_a_net_there_is() -> None:
    assert len(LAYOUTS) == 1 + len(NETS)  # ours can be of any
