"""The wide part: words beside the encoder."""

from pathlib import Path

import numpy as np
import pytest

from models.errors import WeightsUnusable
from models.terms import read_terms, terms, write_terms
from models.training.term_models import fit_terms, weigh_terms

GOOD = ["lovely soft fabric", "fits well and lovely", "很好看", "soft and warm", "质量很好"]
BAD = ["torn after one wash", "itchy and torn", "很难看", "itchy cheap fabric", "质量很差"]
TRUTH = np.array([1] * len(GOOD) + [0] * len(BAD))


def test_terms_are_words_pairs_and_chinese_runs() -> None:
    assert list(terms("A soft, Warm 很好")) == ["soft", "warm", "soft warm", "很", "好", "很好"]


def test_what_was_fitted_is_what_scikit_learn_says(tmp_path: Path) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    texts = (GOOD + BAD) * 3
    truth = np.tile(TRUTH, 3)
    model = fit_terms(texts, truth, texts, truth, 2)
    assert model is not None
    file = tmp_path / "terms.safetensors"
    write_terms(file, model)
    content = file.read_bytes()
    again = read_terms(file)
    assert again is not None
    write_terms(file, again)
    assert file.read_bytes() == content

    words = TfidfVectorizer(analyzer=terms, min_df=2, sublinear_tf=True)
    fitted = LogisticRegression(C=10.0, max_iter=200).fit(words.fit_transform(texts), truth)
    asked = ["soft soft but torn", "质量好看", "", "nothing known"]
    expected = fitted.decision_function(words.transform(asked))
    said = again(asked)
    np.testing.assert_allclose(said[:, 1] - said[:, 0], expected, atol=0.03)
    np.testing.assert_array_equal(again([]), np.zeros((0, 2)))
    for secret in (b"lovely", "很好看".encode()):
        assert secret not in content


@pytest.mark.parametrize("damage", ["cut", "narrow"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    from safetensors.numpy import load_file, save_file

    model = fit_terms((GOOD + BAD) * 2, np.tile(TRUTH, 2), GOOD + BAD, TRUTH, 2)
    assert model is not None
    file = tmp_path / "terms.safetensors"
    assert read_terms(file) is None
    write_terms(file, model)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-9])
    else:
        save_file(load_file(file) | {"idf": np.ones(1, np.float16)}, file)
    with pytest.raises(WeightsUnusable, match="train"):
        read_terms(file)


def test_texts_without_a_common_term_or_a_class_give_no_model() -> None:
    assert fit_terms(["one", "two"], np.array([0, 1]), ["one"], np.array([0]), 2) is None
    assert (
        fit_terms(GOOD * 2, np.ones(2 * len(GOOD), np.int64), GOOD, np.ones(len(GOOD), np.int64), 2) is None
    )


def test_a_class_that_is_not_in_the_data_is_never_said() -> None:
    model = fit_terms((GOOD + BAD) * 3, np.tile(TRUTH, 3) * 2, GOOD + BAD, TRUTH * 2, 3)
    assert model is not None
    assert model(GOOD + BAD).argmax(axis=1).tolist() == (TRUTH * 2).tolist()


def test_words_count_as_much_as_validation_says() -> None:
    random = np.random.default_rng(5)
    truth = random.integers(0, 3, 3_000)
    clear = 2 * np.eye(3, dtype=np.float32)[truth]
    noise = random.normal(size=(2, 3_000, 3)).astype(np.float32)
    helped = weigh_terms(clear + noise[0], clear + noise[1], truth)
    # Two equally good views, with independent noise, count alike.
    assert 0.8 <= helped.share <= 1.2
    assert helped.gain > 0.05
    useless = weigh_terms(clear + noise[0], noise[1], truth)
    assert (useless.share, useless.gain) == (0, 0)
    assert useless.temperature == pytest.approx(0.5, abs=0.1)
