"""The keys of one process: the key-encryption keys, the store of data keys, and the keyring over both."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from privacy.detect.span import SpanTagger
from privacy.errors import KeyFileError, KeyStoreError, NotAuthentic, UnknownKek
from privacy.guard import Guard
from privacy.key_file import KeyFile
from privacy.key_material import KeyMaterial
from privacy.keyring import Keyring
from privacy.keys import DataKey
from privacy.kms import EnvironmentKms, LocalKms
from privacy.policy import ProtectedTerms
from privacy.tokens import Tokeniser
from streams.delivery.errors import DependencyUnavailable
from streams.health import Health
from streams.privacy_rules import detector_of, policy_of
from streams.settings import Settings
from streams.state.key_records import RedisKeyRecords
from streams.state.key_redis import NAME

log = logging.getLogger(__name__)


class PatientKeyring(Keyring):
    """A keyring for which it is an outage, not the fault of the events to seal, that there is no key for sealing."""

    async def current(self, seals: Mapping[str, int]) -> Mapping[str, DataKey]:
        """The keys to seal under now; `DependencyUnavailable` while a key-encryption key is missing or used up."""
        try:
            return await super().current(seals)
        except (UnknownKek, NotAuthentic, KeyStoreError) as error:
            log.error("no sealing: %s", error)  # noqa: TRY400 - the text says all
            raise DependencyUnavailable(NAME) from error


@dataclass(frozen=True, slots=True)
class Keys:
    """What a process needs of keys, opened once.

    Attributes:
        keyring: data keys.
        records: where wrapped data keys are kept.
        kms: wraps data keys, and has the key material.
        tokeniser: for user tokens and digests.
    """

    settings: Settings
    keyring: Keyring
    records: RedisKeyRecords
    kms: LocalKms | EnvironmentKms
    tokeniser: Tokeniser

    @property
    def material(self) -> KeyMaterial:
        """The long-lived secrets, as they were last read."""
        return self.kms.material

    @property
    def file(self) -> KeyFile:
        """The key file, to change it.

        Raises:
            KeyFileError: the key-encryption keys come from the environment.
        """
        if self.settings.keys.kek is not None:
            raise KeyFileError(
                "the key-encryption key comes from SHOPSTREAM_KEYS__KEK, and is changed there: set the new one, "
                "add the old one to SHOPSTREAM_KEYS__OLD_KEKS, and run `shopstream keys rotate --resume`"
            )
        return KeyFile(self.settings.kek_file)

    @classmethod
    async def open(cls, settings: Settings, health: Health | None = None, *, create: bool = True) -> "Keys":
        """Reads the key-encryption keys, and looks whether the store of data keys can be trusted.

        Args:
            settings: with a key store's address: of `connected` or `joined`.
            health: of a worker, which may start while the store is away and waits for it later.
            create: whether a missing key file may be made, where the store is empty, too.

        Raises:
            KeyFileError: there is no usable key file.
            KeyStoreError: there is no key store, it is away, it could lose keys, or it belongs to other keys.
        """
        records = RedisKeyRecords(settings.keys, settings.privacy.tenant, health)
        try:
            wrapped = await _wrapped_under(records, settings, may_wait=health is not None)
            kms = open_kms(settings, create=create and not wrapped)
            _must_fit(kms.material, wrapped)
        except BaseException:
            await records.close()
            raise
        keyring = PatientKeyring(
            kms,
            records,
            tenant=settings.privacy.tenant,
            cache_seconds=settings.keys.cache_seconds,
            cache_keys=settings.keys.cache_keys,
        )
        return cls(settings, keyring, records, kms, Tokeniser(kms.material.token_key))

    def guard(self, terms: ProtectedTerms | None = None, tagger: SpanTagger | None = None) -> Guard:
        """A guard that seals under these keys, by the policy of the settings.

        Args:
            terms: the catalogue's protected terms.
            tagger: a model for names and addresses.

        Raises:
            RulesError: the privacy settings can't be used.
        """
        return Guard(
            tenant=self.settings.privacy.tenant,
            keys=self.keyring,
            tokeniser=self.tokeniser,
            detector=detector_of(self.settings),
            policy=policy_of(self.settings),
            terms=terms,
            intake=self.kms,
            tagger=tagger,
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self.records.close()


def open_kms(settings: Settings, *, create: bool) -> LocalKms | EnvironmentKms:
    """The key-encryption keys that settings name.

    Args:
        settings: of the installation.
        create: whether to make a key file where there is none.

    Raises:
        KeyFileError: they can't be used, or half of them is missing.
    """
    keys = settings.keys
    if keys.kek is not None:
        if keys.token_key is None:
            raise KeyFileError("SHOPSTREAM_KEYS__KEK is set and SHOPSTREAM_KEYS__TOKEN_KEY is not: set both")
        return EnvironmentKms(
            keys.kek.get_secret_value(),
            keys.token_key.get_secret_value(),
            [key.get_secret_value() for key in keys.old_keks],
            [key.get_secret_value() for key in keys.intake_keys],
        )
    file = KeyFile(settings.kek_file)
    if create:
        file.load_or_create()
    return LocalKms(file)


def _must_fit(material: KeyMaterial, wrapped: Mapping[str, int]) -> None:
    if strange := sorted(kek for kek in wrapped if material.kek(kek) is None):
        raise KeyStoreError(
            f"the key store holds data keys wrapped under {', '.join(strange)}, which the key file (or environment) "
            "does not hold: use the one that belongs to it, or the right key store"
        )


async def _wrapped_under(
    records: RedisKeyRecords, settings: Settings, *, may_wait: bool
) -> Mapping[str, int]:
    """How many data keys there are by key-encryption key; none where a worker has to wait for the store."""
    try:
        await records.check()
        return (await records.holdings()).wrapped
    except DependencyUnavailable as away:
        if may_wait and (settings.keys.kek is not None or KeyFile(settings.kek_file).exists()):
            return {}
        raise KeyStoreError(
            f"the store of data keys does not answer ({type(away.__cause__).__name__}): start it, or correct "
            "SHOPSTREAM_KEYS__URL"
        ) from away
