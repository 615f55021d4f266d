"""A schema registry (Apicurio, in memory) from the archive that `make registry` fetches."""

import subprocess
import time
import urllib.request
from pathlib import Path

from deploy.local import guard
from deploy.local.java import find_java
from deploy.local.ports import LOOPBACK, free_port

_JAVA = 21
_TREE = Path(__file__).parents[2]


def home() -> Path:
    """Where it is unpacked; FileNotFoundError says what to run where it, or a Java for it, is missing."""
    find_java(_JAVA)
    place = _TREE / ".cache" / "registry"
    jar = next(place.rglob("quarkus-run.jar"), None)
    if jar is None:
        raise FileNotFoundError(f"no schema registry in {place}: run `make registry`")
    return jar.parent


class Registry:
    """One registry; what was registered is gone when it stops."""

    def __init__(self, log_path: Path, port: int | None = None, heap_mb: int = 256) -> None:
        self.log_path = log_path
        self.port = port or free_port()
        self._heap_mb = heap_mb
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Base address for Confluent's clients."""
        return f"http://{LOOPBACK}:{self.port}/apis/ccompat/v7"

    def start(self, deadline_seconds: float = 90) -> None:
        """Return once it answers; RuntimeError with the end of its log if it does not."""
        options = {
            "quarkus.http.host": LOOPBACK,
            "quarkus.http.port": str(self.port),
            # Its own default is the port of ClickHouse's native protocol.
            "quarkus.management.host": LOOPBACK,
            "quarkus.management.port": str(free_port()),
        }
        flags = [f"-D{name}={value}" for name, value in options.items()]
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [find_java(_JAVA), f"-Xmx{self._heap_mb}m", *flags, "-jar", "quarkus-run.jar"],
                cwd=home(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        guard.watch(self._process.pid)
        self._await(self._process, deadline_seconds)

    def stop(self) -> None:
        """Stop it; nothing happens if it does not run."""
        process, self._process = self._process, None
        if process is not None:
            guard.end_groups([process.pid])
            process.wait()
            guard.forget(process.pid)

    def _await(self, process: subprocess.Popen[bytes], deadline_seconds: float) -> None:
        deadline = time.monotonic() + deadline_seconds
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = "\n".join(self.log_path.read_text(errors="replace").splitlines()[-15:])
                raise RuntimeError(f"the registry did not start; the end of {self.log_path}:\n{tail}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/subjects", timeout=2) as answer:  # noqa: S310 - http on loopback
                return bool(answer.status == 200)
        except OSError:
            return False
