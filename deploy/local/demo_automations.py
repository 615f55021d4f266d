"""What the demo's shop does on its own: an endpoint to a local receiver page, and automations that use it."""

import sys
import time
from collections.abc import Callable
from typing import Any

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.receiver import SECRET_VARIABLE
from deploy.local.stack import Stack
from schemas.automation import AUTOMATION, MESSAGING, SETTINGS
from schemas.automation_edits import activated
from schemas.automation_templates import Template, template
from schemas.codec import default_codec
from schemas.definitions_topic import Definitions, Edit

RECEIVER, ENDPOINT = "receiver", "pagina-local"
ALLOW_PRIVATE = {"LATIDO_WEBHOOKS_ALLOW_PRIVATE": "true"}
"""The receiver is on loopback, where no webhook may go otherwise."""
_NEVER_QUIET = {"quiet_from": 0, "quiet_to": 0}
"""Whoever looks on at night would see messages put off till morning."""


def automations() -> dict[str, dict[str, Any]]:
    """By id: three templates, and two that a shop at work sets off within a minute or so."""
    made = {
        "oferta-campeones": template(Template.CHAMPIONS_OFFER, "es", endpoint=ENDPOINT),
        "reactivacion": template(Template.REACTIVATION, "es", endpoint=ENDPOINT),
        "silencio-30-dias": template(Template.SILENCE_30, "es", endpoint=ENDPOINT),
    }
    back = "¡Qué bueno verte de nuevo, {{personal.name}}! Esta vez el envío va por nuestra cuenta."
    asleep = ["need_attention", "about_to_sleep", "at_risk", "cant_lose", "hibernating", "lost"]
    made["de-vuelta"] = _automation(
        "De vuelta", {"kind": "segment_left", "segments": asleep, "causes": ["order"]}, back
    )
    made["de-vuelta"]["steps"].append({"kind": "tag", "tag": "recuperado"})
    sorry = "Hola {{personal.name}}, lamentamos lo que pasó. ¿Nos cuentas cómo arreglarlo?"
    made["rescate"] = _automation("Rescate", {"kind": "sentiment", "sentiment": "negative"}, sorry)
    return made


def _automation(name: str, trigger: dict[str, Any], text: str) -> dict[str, Any]:
    message = {"kind": "message", "endpoint": ENDPOINT, "channel": "email", "template": text}
    return {"name": name, "specialist": True, "trigger": trigger, "steps": [message]}


def open_automations(stack: Stack, account_id: str, latido: Callable[..., str]) -> str:
    """Start agent, dispatcher and receiver, and activate the automations; the address of the receiver's page.

    `latido` runs one command against the stack and gives its output.
    """
    port = free_port()
    page = f"http://{LOOPBACK}:{port}/"
    secret = latido(stack, "endpoint", "create", ENDPOINT, page, "--account", account_id).strip()
    command = (sys.executable, "-m", "deploy.local.receiver")
    stack.start_process(RECEIVER, command, {SECRET_VARIABLE: secret}, port)
    _define(stack, account_id)
    stack.start_automations()
    stack.start_webhooks()
    stack.await_ready()
    return page


def _define(stack: Stack, account_id: str) -> None:
    definitions = Definitions(default_codec(), {"bootstrap.servers": stack.broker.bootstrap})
    definitions.start()
    try:
        for kind, id_, body in (
            (SETTINGS, MESSAGING, _NEVER_QUIET),
            *((AUTOMATION, id_, activated(body, {ENDPOINT}, ())) for id_, body in automations().items()),
        ):
            definitions.edit(Edit(account_id, kind, id_, 0, "demo", time.time_ns() // 1_000_000, body))
    finally:
        definitions.stop()
