"""Make bsrnn.npz and bsrnn_lightning.ckpt from the public BandSplitRNN of P. Magron.

Code: https://github.com/magronp/bsrnn (MIT), commit f2ecc62bf76e9096943e4594d795a753c297a384, with
omegaconf 2.3. Its network runs as it is; what stands in for Lightning and torchaudio is below, as
neither changes a number: torchaudio's ``Spectrogram(power=None)`` is `torch.stft`, centred, with
reflections, a Hann window and no normalisation. Run as::

    python tests/golden/make_bsrnn.py PATH_TO_A_CHECKOUT_OF_MAGRONP_BSRNN

``bsrnn.npz`` holds, for each of `CASES`, the names and shapes of the public code's parameters and,
for the parameters and the mixture that `bsrnn_golden` draws, its estimates, computed in float64,
and the derivatives of a weighted sum of them: one for each `family` of parameters, in the direction
that is drawn for it, and one for the mixture.

``bsrnn_lightning.ckpt`` is what a Lightning run of the case ``bass`` leaves, with the keys::

    epoch, global_step, pytorch-lightning_version, state_dict, loops, callbacks, optimizer_states,
    lr_schedulers, MixedPrecision, hparams_name,
    hyper_parameters: {
        cfg_optim, cfg_scheduler, cfg_eval: omegaconf DictConfig, each with its whole root as parent
        targets: omegaconf ListConfig ["bass"]
        name, sample_rate, n_fft, n_hop, ...: str, int, bool, None
    }
"""

import json
import sys
import types
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from bsrnn_golden import derivatives, drawn_mixture, drawn_state  # noqa: E402

BASE = {
    "sample_rate": 44100,
    "n_fft": 1024,
    "n_hop": 256,
    "nb_channels": 2,
    "feature_dim": 4,
    "joint_bandsplit": False,
    "num_repeat": 1,
    "fac_sep": 2,
    "time_layer": "lstm",
    "band_layer": "lstm",
    "bidirectional": True,
    "fac_mask": 1,
    "mask_ctxt": 0,
    "subtract_last_trgt": False,
    "n_heads": 1,
    "group_num": 1,
    "n_att_head": 0,
    "attn_enc_dim": 0,
    "stereo": None,
    "fac_tac": 3,
    "act_tac": "tanh",
}
CASES = {
    "bass": (["bass"], {"feature_dim": 2}),
    "drums": (["drums"], {"n_hop": 200, "num_repeat": 2}),
    "vocals": (["vocals"], {"n_fft": 512, "n_hop": 128, "fac_mask": 2, "stereo": "tac"}),
    "attentive": (
        ["other"],
        {"n_fft": 512, "n_hop": 128, "n_att_head": 2, "attn_enc_dim": 3, "fac_mask": 2},
    ),
    "simo": (
        ["vocals", "bass", "drums"],
        {
            "joint_bandsplit": True,
            "subtract_last_trgt": True,
            "n_att_head": 2,
            "attn_enc_dim": 3,
            "stereo": "tac",
            "act_tac": "prelu",
            "fac_tac": 2,
        },
    ),
    "four": (["vocals", "bass", "drums", "other"], {"feature_dim": 2}),
}
FRAMES = 1203


class Transform(torch.nn.Module):
    """What both of torchaudio's transforms hold."""

    def __init__(self, n_fft: int, n_hop: int) -> None:
        super().__init__()
        self.how = {"n_fft": n_fft, "hop_length": n_hop, "center": True, "normalized": False}
        self.transf = torch.nn.Module()
        self.transf.register_buffer("window", torch.hann_window(n_fft))


class Spectrogram(Transform):
    def forward(self, heard: torch.Tensor) -> torch.Tensor:
        window = self.transf.window
        return torch.stft(heard, window=window, pad_mode="reflect", return_complex=True, **self.how)


class InverseSpectrogram(Transform):
    def forward(self, spectra: torch.Tensor, length: int) -> torch.Tensor:
        flat = spectra.flatten(0, -3)
        heard = torch.istft(flat, window=self.transf.window, length=length, **self.how)
        return heard.view(*spectra.shape[:-2], length)


