"""The main job on real data: CDNOW, 69,659 purchases of 23,570 customers, through the whole pipeline.

Its dates are moved by whole days so that the last purchase was yesterday: what counts are the days
between a purchase and now. Everything runs as a user would run it, by the command `latido`.

Unless told to leave, it goes on: a second account whose simulated shop lives, with automations that write
to a local page, a third without orders, and somebody who may sign in to the monitor. Addresses are printed.
"""

import argparse
import csv
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from deploy.local import cdnow
from deploy.local.demo_automations import ALLOW_PRIVATE, open_automations
from deploy.local.listening import segment_changes
from deploy.local.shop_life import ShopLife
from deploy.local.shops import Shop
from deploy.local.stack import Stack, StackOptions, latido_command

CACHE = Path(".cache")
ACCOUNT = "cdnow"
LAST_PURCHASE = date(1998, 6, 30)
DEADLINE_SECONDS = 300.0
SHOP, UNOPENED = "tienda-andina", "por-abrir"
USER = "demo@example.com"
PASSWORD_VARIABLE = "LATIDO_USER_PASSWORD"  # noqa: S105 - the name of a variable


def write_orders(source: Path, target: Path, today: date) -> int:
    """CDNOW as the CSV of `latido import`, its last purchase on the eve of `today`; number of orders."""
    moved = today - timedelta(days=1) - LAST_PURCHASE
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("contact_id", "order_id", "placed_at", "total", "channel"))
        number = 0
        for number, (customer, day, _quantity, value) in enumerate(cdnow.purchases(source), start=1):
            writer.writerow((customer, f"cdnow-{number}", (day + moved).isoformat(), value, "shop"))
    return number


def run_latido(stack: Stack, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    """Run one command against the stack; a password goes by the environment."""
    env = {**os.environ, **stack.env, **({PASSWORD_VARIABLE: password} if password else {})}
    command = latido_command(*arguments)
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def latido(stack: Stack, *arguments: str, password: str = "") -> str:
    """Say and run one command; its output. RuntimeError with what it said if it fails."""
    print(f"$ latido {' '.join(arguments)}", flush=True)
    done = run_latido(stack, *arguments, password=password)
    if done.returncode:
        raise RuntimeError(f"latido {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def import_orders(stack: Stack, orders_file: Path) -> None:
    """Import a file into the account, its progress shown. RuntimeError if it fails."""
    command = latido_command("import", str(orders_file), "--account", ACCOUNT)
    print(f"$ latido {' '.join(command[-4:])}", flush=True)
    # Progress and what went wrong go to stderr as they are said.
    done = subprocess.run(command, env={**os.environ, **stack.env}, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise RuntimeError("the import failed")


def await_orders(stack: Stack, orders: int, today: date) -> None:
    """Return once every order has arrived in ClickHouse; RuntimeError after five minutes."""
    everything = ("--from", (today - timedelta(days=600)).isoformat(), "--to", today.isoformat())
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        done = run_latido(stack, "report", "--account", ACCOUNT, *everything, "--json")
        if not done.returncode and json.loads(done.stdout)["sales"]["orders"] == orders:
            return
        time.sleep(0.5)
    raise RuntimeError(f"the orders did not arrive in ClickHouse; see {stack.options.data_dir / 'logs'}")


def run(leave: bool) -> None:
    """Fetch, start, import, report, verify; then wait for Ctrl-C, unless told to leave."""
    data_dir = CACHE / "demo"
    shutil.rmtree(data_dir, ignore_errors=True)
    data_dir.mkdir(parents=True)
    print("Fetching CDNOW (once) ...", flush=True)
    source = cdnow.fetch(CACHE)
    orders_file = data_dir / "cdnow.csv"
    today = datetime.now(UTC).date()
    count = write_orders(source, orders_file, today)
    env = {"LATIDO_MONITOR_SESSION_FILE": str((data_dir / "sessions.sqlite").absolute()), **ALLOW_PRIVATE}
    with Stack(StackOptions(data_dir=data_dir, env=env)) as stack:
        print(f"Starting broker, worker and sink; logs are in {data_dir / 'logs'}", flush=True)
        stack.await_ready()
        latido(stack, "account", "create", ACCOUNT, "--time-zone", "UTC", "--currency", "USD")
        started = time.monotonic()
        import_orders(stack, orders_file)
        await_orders(stack, count, today)
        print(f"{count} orders, from file to ClickHouse in {time.monotonic() - started:.0f} s", flush=True)
        # Contacts are another topic and may come a moment later: where nothing drifts, they are there.
        print(latido(stack, "verify").rstrip(), flush=True)
        figures = json.loads(latido(stack, "report", "--account", ACCOUNT, "--json"))
        if leave:
            # One line, and the last: whoever calls the demo from a script reads it there.
            print(json.dumps(figures), flush=True)
            return
        print(json.dumps(figures, indent=2), flush=True)
        _linger(stack)


def _linger(stack: Stack) -> None:
    life, password = open_shops(stack)
    page = open_automations(stack, SHOP, latido)
    life.start()
    print("Everything is running. The monitor:")
    print(f"  {stack.api_address}/monitor?account={SHOP}")
    print(f"  user {USER}, password {password}")
    print(f"Messages that the automations of {SHOP} send: {page}")
    print(f"  accounts: {SHOP} (a shop at work), {ACCOUNT} (real history), {UNOPENED} (no orders yet)")
    print("For `latido` in another terminal:")
    for name, value in stack.env.items():
        print(f"  export {name}={value}")
    print(f"  {latido_command('report')[0]} report --account {ACCOUNT} --period last_7_days")
    print("Ctrl-C stops everything.", flush=True)
    try:
        for change in segment_changes(stack.broker.bootstrap):
            moved = f"{change['from_segment']} -> {change['to_segment']}"
            print(f"{change['account_id']} {change['contact_id']}: {moved}. {change['why']}", flush=True)
    except KeyboardInterrupt:
        print("Stopped.")
    finally:
        life.stop()


def open_shops(stack: Stack) -> tuple[ShopLife, str]:
    """The other two accounts, the shop's history loaded, and somebody for all three; her password."""
    for account_id, name, zone, currency in (
        (SHOP, "Tienda Andina", "America/Santiago", "CLP"),
        (UNOPENED, "Por Abrir", "America/Sao_Paulo", "BRL"),
    ):
        words = ("--time-zone", zone, "--currency", currency, "--name", name)
        latido(stack, "account", "create", account_id, *words)
    password = secrets.token_urlsafe(12)
    members = [f"--account={account_id}:administrator" for account_id in (SHOP, ACCOUNT, UNOPENED)]
    latido(stack, "user", "add", USER, *members, "--name", "Ana Fuentes", password=password)
    life = ShopLife(Shop(SHOP), stack.broker.bootstrap)
    print(f"The history of {SHOP}: {life.load()} orders", flush=True)
    return life, password


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; 1 with one line if something went wrong."""
    parser = argparse.ArgumentParser(prog="make demo", description="Latido on real data.")
    parser.add_argument("--exit", action="store_true", help="stop after report and verification")
    given = parser.parse_args(arguments)
    try:
        run(leave=given.exit)
    except (RuntimeError, OSError) as error:
        print(f"latido: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
