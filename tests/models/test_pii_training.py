"""The tagger's training texts, and a tiny tagger from a training to the engine."""

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from faker import Faker

from models import resolve
from models.engine.backends.torch_loading import load_module
from models.engine.folder import read_facts
from models.errors import TrainingDataError
from models.training.pii_batches import IGNORED, Encoded, classes_of
from models.training.pii_caution import CAUTIONS, Allowed, Read, best_caution
from models.training.pii_chance import Chance
from models.training.pii_companies import company
from models.training.pii_data import Examples, Material
from models.training.pii_neutral import neutral
from models.training.pii_replies import reply
from models.training.pii_scores import counts_of
from models.training.pii_sources import Annotated, Template, part_of_template, read_annotated, read_clean
from models.training.pii_text import KINDS, LABELS, Entity, Tagged, Value, edited, filled, noisy, plain
from models.training.pii_values import KIND_OF_SLOT, Values
from models.training.splits import Part, part_of
from privacy.evaluation.dataset import Part as EvaluationPart


@pytest.fixture(scope="module")
def values() -> Values:
    return Values(3)


def shown(tagged: Tagged) -> list[tuple[str, str]]:
    return [(tagged.text[one.start : one.end], one.kind) for one in tagged.entities]


def test_slots_are_filled_and_labelled() -> None:
    values = {"who": Value("Ann Lee", "PERSON"), "n": Value("12")}
    tagged = filled("I am {who}, {{n}} years", values.__getitem__)
    assert tagged.text == "I am Ann Lee, 12 years"
    assert shown(tagged) == [("Ann Lee", "PERSON")]


def test_edits_move_entities_and_drop_those_of_which_nothing_stays() -> None:
    tagged = Tagged("a -- Ann Lee", (Entity(2, 4, "PLACE"), Entity(5, 12, "PERSON")))
    assert shown(edited(tagged, lambda _, one: "" if one == "-" else one * 2)) == [
        ("AAnnnn  LLeeee", "PERSON")
    ]


def test_plain_text_is_as_transcripts_are() -> None:
    tagged = plain(Tagged("At 12B Elm St., Ulm!", (Entity(3, 14, "ADDRESS"), Entity(16, 19, "PLACE"))))
    assert tagged.text == "at 12 b elm st ulm"
    assert shown(tagged) == [("12 b elm st", "ADDRESS"), ("ulm", "PLACE")]


def test_noise_keeps_labels_on_their_words() -> None:
    tagged = Tagged("Call Zoë Q. Ott\nnow", (Entity(5, 15, "PERSON"),))
    for seed in range(60):
        ((found, kind),) = shown(noisy(tagged, Chance(seed)))
        assert kind == "PERSON"
        assert found[0].casefold() in "zoë"
        assert "now" not in found.casefold()


def test_examples_are_the_same_each_time_and_hold_every_kind(values: Values) -> None:
    examples = Examples(Material(), values, 5)
    made = list(examples.make(300))
    assert made == list(Examples(Material(), values, 5).make(300))
    assert made[100:] == list(examples.make(200, 100))
    assert {one.kind for text in made for one in text.entities} == set(KINDS)
    assert any(not text.entities for text in made)
    assert any("\u4e00" <= character <= "\u9fff" for text in made for character in text.text)
    assert not any("{" in text.text for text in made)


def test_short_answers_name_people_firms_places_and_often_nothing(values: Values) -> None:
    random_ = Chance(11)
    slots = [set(re.findall(r"{(\w+)}", reply(random_))) for _ in range(600)]
    filler = values.latin(random_)
    for one in set().union(*slots):
        assert filler.value(one) or neutral(one, random_), one
    personal = [one & KIND_OF_SLOT.keys() for one in slots]
    assert {KIND_OF_SLOT[name] for one in personal for name in one} == set(KINDS)
    assert 60 < sum(not one for one in personal) < 240


def test_companies_are_named_in_many_ways() -> None:
    fake, random_ = Faker("en_IN"), Chance(3)
    fake.seed_instance(3)
    names = [company(fake, random_) for _ in range(300)]
    assert all(name == name.strip() and name for name in names)
    assert any(name.isupper() and len(name) < 5 for name in names), "initials alone"
    for part in ("Ltd", "Solutions", " & "):
        assert any(part in name for name in names), part


def test_templates_are_filled_anew(values: Values) -> None:
    template = Template(1, "{{building_number}} {{street_name}}\n{{city}}, {{organization}}")
    material = Material(Annotated(templates=[template]))
    made = [
        one for one in Examples(material, values, 5).make(400) if "\n" in one.text or "ADDRESS" in str(one)
    ]
    kinds = [tuple(one.kind for one in text.entities) for text in made]
    assert kinds.count(("ADDRESS", "PLACE", "ORGANISATION")) > 5


