import pytest
import torch

from hclarity.errors import UnavailableError
from hclarity.separation.devices import Device, choose_device


def has(monkeypatch: pytest.MonkeyPatch, *, cuda: bool, mps: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(
    ("wanted", "cuda", "mps", "chosen"),
    [
        ("auto", False, False, "cpu"),
        ("auto", True, True, "cuda"),
        ("auto", False, True, "cpu"),
        ("cpu", True, True, "cpu"),
        ("cuda", True, False, "cuda"),
        ("mps", False, True, "mps"),
    ],
)
def test_chooses(
    monkeypatch: pytest.MonkeyPatch, wanted: Device, cuda: bool, mps: bool, chosen: str
) -> None:
    has(monkeypatch, cuda=cuda, mps=mps)
    assert choose_device(wanted) == chosen


@pytest.mark.parametrize("wanted", ["cuda", "mps"])
def test_what_is_asked_for_is_not_replaced(monkeypatch: pytest.MonkeyPatch, wanted: Device) -> None:
    has(monkeypatch, cuda=wanted == "mps", mps=wanted == "cuda")
    with pytest.raises(UnavailableError, match=f"no {wanted} device here"):
        choose_device(wanted)
