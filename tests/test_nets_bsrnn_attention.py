import torch
from torch import nn

from hclarity.nets.bsrnn_attention import Channels, FrameAttention


def sound(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_attention_to_equal_keys_is_an_average():
    torch.manual_seed(0)
    attention = FrameAttention(features=6, bands=3, heads=2, compared=4).double()
    for head in attention.heads:
        nn.init.zeros_(head.key.norm.weight)
    heard = sound(2, 5, 3, 6)
    values = torch.cat([head.value(heard) for head in attention.heads], dim=3)
    average = values.mean(dim=1, keepdim=True).expand_as(values)
    assert torch.allclose(attention(heard), heard + attention.out(average), atol=1e-12)


def test_attention_moves_with_the_steps():
    torch.manual_seed(0)
    attention = FrameAttention(features=6, bands=3, heads=2, compared=4).double()
    heard = sound(2, 5, 3, 6)
    assert torch.allclose(attention(heard).flip(1), attention(heard.flip(1)), atol=1e-12)


def test_channels_join_as_one_product_would():
    torch.manual_seed(0)
    channels = Channels(3, features=4, factor=2, activation=nn.PReLU()).double()
    heard = sound(6, 5, 2, 4)
    own = channels.activation(channels.transform(heard)).view(2, 3, 5, 2, 8)
    average = channels.activation(channels.average(own.mean(1))).unsqueeze(1).expand_as(own)
    joined = channels.activation(channels.concatenate(torch.cat([own, average], dim=-1)))
    assert torch.allclose(channels(heard), heard + joined.flatten(0, 1), atol=1e-12)


def test_channels_have_no_order():
    torch.manual_seed(0)
    channels = Channels(2, features=4, factor=2, activation=nn.Tanh()).double()
    heard = sound(2, 5, 2, 4)
    assert torch.allclose(channels(heard.flip(0)), channels(heard).flip(0), atol=1e-12)
