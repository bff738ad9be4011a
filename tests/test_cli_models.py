import hashlib
import json
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from cli_program import hclarity, start, write_song
from loopback import Site, serving
from registry_cards import write_card, write_official

from hclarity.nets.conv_tasnet import conv_tasnet
from hclarity.registry import exporting
from hclarity.registry.cards import ModelCard
from hclarity.registry.first_use import digest_path
from hclarity.registry.models import available_models, find_card
from hclarity.registry.weights import ResolvedWeights

CONTENT = b"PK\x03\x04" + bytes(range(252)) * 4000  # begins as an archive of torch
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def models(
    workplace: Path, tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The user's folder of models, with a network, and `tiny` in it."""
    folder = tmp_path / "models"
    shutil.copytree(tiny_models / "tiny", folder / "tiny")
    monkeypatch.setenv("HCLARITY_MODELS", str(folder))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.delenv("HCLARITY_OFFLINE")
    return folder


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site(CONTENT)) as site:
        yield site


@pytest.fixture
def far(models: Path, site: Site) -> Path:
    known = f"sha256 = '{DIGEST}'\nbytes = {len(CONTENT)}"
    return write_official(models / "far", f"url = '{site.url}'", known)


@pytest.fixture
def by_hand(models: Path) -> Path:
    page = "page = 'https://example.org/record'"
    return write_official(models / "hand", page, "sha256 = 'none published'")


def row(table: str, name: str) -> list[str]:
    (line,) = [line for line in table.splitlines() if line.split()[0] == name]
    return line.split(maxsplit=3)


def test_list(far: Path, by_hand: Path) -> None:
    ended = hclarity("models", "list")
    assert (ended.code, ended.err) == (0, "")
    assert row(ended.out, "name") == ["name", "stems", "bundled", "official"]
    assert row(ended.out, "tiny") == ["tiny", "drums,bass,other,vocals", "here", "-"]
    assert row(ended.out, "far") == ["far", "vocals,rest", "-", "to fetch, 1.01 MB"]
    assert row(ended.out, "hand") == ["hand", "vocals,rest", "-", "by hand"]
    assert row(ended.out, "demucs")[2:] == ["here", "to fetch, 335 MB"]
    assert len(ended.out.splitlines()) == 1 + len(available_models())
    assert all(len(line) <= 80 for line in ended.out.splitlines())


def test_list_as_json(far: Path) -> None:
    document = json.loads(hclarity("models", "list", "--json").out)
    entries = {entry["name"]: entry for entry in document["models"]}
    assert set(entries) == set(available_models())
    assert entries["far"] == {
        "name": "far",
        "title": "Tiny",
        "net": "hdemucs",
        "stems": ["vocals", "rest"],
        "weights": {"official": {"where": "to fetch", "bytes": len(CONTENT)}},
    }


def test_a_card_with_a_mistake_hides_no_other(models: Path) -> None:
    write_card(models / "broken", "title = 3")
    ended = hclarity("models", "list")
    assert ended.code == 0
    assert row(ended.out, "tiny")
    (line,) = ended.lines
    assert line.startswith("warning: ")
    assert "broken/card.toml" in line


def test_show(far: Path) -> None:
    ended = hclarity("models", "show", "far")
    assert (ended.code, ended.err) == (0, "")
    told = {" ".join(line.split()) for line in ended.out.splitlines()}
    assert {
        "name far",
        "stems vocals, rest",
        "level deviation",
        "where to fetch",
        "licence Apache-2.0",
        "trained on songs",
        "seen musdb/train",
        "bytes 1,008,004",
        f"sha256 {DIGEST}",
        "arguments width 4, depth 5",
        "lookahead ms all that it is given at once",
    } <= told
    assert str(far) in ended.out


def test_show_as_json(models: Path) -> None:
    ended = hclarity("models", "show", "tiny", "--json")
    assert (ended.code, ended.err) == (0, "")
    document = json.loads(ended.out)
    bundled = document["weights"]["bundled"]
    assert bundled["where"] == "here"
    assert bundled["path"] == str(models / "tiny" / "weights.safetensors")
    assert bundled["bytes"] == (models / "tiny" / "weights.safetensors").stat().st_size
    assert bundled["arguments"]["width"] == 4
    assert 50_000 < bundled["parameters"] < bundled["bytes"] / 4
    assert bundled["receptive_field_ms"] is None
    assert document["chunk_seconds"] == 0.5


def test_show_tells_how_far_a_causal_net_hears() -> None:
    ended = hclarity("models", "show", "convtasnet-causal", "--json")
    official = json.loads(ended.out)["weights"]["official"]
    assert official["parameters"] == 10_846_800
    assert 0 < official["lookahead_ms"] < 1
    assert 1850 < official["receptive_field_ms"] < 1870
    assert official["bytes"] is None