def test_no_template_of_the_test_part_is_read(tmp_path: Path) -> None:
    entries = [
        {"full_text": f"I am A{number}", "masked": "I am {{person}}", "spans": [], "template_id": number}
        for number in range(60)
    ]
    path = tmp_path / "made.json"
    path.write_text(json.dumps(entries))
    read = {
        part: {one.number for one in read_annotated([path], part).templates}
        for part in (Part.TRAIN, Part.VALIDATION)
    }
    held_out = {number for number in range(60) if EvaluationPart.HELD_OUT_TEMPLATES.holds("", number)}
    assert held_out == {number for number in range(60) if part_of_template(number) is Part.TEST}
    assert 10 < len(held_out) < 30
    assert read[Part.TRAIN] | read[Part.VALIDATION] == set(range(60)) - held_out
    assert not read[Part.TRAIN] & read[Part.VALIDATION]


def test_lines_are_templates_unless_like_one_that_is_held_out(tmp_path: Path) -> None:
    held = next(number for number in range(60) if part_of_template(number) is not Part.TRAIN)
    masked = 'Send my parcel to {{address}}, please, or ring "{{name}}" at home'
    entry = {"full_text": "...", "masked": masked, "spans": [], "template_id": held}
    (tmp_path / "made.json").write_text(json.dumps([entry]))
    lines = tmp_path / "lines.txt"
    lines.write_text(
        "Please send the parcel to {{address}} or ring {{first_name}} at home\n{{name}}, {{city}}\n"
        "{{name}} of {{organization}} wrote a book\n{{person}} of {{company}} wrote a book\n"
    )
    for order in ([lines, tmp_path / "made.json"], [tmp_path / "made.json", lines]):
        read = read_annotated(order, Part.TRAIN)
        assert [(one.number, one.text) for one in read.templates] == [
            ("lines.txt:3", "{{name}} of {{organization}} wrote a book")
        ]
        assert read.left_out == {"a template like one that is held out": 1}
    assert not any("book" in one.text for one in read_annotated([lines], Part.VALIDATION).templates)


def test_clean_texts_may_begin_with_any_word(values: Values) -> None:
    text = "We had told them, and nothing of it helped"
    begun = {
        one.text for one in Examples(Material(clean=[[text]]), values, 5).make(2_000) if not one.entities
    }
    assert {text, "Had told them, and nothing of it helped", "Nothing of it helped"} <= begun


def test_values_are_the_same_in_every_process() -> None:
    code = "from models.training.pii_pools import pool_of; print(pool_of('it_IT', 3, 40).values)"
    one, other = (
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    )
    assert one == other
    assert one


def test_turns_are_read_and_plain_slips_left_out(tmp_path: Path) -> None:
    rows = [
        ("my name is tom", "O name O name"),
        ("tom", "name"),
        ("tom here", "name O"),
        ("tom again", "O O"),  # a name without its label
        ("tom 12 b", "name name name"),
        ("one two", "O"),
        ("i live in oak street 5", "O O O address address address"),
    ]
    lines = ["utterance\tslot-labels", *("\t".join(row) for row in rows)]
    (tmp_path / "train.tsv").write_text("\n".join(lines))
    read = read_annotated([tmp_path], Part.TRAIN)
    assert [shown(one) for one in read.turns] == [
        [("tom", "PERSON")],
        [("tom", "PERSON")],
        [("tom", "PERSON")],
        [("oak street 5", "ADDRESS")],
    ]
    assert read.left_out["a name without a label"] == 1
    assert read.left_out["words and labels differ in number"] == 1


def test_sentences_teach_persons_and_organisations(tmp_path: Path, values: Values) -> None:
    path = tmp_path / "news.conll"
    path.write_text(
        "-DOCSTART- -X- O O\n\n"
        "He\tO\n's\tO\nAda\tB-PER\nLee\tI-PER\n,\tO\nUlm\tB-LOC\n(\tO\nGermany\tB-LOC\n)\tO\n.\tO\n\n"
        '"\tO\nYes\tO\n"\tO\nsaid\tO\nNoor\tI-person\nOdd\tB-person\nO\nof\tO\nAcme\tI-ORG\n\n'
        "Hey\tO\n@\tB-PER\nann_9\tB-PER\n\n\nnothing\tO\nhere\tO"
    )
    sentences = read_annotated([tmp_path], Part.TRAIN).sentences
    assert [one.text for one in sentences] == [
        "He's Ada Lee, Ulm (Germany).",
        '"Yes" said Noor Odd of Acme',
        "nothing here",
    ]
    assert [shown(one) for one in sentences] == [
        [("Ada Lee", "PERSON"), ("Ulm", "UNSURE"), ("Germany", "UNSURE")],
        [("Noor", "PERSON"), ("Odd", "PERSON"), ("Acme", "ORGANISATION")],
        [],
    ]
    assert not read_annotated([tmp_path], Part.VALIDATION).sentences

    offsets = [(0, 2), (2, 4), (5, 8), (9, 12), (12, 13), (14, 17), (18, 19), (19, 26), (26, 27), (27, 28)]
    b_person, i_person = LABELS.index("B-PERSON"), LABELS.index("I-PERSON")
    assert classes_of(sentences[0], offsets) == [*(0, 0, b_person, i_person, 0, IGNORED, 0, IGNORED, 0, 0)]

    examples = Examples(Material(Annotated(sentences=sentences[:1])), values, 2)
    of_it = [one for one in examples.make(400) if one.text.endswith(", Ulm (Germany).")]
    assert {kind for one in of_it for _, kind in shown(one)} == {"PERSON", "UNSURE"}
    assert len({one.text for one in of_it}) > len(of_it) / 2  # other persons


