import itertools
from pathlib import Path

import pytest
import torch
from torch import nn

from models.engine.cpu_features import parse_cpu_info
from models.errors import TrainingDataError
from models.training.checkpoint import Checkpoints
from models.training.device import training_format
from models.training.dropout import FastDropout, Noise
from models.training.loop import Epoch, Schedule, Watch, rate_at, train
from models.training.optimizing import MixedAdamW
from tests.models.vector_batches import LabelledVectors, ShuffledVectors

VECTORS = torch.randn(400, 6, generator=torch.Generator().manual_seed(1))
LABELS = (VECTORS[:, 0] > 0).long()
DATA = LabelledVectors(VECTORS, LABELS)
QUICK = Schedule(learning_rate=0.05, epochs=20, patience=3)


def fresh() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Dropout(0.1), nn.Linear(6, 2))


def loss(model: nn.Module, batch: LabelledVectors) -> torch.Tensor:
    return nn.functional.cross_entropy(model(batch.vectors), batch.labels)


def accuracy(model: nn.Module) -> float:
    assert not model.training
    return float((model(VECTORS).argmax(dim=1) == LABELS).float().mean())


def test_a_model_learns() -> None:
    model = fresh()
    before = accuracy(model.eval())
    outcome = train(model, ShuffledVectors(DATA, 32, 1), loss, accuracy, QUICK)
    assert outcome.best.score > max(0.95, before)
    assert accuracy(model) == outcome.best.score


def test_the_same_seed_gives_the_same_weights() -> None:
    models = [fresh(), fresh()]
    for model in models:
        torch.rand(3)  # whatever else draws from torch's generator
        train(model, ShuffledVectors(DATA, 32, 1), loss, accuracy, QUICK)
    for one, other in zip(models[0].parameters(), models[1].parameters(), strict=True):
        assert torch.equal(one, other)


def test_training_stops_when_the_score_no_longer_rises_and_keeps_the_best_weights() -> None:
    scores = iter([0.1, 0.5, 0.4, 0.3, 0.2, 0.9])
    seen: list[tuple[float, torch.Tensor]] = []

    def score(model: nn.Module) -> float:
        seen.append((next(scores), next(model.parameters()).detach().clone()))
        return seen[-1][0]

    model, epochs = fresh(), list[Epoch]()
    outcome = train(model, ShuffledVectors(DATA, 32, 1), loss, score, QUICK, watch=Watch(epoch=epochs.append))
    assert [epoch.score for epoch in epochs] == [0.1, 0.5, 0.4, 0.3, 0.2]
    assert outcome.best.number == 1
    assert outcome.history == tuple(epochs)
    assert torch.equal(next(model.parameters()), seen[1][1])


def test_frozen_parameters_stay() -> None:
    model = nn.Sequential(nn.Linear(6, 6), nn.Linear(6, 2))
    model[0].requires_grad_(False)
    before = [parameter.clone() for parameter in model[0].parameters()]
    train(model, ShuffledVectors(DATA, 32, 1), loss, accuracy, QUICK)
    assert all(torch.equal(was, now) for was, now in zip(before, model[0].parameters(), strict=True))


def test_a_loss_that_is_not_finite_is_an_error() -> None:
    def broken(model: nn.Module, batch: LabelledVectors) -> torch.Tensor:
        return loss(model, batch) * float("nan")

    with pytest.raises(ArithmeticError, match="learning rate"):
        train(fresh(), ShuffledVectors(DATA, 32, 1), broken, accuracy, QUICK)


