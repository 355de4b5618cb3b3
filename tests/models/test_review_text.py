import pytest

from models.reviews import label_of_stars, review_text


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Great", "Fits well.", "Great. Fits well."),
        ("Great!", "Fits well.", "Great! Fits well."),
        (" Great. ", " Fits well. ", "Great. Fits well."),
        (None, "Fits well.", "Fits well."),
        ("  ", "Fits well.", "Fits well."),
        ("Great", " ", "Great"),
        (None, "", ""),
    ],
)
def test_title_and_text_become_one(title: str | None, text: str, expected: str) -> None:
    assert review_text(title, text) == expected


def test_stars_become_classes() -> None:
    assert [label_of_stars(stars) for stars in range(1, 6)] == [0, 0, 1, 2, 2]


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_other_stars_are_refused(stars: int) -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        label_of_stars(stars)
