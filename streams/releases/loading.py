"""A release to a version that can serve: found, the very weights, self-tested, heads that fit, in the engine."""

import logging
from typing import Any

from models.engine.engine import Engine
from models.engine.loading import load_model
from models.engine.model import LoadedModel
from models.errors import ModelError
from models.sources import resolve
from streams.contracts.records import ReleasedModel
from streams.contracts.results import ModelRef
from streams.releases.roles import ReleaseRefused, role_named
from streams.releases.serving import Version, reference
from streams.settings import Running

log = logging.getLogger(__name__)

NAME_DIGITS = 12
"""Of a digest, in the name of an engine's model."""


def engine_name(role: str, digest: str) -> str:
    """What the engine calls a role's model: `reviews@4ea9146bc95e`."""
    return f"{role}@{digest.removeprefix('sha256:')[:NAME_DIGITS]}"


def load_version(
    engine: Engine, role: str, source: str, running: Running, *, digest: str | None = None
) -> Version[Any]:
    """Load a model into a running engine. Takes seconds, so not on the event loop; a machine's first time, minutes.

    Args:
        engine: serves the other models meanwhile; has no such version of the role yet.
        role: what it is for.
        source: as in settings.
        running: what it runs on.
        digest: `sha256:…`, which its weights must have; None: whatever they have.

    Raises:
        ReleaseRefused: nothing is released into the role, or the weights are others.
        ModelError: they are missing, can't be used, fail their self-test, or their heads don't fit.
    """
    kind = role_named(role)
    found = resolve(source)
    if digest is not None and f"sha256:{found.digest}" != digest:
        raise ReleaseRefused(
            f"{source} is here {found.version}, sha256:{found.digest}, and released is {digest}: bring the released"
            " model to this machine, then release it again"
        )
    name = engine_name(role, found.digest)
    loaded = load_model(name, found, kind.task, **running)
    try:
        engine.add(loaded)
    except BaseException:
        loaded.backend.close()
        raise
    tell_loaded(loaded)
    try:
        return Version(kind.make(engine, loaded, found), [reference(found.identity)], name)
    except BaseException:
        engine.remove(name)
        raise


def tried(role: str, source: str, running: Running) -> ModelRef:
    """Load a model for a role as workers do, in an engine of its own, and let it go; what it is.

    Raises:
        ReleaseRefused, ModelError: as `load_version`.
    """
    kind = role_named(role)
    found = resolve(source)
    loaded = load_model(role, found, kind.task, **running)
    with Engine([loaded], threads=running["threads"]) as engine:
        kind.make(engine, loaded, found)
    return reference(found.identity)


def tell_loaded(model: LoadedModel) -> None:
    """Logs which model is loaded, what runs it, and why."""
    log.info(
        "a model is loaded",
        extra={
            "model": model.name,
            "encoder": model.identity.id,
            "version": model.identity.version,
            "runs_on": model.runs_on,
            "batches_at_once": model.backend.slots,
            "weights_mb": round(model.backend.memory_bytes / 1e6),
            "why": list(model.notes),
        },
    )


def load_release(engine: Engine, role: str, model: ReleasedModel, running: Running) -> Version[Any]:
    """Load what was released, as `load_version`.

    Raises:
        ReleaseRefused: it can't serve, whatever the reason.
    """
    try:
        return load_version(engine, role, model.source, running, digest=model.digest)
    except ModelError as error:
        raise ReleaseRefused(str(error)) from error
    except ReleaseRefused:
        raise
    except Exception as error:
        raise ReleaseRefused(f"it fails to load ({type(error).__name__}): {error}") from error