@pytest.mark.parametrize("words", [("show",), ("pull", "tiny"), ("verify", "tiny")])
def test_a_wrong_name(models: Path, words: tuple[str, ...]) -> None:
    ended = hclarity("models", *words, "tinny")
    assert (ended.code, ended.out) == (2, "")
    (line,) = ended.lines
    assert line.startswith("error: no model named 'tinny' (did you mean 'tiny'?)")


def test_pull(far: Path, site: Site) -> None:
    ended = hclarity("models", "pull", "far", "tiny")
    assert ended.code == 0
    assert far.read_bytes() == CONTENT
    assert ended.paths == [str(far), str(far.parents[1] / "tiny" / "weights.safetensors")]
    first, second, third = ended.lines
    assert first == f"far: 1.01 MB, licence Apache-2.0, {site.url}"
    assert second == "fetching far (1.01 MB)"
    assert third == "tiny: already here"
    again = hclarity("models", "pull", "far")
    assert (again.code, again.lines) == (0, ["far: already here"])
    assert site.asked == [""]


def test_pull_of_what_nobody_has_measured(models: Path, site: Site) -> None:
    path = write_official(models / "new", f"url = '{site.url}'", "sha256 = 'none published'")
    ended = hclarity("models", "pull", "new", "--quiet")
    assert (ended.code, ended.paths) == (0, [str(path)])
    (line,) = ended.lines
    assert line.startswith("warning: no checksum of far.pt is published")
    assert DIGEST in line
    told = hclarity("models", "pull", "new", "--json")
    assert json.loads(told.out)["done"] == [{"input": "new", "files": {"official": str(path)}}]


def test_pull_does_what_can_be_done(far: Path, by_hand: Path) -> None:
    ended = hclarity("models", "pull", "hand", "far")
    assert (ended.code, ended.paths) == (1, [str(far)])
    assert ended.lines[0] == (
        "error: the official weights of hand are not here: get far.pt from"
        " https://example.org/record, then run: hclarity models import far.pt --as hand"
    )
    assert hclarity("models", "pull", "hand").code == 69


