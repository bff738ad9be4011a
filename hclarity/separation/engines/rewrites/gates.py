"""Gated linear units of two convolutions instead of one that is cut in half.

Where half of the channels gate the other half, a convolution computes both, and OpenVINO cuts its
channels apart by copying them, piece by piece. Two convolutions with half of the weights each take
as long as the one, and nothing is copied.
"""

from typing import Any

from hclarity.separation.engines.openvino_door import openvino
from hclarity.separation.engines.rewrites.graph import constant, replace, source, value

__all__ = ["part_gated_convolutions"]


def part_gated_convolutions(model: Any) -> None:
    """Give each half of a convolution's channels a convolution of its own, where they part."""
    for node in model.get_ordered_ops():
        if node.get_type_name() == "Split" and len(node.outputs()) == 2 and _on_channels(node):
            _part(node)


def _on_channels(split: Any) -> bool:
    axis = value(split.input_value(1))
    rank = len(split.input_value(0).get_shape())
    return axis is not None and int(axis) in (1, 1 - rank)


def _part(split: Any) -> None:
    openvino()
    from openvino import opset13 as operations

    added = source(split)
    if added.get_type_name() != "Add" or source(added).get_type_name() != "Convolution":
        return
    convolution = source(added)
    weight, bias = value(convolution.input_value(1)), value(added.input_value(1))
    heard_by = [*added.output(0).get_target_inputs(), *convolution.output(0).get_target_inputs()]
    if weight is None or bias is None or bias.ndim != weight.ndim or len(heard_by) != 2:
        return
    channels = len(weight) // 2
    for number in range(2):
        half = slice(number * channels, (number + 1) * channels)
        said = operations.convolution(
            convolution.input_value(0),
            constant(weight[half]),
            convolution.get_strides(),
            convolution.get_pads_begin(),
            convolution.get_pads_end(),
            convolution.get_dilations(),
        )
        replace(split.output(number), operations.add(said, constant(bias[:, half])).output(0))