class LightningStandIn(torch.nn.Module):
    def __init__(self, *configs: object, targets: list[str], eps: float, sample_rate: int) -> None:
        super().__init__()
        self.targets, self.eps = targets, eps


def public_net(stems: list[str], arguments: dict[str, object]) -> torch.nn.Module:
    """Build the public network in float64, with the stand-ins where it looks for them."""
    for name, contents in {
        "helpers.transforms": {"mySTFT": Spectrogram, "myISTFT": InverseSpectrogram},
        "models.pl_module": {"PLModule": LightningStandIn},
    }.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(contents)
    from models.bsrnn import BSRNN

    torch.set_default_dtype(torch.float64)
    return BSRNN(None, None, None, targets=stems, **BASE | arguments).double()


def measured(stems: list[str], arguments: dict[str, object]) -> dict[str, np.ndarray]:
    """What the public network says of the drawn mixture with the drawn parameters."""
    net = public_net(stems, arguments)
    shapes = {name: list(parameter.shape) for name, parameter in net.state_dict().items()}
    shapes = {name: shape for name, shape in shapes.items() if "window" not in name}
    net.load_state_dict(drawn_state(shapes), strict=False)
    heard = drawn_mixture(FRAMES).requires_grad_()
    estimates = net(heard)["waveforms"]
    weights = drawn_mixture(estimates.numel() // 2, seed=1).view(estimates.shape)
    (estimates * weights).sum().backward()
    found = derivatives(dict(net.named_parameters()), heard, drawn_state(shapes, seed=1))
    return {
        "shapes": np.array(json.dumps(shapes)),
        "arguments": np.array(json.dumps({"targets": stems} | BASE | arguments)),
        "estimates": estimates.detach().numpy().astype(np.float32),
        "derivatives": np.array(json.dumps(found)),
    }


def lightning_checkpoint(stems: list[str], arguments: dict[str, object]) -> dict[str, object]:
    """What Lightning's ``trainer.save_checkpoint`` writes of such a net, cut to its bones."""
    from omegaconf import OmegaConf

    config = OmegaConf.create(
        {
            "targets": stems,
            "optim": {
                "algo": "adam",
                "lr": 1e-3,
                "loss_type": "L1",
                "loss_domain": "t",
                "monitor_val": "sdr",
                "patience": 30,
            },
            "scheduler": {"name": "plateau", "factor": 0.5, "patience": 3},
            "eval": {"device": "cpu", "rec_dir": None, "segment_len": 10, "overlap": 0.1},
            "src_mod": {"name": "bsrnn", "name_out_dir": "bsrnn"} | BASE | arguments,
        }
    )
    net = public_net(stems, arguments)
    shapes = {name: list(tensor.shape) for name, tensor in net.state_dict().items()}
    state = drawn_state({name: shape for name, shape in shapes.items() if "window" not in name})
    windows = {name: tensor for name, tensor in net.state_dict().items() if "window" in name}
    return {
        "epoch": 7,
        "global_step": 1600,
        "pytorch-lightning_version": "2.5.1",
        "state_dict": {name: tensor.float() for name, tensor in (windows | state).items()},
        "loops": {"fit_loop": {"state_dict": {}}},
        "callbacks": {"EarlyStopping{'monitor': 'val_sdr', 'mode': 'max'}": {"patience": 30}},
        "optimizer_states": [{"state": {0: {"step": torch.tensor(1600.0)}}, "param_groups": []}],
        "lr_schedulers": [{"best": 0.0, "last_epoch": 7}],
        "MixedPrecision": None,
        "hparams_name": "kwargs",
        "hyper_parameters": {
            "cfg_optim": config.optim,
            "cfg_scheduler": config.scheduler,
            "cfg_eval": config.eval,
            "targets": config.targets,
            **config.src_mod,
        },
    }


def main(checkout: str) -> None:
    sys.path.insert(0, checkout)
    results = {
        f"{case}/{name}": value
        for case, (stems, arguments) in CASES.items()
        for name, value in measured(stems, arguments).items()
    }
    np.savez_compressed(HERE / "bsrnn.npz", **results)
    torch.save(lightning_checkpoint(*CASES["bass"]), HERE / "bsrnn_lightning.ckpt")


if __name__ == "__main__":
    main(*sys.argv[1:])
