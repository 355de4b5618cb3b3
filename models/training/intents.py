"""The task of `shopstream train support`: an encoder and a head that tell what a ticket is about.

Cross-entropy over the intents; a linear model over words beside it, where that helps (`term_models`). Texts that are
about none of the intents teach no class: they set the threshold below which none is said, see `intent_scope`.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from models.reviews.evidence import TextEvidence
from models.support.intents import INTENT
from models.training.checkpoint import Checkpoints
from models.training.fitting import ClassifierOptions, FitOptions, Fitted, fit
from models.training.intent_data import IntentData, IntentPart
from models.training.intent_defaults import EPOCHS, LEARNING_RATE, MAX_TOKENS, PATIENCE
from models.training.intent_scope import fit_threshold
from models.training.loop import UNWATCHED, Schedule, Watch
from models.training.metrics import Labels
from models.training.objectives import ClassObjective
from models.training.term_models import with_terms
from models.training.text_batches import TextPart
from models.training.text_vectors import vectors_of


def usual_options() -> ClassifierOptions:
    """How intents are trained where nothing else is said."""
    schedule = Schedule(learning_rate=LEARNING_RATE, epochs=EPOCHS, patience=PATIENCE)
    return ClassifierOptions(fit=FitOptions(schedule=schedule, max_tokens=MAX_TOKENS))


def train_intents(
    data: IntentData,
    base: str,
    options: ClassifierOptions,
    *,
    watch: Watch = UNWATCHED,
    checkpoints: Checkpoints | None = None,
) -> Fitted:
    """Train an encoder and its head `intent`, calibrate it, and set its threshold.

    Args:
        data: texts in their parts; the test part is left alone.
        base: source of the encoder to start from.
        options: how.
        watch: told how far it is.
        checkpoints: for a training that may be killed.

    Raises:
        ArithmeticError: the loss is not finite.
        ModelError: the base can't be used, or the checkpoint is of another training.
    """
    objective = ClassObjective(
        INTENT, data.labels, class_weights=options.class_weights, smoothing=options.smoothing
    )
    training, validation = _texts(data.training), _texts(data.validation)
    fitted = fit(training, validation, [objective], base, options.fit, watch=watch, checkpoints=checkpoints)
    fitted = with_terms(fitted, INTENT, _labelled(data.training), _labelled(data.validation))
    if not data.scoped:
        return fitted
    beyond = data.training.out_of_scope + data.validation.out_of_scope
    chances = probabilities_of(fitted, data.validation.texts)
    right = chances.argmax(axis=1) == data.validation.labels
    outside = probabilities_of(fitted, beyond).max(axis=1) if beyond else np.zeros(0)
    threshold = fit_threshold(chances.max(axis=1), right, outside)
    return replace(fitted, heads={INTENT: replace(fitted.heads[INTENT], threshold=threshold)})


def probabilities_of(fitted: Fitted, texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Probabilities [n, intents] by a model that was just trained."""
    evidence = TextEvidence(fitted.heads, fitted.terms, "this model")(texts)
    return fitted.heads[INTENT](vectors_of(fitted.model, texts), evidence.get(INTENT))


def _labelled(part: IntentPart) -> tuple[Sequence[str], Labels]:
    return part.texts, part.labels


def _texts(part: IntentPart) -> TextPart:
    return TextPart(part.texts, {INTENT: part.labels.astype(np.float32)})
