"""A net's core as an OpenVINO model."""

import copy
import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hclarity.nets.conv_tasnet_blocks import Pointwise
from hclarity.nets.separation_net import SeparationNet
from hclarity.separation.engines.openvino_door import openvino
from hclarity.separation.engines.rewrites.cuts import cut_before_transposing
from hclarity.separation.engines.rewrites.gates import part_gated_convolutions
from hclarity.separation.engines.rewrites.graph import fold_constants
from hclarity.separation.engines.rewrites.images import compute_as_images
from hclarity.separation.engines.rewrites.norms import norm_whole_items
from hclarity.separation.engines.rewrites.rows import name_rows_in_place
from hclarity.separation.engines.sub_pixel import sub_pixel

__all__ = ["CONVERSION", "converted"]

CONVERSION = 2
"""Counts up whenever nets are converted in another way; what was kept is of no use then."""


_REWRITES = (
    fold_constants,
    part_gated_convolutions,
    norm_whole_items,
    name_rows_in_place,
    compute_as_images,
    cut_before_transposing,
)


class _Core(nn.Module):
    """The core of a net as a module."""

    def __init__(self, net: SeparationNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return self.net.core(*inputs)


def converted(net: SeparationNet, inputs: tuple[Tensor, ...]) -> Any:
    """Return an ``openvino.Model`` of a net's core.

    Args:
        net: on the CPU, in evaluation mode.
        inputs: of the core; the model is for inputs of these shapes.
    """
    openvino()
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    core = _Core(_with_quicker_layers(net)).eval()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what depends on the shapes: the model is for these
        decoder = TorchScriptPythonDecoder(
            core, example_input=inputs, trace_kwargs={"check_trace": False}
        )
    frontend = FrontEndManager().load_by_framework("pytorch")
    model = frontend.convert(frontend.load(decoder))
    shapes = [openvino().PartialShape(list(given.shape)) for given in inputs]
    model.reshape(dict(zip(model.inputs, shapes, strict=True)))
    _say_that_sequences_are_full(model)
    for rewrite in _REWRITES:
        rewrite(model)
        model.validate_nodes_and_infer_types()
    return model


def _with_quicker_layers(net: SeparationNet) -> SeparationNet:
    """A net that says the same, of layers that OpenVINO has quicker programs for."""
    weights = {id(tensor): tensor for tensor in (*net.parameters(), *net.buffers())}
    quicker = copy.deepcopy(net, memo=weights)  # which shares them
    for module in list(quicker.modules()):
        for name, layer in list(module.named_children()):
            replacement = _quicker(layer)
            if replacement is not None:
                setattr(module, name, replacement)
    return quicker


def _quicker(layer: nn.Module) -> nn.Module | None:
    if isinstance(layer, Pointwise):  # a matrix product, for torch; here a convolution is one
        plain = nn.Conv1d(layer.in_channels, layer.out_channels, 1, bias=False)
        plain.weight = layer.weight
        return plain
    return sub_pixel(layer)


def _say_that_sequences_are_full(model: Any) -> None:
    """Give LSTMs the lengths of their sequences as numbers.

    Else they are computed from the shapes, OpenVINO does not see that none is padded, and goes
    through them step by step.
    """
    from openvino import opset13 as operations

    for node in model.get_ordered_ops():
        if node.get_type_name() == "LSTMSequence":
            items, steps, _ = node.input(0).get_partial_shape().to_shape()
            lengths = operations.constant(np.full(items, steps, np.int32))
            node.input(3).replace_source_output(lengths.output(0))
    model.validate_nodes_and_infer_types()
