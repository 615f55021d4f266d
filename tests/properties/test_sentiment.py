"""Whatever people send, a text is judged, at a cost that grows with its length alone."""

from hypothesis import example, given
from hypothesis import strategies as st

from streams.sentiment.scorer import sentiment
from streams.sentiment.tokens import MOST_CHARACTERS, tokens

HOSTILE = (
    "\u0301\u0316" * 200_000,  # combining marks, which normalising a whole text would sort
    "a" * 1_000_000,
    "no " * 300_000,
    "pero " * 200_000,
    ":" * 500_000,
    "a'" * 500_000,
    "(" * 500_000,
    "\ufdfa" * 100_000,  # one character that stands for eighteen
    "\u202e\u200d\ufeff" * 100_000,
    "'; DROP TABLE contacts; -- {{7*7}} <script>alert(1)</script> ${jndi:ldap://x}",
    "\ud800malo",
    "маlо аnd ｇｏｏｄ 𝓰𝓻𝓮𝓪𝓽",  # noqa: RUF001 - mixed scripts are the point
    "\x00\x1b[31mbueno\x07",
)


@given(st.text(alphabet=st.characters(), max_size=400))
def test_any_text_is_judged(text: str) -> None:
    assert sentiment(text) in (-1, 0, 1, None)


@given(st.text(alphabet="aeno'!?.,:() \n😡no pero bueno muy", max_size=400))
def test_any_play_of_words_and_marks_is_judged(text: str) -> None:
    assert sentiment(text) == sentiment(text) in (-1, 0, 1, None)


@given(st.sampled_from(HOSTILE))
@example(HOSTILE[0])
def test_hostile_texts_cost_no_more_tokens_than_what_is_read(text: str) -> None:
    assert len(tokens(text)) <= MOST_CHARACTERS * 4
    assert sentiment(text) in (-1, 0, 1, None)


def test_a_million_characters_are_judged_as_the_first_ten_thousand() -> None:
    for text in HOSTILE:
        assert tokens(text) == tokens(text[:MOST_CHARACTERS])
