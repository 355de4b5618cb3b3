"""Write a trained intent model: model folder, report, card."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from models.support.intents import INTENT, NO_INTENT
from models.training.baselines import WordCounts, majority
from models.training.cards import Card, metrics_table, table
from models.training.fitted_facts import card_facts, report_facts, version_of, words_section
from models.training.fitting import Fitted
from models.training.intent_data import IntentData
from models.training.intent_scope import Scope, measured_scope
from models.training.intents import probabilities_of
from models.training.metrics import Metrics, measure
from models.training.run_folder import RunFolder
from models.training.splits import PARTS

TASK: Final = "intent"
MODEL: Final = "this model"
SVM: Final = "TF-IDF + linear SVM"
MAJORITY: Final = "commonest class"
MOST_CONFUSED: Final = 15

LIMITS: Final = (
    "It knows the intents of its data only; without a threshold, it takes a text about another one for one of these.",
    "Of a ticket about two matters it tells one.",
    "Confidence is calibrated on data like the training's; on other tickets it may mean less.",
    "Text beyond the encoder's limit is not read.",
)


def write_intent_model(
    run: RunFolder, fitted: Fitted, data: IntentData, *, name: str, data_licence: str, command: str
) -> dict[str, Any]:
    """Measure the test part once, where there is one, and write everything into the run's folder.

    Returns:
        The report, with the model's identity.
    """
    version = version_of(fitted, data.digest)
    test = _tested(fitted, data) if data.test.texts else {}
    scope = _scoped(fitted, data)
    report = _report(fitted, data, test, scope)
    confusion: list[tuple[object, ...]] = []
    if test:
        found = test[MODEL].confusion
        confusion = [
            ("true", *data.labels),
            *((label, *row) for label, row in zip(data.labels, found, strict=True)),
        ]
    card = _card(fitted, data, test, scope, version, data_licence, command)
    run.finish(fitted.outcome.history, report, card.markdown(), confusion)
    written = fitted.write(run.path, name, version, TASK)
    return {"model": written.identity._asdict()} | report


def _tested(fitted: Fitted, data: IntentData) -> dict[str, Metrics]:
    truth, names = data.test.labels, data.labels
    chances = probabilities_of(fitted, data.test.texts)
    words = WordCounts(data.training.texts, data.validation.texts, data.test.texts)
    svm = words.svm(data.training.labels, data.validation.labels, names).outputs
    return {
        MODEL: measure(truth, chances.argmax(axis=1), names, chances),
        SVM: measure(truth, svm.argmax(axis=1), names),
        MAJORITY: measure(truth, majority(data.training.labels, len(truth)), names),
    }


def _scoped(fitted: Fitted, data: IntentData) -> Scope | None:
    if not data.test.out_of_scope:
        return None
    chances = probabilities_of(fitted, data.test.texts + data.test.out_of_scope)
    names = np.array(data.labels, np.str_)
    beyond = np.array([NO_INTENT] * len(data.test.out_of_scope), np.str_)
    truth = np.concatenate([names[data.test.labels], beyond])
    threshold = fitted.heads[INTENT].threshold
    return measured_scope(truth, names[chances.argmax(axis=1)], chances.max(axis=1), threshold)


def _report(
    fitted: Fitted, data: IntentData, test: Mapping[str, Metrics], scope: Scope | None
) -> dict[str, Any]:
    head = fitted.heads[INTENT]
    return report_facts(fitted, data.facts()) | {
        "temperature": head.temperature,
        "threshold": head.threshold,
        "test": {name: one.as_json() for name, one in test.items()},
        "scope": None if scope is None else asdict(scope),
    }


def _card(
    fitted: Fitted,
    data: IntentData,
    test: Mapping[str, Metrics],
    scope: Scope | None,
    version: str,
    data_licence: str,
    command: str,
) -> Card:
    head = fitted.heads[INTENT]
    results = {"Results on the test part": _results(test, scope)} if test else {}
    return Card(
        title="Intent model",
        summary=f"Tells which of {len(data.labels)} intents a ticket is about, with calibrated probabilities.",
        facts=card_facts(fitted, version, "the head alone")
        | {
            "threshold": f"below a probability of {head.threshold:.3f} no intent is said"
            if head.threshold
            else "none: the likeliest intent is always said",
        },
        sections={"Data": _data(data, data_licence), **results} | words_section(fitted, INTENT),
        limits=LIMITS,
        command=command,
        licence="As the encoder's and the data's.",
    )


def _data(data: IntentData, licence: str) -> str:
    facts = data.facts()
    skipped = ", ".join(f"{count:,} {reason}" for reason, count in data.rows.skipped.items()) or "none"
    parts = [(part, str(one["texts"]), str(one["out_of_scope"])) for part, one in facts["parts"].items()]
    tested = f"Test: SHA-256 of the text divisible by {PARTS}; v" if data.test.texts else "V"
    return (
        f"{data.rows.name}. Licence of the data: {licence}. SHA-256: `{data.rows.digest}`.\n\n"
        f"Rows left out: {skipped}. {tested}alidation: of the rest, a second, salted hash divisible by {PARTS};"
        " training: all else. Early stopping, temperature and threshold used validation.\n\n"
        + table(("part", "texts", "out of scope"), parts)
    )


def _results(test: Mapping[str, Metrics], scope: Scope | None) -> str:
    model = test[MODEL]
    names = list(model.per_class)
    mistakes = [
        (count, names[true], names[said])
        for true, row in enumerate(model.confusion)
        for said, count in enumerate(row)
        if count and said != true
    ]
    worst = sorted(mistakes, key=lambda one: -one[0])[:MOST_CONFUSED]
    said = [metrics_table(test)]
    if scope is not None:
        said.append(
            f"Of texts about none of the intents {scope.out_of_scope_recall:.1%} get none, and of those about one"
            f" {scope.in_scope_accuracy:.1%} get it."
        )
    said.append(
        "Most often confused:\n\n" + table(("is", "said", "times"), [(a, b, str(n)) for n, a, b in worst])
    )
    return "\n\n".join(said)
