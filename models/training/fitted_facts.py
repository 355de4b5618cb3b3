"""What reports and cards of all text models say of their training."""

from typing import Any

from models.training.fitting import Fitted


def version_of(fitted: Fitted, data_digest: str) -> str:
    """A version for people that tells data, base and seed apart."""
    base, seed = fitted.model.trunk.base, fitted.options.schedule.seed
    return f"1.0.0+{data_digest[:8]}.{base.digest[:8]}.{seed}"


def report_facts(fitted: Fitted, data: dict[str, Any]) -> dict[str, Any]:
    """For programs. `data` is what is told of the data."""
    trunk = fitted.model.trunk
    return {
        "base": {"source": trunk.source, "digest": trunk.base.digest},
        "method": fitted.options.trunk.method,
        "number_format": _format(fitted),
        "data": data,
        **fitted.outcome.facts(),
    }


def card_facts(fitted: Fitted, version: str, heads: str) -> dict[str, str]:
    """For people. `heads` is what is trained where nothing else is: `heads alone`."""
    trunk, options, outcome = fitted.model.trunk, fitted.options, fitted.outcome
    changed = {
        "lora": f"low-rank changes (LoRA) of rank {options.trunk.rank}",
        "full": "all layers but the embeddings",
        "head": heads,
    }[options.trunk.method]
    return {
        "version": version,
        "encoder": f"{trunk.source}, SHA-256 `{trunk.base.digest}`",
        "trained": f"{changed}; {outcome.told()}; in {_format(fitted)}",
        "learning rate, batch, tokens": f"{options.schedule.learning_rate:g}, {options.batch_size},"
        f" {options.max_tokens}",
        "seed": str(options.schedule.seed),
    }


def _format(fitted: Fitted) -> str:
    """`bfloat16` or `float32`: the same command may learn a little differently on another processor."""
    return str(fitted.model.trunk.dtype).removeprefix("torch.")


def words_section(fitted: Fitted, name: str) -> dict[str, str]:
    """A card's section on the words that a head weighs; none where it weighs none."""
    weights = fitted.heads[name].evidence
    if fitted.terms is None or weights is None:
        return {}
    return {
        "Words": f"A linear model over {len(fitted.terms.keys):,} words, pairs of words and runs of Chinese characters"
        f" (TF-IDF, logistic regression, stored as hashes) stands beside the encoder for the head {name} (wide and"
        f" deep: Cheng et al. 2016). Its logits count {weights[0, 0]:.1f} times, as validation chose."
    }
