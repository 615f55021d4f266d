"""What `latido verify` says is on the screen: the command, the sink and the monitor, each its own process."""

import re
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from deploy.local.stack import Stack, StackOptions, latido_command
from schemas.records import Topic
from tests.fixtures.monitor import PASSWORD
from tests.fixtures.stack import StartStack
from tests.fixtures.waiting import until

ACCOUNT, PERSON = "acme", "ana@example.com"
_ORDERS = "order_id,contact_id,placed_at,total\n" + "".join(
    f"o{n},c{n % 5},2026-01-{1 + n:02},12.50\n" for n in range(20)
)


def latido(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command against the stack."""
    env = stack.env | {"LATIDO_USER_PASSWORD": PASSWORD}
    return subprocess.run(
        latido_command(*arguments), env=env, capture_output=True, text=True, timeout=300, check=False
    )


class Screen:
    """Somebody who is signed in."""

    def __init__(self, address: str) -> None:
        self._client = httpx2.Client(
            base_url=address, headers={"origin": address}, timeout=60, follow_redirects=True
        )
        found = re.search(r'data-csrf="([\w-]+)"', self._client.get("/sign-in").text)
        assert found
        form = {"csrf": found[1], "email": PERSON, "password": PASSWORD}
        self._client.post("/sign-in", data=form).raise_for_status()

    def leave(self) -> None:
        """Close the browser."""
        self._client.close()

    def page(self) -> str:
        """The monitor."""
        return self._client.get("/monitor", params={"account": ACCOUNT}).raise_for_status().text

    def ask(self, what: str) -> Any:
        """The API."""
        return self._client.get(f"/api/v1/{what}", params={"account": ACCOUNT}).raise_for_status().json()


def _orders(screen: Screen, count: int) -> bool:
    return bool(screen.ask("monitor")["orders"] == count)


def test_the_verdict_of_verify_is_on_the_screen(start_stack: StartStack, tmp_path: Path) -> None:
    stack = start_stack(StackOptions(data_dir=tmp_path / "stack", partitions=1))
    stack.await_ready()
    created = latido(stack, "account", "create", ACCOUNT, "--time-zone", "UTC", "--currency", "USD")
    assert created.returncode == 0, created.stderr
    added = latido(stack, "user", "add", PERSON, f"--account={ACCOUNT}:operator", "--language", "en")
    assert added.returncode == 0, added.stderr
    orders = tmp_path / "orders.csv"
    orders.write_text(_ORDERS, encoding="utf-8")
    imported = latido(stack, "import", str(orders), "--account", ACCOUNT)
    assert imported.returncode == 0, imported.stderr
    screen = Screen(stack.api_address)
    until(partial(_orders, screen, 20))
    assert screen.ask("freshness")["verification"] is None
    assert "not yet" in screen.page()

    sound = latido(stack, "verify")
    assert sound.returncode == 0, sound.stdout + sound.stderr
    verdict = screen.ask("freshness")["verification"]
    assert verdict["drift"] == 0
    assert "no difference" in screen.page()

    lost = TopicPartition(Topic.ORDERS, 0, 5)
    admin = AdminClient({"bootstrap.servers": stack.env["LATIDO_BOOTSTRAP_SERVERS"]})
    admin.delete_records([lost])[lost].result(60)
    damaged = latido(stack, "verify")
    assert damaged.returncode == 1, damaged.stdout + damaged.stderr
    later = screen.ask("freshness")["verification"]
    assert later["drift"] > 0
    assert later["at"] > verdict["at"]
    said = f"{later['drift']} differences" if later["drift"] > 1 else "one difference"
    assert said in screen.page()
    screen.leave()
