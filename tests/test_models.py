"""The model cards that come with hclarity: true to their nets, and complete."""

from pathlib import Path

import pytest

import hclarity
from hclarity.registry.cards import ModelCard, Variant, Weights, read_card
from hclarity.registry.nets import require_agreement, sketch_net

MODELS = Path(hclarity.__file__).parent.parent / "models"
CARDS = {path.parent.name: read_card(path) for path in sorted(MODELS.glob("*/card.toml"))}
INSTRUMENTS = ("bassoon", "cello", "clarinet", "flute", "oboe", "sax", "viola", "violin")
FOUR = ("drums", "bass", "other", "vocals")

# Counted in the public implementations (Hybrid Demucs: torchaudio and demucs; Conv-TasNet: Cadenza;
# BandSplitRNN: magronp/bsrnn).
PARAMETERS = {
    ("demucs", "official"): 83_639_368,
    ("demucs-musdb", "official"): 83_639_368,
    ("hdemucs_mmi", "official"): 83_639_368,
    ("convtasnet", "official"): 10_846_800,
    ("convtasnet-causal", "official"): 10_846_800,
    **{
        (f"convtasnet-{instrument}{causal}", "official"): 6_595_120
        for instrument in INSTRUMENTS
        for causal in ("", "-causal")
    },
    ("bsrnn", "official"): 108_727_540,
    ("bsrnn-vocals", "official"): 40_777_192,
    ("bsrnn-bass", "official"): 37_072_744,
    ("bsrnn-drums", "official"): 45_491_944,
    ("bsrnn-other", "official"): 40_777_192,
}


ALL_WEIGHTS = [(name, variant) for name, card in CARDS.items() for variant in card.weights]

each_card = pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
each_weights = pytest.mark.parametrize(("name", "variant"), ALL_WEIGHTS)


def test_every_published_model_has_a_card() -> None:
    convtasnet = {
        f"convtasnet{kind}{causal}"
        for kind in ("", *(f"-{instrument}" for instrument in INSTRUMENTS))
        for causal in ("", "-causal")
    }
    bsrnn = {"bsrnn", "bsrnn-amanteur", *(f"bsrnn-{stem}" for stem in FOUR)}
    assert set(CARDS) == {"demucs", "demucs-musdb", "hdemucs_mmi"} | convtasnet | bsrnn


@each_weights
def test_the_net_is_as_the_card_says(name: str, variant: Variant) -> None:
    card = CARDS[name].of(variant)
    net = sketch_net(
        card.net,
        card.stems,
        sample_rate=card.sample_rate,
        channels=card.channels,
        arguments=card.weights[variant].arguments,
    )
    require_agreement(card, net.traits)
    traits = net.traits
    assert (traits.stems, traits.channels) == (card.stems, card.channels)
    assert traits.sample_rate == card.sample_rate
    causal = bool(card.weights[variant].arguments.get("causal", False))
    assert causal == name.endswith("-causal")
    assert (traits.lookahead is not None) == causal
    if (name, variant) in PARAMETERS:
        parameters = sum(weights.numel() for weights in net.parameters())
        assert parameters == PARAMETERS[name, variant]


@each_card
def test_a_card_tells_people_what_they_must_know(card: ModelCard) -> None:
    assert card.title
    assert card.description.endswith(".")
    files = [weights.file for weights in card.weights.values()]
    assert len(set(files)) == len(files)
    for variant, weights in card.weights.items():
        assert weights.licence
        assert weights.trained_on
        if variant == "official":
            assert weights.seen
            require_official(weights)


def require_official(weights: Weights) -> None:
    """There is one way to get them, and nobody can tamper with them on it."""
    assert [weights.url, weights.page].count("") == 1
    assert (weights.url or weights.page).startswith("https://")


def test_titles_tell_models_apart() -> None:
    assert len({card.title for card in CARDS.values()}) == len(CARDS)


@pytest.mark.parametrize(
    ("net", "level", "seconds", "overlap"),
    [
        ("hdemucs", "deviation", 10.0, 0.1),
        ("convtasnet", "-40 LUFS", 10.0, 0.1),
        ("bsrnn", "peak", 10.0, 0.1),
    ],
)
def test_nets_of_a_kind_are_spoken_to_alike(
    net: str, level: str, seconds: float, overlap: float
) -> None:
    cards = [card for card in CARDS.values() if card.net == net]
    assert len(cards) > 2
    for card in cards:
        assert (card.level, card.chunk_seconds, card.overlap) == (level, seconds, overlap)
        assert (card.sample_rate, card.channels) == (44100, 2)


def test_stems_of_the_published_files_are_in_their_order() -> None:
    for name in ("demucs", "demucs-musdb", "hdemucs_mmi"):
        assert CARDS[name].stems == FOUR
    assert CARDS["bsrnn"].stems == ("vocals", "bass", "drums", "other")
    assert CARDS["convtasnet"].stems == ("vocals", "accompaniment")
    for instrument in INSTRUMENTS:
        assert CARDS[f"convtasnet-{instrument}"].stems == (instrument, "accompaniment")
    for stem in FOUR:
        assert CARDS[f"bsrnn-{stem}"].stems == (stem,)


def test_urls_are_of_the_model_that_they_are_for() -> None:
    for instrument in INSTRUMENTS:
        for ending, word in (("", "NonCausal"), ("-causal", "Causal")):
            url = CARDS[f"convtasnet-{instrument}{ending}"].weights["official"].url
            assert f"ConvTasNet_{instrument.capitalize()}_{word}/" in url


def test_no_two_models_have_the_same_file() -> None:
    official = [card.weights["official"] for card in CARDS.values() if "official" in card.weights]
    places = [(weights.url or weights.page, weights.file) for weights in official]
    assert len(set(places)) == len(places)
    known = [weights.sha256 for weights in official if len(weights.sha256) == 64]
    assert len(set(known)) == len(known) > 5


def test_only_one_has_seen_what_it_would_be_tested_on() -> None:
    tested = {
        name
        for name, card in CARDS.items()
        for weights in card.weights.values()
        if "musdb/test" in weights.seen
    }
    assert tested == {"demucs"}


def test_one_chunk_is_all_that_the_early_bsrnn_takes() -> None:
    assert CARDS["bsrnn-amanteur"].chunk == 262 * 512


def test_where_a_page_has_several_files_each_card_says_which() -> None:
    found = [weights for card in CARDS.values() for weights in card.weights.values()]
    for page in {weights.page for weights in found if weights.page}:
        paths = [weights.page_path for weights in found if weights.page == page]
        assert len(paths) == 1 or (all(paths) and len(set(paths)) == len(paths))
