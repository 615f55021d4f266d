"""When the share of bad records says that the deploy is wrong, not the data."""

import struct

from streams.engine.contract import Blocked

_WINDOW = 1000
_FORM = struct.Struct(">II")


class BadShare:
    """Share of unusable records among the last thousand or so of one partition.

    `share` and `least`: both must be exceeded to block. State survives restarts through `pack`.
    """

    def __init__(self, share: float, least: int) -> None:
        self._share = share
        self._least = least
        self._bad = self._all = 0

    def admit(self, bad: int, total: int) -> None:
        """Count a chunk. Raises Blocked, with nothing counted, if it would break the limit."""
        all_bad, everything = self._bad + bad, self._all + total
        if bad and all_bad > self._least and all_bad > self._share * everything:
            raise Blocked(
                f"{all_bad} of the last {everything} records cannot be used. If the sender's deploy is "
                "wrong, stop it; if the records may go, raise LATIDO_DEAD_LETTER_SHARE and restart."
            )
        self._bad, self._all = all_bad, everything
        while self._all > _WINDOW:
            self._bad, self._all = self._bad // 2, self._all // 2

    def pack(self) -> bytes:
        """Eight bytes for the watermark's memo."""
        return _FORM.pack(self._bad, self._all)

    def unpack(self, data: bytes) -> None:
        """Take what `pack` gave."""
        self._bad, self._all = _FORM.unpack(data)
