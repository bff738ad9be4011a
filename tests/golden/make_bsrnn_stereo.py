"""Make bsrnn_stereo.npz from the public BandSplitRNN of A. Mantsurov.

Code: https://github.com/amanteur/BandSplitRNN-PyTorch, commit
f3375dc7c99633fd4756f2376a130e80c7b805f8; it has no licence, so none of it is here, only what it
computes. Its network runs in float64 but for one test of a type, which is widened while loading.
It hears spectrograms; torchaudio's ``Spectrogram(power=None)`` is `torch.stft`, centred, with
reflections, a Hann window and no normalisation. Run as::

    python tests/golden/make_bsrnn_stereo.py PATH_TO_A_CHECKOUT

``bsrnn_stereo.npz`` holds, for each of `CASES`, the names and shapes of the public code's
parameters and, for the parameters and the mixture that `bsrnn_golden` draws, its estimates and the
derivatives of a weighted sum of them (see make_bsrnn.py).
"""

import importlib
import json
import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from bsrnn_golden import derivatives, drawn_mixture, drawn_state  # noqa: E402

_DRUMS = [[1000, 50], [2000, 100], [4000, 250], [8000, 500], [16000, 1000]]
BASE = {
    "sr": 44100,
    "n_fft": 512,
    "bandsplits": [[1000, 100], [4000, 250], [8000, 500], [16000, 1000], [20000, 2000]],
    "complex_as_channel": True,
    "is_mono": False,
    "bottleneck_layer": "rnn",
    "t_timesteps": 12,
    "fc_dim": 4,
    "rnn_dim": 3,
    "rnn_type": "LSTM",
    "bidirectional": True,
    "num_layers": 2,
    "mlp_dim": 5,
    "return_mask": False,
}
CASES = {
    "vocals": {},
    "drums": {"n_fft": 1024, "bandsplits": _DRUMS, "t_timesteps": 7, "is_mono": True},
}


def public_net(arguments: dict[str, object]) -> torch.nn.Module:
    """Build the public network, which asks for single precision in one place."""
    split = importlib.import_module("model.modules.bandsplit")
    source = Path(split.__file__).read_text().replace("x.dtype == torch.cfloat", "x.is_complex()")
    exec(compile(source, split.__file__, "exec"), vars(split))
    net = importlib.import_module("model.bandsplitrnn")
    net.BandSplitModule = split.BandSplitModule
    return net.BandSplitRNN(**arguments)


def separated(net: torch.nn.Module, heard: torch.Tensor, n_fft: int) -> torch.Tensor:
    """Carry sound through the network: ``[1, channels, frames] -> [1, 1, channels, frames]``."""
    how = {"hop_length": n_fft // 4, "window": torch.hann_window(n_fft), "center": True}
    spectra = torch.stft(heard[0], n_fft, return_complex=True, pad_mode="reflect", **how)
    return torch.istft(net(spectra[None])[0], n_fft, length=heard.shape[-1], **how)[None, None]


def measured(arguments: dict[str, object]) -> dict[str, np.ndarray]:
    """What the public network says of the drawn mixture with the drawn parameters."""
    net = public_net(arguments)
    shapes = {name: list(parameter.shape) for name, parameter in net.state_dict().items()}
    net.load_state_dict(drawn_state(shapes))
    n_fft = arguments["n_fft"]
    frames = (arguments["t_timesteps"] - 1) * n_fft // 4
    heard = drawn_mixture(frames)[:, : 2 - arguments["is_mono"]].clone().requires_grad_()
    estimates = separated(net, heard, n_fft)
    (estimates * drawn_mixture(frames, seed=1)[:, None, : heard.shape[1]]).sum().backward()
    found = derivatives(dict(net.named_parameters()), heard, drawn_state(shapes, seed=1))
    return {
        "shapes": np.array(json.dumps(shapes)),
        "arguments": np.array(json.dumps(arguments)),
        "estimates": estimates.detach().numpy().astype(np.float32),
        "derivatives": np.array(json.dumps(found)),
    }


def main(checkout: str) -> None:
    sys.path.insert(0, str(Path(checkout) / "src"))
    package = sys.modules["model"] = type(sys)("model")  # its own __init__ imports Lightning
    package.__path__ = [str(Path(checkout) / "src" / "model")]
    torch.set_default_dtype(torch.float64)
    results = {
        f"{case}/{name}": value
        for case, arguments in CASES.items()
        for name, value in measured(BASE | arguments).items()
    }
    np.savez_compressed(HERE / "bsrnn_stereo.npz", **results)


if __name__ == "__main__":
    main(*sys.argv[1:])
