"""The state that the stack keeps between two starts, in one folder that nobody else can read."""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"  # what listens
LOCALHOST = "localhost"  # how it is called: to a browser, a page on localhost and 127.0.0.1 are two sites

# Below the ports that systems hand out by themselves, from 32768 on Linux and from 49152 on macOS: one of those could
# be taken before a server listens on it.
PORTS = range(10_000, 32_000)


class AlreadyRunningError(Exception):
    """Another process holds this folder."""


@dataclass(frozen=True)
class State:
    """The folder `.local`, or another one for a stack beside it."""

    folder: Path

    @property
    def stack_file(self) -> Path:
        """The description of the running stack. It exists only while the stack runs."""
        return self.folder / "stack.json"

    @property
    def environment_file(self) -> Path:
        """The functions' variables, for another program to run one. It exists only while the stack runs."""
        return self.folder / "environment.json"

    @property
    def next_file(self) -> Path:
        """The `.env.local` with which a Next.js app uses the stack. It exists only while the stack runs."""
        return self.folder / ".env.local"

    @property
    def requests_file(self) -> Path:
        """Requests to try, for an editor's HTTP client. It exists only while the stack runs."""
        return self.folder / "stack.http"

    @classmethod
    def default(cls) -> "State":
        """Return the state of `make dev`."""
        return cls(ROOT / ".local")

    def end(self) -> None:
        """Delete the files that exist only while the stack runs."""
        for file in (self.stack_file, self.environment_file, self.next_file, self.requests_file):
            file.unlink(missing_ok=True)

    def begin(self) -> None:
        """Delete the description and the logs of the previous run, which may have been killed."""
        self.end()
        shutil.rmtree(self.folder / "logs", ignore_errors=True)

    def log(self, name: str) -> Path:
        """Return the log file of one service."""
        return self._make_folder(self.folder / "logs") / f"{name}.log"

    def data(self, name: str) -> Path:
        """Return the folder of one service's data."""
        return self._make_folder(self.folder / "data" / name)

    def secret(self, name: str, make: Callable[[], str] = lambda: secrets.token_urlsafe(32)) -> str:
        """Return a secret that is made up once and then kept."""
        return self._load_or_make("secrets", name, make)

    def port(self, name: str) -> int:
        """Return a free port: the same as last time, unless somebody has taken it since."""
        kept = int(self._load_or_make("ports", name, lambda: str(free_port())))
        return kept if is_free(kept) else int(self._load_or_make("ports", name, lambda: str(free_port()), renew=True))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the folder for this process. The kernel releases it however the process ends.

        Raises:
            AlreadyRunningError: another process holds it.
        """
        with (self._make_folder(self.folder) / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunningError from None
            yield

    def _load_or_make(self, file: str, name: str, make: Callable[[], str], *, renew: bool = False) -> str:
        path = self._make_folder(self.folder) / f"{file}.json"
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if renew or name not in kept:
            kept[name] = make()
            write_atomically(path, json.dumps(kept, indent=2) + "\n")
        return kept[name]

    def _make_folder(self, folder: Path) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder


@dataclass(frozen=True)
class Seed:
    """A data folder, and the fingerprint of everything that it is made from, which is written last as a stamp.

    A folder that was cut short has no stamp, and one from other sources has another, so both are made again.
    """

    folder: Path
    fingerprint: str

    @classmethod
    def of(cls, folder: Path, sources: Iterable[Path], *values: str) -> "Seed":
        """Return the seed of a folder that is made from these files and values."""
        digest = hashlib.sha256()
        for content in [*(source.read_bytes() for source in sorted(sources)), *map(str.encode, values)]:
            digest.update(hashlib.sha256(content).digest())
        return cls(folder, digest.hexdigest())

    @property
    def is_sown(self) -> bool:
        """True if the folder was finished, from the same sources."""
        return self._stamp.exists() and self._stamp.read_text() == self.fingerprint

    def clear(self) -> None:
        """Empty the folder."""
        shutil.rmtree(self.folder)
        self.folder.mkdir(mode=0o700)

    def finish(self) -> None:
        """Mark the folder as finished."""
        write_atomically(self._stamp, self.fingerprint)

    @property
    def _stamp(self) -> Path:
        return self.folder / "seed.sha256"


def write_atomically(path: Path, text: str) -> None:
    """Write a file that only this user can read, and that a reader finds whole or not at all."""
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    with _private(draft) as file:
        file.write(text)
    draft.replace(path)


def free_port() -> int:
    """Return a TCP port that nobody listens on, and that stays free until a server has started."""
    return next(port for port in iter(lambda: secrets.choice(PORTS), None) if is_free(port))


def is_free(port: int) -> bool:
    """Check whether this machine lets a server listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a closed one may linger
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _private(path: Path) -> IO[str]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w")
