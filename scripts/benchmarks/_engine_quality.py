"""Whether a faster encoder is as good as float32 of its weights: a linear probe on Banking77, ranking on ESCI."""

import csv
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from models.catalogue.text import product_text
from models.engine.folder import Prompts
from models.evaluation.products import read_judgments, read_products
from models.evaluation.ranking_metrics import ndcg
from scripts.benchmarks._engine_rounds import say
from scripts.benchmarks._engine_systems import System

DEPTH = 10
WHERE = """{path} is missing. --quality reads, from the folder that --data names:
  banking77/train.csv, test.csv  github.com/PolyAI-LDN/task-specific-datasets (CC BY 4.0)
  esci_small/products.jsonl.gz, judgments.jsonl  a part of github.com/amazon-science/esci-data (Apache-2.0)"""


def quality(fast: System, exact: System, prompts: Prompts, folder: Path) -> dict[str, Any]:
    """Both figures of both systems, and the differences in points (hundredths).

    Args:
        fast: the system to judge.
        exact: float32 of the same weights.
        prompts: what the encoder wants before queries and passages.
        folder: holds the data sets.

    Raises:
        SystemExit: a data set is missing.
    """
    for name in (
        "banking77/train.csv",
        "banking77/test.csv",
        "esci_small/products.jsonl.gz",
        "esci_small/judgments.jsonl",
    ):
        if not (folder / name).is_file():
            raise SystemExit(WHERE.format(path=folder / name))
    report: dict[str, Any] = {}
    for name, measure in (("banking77_accuracy", _banking), ("esci_ndcg_10", _esci)):
        found = {}
        for system in (fast, exact):
            say(f"  {name}: {system.name}")
            found[system.name] = measure(system, prompts, folder)
        report[name] = {
            **{system: round(value, 4) for system, value in found.items()},
            "difference_points": round(100 * (found[fast.name] - found[exact.name]), 2),
        }
    return report


def _banking(system: System, prompts: Prompts, folder: Path) -> float:
    """Accuracy of a logistic regression on frozen vectors, trained on the training part."""
    from sklearn.linear_model import LogisticRegression

    sets = {}
    for part in ("train", "test"):
        with (folder / "banking77" / f"{part}.csv").open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        vectors = system.unit_vectors([prompts.query + row["text"].strip() for row in rows])
        sets[part] = vectors, [row["category"] for row in rows]
    probe = LogisticRegression(C=10.0, max_iter=300).fit(*sets["train"])
    return float(probe.score(*sets["test"]))


def _esci(system: System, prompts: Prompts, folder: Path) -> float:
    """Mean nDCG@10 over judged queries; the whole catalogue ranked by cosine alone."""
    products = read_products(folder / "esci_small/products.jsonl.gz")
    judged = {
        query: gains
        for query, gains in read_judgments(folder / "esci_small/judgments.jsonl").items()
        if max(gains.values()) > 0
    }
    catalogue = system.unit_vectors([prompts.passage + product_text(one) for one in products])
    asked = system.unit_vectors([prompts.query + query for query in judged])
    ids = [one.id for one in products]
    return fmean(
        ndcg(_nearest(scores, ids), gains, DEPTH)
        for scores, gains in zip(asked @ catalogue.T, judged.values(), strict=True)
    )


def _nearest(scores: Any, ids: Sequence[str]) -> list[str]:  # noqa: ANN401 - one row of a matrix
    return [ids[place] for place in np.argsort(-scores, kind="stable")[:DEPTH]]
