"""The AsyncAPI 3 document of what others subscribe to: topics of Kafka, and the webhook.

Made from topics.yaml and the Avro files: `python -m schemas.asyncapi` writes `schemas/asyncapi.yaml`, and a
test compares the two.
"""

from pathlib import Path
from typing import Any

import yaml

from schemas.catalog import Catalog
from schemas.cloudevents import CONTENT_TYPE, NAMES, TYPES
from schemas.records import Topic

FILE = Path(__file__).with_name("asyncapi.yaml")
PUBLIC = (Topic.SEGMENT_CHANGES, Topic.MILESTONES, Topic.AUTOMATION_ACTIONS, Topic.WEBHOOK_DELIVERIES)
_AVRO = "application/vnd.apache.avro;version=1.9.0"
_TEXT, _MAYBE_TEXT = {"type": "string"}, {"type": ["string", "null"]}

WEBHOOK_PAYLOAD: dict[str, Any] = {
    "type": "object",
    "required": ["type", "timestamp", "data"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["latido.automation.action", "latido.endpoint.test"]},
        "timestamp": {"type": "string", "format": "date-time", "description": "When the action was due."},
        "data": {
            "type": "object",
            "required": [
                "account_id",
                "contact_id",
                "automation_id",
                "source",
                "message",
                "variables",
                "contact",
            ],
            "additionalProperties": False,
            "properties": {
                "account_id": _TEXT,
                "contact_id": _TEXT,
                "automation_id": _TEXT,
                "automation_version": {"type": ["integer", "null"]},
                "source": {"enum": ["automation", "send", "test"]},
                "step": _MAYBE_TEXT,
                "cause_event_id": {
                    **_MAYBE_TEXT,
                    "description": "event_id of the segment change or milestone behind it.",
                },
                "channel": _MAYBE_TEXT,
                "message": {**_MAYBE_TEXT, "description": "The template with everything filled in."},
                "variables": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "integer", "number", "boolean", "null"]},
                    "description": "Money in minor units of `currency`.",
                },
                "currency": _MAYBE_TEXT,
                "contact": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {"name": _TEXT, "email": _TEXT, "phone": _TEXT},
                },
            },
        },
    },
}
_WEBHOOK_HEADERS = {
    "type": "object",
    "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
    "properties": {
        "webhook-id": {**_TEXT, "description": "The action's id, the same at every attempt: dedupe by it."},
        "webhook-timestamp": {**_TEXT, "pattern": "^[0-9]+$", "description": "Seconds, of this attempt."},
        "webhook-signature": {
            **_TEXT,
            "description": "Standard Webhooks: v1 signatures, one for each live secret, with blanks between.",
        },
    },
}


def document(catalog: Catalog | None = None) -> dict[str, Any]:
    """The whole document."""
    catalog = catalog or Catalog()
    channels = {_name(topic): _channel(catalog, topic) for topic in PUBLIC}
    operations = {_name(topic): _operation(topic) for topic in PUBLIC}
    channels["webhook"] = {
        "address": None,
        "title": "Webhook",
        "description": "POST to the endpoint that an Administrator defined. Any 2xx is success; 410 switches "
        "the endpoint off; anything else is tried again for three days. Redirects are not followed.",
        "messages": {"webhook": {"$ref": "#/components/messages/webhook"}},
        "bindings": {"http": {"bindingVersion": "0.3.0"}},
    }
    operations["webhook"] = {
        "action": "send",
        "channel": {"$ref": "#/channels/webhook"},
        "summary": "Latido sends; at least once, in order for each contact and endpoint.",
        "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
    }
    messages = {_name(topic): _message(catalog, topic) for topic in PUBLIC}
    messages["webhook"] = {
        "title": "An action of an automation, or a test event",
        "contentType": "application/json",
        "headers": _WEBHOOK_HEADERS,
        "payload": WEBHOOK_PAYLOAD,
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Latido",
            "version": "1.0.0",
            "description": "What automation services subscribe to. Read committed, or records of aborted "
            "transactions are seen too.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE.decode(),
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def text() -> str:
    """As it lies in the file."""
    head = "# Made by `python -m schemas.asyncapi` from topics.yaml and avro/.\n"
    return head + yaml.dump(document(), Dumper=_NoAliases, sort_keys=False, allow_unicode=True, width=110)


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _name(topic: Topic) -> str:
    return topic.value.replace("-", "_").replace(".", "_")


def _channel(catalog: Catalog, topic: Topic) -> dict[str, Any]:
    declared = catalog.topics[topic]
    config = {"cleanup.policy": str(declared["cleanup"]).split(",")}
    return {
        "address": topic.value,
        "title": topic.value,
        "description": f"{declared['why']} Key: {declared['key']}.",
        "messages": {_name(topic): {"$ref": f"#/components/messages/{_name(topic)}"}},
        "bindings": {"kafka": {"topicConfiguration": config, "bindingVersion": "0.5.0"}},
    }


def _operation(topic: Topic) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{_name(topic)}"},
        "summary": f"Latido writes {topic.value}.",
    }


def _message(catalog: Catalog, topic: Topic) -> dict[str, Any]:
    schema = catalog.schema(catalog.topics[topic]["schema"])
    return {
        "title": schema["name"],
        "summary": schema["doc"],
        "contentType": CONTENT_TYPE.decode(),
        "headers": {
            "type": "object",
            "required": list(NAMES),
            "properties": dict.fromkeys(NAMES, _TEXT)
            | {"ce_type": {"const": TYPES[topic].value}, "ce_specversion": {"const": "1.0"}},
        },
        "payload": {"schemaFormat": _AVRO, "schema": schema},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": catalog.topics[topic]["key"]},
                "schemaIdLocation": "payload",
                "schemaIdPayloadEncoding": "confluent",
                "bindingVersion": "0.5.0",
            }
        },
    }


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
