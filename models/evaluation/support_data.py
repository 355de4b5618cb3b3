"""Resolutions and tickets to evaluate support with, from a table."""

from dataclasses import dataclass
from pathlib import Path

from models.errors import TrainingDataError
from models.support.equality import answer_key
from models.support.memory import Source
from models.training.tables import pick_column, rows_of

TEXT_COLUMNS = ("text", "question", "message", "utterance", "sentence", "instruction", "ticket", "query")
ANSWER_COLUMNS = ("answer", "reply", "response", "resolution")
LABEL_COLUMNS = ("intent", "category", "label")

WHERE_TO_GET_DATA = (
    "Any table with a column of questions and one of answers or of categories will do, for example BANKING77 (CC BY"
    " 4.0): github.com/PolyAI-LDN/task-specific-datasets"
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, and its answer, its category, or both; empty is unknown."""

    text: str
    answer: str
    label: str


@dataclass(frozen=True, slots=True)
class SupportData:
    """Resolutions, tickets, and which answers are the same.

    Attributes:
        sources: the resolutions as the memory takes them.
        source_groups: the group of each source, by its id.
        tickets: what is asked.
        ticket_groups: the group of each ticket's right answer; a reply is right when its source is of this group.
        grouped_by: `answer`, or `category` where a file lacks answers.
    """

    sources: list[Source]
    source_groups: dict[str, str]
    tickets: list[str]
    ticket_groups: list[str]
    grouped_by: str


def read_support(resolutions: Path, tickets: Path) -> SupportData:
    """Read two tables: CSV, TSV or JSON lines, each also gzipped; columns are found by their names.

    Where both have answers, equal answers are one group; else categories are the groups, and an answer that is not
    there is made from the category. Rows without text or without a group are left out.

    Raises:
        TrainingDataError: a file can't be used; the message says why.
    """
    known, asked = _exchanges(resolutions), _exchanges(tickets)
    by_answer = all(one.answer for one in known + asked)
    groups = [_group(one, by_answer=by_answer) for one in known]
    ticket_groups = [_group(one, by_answer=by_answer) for one in asked]
    sources = [
        Source(
            id=f"resolution-{number}",
            kind="ticket",
            answer=one.answer or f"This is how we answer: {one.label}",
            question=one.text,
            tags=(one.label,) if one.label else (),
        )
        for number, (one, group) in enumerate(zip(known, groups, strict=True), 1)
        if group
    ]
    judged = [(one.text, group) for one, group in zip(asked, ticket_groups, strict=True) if group]
    if not sources or not judged:
        raise TrainingDataError(
            f"{resolutions.name} and {tickets.name} share no kind of truth: both need answers"
            f" ({', '.join(ANSWER_COLUMNS)}) or both categories ({', '.join(LABEL_COLUMNS)})"
        )
    return SupportData(
        sources=sources,
        source_groups=dict(
            zip((one.id for one in sources), (group for group in groups if group), strict=True)
        ),
        tickets=[text for text, _ in judged],
        ticket_groups=[group for _, group in judged],
        grouped_by="answer" if by_answer else "category",
    )


def _group(exchange: Exchange, *, by_answer: bool) -> str:
    return answer_key(exchange.answer) if by_answer else exchange.label


def _exchanges(path: Path) -> list[Exchange]:
    rows = list(rows_of(path))
    if not rows:
        raise TrainingDataError(f"{path} has no rows")
    columns = list(rows[0])
    text, answer, label = (
        pick_column(columns, None, known, "") for known in (TEXT_COLUMNS, ANSWER_COLUMNS, LABEL_COLUMNS)
    )
    if text is None or (answer is None and label is None):
        raise TrainingDataError(
            f"{path.name} needs a column of questions ({', '.join(TEXT_COLUMNS)}) and one of answers"
            f" ({', '.join(ANSWER_COLUMNS)}) or categories ({', '.join(LABEL_COLUMNS)}); it has {', '.join(columns)}"
        )
    read = (Exchange(_cell(row, text), _cell(row, answer), _cell(row, label)) for row in rows)
    return [one for one in read if one.text and (one.answer or one.label)]


def _cell(row: dict[str, str], column: str | None) -> str:
    return "" if column is None else row.get(column, "").strip()
