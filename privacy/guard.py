"""The guard: the one door through which events' texts leave the privacy room, masked and sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from privacy.detect.detector import Detector
from privacy.detect.span import Span
from privacy.encoding import octets
from privacy.envelope import SealedEnvelope
from privacy.key_file import KeyFile
from privacy.keys import UNATTRIBUTED, DerivedKeys, KeyStore
from privacy.mask import Numbering, mask
from privacy.plaintext import Plaintext
from privacy.policy import DEFAULT_POLICY, Original, Policy, ProtectedTerms
from privacy.seal import SealContext, Sealer
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
    """What may leave: the user token, all fields masked, changed ones sealed, placeholders by kind."""

    subject: str | None
    masked: dict[str, str]
    sealed: dict[str, SealedEnvelope] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)


class Guard:
    """Masks, seals and tokenises for one tenant.

    Args:
        tenant: bound into every envelope.
        keys: where data keys come from.
        tokeniser: for user tokens and digests.
        detector: what counts as personal data.
        policy: which field is treated how.
        terms: the catalogue's protected terms, for fields whose rule keeps them.
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
    ) -> None:
        self._tenant = tenant
        self._sealer = Sealer(keys)
        self._tokeniser = tokeniser
        self._detector = detector or Detector()
        self._users = UserTokens(tokeniser, self._detector)
        self._policy = policy
        self._terms = terms

    @classmethod
    def local(cls, kek_file: Path, *, tenant: str, terms: ProtectedTerms | None = None) -> Self:
        """A guard over the key file at `kek_file`, which is made where there is none (see `KeyFile`)."""
        material = KeyFile(kek_file).load_or_create()
        tokeniser = Tokeniser(material.token_key)
        return cls(tenant=tenant, keys=DerivedKeys(material), tokeniser=tokeniser, terms=terms)

    async def protect(self, items: Sequence[Sensitive]) -> list[Protected]:
        """Mask and seal a batch; one answer for each item, in order."""
        masked, originals = self._all_masked(items)
        envelopes = await self._sealer.seal_all([(octets(text), context) for _, text, context in originals])
        for (place, _, context), envelope in zip(originals, envelopes, strict=True):
            masked[place].sealed[context.field] = envelope
        return masked

    def _all_masked(
        self, items: Sequence[Sensitive]
    ) -> tuple[list[Protected], list[tuple[int, str, SealContext]]]:
        """Every item masked; and what has to be sealed: of which item, the text, where it belongs."""
        texts = [text.reveal() for item in items for text in item.fields.values()]
        findings = iter(self._detector.detect(texts))
        remaining = iter(texts)
        protected: list[Protected] = []
        originals: list[tuple[int, str, SealContext]] = []
        for place, item in enumerate(items):
            fields = {name: (next(remaining), next(findings)) for name in item.fields}
            subject = None if item.subject is None else self.user_token(item.subject)
            if any(spans for _, spans in fields.values()):
                one, changed = self._masked(item, subject, fields)
                protected.append(one)
                originals += [(place, text, context) for text, context in changed]
            else:
                protected.append(Protected(subject, {name: text for name, (text, _) in fields.items()}))
        return protected, originals

    async def seal_bytes(
        self, data: bytes, *, topic: str, event_id: str, subject: str | None
    ) -> SealedEnvelope:
        """Seal a whole event. `subject` is a user token; None, if unknown, for the key of the day."""
        return await self._sealer.seal(data, self._context(topic, event_id, WHOLE_EVENT, subject))

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

    def digest(self, data: bytes) -> str:
        """A keyed hash (HMAC-SHA-256, hexadecimal): without the key nobody can test a guess."""
        return self._tokeniser.digest("digest", data)

    def user_token(self, user_id: str) -> str:
        """`user_id` as it may leave: itself, or a token if it looks like personal data."""
        return self._users.of(user_id)

    def _masked(
        self, item: Sensitive, subject: str | None, fields: Mapping[str, tuple[str, list[Span]]]
    ) -> tuple[Protected, list[tuple[str, SealContext]]]:
        """One item masked, and its originals that have to be sealed, with where they belong."""
        numbering = Numbering()
        wanted = {name: self._wanted(item.topic, name, text, spans) for name, (text, spans) in fields.items()}
        for name, (text, _) in fields.items():
            numbering.register(text, wanted[name])
        masked = {name: mask(text, wanted[name], numbering) for name, (text, _) in fields.items()}
        originals = [
            (text, self._context(item.topic, item.event_id, name, subject))
            for name, (text, _) in fields.items()
            if masked[name] != text and self._policy.rule(item.topic, name).original is Original.SEAL
        ]
        return Protected(subject, masked, kinds=dict(numbering.counts)), originals

    def _wanted(self, topic: str, name: str, text: str, spans: list[Span]) -> list[Span]:
        """The findings that the policy wants masked in this field."""
        rule = self._policy.rule(topic, name)
        if rule.kinds is not None:
            spans = [span for span in spans if span.label in rule.kinds]
        if rule.keep_terms and self._terms is not None:
            spans = [span for span in spans if not self._terms.is_term(text[span.start : span.end])]
        return spans

    def _context(self, topic: str, event_id: str, name: str, subject: str | None) -> SealContext:
        return SealContext(self._tenant, topic, event_id, name, UNATTRIBUTED if subject is None else subject)
