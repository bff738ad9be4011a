import pytest
import torch
from bsrnn_golden import GOLDEN, drawn_state, golden_cases
from torch import Tensor

from hclarity.errors import BadDataError
from hclarity.registry.nets import build_net
from hclarity.registry.upstream.bsrnn import translate
from hclarity.registry.upstream.contents import read_contents

CASES = golden_cases("bsrnn.npz")
BASS = CASES["bass"]
STATE = drawn_state(BASS.shapes)
LSTM = "separator.0.time_net.main_layer"


@pytest.mark.parametrize("name", CASES)
def test_the_hyper_parameters_are_read_off_the_weights(name):
    case = CASES[name]
    state = drawn_state(case.shapes)
    plain = translate(state, {})
    told = translate({"state_dict": state, "hyper_parameters": case.arguments}, {})
    assert plain.stems is None
    assert plain.sample_rate is None
    ours = {**plain.arguments, "hop": case.arguments["n_hop"], "rest_stem": name == "simo"}
    assert told.arguments == ours
    assert not told.assumed
    assert plain.assumed == {"hop": plain.arguments["n_fft"] // 4, "rest_stem": False}
    assert told.stem_count == len(told.stems) == plain.stem_count + (name == "simo")
    assert plain.channels is None
    assert told.stems == tuple(case.arguments["targets"])
    assert (told.net, told.sample_rate, told.channels) == ("bsrnn", 44100, 2)


@pytest.mark.parametrize("name", CASES)
def test_all_weights_find_their_place(name):
    case = CASES[name]
    told = translate(drawn_state(case.shapes), case.arguments)
    net = build_net(
        told.net,
        told.stems,
        sample_rate=told.sample_rate,
        channels=told.channels,
        arguments=told.arguments,
    )
    net.load_state_dict(told.state)


def test_a_lightning_checkpoint_with_omegaconf_in_it():
    published = translate(read_contents(GOLDEN / "bsrnn_lightning.ckpt"), {})
    assert published.stems == ("bass",)
    assert published.sample_rate == 44100
    assert published.arguments == {
        "n_fft": 1024,
        "features": 2,
        "blocks": 1,
        "mask_factor": 1,
        "bands": "bass",
        "hop": 256,
        "rest_stem": False,
    }
    expected = translate(STATE, {}).state
    assert published.state.keys() == expected.keys()
    for name, tensor in published.state.items():
        assert torch.equal(tensor, expected[name].float())


def test_the_windows_of_the_transforms_are_no_weights():
    windows = {"stft.transf.window": torch.ones(4), "istft.transf.window": torch.ones(4)}
    assert translate(STATE | windows, {}).state.keys() == translate(STATE, {}).state.keys()


@pytest.mark.parametrize("targets", ["bass", ["bass"], ("bass",)])
def test_one_target_may_be_a_word_or_a_list(targets):
    assert translate(STATE, {"targets": targets, "subtract_last_trgt": True}).stems == ("bass",)


@pytest.mark.parametrize(
    "contents",
    [
        None,
        [],
        {},
        {"state_dict": None},
        {"state_dict": {}},
        {"bandsplit.fcs.0.weight": torch.ones(2, 2)},
    ],
)
def test_other_layouts_are_left_to_others(contents):
    assert translate(contents, {}) is None


@pytest.mark.parametrize(
    ("hyper", "message"),
    [
        ({"n_heads": 2}, "n_heads=1, but their hyper-parameters say 2"),
        ({"time_layer": "gru"}, "time_layer='lstm', but their hyper-parameters say 'gru'"),
        ({"band_layer": {"ks": 3}}, "band_layer='lstm'"),
        ({"bidirectional": False}, "bidirectional=True"),
        ({"group_num": None}, "group_num=1, but their hyper-parameters say None"),
        ({"mask_ctxt": 1}, "mask_ctxt=0"),
        ({"stereo": "naive"}, "stereo=None, but their hyper-parameters say 'naive'"),
        ({"stereo": "tac"}, "stereo=None"),
        ({"feature_dim": 64}, "feature_dim=2, but their hyper-parameters say 64"),
        ({"num_repeat": 12}, "num_repeat=1"),
        ({"n_att_head": 2}, "n_att_head=0"),
        ({"n_fft": 2048}, "n_fft=1024"),
        ({"sample_rate": 48000}, "with n_fft=1024 at 48000 Hz, got"),
        ({"sample_rate": 8000}, "would hold"),
        ({"sample_rate": "fast"}, "sample_rate to be a whole number up to 1000000, got 'fast'"),
        ({"n_hop": -1}, "n_hop to be a whole number up to 1000000, got -1"),
        ({"nb_channels": True}, "nb_channels to be a whole number up to 1000000, got True"),
        ({"targets": ["bass", "drums"]}, "expected 1 targets for 1 maskers, got .'bass', 'drums'"),
        ({"num_repeat": torch.ones(2, 2)}, r"num_repeat=1, .* say tensor\(\[\["),
        ({"targets": [1]}, "expected targets to be a list of stems"),
        ({"targets": 5}, "expected targets to be a list of stems, got 5"),
    ],
)
def test_what_contradicts_the_weights_is_refused(hyper, message):
    with pytest.raises(BadDataError, match=message) as raised:
        translate({"state_dict": STATE, "hyper_parameters": hyper}, {})
    assert "\n" not in str(raised.value)


def without(name: str) -> dict[str, Tensor]:
    return {other: tensor for other, tensor in STATE.items() if other != name}


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (STATE | {"BN.0.0.weight": 5}, "expected named tensors, got BN.0.0.weight with a int"),
        (STATE | {5: torch.ones(1)}, "expected named tensors, got 5"),
        (STATE | {"BN.0.1.weight": torch.ones(0, 4)}, "BN.0.1.weight with at least 1 axes"),
        (without("BN.3.1.weight"), "expected a tensor BN.3.1.weight with at least 2 axes"),
        (without("maskers.0.mask.0.1.weight"), "a tensor maskers.0.mask.0.1.weight"),
        (without(f"{LSTM}.weight_hh_l0_reverse"), "bidirectional LSTM of 4 hidden features"),
        (STATE | {f"{LSTM}.weight_hh_l0": torch.ones(12, 4)}, "expected a bidirectional LSTM"),
        ({name: STATE[name] for name in STATE if "BN.29" not in name}, "no known band scheme has"),
        ({"state_dict": STATE, "hyper_parameters": []}, "hyper_parameters to be a mapping"),
    ],
)
def test_broken_weights_are_refused(contents, message):
    with pytest.raises(BadDataError, match=message):
        translate(contents, {})


def test_a_prelu_that_is_not_one_is_refused():
    state = drawn_state(CASES["simo"].shapes)
    state["separator.0.tac_module.average.1.weight"] = torch.zeros(1)
    with pytest.raises(BadDataError, match="one PReLU in all of a TAC module"):
        translate(state, {})
