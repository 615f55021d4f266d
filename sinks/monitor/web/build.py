"""Builds what pages load: npm packages by their lock, our own styles and scripts, digests in the names.

`python -m sinks.monitor.web.build` (or `make assets`) fills `sinks/monitor/dist`, which git ignores.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from sinks.monitor.assets import MANIFEST

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / "dist"
_PACKAGES = HERE / "node_modules"
_INTER = "@fontsource-variable/inter/files"

FROM_PACKAGES = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.js": "htmx.org/dist/ext/hx-sse.min.js",
    "echarts.js": "echarts/dist/echarts.min.js",
    "echarts-es.js": "echarts/i18n/langES.js",
    "echarts-pt.js": "echarts/i18n/langPT-br.js",
    "inter-latin.woff2": f"{_INTER}/inter-latin-wght-normal.woff2",
    "inter-latin-ext.woff2": f"{_INTER}/inter-latin-ext-wght-normal.woff2",
}
"""Names of assets, and where in `node_modules` they come from."""


def build() -> dict[str, str]:
    """Install by the lock, copy, write the manifest; names to hashed names."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("latido: npm is missing; install it: apt-get install npm (Node 20 or newer)")
    subprocess.run([npm, "ci", "--no-progress", "--silent"], cwd=HERE, check=True)
    return copy()


def copy() -> dict[str, str]:
    """Everything but the installation."""
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir()
    names = {name: _put(name, (_PACKAGES / source).read_bytes()) for name, source in FROM_PACKAGES.items()}
    for script in sorted((HERE / "js").glob("*.js")):
        names[script.name] = _put(script.name, script.read_bytes())
    names["icon.svg"] = _put("icon.svg", (HERE / "icon.svg").read_bytes())
    names["app.css"] = _put("app.css", _styles(names).encode())
    (BUILT / MANIFEST).write_text(json.dumps(names, indent=1, sort_keys=True), encoding="utf-8")
    return names


def _styles(names: dict[str, str]) -> str:
    """Our style sheets in the order of their names, as one; `url(name)` becomes the hashed name."""
    text = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sorted((HERE / "css").glob("*.css")))
    for name, hashed in names.items():
        text = text.replace(f"url({name})", f"url({hashed})")
    return text


def _put(name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
    (BUILT / hashed).write_bytes(content)
    return hashed


if __name__ == "__main__":
    sys.stdout.write(f"latido: {len(build())} assets in {BUILT.name}\n")
