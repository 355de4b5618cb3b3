"""Write a trained projection: model folder, report, card."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from models.identity import ModelIdentity
from models.recommend.projection import TASK, Projection, write_projection
from models.sources.model_folder import PROJECTION_FILE, Base, ModelFolder, write_model_folder
from models.training.cards import Card, table
from models.training.loop import Outcome
from models.training.recommend_projection import ProjectionOptions
from models.training.run_folder import RunFolder

NAMES: Final = {
    "popularity": "popularity",
    "item_knn": "what is taken together",
    "text_profile": "text profile",
    "recommend": "recommender",
}
LIMITS: Final = (
    "It maps vectors of the encoder above, and is refused beside another.",
    "It has learned what one shop's users take after what; for goods of another kind it may be worse than none.",
    "Every interaction counts alike: views and purchases are not told apart.",
    "What is taken together is known of products with a history, too; most is to be gained where there is none.",
)


@dataclass(frozen=True, slots=True)
class TrainedProjection:
    """All that a release tells of.

    Attributes:
        projection: what was learned.
        outcome: of the training.
        options: how it was trained.
        encoder: whose vectors it maps.
        source: of that encoder.
        validation: what it changes there, see `models.evaluation.recommend_projection.ProjectionReport`.
        test: the same of the test part, which nothing else was done with.
    """

    projection: Projection
    outcome: Outcome
    options: ProjectionOptions
    encoder: ModelIdentity
    source: str
    validation: Mapping[str, Any]
    test: Mapping[str, Any]

    @property
    def better(self) -> bool:
        """Whether the whole recommender has a clearly greater NDCG@10 with it, on validation: what users see.

        Clearly: the lower end of the 95 % interval is above 0.
        """
        return bool(self.validation["gains"]["recommend"]["ndcg"]["low"] > 0)


def write_projection_model(
    run: RunFolder,
    trained: TrainedProjection,
    data: Mapping[str, Any],
    *,
    name: str,
    data_licence: str,
    command: str,
) -> dict[str, Any]:
    """Write everything into the run's folder.

    Args:
        run: where.
        trained: what came of the training.
        data: how much it learned from, and its digest, see `models.evaluation.interaction_data.InteractionData.facts`.
        name: of the model.
        data_licence: for the card.
        command: what makes it again.

    Returns:
        The report, with the model's identity.
    """
    seed = trained.options.schedule.seed
    version = f"1.0.0+{data['digest'][:8]}.{trained.encoder.digest[:8]}.{seed}"
    outcome = trained.outcome
    report = {
        "base": {"source": trained.source, "digest": trained.encoder.digest},
        "data": data,
        "rank": trained.options.rank,
        **outcome.facts(),
        "better_on_validation": trained.better,
        "validation": trained.validation,
        "test": trained.test,
    }
    card = _card(trained, data, version, data_licence, command)
    run.finish(outcome.history, report, card.markdown())
    write_projection(run.path / PROJECTION_FILE, trained.projection)
    base = Base(trained.source, trained.encoder.digest)
    written = write_model_folder(run.path, ModelFolder(id=name, version=version, task=TASK, base=base))
    return {"model": written.identity._asdict()} | report


def _card(
    trained: TrainedProjection, data: Mapping[str, Any], version: str, data_licence: str, command: str
) -> Card:
    options, outcome = trained.options, trained.outcome
    learned = data["parts"]["train"]["interactions"]
    said = "is better" if trained.better else "is NOT clearly better, and better left out,"
    return Card(
        title="Projection of the text profile",
        summary="Maps the text vectors of products, so that a user's profile is nearer to what they go on to take."
        f" On validation the recommender {said} with it.",
        facts={
            "version": version,
            "encoder": f"{trained.source}, SHA-256 `{trained.encoder.digest}`",
            "trained": f"I + up·down of rank {options.rank}, {trained.projection.width} numbers wide;"
            f" {outcome.told()}",
            "learning rate, batch, temperature": f"{options.schedule.learning_rate:g}, {options.batch_size},"
            f" {options.temperature:g}",
            "correction for popularity": f"{options.popularity:g}",
            "seed": str(options.schedule.seed),
        },
        sections={
            "Data": f"Licence of the data: {data_licence}. SHA-256: `{data['digest']}`. {data['users']:,} users,"
            f" {data['products']:,} products; {learned:,} interactions to learn from. {data['split']}",
            "Results on validation": _results(trained.validation),
            "Results on the test part": _results(trained.test),
        },
        limits=LIMITS,
        command=command,
        licence="As the encoder's and the data's.",
    )


def _results(report: Mapping[str, Any]) -> str:
    """HR@10 and NDCG@10 of each system, and with the projection what that is more."""

    def cells(scores: Mapping[str, Any]) -> list[str]:
        both = (scores["hit_rate"], scores["ndcg"])
        return [f"{one['mean']:.4f} ({one['low']:.3f}-{one['high']:.3f})" for one in both]

    rows = []
    for name, told in NAMES.items():
        rows.append([told, *cells(report["before"][name]), "", ""])
        if name in report["after"]:
            gain = report["gains"][name]
            more = [
                f"{one['value']:+.4f} ({one['low']:+.3f} to {one['high']:+.3f})"
                for one in (gain["hit_rate"], gain["ndcg"])
            ]
            rows.append([f"{told}, projected", *cells(report["after"][name]), *more])
    head = ("", "HR@10", "NDCG@10", "HR@10 more by", "NDCG@10 more by")
    return f"{report['users']:,} users, full ranking; 95 % bootstrap intervals.\n\n{table(head, rows)}"
