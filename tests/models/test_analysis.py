from models.catalogue.analysis import analyse, terms_of, words_of
from models.catalogue.spelling import corrections, one_edit_apart


def test_chinese_japanese_and_korean_become_overlapping_pairs_and_a_lone_character_stays() -> None:
    assert analyse("防水登山鞋").split() == ["防水", "水登", "登山", "山鞋"]
    assert analyse("iPhone手机壳 茶").split() == ["iPhone", "手机", "机壳", "茶"]
    assert analyse("コーヒー 커피잔").split() == ["コー", "ーヒ", "ヒー", "커피", "피잔"]


def test_width_invisible_characters_and_possessives_make_no_difference() -> None:
    plain = terms_of("women's water bottle ABC カメラ")
    assert terms_of("women’s wa\u200bter bot\u00adtle ＡＢＣ ｶﾒﾗ") == plain  # noqa: RUF001 - the widths are the point
    assert plain[:3] == terms_of("women water bottle")


def test_words_meet_in_their_stem_without_case_and_accents() -> None:
    assert terms_of("Waterproof HIKING Boots, Café") == terms_of("waterproof hike boot cafe")


def test_each_word_stands_where_its_stem_stands() -> None:
    text = "Running shoes for 跑步鞋, size-10 " + "x" * 100
    assert words_of(text) == ["running", "shoes", "for", "跑步", "步鞋", "size", "10"]
    assert terms_of(text) == ["run", "shoe", "for", "跑步", "步鞋", "size", "10"]


def test_signs_alone_have_no_terms() -> None:
    assert terms_of('?! -- "" ()') == []


def test_one_edit_is_an_insertion_deletion_replacement_or_exchange() -> None:
    for wrong in ("kichen", "kitcheen", "kitchan", "ktichen", "kitchne"):
        assert one_edit_apart(wrong, "kitchen")
        assert one_edit_apart("kitchen", wrong)
    for other in ("kitchen", "kichan", "chicken", "ktichne", "kit"):
        assert not one_edit_apart(other, "kitchen")


def test_the_commonest_neighbours_correct_but_short_words_numbers_and_chinese_are_left() -> None:
    vocabulary = {"kitchen": 9, "kitchens": 30, "kichen": 1, "mat": 5, "1000": 4, "登山": 3}

    def starting(prefix: str) -> list[tuple[str, int]]:
        return [(word, count) for word, count in vocabulary.items() if word.startswith(prefix)]

    assert corrections("kitchan", starting) == ("kitchen",)
    assert corrections("kitchenn", starting) == ("kitchens", "kitchen")
    assert (
        corrections("met", starting) == corrections("1001", starting) == corrections("登三", starting) == ()
    )
