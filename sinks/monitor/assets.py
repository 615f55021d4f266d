"""Styles, scripts and fonts: built once with their digest in the name, served from memory, cached."""

import gzip
import json
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

_FOR_EVER = "public, max-age=31536000, immutable"
_TEXT = frozenset({"text/css", "text/javascript"})
MANIFEST = "manifest.json"


class AssetsMissing(FileNotFoundError):
    """`make assets` has not been run."""


@dataclass(frozen=True, slots=True)
class _Asset:
    media_type: str
    plain: bytes
    zipped: bytes | None


class Assets:
    """The files of the built directory."""

    def __init__(self, built: Path) -> None:
        try:
            self._names: dict[str, str] = json.loads((built / MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise AssetsMissing(f"no built assets in {built}: run `make assets`") from error
        self._files = {name: _load(built / name) for name in self._names.values()}

    def url(self, name: str) -> str:
        """Where a page finds an asset, by the name it has in the tree; KeyError if there is none."""
        return f"/static/{self._names[name]}"

    def response(self, name: str, accept_encoding: str) -> Response:
        """A built file; 404 for any other name."""
        asset = self._files.get(name)
        if asset is None:
            return Response(status_code=404)
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        if asset.zipped is not None and "gzip" in accept_encoding:
            headers["Content-Encoding"] = "gzip"
            return Response(asset.zipped, media_type=asset.media_type, headers=headers)
        return Response(asset.plain, media_type=asset.media_type, headers=headers)


router = APIRouter(include_in_schema=False)


@router.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """A built file."""
    assets: Assets = request.app.state.parts.assets
    return assets.response(name, request.headers.get("accept-encoding", ""))


def _load(file: Path) -> _Asset:
    guessed = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    media_type = "text/javascript" if guessed == "application/javascript" else guessed
    plain = file.read_bytes()
    return _Asset(media_type, plain, gzip.compress(plain, 9, mtime=0) if media_type in _TEXT else None)
