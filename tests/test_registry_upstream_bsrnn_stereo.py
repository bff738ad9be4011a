import pytest
import torch
from bsrnn_golden import drawn_state, golden_cases

from hclarity.errors import BadDataError
from hclarity.registry.nets import build_net
from hclarity.registry.upstream.bsrnn_stereo import translate

CASES = golden_cases("bsrnn_stereo.npz")
VOCALS = CASES["vocals"]
STATE = drawn_state(VOCALS.shapes)
CONFIG = {
    "model": VOCALS.arguments,
    "featurizer": {"direct_transform": {"n_fft": 512, "hop_length": 128}},
    "audio_params": {"target": "vocals"},
}
ARGUMENTS = {
    "n_fft": 512,
    "features": 4,
    "rnn_features": 3,
    "blocks": 2,
    "mask_features": 5,
    "time_steps": 12,
    "bands": "v7",
}
RNN = "bandsequence.bsrnn.0.0.rnn"


def test_a_plain_state_tells_all_but_the_stem_and_the_rate():
    published = translate(STATE, {})
    assert published.arguments == ARGUMENTS
    assert published.assumed == {"hop": 128}
    assert published.stem_count == 1
    assert (published.net, published.channels) == ("bsrnn-stereo", 2)
    assert (published.stems, published.sample_rate) == (None, None)


@pytest.mark.parametrize("among", [True, False])
def test_a_configuration_tells_the_rest(among):
    lightning = {
        "state_dict": {f"model.{name}": tensor for name, tensor in STATE.items()}
        | {"featurizer.window": torch.ones(4)},
        **({"hyper_parameters": CONFIG} if among else {}),
    }
    published = translate(lightning, {} if among else CONFIG)
    assert published.arguments == {**ARGUMENTS, "hop": 128}
    assert not published.assumed
    assert (published.stems, published.sample_rate) == (("vocals",), 44100)
    assert published.state.keys() == translate(STATE, {}).state.keys()


@pytest.mark.parametrize("name", CASES)
def test_all_weights_find_their_place(name):
    case = CASES[name]
    told = translate(drawn_state(case.shapes), {"model": case.arguments})
    net = build_net(
        told.net,
        ["drums"],
        sample_rate=told.sample_rate,
        channels=told.channels,
        arguments={**told.assumed, **told.arguments},
    )
    net.load_state_dict(told.state)


@pytest.mark.parametrize(
    "contents", [None, [], {}, {"state_dict": 5}, {"BN.0.1.weight": torch.ones(2, 2)}]
)
def test_other_layouts_are_left_to_others(contents):
    assert translate(contents, {}) is None


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({"bottleneck_layer": "att"}, "bottleneck_layer='rnn', but their hyper-parameters say"),
        ({"rnn_type": "GRU"}, "rnn_type='LSTM', but their hyper-parameters say 'GRU'"),
        ({"bidirectional": False}, "bidirectional=True"),
        ({"complex_as_channel": False}, "complex_as_channel=True"),
        ({"return_mask": True}, "return_mask=False"),
        ({"num_layers": 12}, "num_layers=2, but their hyper-parameters say 12"),
        ({"t_timesteps": 263}, "t_timesteps=12"),
        ({"is_mono": True}, "of 1 channels that make up a spectrum of 2\\^n \\+ 1 bins"),
        ({"sr": 48000}, "at 48000 Hz, got"),
        ({"sr": 0}, "sr to be a whole number up to 1000000, got 0"),
        (5, "expected model to be a mapping, got a int"),
    ],
)
def test_what_contradicts_the_weights_is_refused(model, message):
    with pytest.raises(BadDataError, match=message) as raised:
        translate(STATE, {"model": model})
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({f"{RNN}.weight_hh_l0": torch.ones(9, 3)}, "bidirectional LSTM"),
        ({f"{RNN}.weight_hh_l0": 1}, "expected named tensors"),
        ({f"{RNN}.weight_hh_l0": torch.ones(12)}, "with at least 2 axes"),
        ({"bandsplit.layernorms.0.weight": torch.ones(8)}, "with at least 2 axes"),
    ],
)
def test_broken_weights_are_refused(changes, message):
    with pytest.raises(BadDataError, match=message):
        translate(STATE | changes, {})


@pytest.mark.parametrize(
    "changes", [{"audio_params": {"target": 5}}, {"featurizer": [5]}, {"audio_params": "vocals"}]
)
def test_configurations_of_another_kind_are_refused(changes):
    with pytest.raises(BadDataError, match="expected"):
        translate(STATE, CONFIG | changes)
