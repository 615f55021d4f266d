"""Pauses grow, end, and never lock anybody out."""

from datetime import UTC, datetime, timedelta

from sinks.monitor.throttle import ADDRESS, PERSON, PERSON_AND_ADDRESS, Throttle

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NONE = timedelta(0)


def test_pauses_double_up_to_the_longest() -> None:
    throttle, now, pauses = Throttle(), NOW, []
    for _ in range(40):
        wait = throttle.attempt("a@b.example", "192.0.2.1", now)
        pauses.append(wait)
        now += wait
    told = [pause for pause in pauses if pause]
    assert told[:4] == [timedelta(seconds=2**n) for n in range(4)]
    assert max(told) == PERSON_AND_ADDRESS.longest


def test_an_attack_from_everywhere_slows_a_person_and_no_more() -> None:
    throttle = Throttle()
    for number in range(10 * PERSON.free):
        throttle.attempt("a@b.example", f"10.0.{number // 250}.{number % 250}", NOW)
    assert NONE < throttle.attempt("a@b.example", "203.0.113.1", NOW) <= PERSON.longest
    assert throttle.attempt("a@b.example", "203.0.113.1", NOW + PERSON.longest) == NONE
    assert throttle.attempt("other@b.example", "203.0.113.2", NOW) == NONE


def test_addresses_of_one_ipv6_network_count_together() -> None:
    throttle = Throttle()
    for number in range(ADDRESS.free):
        assert throttle.attempt(f"p{number}@b.example", f"2001:db8::{number:x}", NOW) == NONE
    assert throttle.attempt("q@b.example", "2001:db8::ffff", NOW) > NONE
    assert throttle.attempt("q@b.example", "2001:db8:0:1::1", NOW) == NONE


def test_success_is_forgiven_and_an_hour_forgets() -> None:
    throttle = Throttle()
    for _ in range(100):
        assert throttle.attempt("a@b.example", "192.0.2.1", NOW) == NONE
        throttle.succeeded("a@b.example", "192.0.2.1")
    for _ in range(PERSON_AND_ADDRESS.free):
        throttle.attempt("a@b.example", "192.0.2.1", NOW)
    assert throttle.attempt("a@b.example", "192.0.2.1", NOW) > NONE
    assert throttle.attempt("a@b.example", "192.0.2.1", NOW + timedelta(hours=1, seconds=1)) == NONE
