import textwrap
from pathlib import Path

import pytest
from registry_cards import CARD, write_card

from hclarity.errors import ConfigurationError, MissingInputError
from hclarity.registry import cards
from hclarity.registry.cards import NONE_PUBLISHED, Contract, read_card, require_safe_name
from hclarity.registry.quoting import shown


def refusal(folder: Path, old: str, new: str) -> str:
    assert old in CARD
    path = write_card(folder, CARD.replace(old, new))
    with pytest.raises(ConfigurationError) as refused:
        read_card(path)
    message = str(refused.value)
    assert message.startswith(str(path))
    return message


def test_reads_every_key(tmp_path: Path) -> None:
    card = read_card(write_card(tmp_path / "tiny"))
    assert card.name == "tiny"
    assert card.folder == tmp_path / "tiny"
    assert (card.title, card.description, card.net) == ("Tiny", "A net for tests.", "hdemucs")
    assert card.stems == ("vocals", "rest")
    assert (card.sample_rate, card.channels) == (16000, 2)
    assert (card.chunk, card.hop, card.stride) == (31 * 256, 23 * 256, 256)
    assert card.level == "deviation"
    assert list(card.weights) == ["bundled"]
    bundled = card.weights["bundled"]
    assert (bundled.file, bundled.sha256, bundled.bytes) == ("weights.safetensors", "ab" * 32, 7)
    assert (bundled.licence, bundled.trained_on, bundled.url) == ("MIT", ("nothing",), "")
    assert bundled.seen == ("musdb/train",)
    assert bundled.arguments == {"width": 4, "ratio_mask": True}
    assert bundled.scores == {"usdr_vocals": 5.0}


def test_the_card_in_the_documentation(tmp_path: Path) -> None:
    lines = (cards.__doc__ or "").splitlines()
    example = "\n".join(line for line in lines if line.startswith("    "))
    example = textwrap.dedent(example).replace("64 hexadecimal digits", "ab" * 32)
    example = example.replace("https://...", "https://example.org/weights")
    card = read_card(write_card(tmp_path / "example", example))
    assert card.weights["bundled"].scores == {"usdr_vocals": 5.0}


