"""The pipeline that one would build by hand for reviews: Faust, Presidio, sentence-transformers, scikit-learn.

    python -m scripts.benchmarks._pipeline_by_hand TRAINING_FILE

A plain agent takes up to 32 reviews at a time, masks them by Presidio with spaCy's small English model (in spaCy's
batches, see `privacy.evaluation.presidio`), encodes them by sentence-transformers as it comes, reads their sentiment by
a logistic regression and sends one result each. No schema, no sealing, no state, no transactions.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faust
import orjson

from models.reviews import LABELS, review_text
from models.sources import resolve
from privacy.detect.span import Span
from privacy.evaluation.labels import LabelMap
from privacy.evaluation.presidio import presidio
from scripts.benchmarks._engine_systems import BATCH, sentence_transformers, without_network
from scripts.benchmarks._plain_faust import plain_app
from streams.settings import Settings

WITHIN_SECONDS = 0.1
"""For which a batch waits to fill."""


class Reader:
    """Masks, encodes, classifies.

    Args:
        encoder: source of the weights.
        texts: to train the head on.
        labels: of these.
    """

    def __init__(self, encoder: str, texts: Sequence[str], labels: Sequence[str]) -> None:
        from sklearn.linear_model import LogisticRegression

        self._find = presidio(LabelMap.default()).find
        self._encode = sentence_transformers(resolve(encoder).folder, None).encode
        vectors = self._encode(texts)
        self._head = LogisticRegression(max_iter=500).fit(vectors, list(labels))

    def read(self, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """A result for each event."""
        texts = [review_text(event.get("title"), event["text"]) for event in events]
        masked = [masked_text(text, spans) for text, spans in zip(texts, self._find(texts), strict=True)]
        vectors = self._encode(masked)
        probabilities = self._head.predict_proba(vectors)
        return [
            {
                "id": f"insight-{event['id']}",
                "causes": [event["id"]],
                "product_id": event["product_id"],
                "user": event["user_id"],
                "text": text,
                "label": str(self._head.classes_[row.argmax()]),
                "probabilities": dict(zip(map(str, self._head.classes_), row.tolist(), strict=True)),
            }
            for event, text, row in zip(events, masked, probabilities, strict=True)
        ]


def masked_text(text: str, spans: Sequence[Span]) -> str:
    """The text with each finding replaced by its kind; of findings that overlap, the first."""
    parts, place = [], 0
    for span in sorted(spans, key=lambda one: one.start):
        if span.start >= place:
            parts += [text[place : span.start], f"<{span.label}>"]
            place = span.end
    return "".join([*parts, text[place:]])


def app_of(settings: Settings, reader: Reader) -> faust.App:
    """The Faust app."""
    app, source, output = plain_app(settings, "by-hand")

    @app.agent(source)
    async def understand(stream: faust.StreamT[Any]) -> None:
        async for values in stream.take(BATCH, within=WITHIN_SECONDS):
            for result in reader.read([orjson.loads(value) for value in values]):
                await output.send(key=result["product_id"].encode(), value=orjson.dumps(result))

    return app


def labelled(texts: Sequence[str], stars: Sequence[int | None]) -> bytes:
    """A training file: texts whose stars say how their authors felt, by `LABELS`."""
    rated = [(text, one) for text, one in zip(texts, stars, strict=True) if one is not None]
    negative, neutral, positive = LABELS
    labels = [positive if one > 3 else neutral if one == 3 else negative for _, one in rated]
    return orjson.dumps({"texts": [text for text, _ in rated], "labels": labels})


def main() -> None:
    """Runs until SIGTERM."""
    without_network()
    settings = Settings()
    training = orjson.loads(Path(sys.argv[1]).read_bytes())
    reader = Reader(settings.models.reviews, training["texts"], training["labels"])
    sys.argv = sys.argv[:1]
    faust.Worker(app_of(settings, reader), loglevel="warning", quiet=True).execute_from_commandline()


if __name__ == "__main__":
    main()
