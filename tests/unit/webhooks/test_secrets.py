"""Signatures that any library of the standard verifies, and secrets that rest sealed."""

import base64
import stat
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from schemas.actions import action_id
from sinks.webhooks.sealing import SealBroken, Sealer
from sinks.webhooks.settings import SealingSettings
from sinks.webhooks.signing import SECRET_BYTES, new_secret, shown, signed_headers

BODY = '{"nombre":"Íñigo"}'.encode()


def test_secrets_are_long_and_never_the_same() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(one) == SECRET_BYTES >= 24 for one in made)


@given(st.binary(min_size=24, max_size=64), st.text())
def test_the_library_of_the_standard_verifies(secret: bytes, text: str) -> None:
    body = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode()
    headers = signed_headers([secret], "act_1", int(time.time()), body)
    Webhook(shown(secret)).verify(body, headers, json_parse=False)


@pytest.mark.parametrize("what", ["body", "webhook-id", "webhook-timestamp", "webhook-signature"])
def test_one_changed_character_breaks_it(what: str) -> None:
    secret = new_secret()
    headers = signed_headers([secret], "act_1", int(time.time()), BODY)
    body = BODY.replace(b"n", b"m", 1) if what == "body" else BODY
    if what != "body":
        text = headers[what]
        headers[what] = text[:-3] + ("A" if text[-3] != "A" else "B") + text[-2:]
    if what == "webhook-timestamp":
        headers[what] = str(int(time.time()) + 1)
    with pytest.raises(WebhookVerificationError):
        Webhook(shown(secret)).verify(body, headers)


def test_during_a_rotation_either_secret_verifies_and_no_other() -> None:
    old, new = new_secret(), new_secret()
    headers = signed_headers([new, old], "act_1", int(time.time()), BODY)
    for secret in (old, new):
        assert Webhook(shown(secret)).verify(BODY, headers) == {"nombre": "Íñigo"}
    with pytest.raises(WebhookVerificationError):
        Webhook(shown(new_secret())).verify(BODY, headers)


@given(st.lists(st.text(min_size=1, max_size=8), min_size=5, max_size=5))
def test_ids_of_actions_are_fit_for_headers_and_signatures(parts: list[str]) -> None:
    made = action_id(*parts)
    assert made.removeprefix("act_").isalnum()
    assert len(made) == 36
    assert made == action_id(*parts)


def test_ids_do_not_mix_up_neighbours() -> None:
    assert action_id("a", "bc", "d", "e", "f") != action_id("a", "b", "cd", "e", "f")


def sealer(key: bytes = b"k" * 32) -> Sealer:
    return Sealer(key)


def test_a_sealed_secret_opens_for_its_endpoint_only() -> None:
    secret = new_secret()
    sealed = sealer().seal("shop", "hook", "s1", secret)
    assert sealer().open("shop", "hook", "s1", sealed) == secret
    assert base64.b64encode(secret).decode() not in sealed
    for account, endpoint, id_ in [("x", "hook", "s1"), ("shop", "x", "s1"), ("shop", "hook", "x")]:
        with pytest.raises(SealBroken):
            sealer().open(account, endpoint, id_, sealed)
    with pytest.raises(SealBroken):
        sealer(b"x" * 32).open("shop", "hook", "s1", sealed)


@given(st.text(max_size=80))
def test_what_is_not_a_seal_does_not_open(text: str) -> None:
    with pytest.raises(SealBroken):
        sealer().open("shop", "hook", "s1", text)


def test_the_key_file_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    settings = SealingSettings(webhooks_key_file=tmp_path / "made" / "key")
    sealed: list[str] = []
    threads = [
        threading.Thread(target=lambda: sealed.append(Sealer.of(settings).seal("a", "e", "s", b"secret")))
        for _ in range(8)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {Sealer.of(settings).open("a", "e", "s", one) for one in sealed} == {b"secret"}
    assert stat.S_IMODE(settings.webhooks_key_file.stat().st_mode) == 0o600
    assert [file.name for file in settings.webhooks_key_file.parent.iterdir()] == ["key"]


@pytest.mark.parametrize("key", ["", "short", "!" * 44, base64.b64encode(b"x" * 31).decode()])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="LATIDO_WEBHOOKS_KEY"):
        Sealer.of(SealingSettings(webhooks_key=SecretStr(key)))
