"""The key store as commands reach it: also where there is no broker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from privacy.errors import KeyStoreError
from streams.client.connection import joined
from streams.client.errors import NotSetUp
from streams.delivery.errors import DependencyUnavailable
from streams.keys import Keys
from streams.settings import Settings


@asynccontextmanager
async def with_key_store(settings: Settings) -> AsyncIterator[Settings]:
    """The settings with a key store's address: the named one, or the embedded one that runs.

    Raises:
        NotSetUp: none is named, and no embedded stack runs.
        KeyStoreError: it went away.
    """
    reached = settings if settings.keys.url is not None else await _joined(settings)
    try:
        yield reached
    except DependencyUnavailable as away:
        raise KeyStoreError("the store of data keys does not answer any more: try again") from away


@asynccontextmanager
async def opened_keys(settings: Settings, *, create: bool = False) -> AsyncIterator[Keys]:
    """All keys of the installation, for the time of a block.

    Raises:
        NotSetUp, KeyStoreError: there is no key store, it is away, or could lose keys.
        KeyFileError: there is no usable key file, and none is to be made.
    """
    async with with_key_store(settings) as reached:
        keys = await Keys.open(reached, create=create)
        try:
            yield keys
        finally:
            await keys.close()


async def _joined(settings: Settings) -> Settings:
    try:
        return await joined(settings)
    except NotSetUp as error:  # it names the broker, which is not what is looked for here
        raise NotSetUp(
            "no key store: set SHOPSTREAM_KEYS__URL, or run `shopstream local`"
            f" (none runs for {settings.data_dir.absolute()})"
        ) from error
