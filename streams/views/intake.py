"""Records of a followed topic on their way into its view: a few milliseconds of the event loop at a time."""

import asyncio
import logging
import time
from collections.abc import MutableMapping, Sequence
from typing import Final

from aiokafka import ConsumerRecord

from streams import metrics
from streams.views.view import View

log = logging.getLogger(__name__)

CHUNK: Final = 256
"""Records of one poll at most."""
SLICE_SECONDS: Final = 0.004
"""Of the event loop, until others get their turn."""


class ViewIntake:
    """Applies records to a view and moves its positions along with them.

    Args:
        topic: name on the broker.
        index: the view.
        deletable: whether a null value deletes what its key names, and of one key's records only the last counts.
        positions: offset of each partition's next record; moved.
    """

    def __init__(
        self, topic: str, index: View, positions: MutableMapping[int, int], *, deletable: bool
    ) -> None:
        self._topic = topic
        self._index = index
        self._positions = positions
        self._deletable = deletable
        self._slice = 32
        self._seconds = metrics.VIEW_APPLY_SECONDS.labels(topic)
        self._skipped = metrics.VIEW_SKIPPED.labels(topic)

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Applies records of one poll. May be cancelled: positions say what is in."""
        readable = [record for record in records if record.value is not None or self._deletes(record)]
        todo = latest(readable) if self._deletable else readable
        start = 0
        while start < len(todo):
            part = todo[start : start + self._slice]
            start += len(part)
            began = time.perf_counter()
            self._apply(part)
            for record in part:
                self._positions[record.partition] = record.offset + 1
            took = time.perf_counter() - began
            self._seconds.observe(took)
            self._slice = max(1, min(CHUNK, int(len(part) * SLICE_SECONDS / max(took, 1e-6))))
            await asyncio.sleep(0)

    def _apply(self, part: Sequence[ConsumerRecord]) -> None:
        """Applies a slice; where the view fails at it, its records one by one."""
        upserts = [record for record in part if record.value is not None]
        deleted = [record.key.decode() for record in part if record.value is None]
        try:
            unreadable = self._index.apply([record.value for record in upserts], deleted)
        except Exception as error:  # noqa: BLE001 - a view's defect must not end the worker
            if len(part) > 1:
                for record in part:
                    self._apply([record])
            else:
                self._skip(part[0], type(error).__name__)
            return
        for place in unreadable:
            self._skip(upserts[place], "unreadable")

    def _deletes(self, record: ConsumerRecord) -> bool:
        """Whether a null value says what it deletes."""
        try:
            if self._deletable and record.key and record.key.decode():
                return True
        except UnicodeDecodeError:
            pass
        self._skip(record, "nothing to delete")
        return False

    def _skip(self, record: ConsumerRecord, reason: str) -> None:
        self._skipped.inc()
        place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.warning("a record of a view is skipped", extra={**place, "reason": reason})


def latest(records: Sequence[ConsumerRecord]) -> list[ConsumerRecord]:
    """Of several records of one key the last, in order; records without key all."""
    last: dict[tuple[int, bytes | int], ConsumerRecord] = {}
    for record in records:
        key = (record.partition, record.offset if record.key is None else record.key)
        last.pop(key, None)
        last[key] = record
    return list(last.values())
