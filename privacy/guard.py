"""The guard: the one door through which events' texts leave the privacy room, masked and sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from privacy.detect.detector import Detector
from privacy.detect.span import SpanTagger
from privacy.encoding import octets
from privacy.envelope import SealedEnvelope
from privacy.hpke import IntakeKeys, Opener, TextContext
from privacy.keys import UNATTRIBUTED, KeyStore
from privacy.masker import Masker, kinds
from privacy.plaintext import Plaintext
from privacy.policy import DEFAULT_POLICY, Policy, ProtectedTerms
from privacy.seal import SealContext, Sealer
from privacy.sealed_text import SealedText
from privacy.tagging import Tagging
from privacy.tokens import Tokeniser, UserTokens

WHOLE_EVENT = "$event"
"""The field name under which an event's raw bytes are sealed."""


@dataclass(frozen=True, slots=True)
class Sensitive:
    """An event's texts on their way in. `subject` is the user id as the event has it, None if unknown."""

    topic: str
    event_id: str
    subject: str | None
    fields: Mapping[str, Plaintext]


@dataclass(frozen=True, slots=True)
class Protected:
    """What may leave: the user token, all fields masked, changed ones sealed, placeholders by kind.

    `names_sought` says whether a tagger looked for names and addresses in any of the fields.
    """

    subject: str | None
    masked: dict[str, str]
    sealed: dict[str, SealedEnvelope] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    names_sought: bool = False


@dataclass(frozen=True, slots=True)
class WholeEvent:
    """An event's raw bytes, to be sealed. `subject` is a user token; None, if unknown, for the key of the day."""

    data: bytes = field(repr=False)
    topic: str
    event_id: str
    subject: str | None


class Guard:
    """Masks, seals and tokenises for one tenant.

    Args:
        tenant: bound into every envelope.
        keys: where data keys come from.
        tokeniser: for user tokens and digests.
        detector: what counts as personal data.
        policy: which field is treated how.
        terms: the catalogue's protected terms.
        intake: private keys of producer-side sealing; without them no sealed text can be opened.
        tagger: a model for names and addresses; without one they stay.
    """

    def __init__(
        self,
        *,
        tenant: str,
        keys: KeyStore,
        tokeniser: Tokeniser,
        detector: Detector | None = None,
        policy: Policy = DEFAULT_POLICY,
        terms: ProtectedTerms | None = None,
        intake: IntakeKeys | None = None,
        tagger: SpanTagger | None = None,
    ) -> None:
        self._tenant = tenant
        self._opener = Opener(tenant, intake)
        self._sealer = Sealer(keys)
        self._tokeniser = tokeniser
        detector = detector or Detector()
        self._users = UserTokens(tokeniser, detector)
        self._tagging = Tagging(policy, tagger)
        self._masker = Masker(detector, policy, tokeniser, terms)

    async def protect(self, items: Sequence[Sensitive]) -> list[Protected]:
        """Mask and seal a batch; one answer for each item, in order. The tagger is asked before anything is waited for.

        Raises:
            TaggerDefect: the tagger's answer is not one for these texts.
            Exception: whatever the tagger raises. Where it fails, nothing leaves.
        """
        texts = [(item.topic, {name: text.reveal() for name, text in item.fields.items()}) for item in items]
        masked = self._masker.masked(texts, await self._tagging.tagged(texts))
        protected: list[Protected] = []
        originals: list[tuple[int, str, SealContext]] = []
        for place, (item, (_, one), fields) in enumerate(zip(items, texts, masked, strict=True)):
            subject = None if item.subject is None else self.user_token(item.subject)
            left = {name: field.text for name, field in fields.items()}
            sought = self._tagging.seeks(item.topic, one)
            protected.append(Protected(subject, left, kinds=kinds(fields.values()), names_sought=sought))
            for name, masked_field in fields.items():
                if masked_field.rule.seals and masked_field.text != one[name]:
                    context = self._context(item.topic, item.event_id, name, subject)
                    originals.append((place, one[name], context))
        envelopes = await self._sealer.seal_all([(octets(text), context) for _, text, context in originals])
        for (place, _, context), envelope in zip(originals, envelopes, strict=True):
            protected[place].sealed[context.field] = envelope
        return protected

    async def seal_events(self, events: Sequence[WholeEvent]) -> list[SealedEnvelope]:
        """Seal whole events; one look into the key store for all."""
        return await self._sealer.seal_all(
            [(one.data, self._context(one.topic, one.event_id, WHOLE_EVENT, one.subject)) for one in events]
        )

    async def open_bytes(
        self,
        envelope: SealedEnvelope,
        *,
        topic: str,
        event_id: str,
        subject: str | None,
        field_name: str = WHOLE_EVENT,
    ) -> bytes:
        """Open what was sealed for exactly this place, a field's text as UTF-8.

        Raises:
            OpenError: one of its kinds, see `Sealer.open`.
        """
        return await self._sealer.open(envelope, self._context(topic, event_id, field_name, subject))

    def open_text(self, sealed: SealedText, context: TextContext) -> bytes:
        """Open a text that its producer sealed for exactly this place; its UTF-8.

        Raises:
            UnknownKey, NotAuthentic: see `hpke.Opener.open`.
        """
        return self._opener.open(sealed, context)

    def digest(self, data: bytes) -> str:
        """A keyed hash (HMAC-SHA-256, hexadecimal): without the key nobody can test a guess."""
        return self._tokeniser.digest("digest", data)

    def user_token(self, user_id: str) -> str:
        """`user_id` as it may leave: itself, or a token if it looks like personal data."""
        return self._users.of(user_id)

    def _context(self, topic: str, event_id: str, name: str, subject: str | None) -> SealContext:
        return SealContext(self._tenant, topic, event_id, name, UNATTRIBUTED if subject is None else subject)
