"""What turns, strengthens and outweighs words, in three languages."""

import pytest

from streams.sentiment.lexicon import Language, lexicon, signs
from streams.sentiment.scorer import sentiment, strength
from streams.sentiment.tokens import MOST_CHARACTERS, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("El servicio es bueno", 1),
        ("El servicio no es bueno", -1),
        ("No tengo problemas con el pago", 1),
        ("A entrega é boa", 1),
        ("A entrega não é boa", -1),
        ("Não tive problemas com o pagamento", 1),
        ("The delivery is good", 1),
        ("The delivery is not good", -1),
        ("I had no problems with the payment", 1),
    ],
)
def test_a_negator_turns_what_follows(text: str, expected: int) -> None:
    assert sentiment(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "La tienda es linda pero el envío fue horrible",
        "A loja é linda mas a entrega foi horrível",
        "The shop is nice but the delivery was horrible",
    ],
)
def test_what_follows_a_but_outweighs_what_came_before(text: str) -> None:
    assert sentiment(text) == -1


@pytest.mark.parametrize(
    "text",
    [
        "Genial, el producto llegó roto",
        "Parabéns, o produto chegou quebrado",
        "Great, the product arrived broken",
    ],
)
def test_praise_before_a_complaint_is_irony(text: str) -> None:
    assert sentiment(text) == -1


@pytest.mark.parametrize("text", ["buenísimoooo", "Excelenteeeee", "amaaaazing", "BUENÍSIMO", "buenisimo"])
def test_repeated_letters_accents_and_capitals_do_not_hide_a_word(text: str) -> None:
    assert sentiment(text) == 1


@pytest.mark.parametrize(("text", "expected"), [("😡", -1), ("👍👍", 1), (":(", -1), ("<3", 1), ("👍🏽", 1)])
def test_signs_speak_without_words(text: str, expected: int) -> None:
    assert sentiment(text) == expected


@pytest.mark.parametrize("text", ["", " \n\t", "48213", "...", "привет", "こんにちは", "\x00\x01"])
def test_nothing_to_read_is_no_sentiment_and_not_a_neutral_one(text: str) -> None:
    assert sentiment(text) is None


@pytest.mark.parametrize(
    ("text", "expected"), [("nota 10", 1), ("nota 3", -1), ("9/10", 1), ("le doy un 7", 0)]
)
def test_a_rating_in_words_follows_the_bands_of_nps(text: str, expected: int) -> None:
    assert (sentiment(text) or 0) == expected


@pytest.mark.parametrize(
    ("plain", "strong"), [("bueno", "muy bueno"), ("bom", "muito bom"), ("good", "very good")]
)
def test_a_booster_strengthens(plain: str, strong: str) -> None:
    assert strength(tokens(strong)) > strength(tokens(plain)) > 0


def test_a_question_weighs_less_than_a_statement() -> None:
    assert sentiment("¿Es bueno el modelo azul?") == 0
    assert sentiment("Es bueno el modelo azul") == 1


def test_what_lies_beyond_the_characters_that_are_read_says_nothing() -> None:
    text = "es normal " * (MOST_CHARACTERS // 10)
    assert sentiment(text + "horrible") == sentiment(text) == 0


@pytest.mark.parametrize("language", Language)
def test_lexicons_read_and_weigh_within_bounds(language: Language) -> None:
    words = lexicon(language)
    assert all(abs(weight) <= 3 for weight in [*words.weights.values(), *words.stems.values()])
    assert words.negators
    assert words.function
    assert signs()
