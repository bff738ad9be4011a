"""Rows of an image as items of a batch, and back, without moving a number.

A transposition of ``[1, channels, rows, frames]`` to ``[rows, channels, frames]`` moves every
number if channels lie apart in memory, and none if those of a place lie beside each other. OpenVINO
sees the latter when it is told in steps of which each either names axes in the order in which they
lie in memory, or cuts an axis there.
"""

from typing import Any

from hclarity.separation.engines.openvino_door import openvino
from hclarity.separation.engines.rewrites.graph import integers, replace, shape_of, source, value

__all__ = ["name_rows_in_place"]


def name_rows_in_place(model: Any) -> None:
    """Write transpositions between rows and items in steps that move nothing."""
    for node in model.get_ordered_ops():
        if node.get_type_name() == "Transpose" and _swaps_rows(node):
            _enter(node)
            _leave(node)


def _swaps_rows(transpose: Any) -> bool:
    order = value(transpose.input_value(1))
    return order is not None and order.tolist() == [0, 2, 1, 3]


def _enter(transpose: Any) -> None:
    """``[1, channels, rows, frames] -> [rows, channels, frames]``."""
    openvino()
    from openvino import opset13 as operations

    one, channels, rows, frames = shape_of(transpose.input_value(0))
    for heard in list(transpose.output(0).get_target_inputs()):
        reshape = heard.get_node()
        if reshape.get_type_name() != "Reshape" or one != 1:
            continue
        if shape_of(reshape.output(0)) == [rows, channels, frames]:
            items = _cut(transpose.input_value(0), (rows, 1, frames, channels))
            replace(reshape.output(0), operations.squeeze(items, integers(2)).output(0))


def _leave(transpose: Any) -> None:
    """``[rows, channels, frames] -> [1, channels, rows, frames]``."""
    openvino()
    from openvino import opset13 as operations

    reshape = source(transpose)
    if reshape.get_type_name() != "Reshape":
        return
    items = reshape.input_value(0)
    if len(shape_of(items)) == 3 and shape_of(reshape.output(0)) == [1, *shape_of(items)]:
        rows, channels, frames = shape_of(items)
        image = operations.unsqueeze(items, integers(2)).output(0)
        replace(transpose.output(0), _cut(image, (1, rows, frames, channels)).output(0))


def _cut(image: Any, shape: tuple[int, ...]) -> Any:
    """Another shape for ``[items, channels, rows, frames]``, by the order of memory."""
    openvino()
    from openvino import opset13 as operations

    by_place = operations.transpose(image, integers(0, 2, 3, 1))
    return operations.transpose(
        operations.reshape(by_place, integers(*shape), False), integers(0, 3, 1, 2)
    )
