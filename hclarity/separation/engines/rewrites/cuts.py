"""Cuts before transpositions instead of after them.

A cut wants memory in the order of the axes, and with the channels last it has that only before they
are named second again.
"""

from typing import Any

from hclarity.separation.engines.openvino_door import openvino
from hclarity.separation.engines.rewrites.graph import constant, integers, replace, source, value

__all__ = ["cut_before_transposing"]


def cut_before_transposing(model: Any) -> None:
    """Let a transposition that only a cut hears come after it."""
    openvino()
    from openvino import opset13 as operations

    for node in model.get_ordered_ops():
        if node.get_type_name() != "Slice" or source(node).get_type_name() != "Transpose":
            continue
        transpose = source(node)
        order = value(transpose.input_value(1))
        bounds = [value(node.input_value(number)) for number in range(1, node.get_input_size())]
        known = [bound for bound in bounds if bound is not None]
        alone = len(transpose.output(0).get_target_inputs()) == 1
        if order is None or not len(known) == len(bounds) == 4 or not alone:
            continue
        *cuts, axes = known
        before = integers(*order[axes])
        cut = operations.slice(transpose.input_value(0), *map(constant, cuts), before)
        replace(node.output(0), operations.transpose(cut, constant(order)).output(0))
