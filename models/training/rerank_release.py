"""Write a trained reranker: model folder, report, card."""

from collections.abc import Mapping
from typing import Any, Final

from models.sources.model_folder import Base, ModelFolder, write_model_folder
from models.training.bert import LORA_ALPHA_PER_RANK
from models.training.cards import Card, table
from models.training.cross_encoder import CrossEncoder
from models.training.loop import Outcome
from models.training.run_folder import RunFolder
from models.training.search_rerank import RerankData

TASK: Final = "search"

LIMITS: Final = (
    "It has learned what was judged; a query of another kind, or another language than the base's, is ranked worse.",
    "Gains of products that nobody judged count as 0, so figures are lower than what searchers see.",
    "It reads the query and the beginning of the product's text, and nothing else.",
)


def write_reranker(
    run: RunFolder,
    model: CrossEncoder,
    data: RerankData,
    outcome: Outcome,
    test: Mapping[str, Any],
    *,
    name: str,
    data_licence: str,
    command: str,
) -> dict[str, Any]:
    """Write everything into the run's folder.

    Args:
        run: where.
        model: trained.
        data: what it learned from.
        outcome: of the training.
        test: figures of the test queries, see `models.evaluation.rerank.RerankReport`.
        name: of the model.
        data_licence: for the card.
        command: what makes it again.

    Returns:
        The report, with the model's identity.
    """
    version = f"1.0.0+{data.digest[:8]}.{model.base.digest[:8]}"
    report = {
        "base": {"source": model.source, "digest": model.base.digest},
        "data": data.facts(),
        **outcome.facts(),
        "test": test,
    }
    run.finish(
        outcome.history, report, _card(model, data, outcome, test, version, data_licence, command).markdown()
    )
    model.write(run.path)
    base = Base(model.source, model.base.digest)
    written = write_model_folder(
        run.path, ModelFolder(id=name, version=version, task=TASK, base=base, scaling=LORA_ALPHA_PER_RANK)
    )
    return {"model": written.identity._asdict()} | report


def _card(
    model: CrossEncoder,
    data: RerankData,
    outcome: Outcome,
    test: Mapping[str, Any],
    version: str,
    data_licence: str,
    command: str,
) -> Card:
    parts = [(part, str(one["queries"]), str(one["pairs"])) for part, one in data.facts()["parts"].items()]
    rows = [
        (name, f"{one['value']:.4f}", f"{one['low']:.3f}-{one['high']:.3f}")
        for name, one in test["ndcg"].items()
    ]
    return Card(
        title="Reranker",
        summary="Says how well a product's text answers a query: a score of a cross-encoder, the higher the better.",
        facts={
            "version": version,
            "base": f"{model.source}, SHA-256 `{model.base.digest}`",
            "trained": f"low-rank changes (LoRA) and the last layer; {outcome.told()}",
        },
        sections={
            "Data": f"Licence of the data: {data_licence}. SHA-256: `{data.digest}`. Split by the query's hash.\n\n"
            + table(("part", "queries", "judged pairs"), parts),
            "Results on the test queries": f"The first {test['depth']} products as search finds them, in the order of"
            " each.\n\n" + table(("", "nDCG@10", "95 % interval"), rows),
        },
        limits=LIMITS,
        command=command,
        licence="As the base's and the data's.",
    )
