"""A machine as backups see it: a data folder, and its tenant's part of the key store."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from redis import Redis

from privacy.envelope import SealedEnvelope
from streams.client import Shopstream
from streams.contracts.codec import encode
from streams.contracts.records import ErasureEntry
from streams.contracts.topics import ERASURE_LEDGER
from streams.erasing.subjects import ledger_subject
from streams.keys import Keys
from streams.settings import KeySettings, Settings
from tests.cli.conftest import Said, Shell
from tests.standins.keys import sealed_whole

WORDS = "correct horse battery"
TEXT = b"write to mia.wong@example.com"
Dump = dict[bytes, bytes | None]


@dataclass
class Machine:
    """A data folder and the tenant's part of the key store."""

    settings: Settings
    redis: Redis
    shopstream: Shell

    def call(self, *arguments: object, **more: str) -> Said:
        environment = {
            "SHOPSTREAM_PASSPHRASE": WORDS,
            "SHOPSTREAM_DATA_DIR": str(self.settings.data_dir),
            "SHOPSTREAM_KEYS__KEK_FILE": str(self.settings.kek_file),
        }
        return self.shopstream(*arguments, **(environment | more))

    def seal(self, *users: str) -> list[SealedEnvelope]:
        async def sealed() -> list[SealedEnvelope]:
            keys = await Keys.open(self.settings)
            guard = keys.guard()
            try:
                return [
                    await sealed_whole(guard, TEXT, topic="reviews", event_id="r-1", subject=user)
                    for user in users
                ]
            finally:
                await keys.close()

        return asyncio.run(sealed())

    def open(self, envelope: SealedEnvelope, user: str) -> bytes:
        async def opened() -> bytes:
            keys = await Keys.open(self.settings, create=False)
            try:
                return await keys.guard().open_bytes(envelope, topic="reviews", event_id="r-1", subject=user)
            finally:
                await keys.close()

        return asyncio.run(opened())

    def erase(self, user: str) -> list[str]:
        """As the erasing agent does: the keys destroyed, and an entry in the ledger."""

        async def erased() -> list[str]:
            keys = await Keys.open(self.settings)
            ids = await keys.keyring.erase(user)
            subject = ledger_subject(keys.tokeniser, user)
            await keys.close()
            now = datetime.now(UTC)
            entry = ErasureEntry(
                id=f"e-{user}", causes=["e"], time=now, subject=subject, erased_at=now, keys=ids
            )
            async with Shopstream(self.settings) as shop:
                await (
                    await shop.outbox.send(ERASURE_LEDGER, encode(entry), key=subject, event_id=entry.id)
                ).place()
            return ids

        return asyncio.run(erased())

    def wipe(self, folder: Path) -> "Machine":
        """Another machine, whose key store is empty."""
        if names := list(self.redis.scan_iter(f"*:{{{self.settings.privacy.tenant}}}*")):
            self.redis.delete(*names)
        moved = {"data_dir": folder, "keys": KeySettings(url=self.settings.keys.url)}
        return Machine(self.settings.model_copy(update=moved), self.redis, self.shopstream)

    def state(self) -> tuple[dict[Path, bytes], Dump]:
        """Every file, and every key but the audit log's head."""
        folder = self.settings.data_dir
        files = (
            {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
            if folder.exists()
            else {}
        )
        names = self.redis.scan_iter(f"keys:{{{self.settings.privacy.tenant}}}*")
        return files, {name: self.redis.dump(name) for name in names}
