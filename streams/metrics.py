"""What a worker counts and times, for Prometheus. Names follow its conventions: base units, `_total` for counters.

One registry a process; the web room serves it. Label values are topic names, reasons and phases: never event data.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

EVENTS = Counter(
    "shopstream_events_total",
    "Input events decided, by outcome: answered, dead_letter or resend.",
    ["topic", "outcome"],
    registry=REGISTRY,
)
DEAD_LETTERS = Counter(
    "shopstream_dead_letters_total",
    "Dead letters written, by reason.",
    ["topic", "reason"],
    registry=REGISTRY,
)
RETRIES = Counter(
    "shopstream_retries_total", "Batches or single events tried again.", ["topic"], registry=REGISTRY
)
SPLITS = Counter(
    "shopstream_batch_splits_total",
    "Failing batches cut in two to find the culprit.",
    ["topic"],
    registry=REGISTRY,
)
UNKNOWN_FIELDS = Counter(
    "shopstream_unknown_fields_total",
    "Fields that the contract does not know and that were left out.",
    ["topic"],
    registry=REGISTRY,
)
STALE_RECORDS = Counter(
    "shopstream_stale_records_total",
    "Records dropped because their partition was lost or they were decided before.",
    ["topic"],
    registry=REGISTRY,
)
MASKED = Counter(
    "shopstream_masked_spans_total",
    "Spans of personal data masked, by kind.",
    ["topic", "kind"],
    registry=REGISTRY,
)
REBALANCES = Counter("shopstream_rebalances_total", "Assignments of partitions received.", registry=REGISTRY)
PAUSES = Counter(
    "shopstream_pauses_total",
    "Times a topic's intake was paused, its queue full.",
    ["topic"],
    registry=REGISTRY,
)
QUEUED = Gauge(
    "shopstream_queued_events", "Records in a topic's queue in this worker.", ["topic"], registry=REGISTRY
)
LAG = Gauge(
    "shopstream_consumer_lag",
    "Records between the committed offset and the end.",
    ["topic", "partition"],
    registry=REGISTRY,
)
BATCH_SIZE = Histogram(
    "shopstream_batch_events",
    "Events in one batch.",
    ["topic"],
    buckets=(1, 4, 16, 64, 128, 256, 512, 1024),
    registry=REGISTRY,
)
PHASE_SECONDS = Histogram(
    "shopstream_phase_seconds",
    "Seconds a batch spent in a phase: queue, decode, resends, stage, encode, order, transaction.",
    ["topic", "phase"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60),
    registry=REGISTRY,
)
MODEL_RELEASES = Counter(
    "shopstream_model_releases_total",
    "Releases of models that came to this worker, by outcome: taken or refused.",
    ["role", "outcome"],
    registry=REGISTRY,
)
DEPENDENCY_UP = Gauge(
    "shopstream_dependency_up",
    "1 while the dependency answers, 0 while the worker does without.",
    ["name"],
    registry=REGISTRY,
)
VIEW_ENTRIES = Gauge(
    "shopstream_view_entries", "Entries in this worker's index of a topic.", ["topic"], registry=REGISTRY
)
VIEW_LAG = Gauge(
    "shopstream_view_lag",
    "Offsets between a view's position and its topic's stable end; markers and compacted records count.",
    ["topic"],
    registry=REGISTRY,
)
VIEW_APPLY_SECONDS = Histogram(
    "shopstream_view_apply_seconds",
    "Seconds the event loop spent on one slice of records for a view.",
    ["topic"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5),
    registry=REGISTRY,
)
VIEW_COMMIT_SECONDS = Histogram(
    "shopstream_view_commit_seconds",
    "Seconds it took, beside the event loop, to make a view's changes searchable.",
    ["topic"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5),
    registry=REGISTRY,
)
VIEW_SKIPPED = Counter(
    "shopstream_view_skipped_total",
    "Records of a view's topic that could not be read.",
    ["topic"],
    registry=REGISTRY,
)