def test_the_rate_rises_then_falls_to_nothing() -> None:
    rates = [rate_at(step, 100, 0.1) for step in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == 1
    assert rates[9] == 1
    assert rates[100] == 0
    assert all(later < earlier for earlier, later in itertools.pairwise(rates[10:]))


def test_an_epoch_has_every_example_once_in_an_order_of_its_own() -> None:
    numbers = LabelledVectors(torch.arange(10.0)[:, None], torch.arange(10))
    batches = ShuffledVectors(numbers, 4, 1)
    first, again, second = (
        torch.cat([batch.labels for batch in batches.epoch(number)]).tolist() for number in (0, 0, 1)
    )
    assert len(batches) == 3
    assert first == again
    assert first != second
    assert sorted(first) == list(range(10))


def test_no_epochs_are_refused() -> None:
    with pytest.raises(ValueError, match="epochs"):
        train(fresh(), ShuffledVectors(DATA, 32, 1), loss, accuracy, Schedule(epochs=0))


class Killed(BaseException):
    pass


def kill_at(step: int) -> Watch:
    def told(done: int, _: int) -> None:
        if done == step:
            raise Killed

    return Watch(step=told)


@pytest.mark.parametrize("killed_at", [3, 13, 40], ids=["first epoch", "an epoch's first step", "later"])
def test_a_training_that_is_killed_goes_on_to_the_same_weights(tmp_path: Path, killed_at: int) -> None:
    undisturbed, killed, resumed = fresh(), fresh(), fresh()
    wanted = train(undisturbed, ShuffledVectors(DATA, 32, 1), loss, accuracy, QUICK)
    with pytest.raises(Killed):
        train(
            killed,
            ShuffledVectors(DATA, 32, 1),
            loss,
            accuracy,
            QUICK,
            watch=kill_at(killed_at),
            checkpoints=Checkpoints(tmp_path, {"a": 1}, seconds=0),
        )
    checkpoints = Checkpoints(tmp_path, {"a": 1}, seconds=0)
    assert checkpoints.load() is not None
    outcome = train(resumed, ShuffledVectors(DATA, 32, 1), loss, accuracy, QUICK, checkpoints=checkpoints)
    assert outcome == wanted
    for one, other in zip(undisturbed.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(one, other)
    again = train(fresh(), ShuffledVectors(DATA, 32, 1), loss, accuracy, QUICK, checkpoints=checkpoints)
    assert again == wanted  # also where it was killed after its last step


def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    Checkpoints(tmp_path, {"rate": 1, "data": "x"}).save({"epoch": 0})
    with pytest.raises(TrainingDataError, match="other rate; resume"):
        Checkpoints(tmp_path, {"rate": 2, "data": "x"}).load()


def test_small_steps_gather_though_weights_are_bfloat16() -> None:
    model = nn.Linear(4, 1, bias=False).to(torch.bfloat16)
    with torch.no_grad():
        model.weight.fill_(1.0)
    optimizer = MixedAdamW(model, learning_rate=1e-4, weight_decay=0.0)
    for _ in range(60):  # each a fortieth of bfloat16's step below 1
        model(torch.ones(1, 4, dtype=torch.bfloat16)).sum().backward()
        optimizer.step(1.0, clip_norm=1.0)
    assert model.weight.float().max().item() == pytest.approx(1 - 60e-4, abs=0.004)
    assert model.weight.float().max().item() < 1


def test_fast_dropout_drops_its_share_and_keeps_the_mean() -> None:
    noise = Noise()
    noise.seed(1, 2)
    dropout = FastDropout(0.25, noise)
    dropped = dropout(torch.ones(200, 500))
    assert (dropped == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert dropped.mean().item() == pytest.approx(1, abs=0.01)
    noise.seed(1, 2)
    assert torch.equal(dropout(torch.ones(200, 500)), dropped)
    assert torch.equal(dropout.eval()(torch.ones(3)), torch.ones(3))


@pytest.mark.parametrize(
    ("flags", "dtype"),
    [
        ("avx2 avx512f avx512_vnni", torch.float32),
        ("avx512_bf16", torch.bfloat16),
        ("amx_bf16", torch.bfloat16),
    ],
)
def test_bfloat16_is_for_processors_that_multiply_it(
    monkeypatch: pytest.MonkeyPatch, flags: str, dtype: torch.dtype
) -> None:
    cpu = parse_cpu_info(f"flags : fpu {flags}\n")
    monkeypatch.setattr("models.training.device.this_cpu", lambda: cpu)
    assert training_format(torch.device("cpu")) is dtype
