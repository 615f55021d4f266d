"""Message templates: text with `{{placeholders}}`, rendered alike in the preview and at delivery.

A placeholder is the name of a variable, `personal.name`, `personal.email` or `personal.phone`. What has no
value renders as nothing, so that no contact ever reads a placeholder.
"""

import re
from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")
PERSONAL = ("personal.name", "personal.email", "personal.phone")


def placeholders(template: str) -> list[str]:
    """Names a template asks for, each once, in their order."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(template)))


def unknown(template: str, variables: list[str]) -> list[str]:
    """Placeholders that nothing fills: for those who save a template."""
    known = {*variables, *PERSONAL}
    return [name for name in placeholders(template) if name not in known]


def render(template: str, values: Mapping[str, str | None]) -> str:
    """The text with values in place; a value is never taken for a placeholder again."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1]) or "", template)
