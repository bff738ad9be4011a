import argparse
import collections
import io
import json
import os
import pickle
import sys
import zipfile
from contextlib import nullcontext as nothing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from demucs.hdemucs import HDemucs
from hostile_files import Attack
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch import Tensor

from hclarity.errors import BadDataError, MissingInputError
from hclarity.registry.upstream.contents import read_config, read_contents
from hclarity.registry.upstream.shells import SHELLS, ForeignClass, ratio

GOLDEN = Path(__file__).parent / "golden"


def contents_of(value: object, folder: Path) -> object:
    path = folder / "a.pt"
    torch.save(value, path)
    return read_contents(path)


@pytest.fixture
def state() -> dict[str, Tensor]:
    return {"w": torch.randn(3, 4), "b": torch.randn(2).half(), "n": torch.tensor(3)}


def same(a: object, b: object) -> bool:
    assert isinstance(a, dict)
    assert isinstance(b, dict)
    return a.keys() == b.keys() and all(
        a[name].dtype == b[name].dtype and torch.equal(a[name], b[name]) for name in a
    )


@pytest.mark.parametrize("name", ["a.safetensors", "a.pt", "a.th", "a.ckpt"])
def test_tensors_are_as_they_were_written(tmp_path: Path, state, name: str) -> None:
    path = tmp_path / name
    save_file(state, path) if name.endswith("safetensors") else torch.save(state, path)
    assert same(read_contents(path), state)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("name", ["a.safetensors", "a.pt", "a", "a.bin (1)"])
def test_the_name_of_a_file_does_not_matter(tmp_path: Path, state, name: str, legacy: bool) -> None:
    torch.save(state, tmp_path / name, _use_new_zipfile_serialization=not legacy)
    assert same(read_contents(tmp_path / name), state)
    save_file(state, tmp_path / name)
    assert same(read_contents(tmp_path / name), state)


def test_a_header_whose_length_looks_like_a_pickle(tmp_path: Path) -> None:
    """Of 640 bytes: they are written 80 02, with which pickles of the second protocol begin."""
    for longer in range(700):
        save_file({"w": torch.ones(2)}, tmp_path / "a", {"a": "x" * longer})
        if (tmp_path / "a").read_bytes().startswith(b"\x80\x02"):
            break
    else:
        pytest.fail("no such header")
    assert same(read_contents(tmp_path / "a"), {"w": torch.ones(2)})


def test_the_legacy_format_is_read(tmp_path: Path, state) -> None:
    torch.save(state, tmp_path / "a.pt", _use_new_zipfile_serialization=False)
    assert same(read_contents(tmp_path / "a.pt"), state)


def test_foreign_objects_become_plain_python(tmp_path: Path) -> None:
    lists = collections.defaultdict(list)
    lists["a"].append(1)
    assert contents_of(
        {
            "klass": HDemucs,
            "segment": Fraction(39, 5),
            "numpy": [np.float32(1.5), np.float64(-2), np.int64(-3), np.uint8(4), np.bool_(True)],
            "array": np.zeros(3),
            "namespace": argparse.Namespace(lr=0.1),
            "lists": lists,
            "tuple": (1, (2, None)),
            "dtype": torch.float16,
            "path": Path("a/b"),
            3: {True, False},
        },
        tmp_path,
    ) == {
        "klass": ForeignClass("demucs.hdemucs.HDemucs"),
        "segment": 7.8,
        "numpy": [1.5, -2.0, -3, 4, True],
        "array": ForeignClass(
            f"numpy.{'_core' if np.__version__ >= '2' else 'core'}.multiarray._reconstruct"
        ),
        "namespace": {"lr": 0.1},
        "lists": {"a": [1]},
        "tuple": [1, [2, None]],
        "dtype": ForeignClass("dtype"),
        "path": ForeignClass(f"pathlib.{type(Path()).__name__}"),
        3: [False, True],
    }