def test_a_sentence_without_labels_is_told_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "news.conll"
    path.write_text("Ada B-PER\nspoke\n")
    with pytest.raises(TrainingDataError, match="line 2: not a word and a label"):
        read_annotated([path], Part.TRAIN)


def test_clean_texts_by_name_or_number_of_a_column(tmp_path: Path) -> None:
    texts = [f"text {number}" for number in range(40)]
    bare, headed = tmp_path / "bare.tsv", tmp_path / "headed.csv"
    bare.write_text("".join(f"1\t{text}\n" for text in texts))
    headed.write_text("body\n" + "".join(f"{text}\n" for text in texts))
    expected = [text for text in texts if part_of(text) is Part.TRAIN]
    assert read_clean(bare, "2", Part.TRAIN) == read_clean(headed, "body", Part.TRAIN) == expected
    with pytest.raises(TrainingDataError, match="no column 'title'"):
        read_clean(headed, "title", Part.TRAIN)


def test_a_town_in_an_address_counts_as_right() -> None:
    counts = counts_of([Entity(0, 20, "ADDRESS")], [Entity(10, 20, "PLACE"), Entity(0, 5, "PERSON")])
    assert counts.precision == pytest.approx(10 / 15)
    assert counts.recall == 0.5


@pytest.mark.parametrize(
    ("rates", "holds"), [([], True), ([0.5, 0.1], True), ([0.5, 0.5], False), ([0.7, 0.0], False)]
)
def test_false_spans_are_bounded_on_average_and_in_each_file(rates: list[float], *, holds: bool) -> None:
    assert Allowed(on_average=0.4, in_a_file=0.6).holds(rates) is holds


def read_as(text: str, entities: tuple[Entity, ...], sure: dict[int, float]) -> Read:
    """A text by words, and how much likelier than "outside" each of these is a person (in logits)."""
    offsets = [found.span() for found in re.finditer(r"\S+", text)]
    logits = np.zeros((len(offsets), len(LABELS)), np.float32)
    logits[:, 0] = 9.0
    for word, margin in sure.items():
        logits[word, LABELS.index("B-PERSON")] = 9.0 + margin
    tagged = Tagged(text, entities)
    return Read(Encoded([tagged], [[]], [[]], [offsets]), [logits])


def test_the_caution_is_the_best_of_those_that_find_little_enough_in_clean_texts() -> None:
    labelled = read_as(
        "Ann met the very kind Bo",
        (Entity(0, 3, "PERSON"), Entity(22, 24, "PERSON")),
        {0: 5.0, 3: 1.0, 5: 2.4},
    )
    assert labelled.counts(0).precision < labelled.counts(1.5).precision == labelled.counts(1.5).recall == 1
    assert 1 < best_caution([labelled], [], Allowed(0, 0)) < 2.4
    clean = read_as("mark my words", (), {0: 3.1})
    assert clean.rate(3) == 1
    assert best_caution([labelled], [clean], Allowed(1, 1)) < 2.4
    assert 3.1 < best_caution([labelled], [clean], Allowed(0.5, 0.9)) < 5
    never = read_as("mark my words", (), {0: 99.0})
    assert best_caution([labelled], [never], Allowed(0, 0)) == CAUTIONS[-1]


def test_a_trained_tagger_says_the_same_in_its_folder(tmp_path: Path, values: Values) -> None:
    import torch

    from models.training.loop import Schedule
    from models.training.pii_tagger import TaggerOptions, fit_tagger, logits_of
    from tests.models.tiny_folders import tiny_folder

    base = f"path:{tiny_folder(tmp_path / 'base', 'embed')}"
    held = list(Examples(Material(), values, 6).make(8))
    options = TaggerOptions(
        layers=(0,),
        schedule=Schedule(learning_rate=5e-3, epochs=2),
        epoch_size=48,
        max_tokens=40,
        device="cpu",
    )
    fitted = fit_tagger(Examples(Material(), values, 5).make, held, base, options)
    first, last = fitted.outcome.history
    assert last.loss < first.loss
    fitted = replace(fitted, caution=2.5, more={"int8": -0.5})
    out = tmp_path / "out"
    out.mkdir()
    fitted.write(out, "pii", "1")

    source = resolve(f"path:{out}")
    assert read_facts(source.folder, "tag").outside == {"int8": -0.5}
    assert not read_facts(source.folder, "embed").outside
    module = load_module(source.folder, "tag")
    encoded = fitted.encode(held[:1])
    with torch.inference_mode():
        ids = torch.tensor([encoded.ids[0]])
        logits = module(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0].float().numpy()
    (expected,) = logits_of(fitted.model, encoded)
    expected[:, 0] += fitted.caution
    assert np.abs(logits - expected).max() < 0.15  # bfloat16, and int8 rows
