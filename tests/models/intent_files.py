"""Small tables of tickets with intents, of sentences of our own."""

import csv
from pathlib import Path

SAYINGS = {
    "Delivery": ("where is my parcel", "the parcel has not arrived", "when does the courier come"),
    "refund": ("i want my money back", "the refund was not paid", "pay the refund to my card"),
    "size?": ("the jacket is too small", "do you have it in large", "which size fits me"),
}
BEYOND = ("good morning", "tell me a joke about cats", "who won the football game")
OPENINGS = ("hello", "please", "sorry", "hi there", "dear team", "well", "listen", "excuse me", "so", "ok")
ENDINGS = ("", " please", " thanks", " today", " now", " again", " number {}", " as of {}")


def tickets(per_intent: int, *, start: int = 0) -> list[tuple[str, str]]:
    """Different texts with their intents, so many of each."""
    return [
        (one, intent)
        for intent, said in SAYINGS.items()
        for one in _variants(said, start, start + per_intent)
    ]


def beyond(count: int, *, start: int = 0) -> list[tuple[str, str]]:
    """Texts about none of the intents."""
    return [(one, "OTHER") for one in _variants(BEYOND, start, start + count)]


def write_tickets(
    path: Path, pairs: list[tuple[str, str]], names: tuple[str, str] = ("utterance", "intent")
) -> Path:
    """A CSV file of them."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, *pairs])
    return path


def _variants(said: tuple[str, ...], first: int, last: int) -> list[str]:
    found = []
    for number in range(first, last):
        opening, ending = OPENINGS[number % len(OPENINGS)], ENDINGS[number // len(OPENINGS) % len(ENDINGS)]
        found.append(
            f"{opening} {said[number % len(said)]}{ending.format(number)} {number // 80 or ''}".strip()
        )
    return found
