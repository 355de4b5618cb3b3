"""Finding personal data: texts a second beside Presidio with spaCy's small English model, and how exact both are.

As workers do, by patterns and the tagger of names and addresses (`--no-tagger`: by patterns alone). Both look at the
same texts in the same process, in turns of 256 (see privacy/evaluation/turns.py); the first 512 texts warm both up. Two
inputs: short texts full of annotated personal data, and reviews of about 300 characters, which hold hardly any.
"""

import argparse
import json
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.engine.cpu_features import usable_cores
from models.errors import ModelError
from privacy.errors import PrivacyError
from privacy.evaluation.dataset import read_annotated
from privacy.evaluation.labels import LabelMap
from privacy.evaluation.ours import shopstream
from privacy.evaluation.presidio import presidio
from privacy.evaluation.report import PATTERNS, evaluate_detection
from privacy.evaluation.turns import System, in_turns, ratios
from scripts.benchmarks._reviews import review_texts
from streams.cli.evaluation_pii import named_tagger

DATA = Path(os.environ.get("SHOPSTREAM_PII", "../shared/data/pii_presidio/generated_large.json"))
"""Annotated texts as of presidio-research (MIT); SHOPSTREAM_PII names other ones."""
WHERE = (
    "Get generated_large.json from github.com/microsoft/presidio-research (MIT) and name it by --data FILE."
)


def annotated(path: Path, systems: Sequence[System], labels: LabelMap) -> dict[str, Any]:
    """Speed on annotated texts, and accuracy for the kinds that patterns find."""
    report = evaluate_detection(read_annotated(path), systems, labels)
    ours, peer = (report.systems[system.name] for system in systems)
    speed = report.times_as_fast_as[systems[1].name]
    return {
        "texts": ours.texts_timed,
        "texts_per_second": round(ours.texts_per_second, 1),
        "peer_texts_per_second": round(peer.texts_per_second, 1),
        "ratio": round(speed.ratio, 1),
        "ratio_median": round(speed.median, 1),
        "ratio_lowest": round(speed.lowest, 1),
        "pattern_kinds": {
            name: {
                figure: getattr(one.groups[PATTERNS].characters, figure).value
                for figure in ("precision", "recall", "f2")
            }
            for name, one in report.systems.items()
        },
    }


def plain(texts: Sequence[str], systems: Sequence[System]) -> dict[str, Any]:
    """Speed on reviews."""
    ours, peer = in_turns(texts, systems)
    by_turn = ratios(ours, peer)
    return {
        "texts": ours.texts_timed,
        "texts_per_second": round(ours.texts_per_second, 1),
        "peer_texts_per_second": round(peer.texts_per_second, 1),
        "ratio": round(ours.texts_per_second / peer.texts_per_second, 1),
        "ratio_median": round(statistics.median(by_turn), 1),
        "ratio_lowest": round(min(by_turn), 1),
    }


def show(report: dict[str, Any]) -> None:
    """The result, for people."""
    for name in ("annotated", "reviews"):
        one = report[name]
        print(
            f"{name:<10} {one['texts_per_second']:>10,.0f} texts/s, Presidio {one['peer_texts_per_second']:>6,.0f}: "
            f"ratio {one['ratio']:.0f} (turns: median {one['ratio_median']:.0f}, lowest {one['ratio_lowest']:.0f}), "
            f"{one['texts']:,} texts timed"
        )
    for name, figures in report["annotated"]["pattern_kinds"].items():
        shown = ", ".join(
            f"{key} {'-' if value is None else f'{value:.3f}'}" for key, value in figures.items()
        )
        print(f"pattern kinds by characters, {name}: {shown}")
    print(f"{report['system']}; {report['peer']}; {report['cores']} cores")


def main() -> int:
    """Exit 0, or 1 where the data or the peer is missing."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench pii", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="annotated texts [default: %(default)s]")
    parser.add_argument("--reviews", type=int, default=2_000, help="that many reviews [default: %(default)s]")
    parser.add_argument("--no-tagger", action="store_true", help="patterns alone: names are not looked for")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.data.is_file():
        raise SystemExit(f"there is no {options.data}. {WHERE}")
    if options.reviews < 1:
        parser.error("--reviews must be at least 1")
    labels = LabelMap.default()
    try:
        with named_tagger("" if options.no_tagger else None) as tagger:
            systems = [shopstream(tagger), presidio(labels)]
            report = {
                "annotated": annotated(options.data, systems, labels),
                "reviews": plain(list(review_texts(options.reviews)), systems),
                "system": systems[0].about,
                "peer": systems[1].about,
                "cores": usable_cores(),
            }
    except (PrivacyError, ModelError) as error:
        raise SystemExit(str(error)) from None
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        show(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
