"""The scores of a model on songs with true stems, as the lines of its card.

Beside the model stand the mixture in the place of every stem, a quarter of it (for four stems), and
the ideal ratio mask, between which every mask must lie. Run as::

    python bench/scores.py MODEL [--weights bundled] validation=DIR/test generated=DIR/train ...
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, median

from hclarity.audio.values import Audio, Samples
from hclarity.datasets.catalogue import open_tracks
from hclarity.evaluation.oracles import ideal_ratio_mask
from hclarity.metrics.sdr import usdr
from hclarity.registry.models import find_card
from hclarity.registry.nets import load_net
from hclarity.registry.weights import resolve_weights
from hclarity.separation.separator import separate

Scores = dict[str, dict[str, list[float]]]  # row -> stem -> a score for each song


def main() -> None:
    """Score a model on every set and print what its card shall say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--weights", default="auto")
    parser.add_argument("sets", nargs="+", metavar="NAME=DIR/SPLIT")
    words = parser.parse_args()
    card = find_card(words.model)
    weights = resolve_weights(card, words.weights)
    spoken, net = card.of(weights.variant), load_net(card, weights)
    for name, folder in (word.split("=", 1) for word in words.sets):
        scores: Scores = {}
        for track in open_tracks("folder", Path(folder).parent, Path(folder).name):
            mixture = track.read_mixture()
            truth = {stem: track.read(stem) for stem in spoken.stems}
            stems = separate(Audio(mixture, track.sample_rate), net, spoken)
            rows: dict[str, dict[str, Samples]] = {
                "": {stem: stems[stem].samples for stem in truth},
                "mixture_": dict.fromkeys(truth, mixture),
                "floor_": dict.fromkeys(truth, mixture / len(truth)),
                "ideal_": ideal_ratio_mask(truth, mixture),
            }
            for row, estimates in rows.items():
                for stem, estimate in estimates.items():
                    score = usdr(truth[stem], estimate)
                    scores.setdefault(row, {}).setdefault(stem, []).append(score)
        for line in lines(name, scores):
            print(line, flush=True)


def lines(name: str, scores: Scores) -> Iterator[str]:
    """The lines of a card: each stem, the mean and the median over all stems and songs."""
    for row, by_stem in scores.items():
        every = [score for of_stem in by_stem.values() for score in of_stem]
        told = {stem: mean(of_stem) for stem, of_stem in by_stem.items()}
        told |= {"mean": mean(every), "median": median(every)}
        for what, score in told.items():
            yield f"{name}_usdr_{row}{what} = {score:.2f}"
        yield ""


if __name__ == "__main__":
    main()
