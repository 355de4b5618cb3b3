"""Whether a phone number exists, by the numbering plans of the `phonenumbers` library (ITU-T E.164)."""

from collections.abc import Sequence

import phonenumbers
import re2

from privacy.detect.recognizer import digits

_SHORTEST = 9
"""Shorter national numbers prove nothing: some plans (Germany's) have almost any."""


class NumberingPlans:
    """The plans of some regions for national formats, and of all the world for numbers with a country code.

    The library takes some forty microseconds to judge one number in one region. So one automaton over all the
    regions' shapes goes first, and the library judges what is left.
    """

    def __init__(self, regions: Sequence[str]) -> None:
        self._regions = tuple(regions)
        self._shapes = re2.Set.FullMatchSet()
        for region in self._regions:
            metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
            if metadata is None or metadata.general_desc is None:
                raise ValueError(f"phone numbers: {region!r} is no region with a numbering plan, as 'US' is")
            self._shapes.Add(metadata.general_desc.national_number_pattern)
        self._shapes.Compile()

    def have(self, number: str) -> bool:
        """Whether one of the plans has `number`, written in any way of its region."""
        if number.startswith("00"):
            number = "+" + number[2:]
        if number.startswith("+"):
            return _valid(number, None)
        return any(_valid(number, region) for region in self._candidates(number))

    def allow(self, number: str) -> bool:
        """Whether `number`, with its country code, is as long as numbers of that country are."""
        try:
            return phonenumbers.is_possible_number(phonenumbers.parse(number, None))
        except phonenumbers.NumberParseException:
            return False

    def _candidates(self, number: str) -> list[str]:
        national = digits(number.lower().partition("x")[0])
        if len(national) < _SHORTEST:
            return []
        # With and without the prefix dialled before national numbers: 1 in North America, 0 elsewhere.
        matching = {*(self._shapes.Match(national) or ()), *(self._shapes.Match(national[1:]) or ())}
        return [self._regions[index] for index in sorted(matching)]


def _valid(number: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, region))
    except phonenumbers.NumberParseException:
        return False
