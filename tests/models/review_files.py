"""Small files of reviews with stars whose words say what the stars say."""

import csv
import random
from pathlib import Path

WORDS = {
    1: "terrible awful broke returned disappointed cheap ugly refund",
    3: "okay average fine mixed decent ordinary acceptable so-so",
    5: "love beautiful perfect great comfortable gorgeous flattering compliments",
}


def rows(count: int) -> list[dict[str, str]]:
    chance = random.Random(5)
    made = []
    for number in range(count):
        stars = (1, 3, 5)[number % 3]
        text = " ".join(chance.choices(WORDS[stars].split(), k=6)) + f" item {number}"
        made.append({"Title": "", "Review Text": text, "Rating": str(stars)})
    return made


def write_csv(path: Path, made: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, list(made[0]))
        writer.writeheader()
        writer.writerows(made)
    return path