def test_a_lightning_checkpoint_with_omegaconf_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Written by omegaconf itself; ``golden/make_bsrnn.py`` tells how."""
    for module in [name for name in sys.modules if name.partition(".")[0] == "omegaconf"]:
        monkeypatch.delitem(sys.modules, module)  # witnesses of other tests import it
    contents = read_contents(GOLDEN / "bsrnn_lightning.ckpt")
    assert isinstance(contents, dict)
    told = contents["hyper_parameters"]
    assert told["targets"] == ["bass"]
    assert told["sample_rate"] == 44100
    assert isinstance(told["cfg_optim"], dict)
    assert told["cfg_optim"]
    assert all(isinstance(tensor, Tensor) for tensor in contents["state_dict"].values())
    assert "omegaconf" not in sys.modules


def test_demucs_safetensors_say_what_they_are(tmp_path: Path, state) -> None:
    metadata = {
        "klass": "demucs.hdemucs.HDemucs",
        "args": '[["drums", "bass"]]',
        "kwargs": '{"segment": {"_type": "fraction", "numerator": 39, "denominator": 5}}',
    }
    save_file(state, tmp_path / "a.safetensors", metadata)
    contents = read_contents(tmp_path / "a.safetensors")
    assert isinstance(contents, dict)
    assert same(contents.pop("state"), state)
    assert contents == {
        "klass": ForeignClass("demucs.hdemucs.HDemucs"),
        "args": [["drums", "bass"]],
        "kwargs": {"segment": 7.8},
    }
    save_file(state, tmp_path / "a.safetensors", {**metadata, "structure": "{}"})
    assert read_contents(tmp_path / "a.safetensors")["state"] == {"__quantized": True}
    save_file(state, tmp_path / "a.safetensors", {"klass": "demucs.hdemucs.HDemucs"})
    with pytest.raises(BadDataError, match="not a readable checkpoint"):
        read_contents(tmp_path / "a.safetensors")


def test_metadata_of_others_is_not_minded(tmp_path: Path, state) -> None:
    save_file(state, tmp_path / "a.safetensors", {"format": "pt"})
    assert same(read_contents(tmp_path / "a.safetensors"), state)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_hugging_face_folder_is_read(tmp_path: Path, state, name: str) -> None:
    path = tmp_path / name
    save_file(state, path) if name.endswith("safetensors") else torch.save(state, path)
    assert same(read_contents(tmp_path), state)
    assert read_config(tmp_path) == {}
    (tmp_path / "config.json").write_text('{"N": 256, "norm_type": "gLN"}')
    for path in (tmp_path, tmp_path / name):
        assert read_config(path) == {"N": 256, "norm_type": "gLN"}


def test_a_config_beside_some_other_file_is_not_its_own(tmp_path: Path, state) -> None:
    save_file(state, tmp_path / "a.safetensors")
    (tmp_path / "config.json").write_text("{}nonsense")
    assert read_config(tmp_path / "a.safetensors") == {}


@pytest.mark.parametrize("text", ["", "{", "[1]", "\udcff", "[" * 100_000])
def test_a_config_that_is_none(tmp_path: Path, state, text: str) -> None:
    save_file(state, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadDataError, match=r"config\.json (is not JSON: |must hold a JSON object)"):
        read_config(tmp_path)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_is_never_run(tmp_path: Path, zipped: bool) -> None:
    ran = tmp_path / "ran"
    path = tmp_path / "a.pt"
    torch.save({"w": Attack(ran)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(BadDataError, match=r"a\.pt: not a readable checkpoint of plain tensors"):
        read_contents(path)
    assert not ran.exists()


def test_a_bare_pickle_is_never_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "a.th").write_bytes(pickle.dumps(Attack(ran)))
    with pytest.raises(BadDataError, match="not a readable checkpoint"):
        read_contents(tmp_path / "a.th")
    assert not ran.exists()


def pickled(program: bytes) -> bytes:
    """A file of torch's format around a program for the unpickler."""
    torch.save({}, written := io.BytesIO())
    archive = zipfile.ZipFile(written)
    with zipfile.ZipFile(made := io.BytesIO(), "w") as copy:
        for name in archive.namelist():
            own = program if name.endswith("data.pkl") else archive.read(name)
            copy.writestr(name, own)
    return made.getvalue()


