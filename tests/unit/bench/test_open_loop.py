"""What sends in an open loop sends everything, in order, and nothing early."""

import time

from deploy.local.bench.open_loop import send_on_time


def test_everything_is_sent_in_order_and_never_before_its_instant() -> None:
    due = [number / 1_000 for number in range(60)]
    sent: list[tuple[int, float]] = []
    polls: list[None] = []
    begun_s = time.monotonic() + 0.02
    send_on_time(begun_s, due, lambda n: sent.append((n, time.monotonic())), lambda: polls.append(None))
    assert [number for number, _ in sent] == list(range(60))
    assert all(at_s >= begun_s + due[number] for number, at_s in sent)
    assert 0 < len(polls) < len(due) / 2