def test_pull_without_a_network(far: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")
    ended = hclarity("models", "pull", "far")
    assert (ended.code, ended.out, site.asked) == (69, "", [])
    assert ended.lines[-1].endswith(
        "HCLARITY_OFFLINE is set; run `hclarity models pull far` with a network connection"
    )


def test_an_interrupted_pull_is_continued(far: Path, site: Site) -> None:
    site.stalls_after = 300_000
    part = far.with_name(f"{far.name}.part")
    with start("models", "pull", "far") as program:
        while program.poll() is None and not (part.exists() and part.stat().st_size == 300_000):
            time.sleep(0.01)
        program.send_signal(signal.SIGINT)
        _, err = program.communicate()
    assert program.returncode == 130
    assert b"interrupted" in err.splitlines()[-1]
    assert part.read_bytes() == CONTENT[:300_000]
    site.stalls_after = None
    assert hclarity("models", "pull", "far").code == 0
    assert far.read_bytes() == CONTENT
    assert site.asked == ["", "bytes=300000-"]


def test_verify(far: Path) -> None:
    ended = hclarity("models", "verify")
    assert (ended.code, ended.err) == (0, "")
    rows = [line.split(maxsplit=2) for line in ended.paths]
    assert ["tiny", "bundled", "OK"] in rows
    assert ["demucs", "bundled", "OK"] in rows
    assert "far" not in {name for name, *_ in rows}


def test_verify_finds_damage(far: Path) -> None:
    assert hclarity("models", "verify", "far").paths == ["far  official  not here"]
    assert hclarity("models", "pull", "far").code == 0
    assert hclarity("models", "verify", "far").paths == ["far  official  OK"]
    far.write_bytes(CONTENT[::-1])
    ended = hclarity("models", "verify", "tiny", "far")
    assert ended.code == 65
    assert [line.split() for line in ended.paths] == [
        ["tiny", "bundled", "OK"],
        ["far", "official", "damaged"],
    ]
    (line,) = ended.lines
    assert line.startswith(f"error: {far} has SHA-256 ")


def test_verify_does_not_trust_what_nobody_has_used(by_hand: Path) -> None:
    by_hand.parent.mkdir(parents=True, exist_ok=True)
    by_hand.write_bytes(CONTENT)
    for _ in range(2):
        ended = hclarity("models", "verify", "hand")
        assert (ended.code, ended.err) == (0, "")
        assert ended.paths == ["hand  official  nothing to compare with"]
    assert not digest_path(by_hand).exists()
    assert hclarity("models", "pull", "hand").code == 0
    assert hclarity("models", "verify", "hand").paths == ["hand  official  OK"]
    by_hand.write_bytes(CONTENT[:-1])
    assert hclarity("models", "verify", "hand").code == 65


def test_verify_finds_what_may_not_be_read(by_hand: Path) -> None:
    by_hand.parent.mkdir(parents=True, exist_ok=True)
    by_hand.touch()
    digest_path(by_hand).mkdir()
    ended = hclarity("models", "verify", "hand", "tiny")
    assert ended.code == 65
    assert [line.split()[-1] for line in ended.paths] == ["damaged", "OK"]
    assert ended.lines == [f"error: cannot read {digest_path(by_hand)}: Is a directory"]


def test_verify_as_json(far: Path) -> None:
    ended = hclarity("models", "verify", "tiny", "far", "--json", "--quiet")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["models"] == [
        {"name": "tiny", "weights": "bundled", "state": "OK"},
        {"name": "far", "weights": "official", "state": "not here"},
    ]


def test_nothing_to_verify(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hclarity.registry.models.available_models", lambda: ())
    ended = hclarity("models", "verify")
    assert (ended.code, ended.out, ended.err) == (0, "", "")


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """What somebody has trained, and says nothing about."""
    net = conv_tasnet(("a", "b"), sample_rate=8000, channels=2, N=4, B=4, H=4, X=2, R=1)
    torch.save(net.state_dict(), tmp_path / "mine.pt")
    return tmp_path / "mine.pt"


def test_import(models: Path, checkpoint: Path) -> None:
    ended = hclarity("models", "import", checkpoint, "--as", "mine", "--stems", "vocals, rest")
    assert (ended.code, ended.paths) == (0, [str(models / "mine" / "card.toml")])
    (line,) = ended.lines
    assert line.startswith("mine: Imported from mine.pt. Assumed: norm gLN, mask relu")
    assert find_card("mine").stems == ("vocals", "rest")


def test_import_without_the_stems(models: Path, checkpoint: Path) -> None:
    ended = hclarity("models", "import", checkpoint, "--as", "mine")
    assert (ended.code, ended.out) == (2, "")
    assert "does not name its stems, of which there are 2; give --stems" in ended.err
    assert not (models / "mine").exists()


def test_import_as_json(models: Path, checkpoint: Path) -> None:
    words = ("--as", "mine", "--stems", "a,b", "--json", "--quiet")
    ended = hclarity("models", "import", checkpoint, *words)
    (done,) = json.loads(ended.out)["done"]
    files = {"model": str(models / "mine" / "card.toml")}
    assert (done, ended.err) == ({"input": str(checkpoint), "files": files}, "")


def test_export(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def export_model(card: ModelCard, resolved: ResolvedWeights, target: Path) -> Path:
        asked.extend([card.name, resolved.variant, resolved.path, target])
        return target

    monkeypatch.setattr(exporting, "export_model", export_model)
    ended = hclarity("models", "export", "tiny", "mine.th")
    assert (ended.code, ended.paths, ended.err) == (0, ["mine.th"], "")
    assert asked == ["tiny", "bundled", models / "tiny" / "weights.safetensors", Path("mine.th")]


def test_export_what_is_not_there(models: Path) -> None:
    assert hclarity("models", "export", "tinny", "mine.th").code == 2
    ended = hclarity("models", "export", "tiny", "mine.th", "--weights", "official")
    assert (ended.code, ended.out) == (2, "")
    assert "no official weights" in ended.lines[0]


def test_export_replaces_nothing(far: Path, site: Site) -> None:
    Path("mine.th").write_bytes(b"precious")
    ended = hclarity("models", "export", "far", "mine.th")
    assert (ended.code, ended.out) == (73, "")
    assert ended.lines == ["error: mine.th is there already; delete it, or choose another name"]
    assert Path("mine.th").read_bytes() == b"precious"
    assert site.asked == []


def test_export_as_json(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "export_model", lambda *asked: asked[-1])
    document = json.loads(hclarity("models", "export", "tiny", "mine.th", "--json").out)
    assert document["done"] == [{"input": "tiny", "files": {"weights": "mine.th"}}]


def test_a_file_to_import_that_is_not_there(models: Path) -> None:
    ended = hclarity("models", "import", "nothing.ckpt", "--as", "mine")
    assert (ended.code, ended.out) == (66, "")
    assert "nothing.ckpt" in ended.lines[0]


def test_separate_says_how_to_get_weights(far: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCLARITY_OFFLINE", "1")
    write_song(Path("song.flac"))
    ended = hclarity("separate", "-m", "far", "song.flac")
    assert ended.code == 69
    assert "run `hclarity models pull far`" in ended.lines[-1]
