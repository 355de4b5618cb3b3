"""An ordinary Faust app over reviews, as one would write it: the peer of the delivery and pipeline benchmarks."""

import faust

from streams.contracts.topics import REVIEW_INSIGHTS, REVIEWS
from streams.settings import Settings


def plain_app(
    settings: Settings, name: str, *, cython: bool = False
) -> tuple[faust.App, faust.TopicT, faust.TopicT]:
    """The app, the topic of reviews and that of insights; both of bytes, at least once, no fencing.

    Args:
        settings: where the broker and the data folder are.
        name: of its folder in the data folder.
        cython: whether Faust uses its compiled parts.
    """
    datadir = settings.data_dir / name
    datadir.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        settings.group_id,
        broker=f"kafka://{settings.kafka.bootstrap}",
        web_enabled=False,
        datadir=str(datadir),
        value_serializer="raw",
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        cython_optimizations=cython,
        worker_redirect_stdouts=False,
    )
    source, output = (
        app.topic(settings.wire_topic(topic.name), value_serializer="raw", key_serializer="raw")
        for topic in (REVIEWS, REVIEW_INSIGHTS)
    )
    return app, source, output
