import pytest
import torch
from torch import nn

from hclarity.training.averaging import averaged


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.99])
def test_an_average_moves_as_its_formula_says(decay):
    net = nn.Linear(2, 1)
    average = averaged(net, decay)
    expected = net.weight.detach().clone()
    average.update_parameters(net)  # the first is a copy
    for updates in range(1, 20):
        with torch.no_grad():
            net.weight += torch.randn_like(net.weight)
        average.update_parameters(net)
        warm = min(decay, (1 + updates) / (10 + updates))
        expected = warm * expected + (1 - warm) * net.weight.detach()
        torch.testing.assert_close(average.module.weight, expected)
    assert not average.module.training
    assert not average.module.weight.requires_grad


def test_an_average_begins_as_a_copy_and_copies_what_is_no_weight():
    net = nn.BatchNorm1d(3)
    average = averaged(net, 0.9)
    assert torch.equal(average.module.weight, net.weight)
    net(torch.randn(8, 3))
    average.update_parameters(net)
    assert torch.equal(average.module.running_mean, net.running_mean)
    assert average.module.num_batches_tracked == 1
