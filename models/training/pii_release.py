"""From files to a tagger's folder: what is read, what it is trained and measured on, and what the card says."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from models.digests import file_digest
from models.engine.loading import LoadOptions
from models.training.cards import Card, table
from models.training.checkpoint import Checkpoints
from models.training.loop import Watch
from models.training.pii_batches import Encoded
from models.training.pii_caution import Allowed, Read, as_it_runs, best_caution
from models.training.pii_data import Examples, Material
from models.training.pii_sources import people, read_annotated, read_clean
from models.training.pii_tagger import FittedTagger, TaggerOptions, fit_tagger, logits_of
from models.training.pii_text import KINDS, Tagged, counted_kinds
from models.training.pii_values import Values
from models.training.run_folder import RunFolder
from models.training.splits import Part

PER = 200
"""Texts to which false spans refer."""
_ALLOWED = Allowed(on_average=0.7 / PER, in_a_file=0.8 / PER)
"""On validation; less than the goal for tests, which is 1 in 200, since their texts are others."""
_MOST_CLEAN = 2_000
_MADE_UP = 600
_LICENCE = (
    "Weights: Apache-2.0, as Shopstream; they go with the base's weights, whose licence stays. Texts of the data are "
    "not in them as such; made-up names are Faker's (MIT), towns in part GeoNames' (CC BY 4.0)."
)
_LIMITS = (
    "English and Chinese; names of other countries within them. Other languages were not measured.",
    "Names that are also words (Mark, Will, Rose) are missed or found by their context, and context may mislead.",
    "Brands, authors and places in titles and reviews are left alone where nothing says that a person is meant.",
    "Most of its texts are made from sentences with slots: rarer ways to write an address were not seen.",
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Files.

    Attributes:
        annotated: see `pii_sources.read_annotated`.
        customers: see `pii_sources.people`; may be none.
        clean: files of texts without personal data, and the column of each.
    """

    annotated: Sequence[Path]
    customers: Sequence[Path]
    clean: Sequence[tuple[Path, str]]

    def material(self, part: Part) -> Material:
        """What they hold of one part.

        Raises:
            TrainingDataError: a file can't be used.
        """
        return Material(
            read_annotated(self.annotated, part),
            [one for path in self.customers for one in people(path)] if part is Part.TRAIN else (),
            [texts for path, column in self.clean if (texts := read_clean(path, column, part))],
        )

    def digest(self) -> str:
        """SHA-256 (hex) over every file."""
        files = [*self.annotated, *self.customers, *(path for path, _ in self.clean)]
        named = sorted(
            file
            for path in files
            for file in (path.rglob("*") if path.is_dir() else (path,))
            if file.is_file()
        )
        return hashlib.sha256("".join(file_digest(file) for file in named).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Provenance:
    """What only whoever trains knows: the model's name, the data's licences, the command."""

    name: str
    data_licence: str
    command: str


@dataclass(frozen=True, slots=True)
class Held:
    """The validation part: labelled texts by name, and texts without personal data by file."""

    labelled: Mapping[str, Sequence[Tagged]]
    clean: Mapping[str, Sequence[str]]

    @property
    def all_labelled(self) -> list[Tagged]:
        """All labelled ones."""
        return [one for texts in self.labelled.values() for one in texts]


def held_of(sources: Sources, values: Values, seed: int) -> Held:
    """The validation part of the files, and made-up texts of other numbers than those trained on."""
    material = sources.material(Part.VALIDATION)
    made_up = list(Examples(Material(), values, seed).make(_MADE_UP))
    turns = [one for one in material.annotated.turns if one.entities]
    labelled = {"templates": material.annotated.made, "turns": turns, "own sentences": made_up}
    clean = {
        path.name: texts[:_MOST_CLEAN]
        for path, column in sources.clean
        if (texts := read_clean(path, column, Part.VALIDATION))
    }
    return Held({name: texts for name, texts in labelled.items() if texts}, clean)


def train_tagger(
    sources: Sources,
    base: str,
    options: TaggerOptions,
    *,
    watch: Watch,
    checkpoints: Checkpoints | None = None,
) -> tuple[FittedTagger, Material, Held]:
    """Train a tagger.

    Raises:
        TrainingDataError: a file can't be used, or the checkpoint is of another training.
        ArithmeticError: the loss is not finite.
    """
    seed = options.schedule.seed
    values = Values(seed)
    material, held = sources.material(Part.TRAIN), held_of(sources, values, -seed - 1)
    examples = Examples(material, values, seed)
    fitted = fit_tagger(examples.make, held.all_labelled, base, options, watch=watch, checkpoints=checkpoints)
    return fitted, material, held


def write_tagger(
    run: RunFolder,
    fitted: FittedTagger,
    material: Material,
    held: Held,
    provenance: Provenance,
    running: LoadOptions,
) -> dict[str, Any]:
    """Choose its caution, and write card, report, curves and model into the run's folder. Returns the report.

    Args:
        run: the folder.
        fitted: as trained.
        material: what it was trained on.
        held: what its caution is chosen by, and it is measured on.
        provenance: for the card.
        running: what a worker's models run on; so does it when it is measured.

    Raises:
        ModelError: nothing can run it here.
    """
    base = fitted.model.trunk.base
    options, outcome = fitted.options, fitted.outcome
    labelled = {name: fitted.encode(texts) for name, texts in held.labelled.items()}
    clean = {name: fitted.encode([Tagged(text) for text in texts]) for name, texts in held.clean.items()}
    # Whether 8 bits will do is judged by decisions, so what is judged has about the caution that it will have.
    fitted = replace(
        fitted, caution=_caution(*_read(labelled, clean, lambda one: Read(one, logits_of(fitted.model, one))))
    )
    with TemporaryDirectory() as folder:
        fitted.write(Path(folder), provenance.name, "unfinished")
        with as_it_runs(Path(folder), running) as (runs_on, precision, read):
            found, alarms = _read(labelled, clean, read)
    more = _caution(found, alarms)
    fitted = replace(fitted, more={precision: more} if more else {})
    told = [asdict(options), outcome.history, base.digest, fitted.caution, fitted.more]
    version = hashlib.sha256(repr(told).encode()).hexdigest()[:12]
    counts = {name: one.counts(more) for name, one in found.items()}
    report: dict[str, Any] = {
        "model": {"id": provenance.name, "version": version, "base": base.id, "layers": options.layers},
        "training": {
            "texts": len(outcome.history) * options.epoch_size,
            "epochs": [asdict(epoch) for epoch in outcome.history],
            "chosen": outcome.best.number,
            "caution": fitted.caution,
            "more": dict(fitted.more),
            "calibrated on": runs_on,
        },
        "read": {
            "templates": len(material.annotated.templates),
            "texts from them": len(material.annotated.made),
            "turns": len(material.annotated.turns),
            "sentences": len(material.annotated.sentences),
            "left out": dict(material.annotated.left_out),
            "customers": len(material.customers),
            "without personal data": sum(map(len, material.clean)),
        },
        "validation": {
            "by characters": {
                name: {"precision": one.precision, "recall": one.recall, "f2": one.f2}
                for name, one in counts.items()
            },
            f"false spans in {PER}": {name: one.rate(more) * PER for name, one in alarms.items()},
        },
    }
    run.finish(outcome.history, report, _card(report, fitted, provenance, held))
    fitted.write(run.path, provenance.name, version)
    return report


def _read(
    labelled: Mapping[str, Encoded], clean: Mapping[str, Encoded], read: Callable[[Encoded], Read]
) -> tuple[dict[str, Read], dict[str, Read]]:
    """Both sorts of validation texts, read."""
    return (
        {name: read(texts) for name, texts in labelled.items()},
        {name: read(texts) for name, texts in clean.items()},
    )


def _caution(labelled: Mapping[str, Read], clean: Mapping[str, Read]) -> float:
    return best_caution(list(labelled.values()), list(clean.values()), _ALLOWED)


def _also(fitted: FittedTagger) -> str:
    told = [f"{more:+.2f} in {precision}" for precision, more in fitted.more.items()]
    return f"beside that, by the model as it runs, {', '.join(told) or 'nothing'}"


def _card(report: Mapping[str, Any], fitted: FittedTagger, provenance: Provenance, held: Held) -> str:
    read, model, training = report["read"], report["model"], report["training"]
    rows = [
        (
            name,
            f"{len(held.labelled[name]):,}",
            *(f"{one[part]:.3f}" for part in ("precision", "recall", "f2")),
        )
        for name, one in report["validation"]["by characters"].items()
    ]
    alarms = [(name, f"{one:.2f}") for name, one in report["validation"][f"false spans in {PER}"].items()]
    data = (
        f"{provenance.data_licence}\n\n"
        + table(
            ("read", "texts"),
            [(name, f"{count:,}") for name, count in read.items() if isinstance(count, int)],
        )
        + "\n\nEvery epoch saw other texts: templates filled anew, turns and sentences with other values, our own with"
        " made-up names of forty countries, texts without personal data, and joined ones, with the noise of typing."
        " Test parts: templates whose number's SHA-256 is divisible by 3 (lines of text files that are like one of"
        " them are left out), texts whose own is divisible by 7, and whatever was not named in the command."
    )
    entities = counted_kinds(held.all_labelled)
    return Card(
        title=f"Tagger of names and addresses: {model['id']}",
        summary=f"Finds {', '.join(kind.lower() for kind in KINDS)} in English and Chinese texts: a token classifier "
        f"(BIO) on {len(model['layers'])} layers of {model['base']}, trained by cross-entropy; embeddings stay.",
        facts={
            "version": model["version"],
            "base": fitted.model.trunk.source,
            "layers kept": ", ".join(map(str, model["layers"])),
            "trained on": f"{training['texts']:,} texts",
            "added to the logit of O": f"{fitted.caution:.2f}, chosen on validation in float32; {_also(fitted)}",
            "numbers": "int8 rows with float16 scales",
        },
        sections={
            "Data": data,
            "Results on the validation part, by characters": table(
                ("", "texts", "precision", "recall", "F2"), rows
            )
            + "\n\n"
            + ", ".join(f"{count:,} {kind}" for kind, count in entities.items())
            + " are labelled there.",
            f"Spans found in {PER} validation texts without personal data": table(("", "spans"), alarms),
        },
        limits=_LIMITS,
        command=provenance.command,
        licence=_LICENCE,
    ).markdown()