def test_the_folder_names_the_model(tmp_path: Path) -> None:
    assert read_card(write_card(tmp_path / "mine")).name == "mine"
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    assert read_card(tmp_path / "link" / "card.toml").name == "link"
    assert read_card(tmp_path / "mine" / "." / ".." / "mine" / "card.toml").name == "mine"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title =", "titel =", "unknown key titel (did you mean 'title'?)"),
        ("licence =", "license =", "unknown key weights.bundled.license (did you mean 'licence'?)"),
        ("[weights.bundled]", "[weights.bundle]", "weights.bundle (did you mean 'bundled'?)"),
        ("overlap = 0.25", "", "the key overlap is missing"),
        ("bytes = 7", "", "bytes and sha256 must be known of a file that has neither url nor page"),
        ("ab" * 32, "none published", "bytes and sha256 must be known of a file that has neither"),
        ('level = "deviation"', "", "the key level is missing"),
        ('"deviation"', '"loud"', '"peak" or a loudness from "-70 LUFS" to "0 LUFS", got \'loud\''),
        ('"deviation"', '"-40LUFS"', "level must be"),
        ('"deviation"', '"-40. LUFS"', "level must be"),
        ('"deviation"', '"nan LUFS"', "level must be"),
        ('"deviation"', '"400000 LUFS"', "\"0 LUFS\", got '400000 LUFS'"),
        ('"deviation"', '"0.1 LUFS"', "level must be"),
        ('"deviation"', '"-70.1 LUFS"', "level must be"),
        ('"deviation"', "-40", "level must be a text, got -40"),
        ("= 16000", '= "16000"', "sample_rate must be a whole number, got '16000'"),
        ("= 16000", "= 16000.0", "sample_rate must be a whole number, got 16000.0"),
        ("channels = 2\n", "channels = true\n", "channels must be a whole number, got True"),
        ("= 0.5", "= nan", "chunk_seconds must be a number, got nan"),
        ('["vocals", "rest"]', '"vocals"', "stems must be a list of texts, got 'vocals'"),
        ('["nothing"]', "[1]", "weights.bundled.trained_on must be a list of texts, got [1]"),
        ('title = "Tiny"', "title = 3", "title must be a text, got 3"),
        ("width = 4", "width = [4]", "arguments must be a table of texts, numbers and"),
        ("usdr_vocals = 5", "usdr_vocals = 'good'", "scores must be a table of numbers"),
        ("{ usdr_vocals = 5 }", "5", "scores must be a table"),
        ("[weights.bundled]", "[weights]\n[other]", "unknown key other"),
        ("= 16000", "= 0", "sample_rate must be from 1 to 384000 Hz, got 0"),
        ("channels = 2\n", "channels = 0\n", "channels must be from 1 to 64, got 0"),
        ("= 0.5", "= 0", "chunk_seconds must be above 0 s and at most an hour, got 0.0"),
        ("= 0.5", "= 3601", "chunk_seconds must be above 0 s and at most an hour, got 3601.0"),
        ("= 256", "= 0", "stride must be from 1 to 384000 frames, got 0"),
        (
            "= 16000",
            "= 1000000000000",
            "sample_rate must be from 1 to 384000 Hz, got 1000000000000",
        ),
        ("channels = 2\n", "channels = 65\n", "channels must be from 1 to 64, got 65"),
        ("= 256", "= 384001", "stride must be from 1 to 384000 frames, got 384001"),
        (
            '["vocals", "rest"]',
            str([f"s{n}" for n in range(65)]),
            "stems must be from 1 to 64, got",
        ),
        ('"rest"', f'"{"a" * 65}"', "a stem must be named with letters, digits, '_', '-', '+' and"),
        ("bytes = 7", "bytes = 7\npage_path = '../x'", "page_path must be named with letters"),
        ("bytes = 7", "bytes = 7\npage_path = '/x'", "page_path must be named with letters"),
        ("= 0.25", "= 1", "overlap must be from 0 to below 1, got 1.0"),
        ("= 0.25", "= -0.1", "overlap must be from 0 to below 1, got -0.1"),
        ('"rest"', '"vocals"', "stems must be named once each"),
        ('"rest"', '"Vocals"', "stems must be named once each"),
        ('["vocals", "rest"]', "[]", "stems must be named once each, got []"),
        ('"rest"', '"../rest"', "a stem must be named with letters"),
        ('"weights.safetensors"', '"../x"', "weights.bundled: file must be named with letters"),
        ('"weights.safetensors"', '"/x"', "weights.bundled: file must be named with letters"),
        ("ab" * 32, "AB" * 32, "sha256 must be 64 hexadecimal digits in lower case"),
        ("ab" * 32, "ab", "sha256 must be 64 hexadecimal digits"),
        ("bytes = 7", "bytes = 0", "bytes must be above 0, got 0"),
        ("bytes = 7", "bytes = 7\nurl = 'file:///x'", "url must be https://HOST/PATH"),
        ("bytes = 7", "bytes = 7\nurl = 'http://[x/y'", "url must be https://HOST/PATH"),
        ("bytes = 7", "bytes = 7\npage = 'zenodo.org/1'", "page must be https://HOST/PATH"),
        ("title", "title = [", "is not a TOML file"),
    ],
)
def test_refuses(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert told in refusal(tmp_path / "tiny", old, new)


@pytest.mark.parametrize("level", ["peak", "-40 LUFS", "-23.5 LUFS", "-70 LUFS", "0 LUFS"])
def test_levels(tmp_path: Path, level: str) -> None:
    text = CARD.replace('"deviation"', f'"{level}"')
    assert read_card(write_card(tmp_path / "tiny", text)).level == level


@pytest.mark.parametrize("place", ["url", "page"])
def test_what_nobody_has_published_need_not_be_known(tmp_path: Path, place: str) -> None:
    text = CARD.replace("ab" * 32, "none published")
    text = text.replace("bytes = 7", f"{place} = 'https://example.org/weights'")
    bundled = read_card(write_card(tmp_path / "tiny", text)).weights["bundled"]
    assert (bundled.sha256, bundled.bytes) == (NONE_PUBLISHED, None)
    assert {bundled.url, bundled.page} == {"", "https://example.org/weights"}


def test_a_card_without_weights(tmp_path: Path) -> None:
    text = CARD.split("[weights.bundled]")[0] + "[weights]\n"
    with pytest.raises(ConfigurationError, match=r"needs \[weights.official\] or"):
        read_card(write_card(tmp_path / "tiny", text))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_bytes(b"title = '\xff\xfe'")
    with pytest.raises(ConfigurationError, match="is not a TOML file"):
        read_card(path)


def test_endless_nesting(tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    path.write_text("title = " + "[" * 100_000)
    with pytest.raises(ConfigurationError, match="is not a TOML file"):
        read_card(path)


def test_no_card(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"nowhere\.toml"):
        read_card(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "", "-x", "a b", "a\n", "ä", "a" * 65])
def test_names_that_are_not_safe(name: str) -> None:
    with pytest.raises(ConfigurationError, match="a model must be named with letters") as refused:
        require_safe_name("a model", name)
    assert shown(name) in str(refused.value)


@pytest.mark.parametrize("name", ["CON", "aux.pt", "a."])
def test_names_that_windows_takes_for_others(name: str) -> None:
    with pytest.raises(ConfigurationError, match="a stem must not be named as a device") as refused:
        require_safe_name("a stem", name)
    assert repr(name) in str(refused.value)


def test_names_that_are_safe() -> None:
    for name in ("demucs", "_a", "hdemucs_mmi", "bsrnn-1.5+", "a" * 64):
        require_safe_name("a model", name)


def test_chunk_and_hop_are_never_nothing() -> None:
    for stride in (1, 32):
        contract = Contract(
            ("all",), 10, 1, chunk_seconds=0.01, overlap=0.9, stride=stride, level="peak"
        )
        assert (contract.chunk, contract.hop) == (stride, stride)


def test_weights_may_want_to_be_spoken_to_otherwise(tmp_path: Path) -> None:
    other = 'contract = { stems = ["voice", "band"], stride = 512 }\nscores ='
    card = read_card(write_card(tmp_path / "tiny", CARD.replace("scores =", other)))
    spoken = card.of("bundled")
    assert (spoken.stems, spoken.stride) == (("voice", "band"), 512)
    assert (spoken.sample_rate, spoken.level) == (card.sample_rate, card.level)
    assert spoken.of("bundled") == spoken
    assert card.stems == ("vocals", "rest")


@pytest.mark.parametrize(
    ("contract", "told"),
    [
        ("{ overlap = 1.5 }", "weights.bundled.contract: overlap must be from 0 to below 1"),
        ("{ strid = 256 }", "unknown key contract.strid (did you mean 'stride'?)"),
        ("{ net = 'bsrnn' }", "unknown key contract.net"),
        ("{ stride = 'long' }", "contract.stride must be"),
    ],
)
def test_refuses_what_no_net_can_live_with_of_weights_too(
    tmp_path: Path, contract: str, told: str
) -> None:
    assert told in refusal(tmp_path, "scores =", f"contract = {contract}\nscores =")
