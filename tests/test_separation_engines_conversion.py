import warnings
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
import torch
from engine_nets import ENGINE_NETS, snr
from tiny_nets import TinyNet
from torch import Tensor

from hclarity.nets.separation_net import SeparationNet
from hclarity.separation.engines.conversion import converted
from hclarity.separation.engines.openvino_door import openvino_core
from hclarity.separation.engines.openvino_engine import has_bf16

pytestmark = pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not here")

# What takes longest and says least beside the others is left to `make test-all`.
HALF_QUICKLY = {"hdemucs with ratio masks", "convtasnet", "bsrnn with ratio masks"}
SLOW = {"hdemucs", "bsrnn", "bsrnn with a rest", "bsrnn-stereo"}
NAMES = [
    pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in ENGINE_NETS
]


def a_chunk(tiny: TinyNet) -> Tensor:
    return torch.randn(1, 2, tiny.chunk, generator=torch.Generator().manual_seed(0))


def model_of(net: SeparationNet, chunk: Tensor) -> Any:
    """Converted as it is used: of silence, that is; the model must not remember what it heard."""
    with torch.no_grad():
        return converted(net, net.encode(torch.zeros_like(chunk)).inputs)


def said(model: Any, net: SeparationNet, chunk: Tensor, precision: str) -> Tensor:
    compiled = openvino_core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision})
    with torch.inference_mode():
        heard = net.encode(chunk)
        outputs = compiled([np.ascontiguousarray(given.numpy()) for given in heard.inputs])
        parts = [torch.from_numpy(output) for output in outputs.to_tuple()]
        return net.decode(parts, heard)


def assert_all_is_known(model: Any) -> None:
    """When a model is compiled: only then are there quick programs."""
    assert all(port.get_partial_shape().is_static for port in (*model.inputs, *model.outputs))
    for node in model.get_ops():
        if node.get_type_name() == "LSTMSequence":
            assert node.input_value(3).get_node().get_type_name() == "Constant"


@pytest.mark.parametrize("name", NAMES)
def test_a_model_says_what_the_net_says(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    tiny = ENGINE_NETS[name]
    net, chunk = tiny.build(), a_chunk(tiny)
    model = model_of(net, chunk)
    with torch.inference_mode():
        stems = net(chunk)
    assert snr(said(model, net, chunk, "f32"), stems) > 80
    if name in HALF_QUICKLY and has_bf16():
        assert snr(said(model, net, chunk, "bf16"), stems) > 30
    assert capfd.readouterr() == ("", "")
    assert_all_is_known(model)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ENGINE_NETS.keys() - HALF_QUICKLY))
def test_in_half_precision_it_nearly_does(name: str) -> None:
    if not has_bf16():
        pytest.skip("this CPU has no bfloat16")
    tiny = ENGINE_NETS[name]
    net, chunk = tiny.build(), a_chunk(tiny)
    with torch.inference_mode():
        stems = net(chunk)
    assert snr(said(model_of(net, chunk), net, chunk, "bf16"), stems) > 30


@pytest.mark.parametrize("name", [pytest.param("hdemucs", marks=pytest.mark.slow), "convtasnet"])
def test_fewer_stems_are_the_same_stems(name: str) -> None:
    tiny = ENGINE_NETS[name]
    net, chunk = tiny.build(), a_chunk(tiny)
    few = net.only(tiny.stems[1:])
    with torch.inference_mode():
        stems = net(chunk)[:, 1:]
    assert snr(said(model_of(few, chunk), few, chunk, "f32"), stems) > 80


def test_a_net_is_as_it_was_after_conversion() -> None:
    """Its layers, its weights, and whether they learn; and nobody is warned of anything."""
    tiny = ENGINE_NETS["convtasnet"]
    net, chunk = tiny.build(), a_chunk(tiny)
    kinds = [type(module) for module in net.modules()]
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    learning = [parameter.requires_grad for parameter in net.parameters()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model_of(net, chunk)
    assert [type(module) for module in net.modules()] == kinds
    assert [parameter.requires_grad for parameter in net.parameters()] == learning
    assert net.state_dict().keys() == before.keys()
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