def called(name: str, arguments: str) -> bytes:
    module, _, attribute = name.rpartition(".")
    text = arguments.encode()
    size = len(text).to_bytes(4, "little")
    return b"\x80\x02c%s\n%s\nX%s%s\x85R." % (module.encode(), attribute.encode(), size, text)


def test_a_program_that_calls_what_is_allowed_is_read(tmp_path: Path) -> None:
    """So the refusals below are of what is called, not of how it is written."""
    (tmp_path / "a.pt").write_bytes(pickled(called("fractions.Fraction", "39/5")))
    assert read_contents(tmp_path / "a.pt") == 7.8


@pytest.mark.parametrize(
    "name",
    [
        "builtins.eval",
        "builtins.getattr",
        "builtins.__import__",
        "os.system",
        "posix.system",
        "subprocess.check_output",
        "numpy.load",
        "torch.load",
        "torch.hub.load",
        "functools.partial",
        "operator.attrgetter",
        "omegaconf.omegaconf.OmegaConf.load",
    ],
)
def test_what_may_not_be_called(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.pt").write_bytes(pickled(called(name, "1")))
    with pytest.raises(BadDataError, match="not a readable checkpoint") as refused:
        read_contents(tmp_path / "a.pt")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", [name for _, name in SHELLS])
def test_every_shell_is_empty(tmp_path: Path, name: str) -> None:
    """Called with anything, it yields plain values, and never what it is named after."""
    before = set(sys.modules)
    (tmp_path / "a.pt").write_bytes(pickled(called(name, "1e999999999")))
    said = read_contents(tmp_path / "a.pt")
    assert said is None or said == {} or said != said or isinstance(said, ForeignClass | float)
    assert not {module.partition(".")[0] for module in set(sys.modules) - before} & {
        "omegaconf",
        "diffq",
        "lightning",
    }


def test_a_shell_keeps_its_class_whatever_it_is_handed(tmp_path: Path) -> None:
    """BUILD hands it a state, which could name attributes that mean something to Python."""
    program = b"\x80\x02cargparse\nNamespace\n)\x81}X\x09\x00\x00\x00__class__X\x01\x00\x00\x00xsb."
    (tmp_path / "a.pt").write_bytes(pickled(program))
    assert read_contents(tmp_path / "a.pt") == {"__class__": "x"}


@pytest.mark.parametrize(
    ("parts", "value"), [((39, 5), 7.8), (("39/5",), 7.8), (("10",), 10.0), ((3,), 3.0)]
)
def test_fractions_in_every_form(parts, value) -> None:
    assert ratio(parts) == value


@pytest.mark.parametrize("parts", [(), (1, 0), ("a/b",), ("1/0",), ("9" * 10**6, 1), (None, 2)])
def test_fractions_that_are_none(parts) -> None:
    with pytest.raises(ValueError, match=r"fraction|float"):
        ratio(parts)


def test_nesting_without_end(tmp_path: Path) -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(BadDataError, match=r"a\.pt: loop is nested more than 100 deep"):
        contents_of({"loop": loop}, tmp_path)


def test_what_is_meant_twice_is_read_once(tmp_path: Path) -> None:
    """Fifteen lists, each of the last one twice."""
    lists: list[object] = [1]
    for _ in range(15):
        lists = [lists, lists]
    read = contents_of(lists, tmp_path)
    assert isinstance(read, list)
    assert read[0] is read[1]


@pytest.mark.parametrize("name", ["a.pt", "a.safetensors"])
@pytest.mark.parametrize("content", [b"", b"<html>Not found</html>", b"\x80\x02}", b"PK\x03\x04"])
def test_what_is_no_checkpoint(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadDataError, match=f"{name}: not a readable checkpoint") as refused:
        read_contents(tmp_path / name)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["a.pt", "a.safetensors"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_truncated(tmp_path: Path, state, name: str, kept: float) -> None:
    path = tmp_path / name
    save_file(state, path) if name.endswith("safetensors") else torch.save(state, path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(BadDataError, match="not a readable checkpoint"):
        read_contents(path)


@settings(deadline=None, max_examples=150)
@given(place=st.floats(0, 1, exclude_max=True), flipped=st.integers(1, 255), name=st.booleans())
def test_altered_bytes_end_in_contents_or_in_bad_data(
    place: float, flipped: int, name: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("a") / ("a.pt" if name else "a.safetensors")
    state = {"w": torch.arange(8.0), "v": torch.zeros(2, 2)}
    torch.save(state, path) if name else save_file(state, path)
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= flipped
    path.write_bytes(content)
    try:
        read_contents(path)
    except BadDataError as error:
        assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    ("tensor", "told"),
    [
        (torch.zeros(1).expand(10**6, 10**6), "w claims 1000000000000 numbers, more than"),
        (torch.eye(3).to_sparse(), "w is not a plain tensor of numbers"),
        (torch.zeros(3, device="meta"), "w is not a plain tensor of numbers"),
    ],
)
def test_tensors_that_cannot_be_looked_at(tmp_path: Path, tensor: Tensor, told: str) -> None:
    with pytest.raises(BadDataError) as refused:
        contents_of({"deep": [{"w": tensor}]}, tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / 'a.pt'}: {told}")


def test_parameters_come_without_their_gradients(tmp_path: Path) -> None:
    read = contents_of({"w": torch.nn.Parameter(torch.ones(2))}, tmp_path)
    assert isinstance(read, dict)
    assert not read["w"].requires_grad


def test_names_that_a_terminal_would_obey_are_shown_plainly(tmp_path: Path) -> None:
    with pytest.raises(BadDataError) as refused:
        contents_of({"\x1b[31m\n": torch.zeros(3, device="meta")}, tmp_path)
    assert "\\x1b[31m\\n is not a plain tensor" in str(refused.value)


def test_what_is_not_there(tmp_path: Path) -> None:
    for name in ("a.pt", "a.safetensors"):
        with pytest.raises(MissingInputError, match=f"cannot read .*{name}"):
            read_contents(tmp_path / name)
    with pytest.raises(MissingInputError, match=r"it has no model\.safetensors and no pytorch_mod"):
        read_contents(tmp_path)


def test_metadata_that_is_not_json(tmp_path: Path, state) -> None:
    metadata = {"klass": "x", "args": "[", "kwargs": json.dumps({})}
    save_file(state, tmp_path / "a.safetensors", metadata)
    with pytest.raises(BadDataError, match="not a readable checkpoint"):
        read_contents(tmp_path / "a.safetensors")


def test_torchs_advice_to_run_the_code_is_not_passed_on(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    torch.save({"w": Attack(tmp_path / "ran")}, path)
    with pytest.raises(BadDataError, match=r"it wants to run \w+\.mkdir, which is none") as refused:
        read_contents(path)
    assert "weights_only" not in str(refused.value)


@pytest.mark.parametrize("name", ["list", "dict"])
def test_a_small_file_of_countless_values(tmp_path: Path, name: str) -> None:
    """Each list stands ten times in the next: a file of a few kB, and 10^30 values."""
    values: object = ["lol"] * 10
    for _ in range(30):
        values = [values] * 10 if name == "list" else dict.fromkeys(range(10), values)
    torch.save({"kwargs": values}, tmp_path / "a.pt")
    assert (tmp_path / "a.pt").stat().st_size < 10_000
    with pytest.raises(BadDataError, match="more than 1000000 values beside its tensors"):
        read_contents(tmp_path / "a.pt")


def test_what_stands_twice_is_no_trouble(tmp_path: Path) -> None:
    twice = ["drums", "bass"]
    torch.save({"stems": twice, "targets": twice}, tmp_path / "a.pt")
    assert read_contents(tmp_path / "a.pt") == {"stems": twice, "targets": twice}


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_an_archive_that_would_grow(tmp_path: Path, method: int) -> None:
    torch.save({"w": torch.zeros(10**6)}, written := io.BytesIO())
    archive = zipfile.ZipFile(written)
    with zipfile.ZipFile(tmp_path / "a.pt", "w", method) as copy:
        for name in archive.namelist():
            copy.writestr(name, archive.read(name))
    with pytest.raises(BadDataError, match="torch's archives are not compressed, this one is"):
        read_contents(tmp_path / "a.pt")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.safetensors")
    with pytest.raises(MissingInputError, match="is not a file"):
        read_contents(tmp_path / "a.safetensors")


class Made:
    """Pickled, it makes whatever its maker makes of the arguments."""

    def __init__(self, maker: object, *arguments: object) -> None:
        self.made = maker, arguments

    def __reduce__(self) -> tuple[object, ...]:
        return self.made


def test_a_small_file_of_a_large_tensor(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="w takes more bytes than the file holds"):
        contents_of({"w": Made(torch.FloatTensor, 10**9)}, tmp_path)
    many = {f"w{number}": Made(torch.FloatTensor, 100) for number in range(100)}
    with pytest.raises(BadDataError, match="takes more bytes than the file holds"):
        contents_of(many, tmp_path)


def test_tensors_that_share_their_numbers_count_once(tmp_path: Path) -> None:
    whole = torch.arange(10_000.0)
    read = contents_of({f"part{number}": whole[number:] for number in range(50)}, tmp_path)
    assert isinstance(read, dict)
    assert len(read) == 50


@pytest.mark.parametrize("depth", [1, 30])
def test_a_fraction_of_lists_is_none(tmp_path: Path, depth: int) -> None:
    """Ten in ten: written out as a text, they would never end."""
    values: object = ["lol"] * 10
    for _ in range(depth):
        values = [values] * 10
    with pytest.raises(BadDataError, match="more than 1000000 values") if depth > 9 else nothing():
        read = contents_of({"x": Made(Fraction, values), "y": values}, tmp_path)
        assert np.isnan(read["x"])  # type: ignore[index]


def test_countless_values_within_objects(tmp_path: Path) -> None:
    values: object = ["lol"] * 10
    for _ in range(30):
        values = [argparse.Namespace(values=values)] * 10
    with pytest.raises(BadDataError, match="more than 1000000 values beside its tensors"):
        contents_of({"kwargs": values}, tmp_path)


@pytest.mark.parametrize("order", ["<>", "", "x", "=" * 99])
def test_numbers_in_no_order(tmp_path: Path, order: str) -> None:
    pickled = pickle.dumps(np.float64(1.5), protocol=2)
    assert pickled.count(b"X\x01\x00\x00\x00<") == 1
    length = len(order).to_bytes(4, "little")
    changed = pickled.replace(b"X\x01\x00\x00\x00<", b"X" + length + order.encode())
    legacy = io.BytesIO()
    torch.save({"a": 1}, legacy, _use_new_zipfile_serialization=False)
    whole = legacy.getvalue()
    at = whole.index(pickle.dumps({"a": 1}, protocol=2)[2:])
    (tmp_path / "a.pt").write_bytes(whole[: at - 2] + changed + whole[whole.index(b".", at) + 1 :])
    read_contents(tmp_path / "a.pt")


def test_a_config_without_end(tmp_path: Path, state) -> None:
    save_file(state, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text('{"a": "' + "x" * 1_000_000)
    with pytest.raises(BadDataError, match="larger than 1000000 bytes"):
        read_config(tmp_path)
