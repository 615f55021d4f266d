"""Editing definitions from here: one winner, and everyone learns who."""

import threading
from collections.abc import Iterator

import pytest

from schemas.codec import default_codec
from schemas.definitions_topic import Conflict, Definitions, DefinitionsUnavailable, Edit


@pytest.fixture
def other(definitions: Definitions) -> Iterator[Definitions]:
    """Another process's reader of the same log."""
    made = Definitions(default_codec(), definitions._kafka)
    made.start()
    yield made
    made.stop()


def _edit(id_: str, base: int, colour: str | None) -> Edit:
    return Edit("edits", "rule", id_, base, "test", 0, None if colour is None else {"colour": colour})


def test_an_edit_is_in_force_when_it_returns(definitions: Definitions) -> None:
    assert definitions.edit(_edit("a", 0, "red")) == 1
    found = definitions.get("edits", "rule", "a")
    assert found
    assert (found.version, found.body) == (1, {"colour": "red"})


def test_an_edit_of_a_version_no_longer_in_force_is_a_conflict(definitions: Definitions) -> None:
    definitions.edit(_edit("b", 0, "red"))
    with pytest.raises(Conflict) as refused:
        definitions.edit(_edit("b", 0, "blue"))
    assert refused.value.version == 1


def test_of_two_writers_at_once_one_wins_and_the_other_is_told(
    definitions: Definitions, other: Definitions
) -> None:
    outcomes: list[str] = []

    def write(writer: Definitions, colour: str) -> None:
        try:
            writer.edit(_edit("c", 0, colour))
            outcomes.append(colour)
        except Conflict:
            outcomes.append("told")

    threads = [threading.Thread(target=write, args=pair) for pair in ((definitions, "red"), (other, "blue"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "told" in outcomes
    assert len(outcomes) == 2
    winner = definitions.get("edits", "rule", "c")
    assert winner
    assert winner.body["colour"] in outcomes


def test_what_is_deleted_is_gone_and_may_be_made_again(definitions: Definitions) -> None:
    definitions.edit(_edit("d", 0, "red"))
    assert definitions.edit(_edit("d", 1, None)) == 2
    assert definitions.get("edits", "rule", "d") is None
    assert definitions.edit(_edit("d", definitions.version("edits", "rule", "d"), "blue")) == 3


def test_without_a_broker_there_is_an_error_and_no_waiting_for_ever() -> None:
    away = Definitions(default_codec(), {"bootstrap.servers": "127.0.0.1:9"}, timeout_seconds=0.5)
    with pytest.raises(DefinitionsUnavailable):
        away.start()
