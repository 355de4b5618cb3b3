"""How a review becomes the one text that is read. The same function in training and in service."""

_ENDS = (".", "!", "?", "…", "。", "！", "？")


def review_text(title: str | None, text: str) -> str:
    """Title and text as one: `Title. Text`.

    A title that ends a sentence itself gets no full stop; a missing or blank title is left out.
    """
    text = text.strip()
    heading = (title or "").strip()
    if not heading:
        return text
    if not text:
        return heading
    return f"{heading} {text}" if heading.endswith(_ENDS) else f"{heading}. {text}"
