import pytest
import torch
from torch import nn

from hclarity.nets.bsrnn_blocks import (
    EPSILON,
    JointNorm,
    SequenceNorm,
    require_overlap,
    require_sizes,
)


def sound(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_the_joint_norm_is_a_group_norm_of_one_group():
    ours = JointNorm(5).double()
    theirs = nn.GroupNorm(1, 5, EPSILON).double()
    for parameter in ours.parameters():
        nn.init.normal_(parameter)
    theirs.load_state_dict(ours.state_dict())
    heard = sound(3, 7, 5)
    expected = theirs(heard.transpose(1, 2)).transpose(1, 2)
    assert torch.allclose(ours(heard), expected, atol=1e-12)


def test_the_sequence_norm_is_of_each_feature_alone():
    normal = SequenceNorm(5).double()(sound(3, 70, 5) * 4 + 1)
    assert torch.allclose(normal.mean(1), torch.zeros(3, 5).double(), atol=1e-9)
    assert torch.allclose(normal.std(1, correction=0), torch.ones(3, 5).double(), atol=1e-4)


def test_sizes_and_hops_that_cannot_be_are_named():
    require_sizes(blocks=1)
    require_overlap(64, 16)
    with pytest.raises(ValueError, match="blocks must be 1 or more, got 0"):
        require_sizes(features=2, blocks=0)
    with pytest.raises(ValueError, match="hop must be from 1 to a quarter of n_fft, 16, got 17"):
        require_overlap(64, 17)
