"""Group norms of a single group in words that keep the layout of memory.

OpenVINO computes a group norm by making each group a row, for which the channels of a place must
not lie beside each other. With one group no row is needed: the norm is over all axes but the first.
"""

from typing import Any

import numpy as np

from hclarity.separation.engines.openvino_door import openvino
from hclarity.separation.engines.rewrites.graph import constant, integers, replace, value

__all__ = ["norm_whole_items"]


def norm_whole_items(model: Any) -> None:
    """Write group norms of a single group as norms over all axes but the first."""
    openvino()
    from openvino import opset13 as operations

    for node in model.get_ordered_ops():
        if node.get_type_name() != "GroupNormalization":
            continue
        told = node.get_attributes()
        scale, shift = value(node.input_value(1)), value(node.input_value(2))
        if told["num_groups"] != 1 or scale is None or shift is None:
            continue
        rank = len(node.output(0).get_shape())
        by_channel = [1, -1, *np.ones(rank - 2, int)]
        axes, epsilon = integers(*range(1, rank)), float(told["epsilon"])
        normal = operations.mvn(node.input_value(0), axes, True, epsilon, "inside_sqrt")
        scaled = operations.multiply(normal, constant(scale.reshape(by_channel)))
        shifted = operations.add(scaled, constant(shift.reshape(by_channel)))
        replace(node.output(0), shifted.output(0))
