"""One dataset repository on the Hub, by `huggingface_hub`: what is asked is tried again as the Hub wants it, and fails
with an error that a user can act on.

Tokens come from the environment or the Hub's own login; nothing here takes or shows one. The client's own Xet uploads
are used where the package `hf_xet` is installed; `HF_HUB_DISABLE_XET=1` switches to plain HTTP.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tracemill.publishing.hub.hub_trouble import (
    NO_TOKEN,
    error_of,
    seconds_to_wait,
    status_of,
    without_queries,
)
from tracemill.settings.errors import DamagedError, UsageError

T = TypeVar("T")
Say = Callable[[str], None]
MAIN = "main"
_TRIES = 6


@dataclass(frozen=True, slots=True)
class RepositoryHead:
    """A branch's newest commit. `private`: whether only its owner reads the repository."""

    commit: str
    private: bool


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a commit. `sha256` is known of large files only; `blob` is the id that git gives its content, of a
    large file that of the pointer in its place."""

    bytes: int
    sha256: str | None
    blob: str


def git_blob(data: bytes) -> str:
    """The id that git gives a file with this content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class HubSession:
    """`repository` is `OWNER/NAME`. `say` gets a line wherever something is waited for.

    Every method may raise UsageError (no token, no right, no such thing) and TracemillError (the Hub fails).
    """

    def __init__(self, repository: str, say: Say) -> None:
        try:
            from huggingface_hub import HfApi
            from huggingface_hub.utils import disable_progress_bars
        except ImportError as exc:
            raise UsageError(
                "the Hub needs the package huggingface_hub; install tracemill[hub] (pip install -c constraints.txt -e "
                "'.[hub]')"
            ) from exc
        from tracemill import __version__

        disable_progress_bars()
        self.repository = repository
        self._say = say
        self._api: Any = HfApi(library_name="tracemill", library_version=__version__)
        self._of = {"repo_id": repository, "repo_type": "dataset"}

    @property
    def page(self) -> str:
        return f"{self._api.endpoint}/datasets/{self.repository}"

    def require_token(self) -> None:
        """Raises: UsageError where there is no token. Whether it may write, only the Hub knows."""
        from huggingface_hub import get_token

        if not get_token():
            raise UsageError(f"there is no token for the Hub; {NO_TOKEN}")

    def require_namespace(self) -> None:
        """Raises: UsageError where the repository's owner is neither the token's nor one of its organisations."""
        owner = self.repository.partition("/")[0]
        who = self._ask("see who may write to", self._api.whoami)
        known = [who["name"], *(one["name"] for one in who.get("orgs", ()))]
        if owner.casefold() not in {name.casefold() for name in known}:
            raise UsageError(
                f"the token's owner cannot make datasets under {owner!r}; it can under: {', '.join(known)}. Give "
                "another OWNER/NAME, or a token of somebody who is in that organisation"
            )

    def head(self, revision: str = MAIN) -> RepositoryHead | None:
        """What a branch, a tag or a commit is; None where there is no such repository, or no such revision in it."""
        from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

        def looked() -> RepositoryHead | None:
            try:
                info = self._api.repo_info(**self._of, revision=revision)
            except GatedRepoError:
                raise
            except (RepositoryNotFoundError, RevisionNotFoundError):
                return None
            return RepositoryHead(str(info.sha), bool(info.private))

        return self._ask("look at", looked)

    def tree(self, commit: str) -> dict[str, RemoteFile]:
        """Every file of a commit by its path."""

        def listed() -> dict[str, RemoteFile]:
            entries = self._api.list_repo_tree(**self._of, recursive=True, revision=commit)
            return {
                entry.path: RemoteFile(entry.size, entry.lfs.sha256 if entry.lfs else None, entry.blob_id)
                for entry in entries
                if hasattr(entry, "blob_id")
            }

        return self._ask("list the files of", listed)

    def download(self, path: str, commit: str, sha256: str | None = None) -> Path:
        """The file, in the Hub's own cache on this machine.

        Raises:
            DamagedError: it does not have the hash that it should have.
        """
        read = self._ask(
            f"read {path} of", lambda: self._api.hf_hub_download(**self._of, filename=path, revision=commit)
        )
        local = Path(read)
        if sha256 is not None:
            with local.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    raise DamagedError(
                        f"{path} of {self.repository} at {commit} differs from its hash; delete it from the Hub's "
                        f"cache ({local}) and run the same command again"
                    )
        return local

    def create(self, private: bool) -> None:
        self._ask("create", lambda: self._api.create_repo(**self._of, private=private, exist_ok=True))

    def create_branch(self, branch: str) -> None:
        self._ask("make a branch of", lambda: self._api.create_branch(**self._of, branch=branch, exist_ok=True))

    def upload(self, additions: Sequence[Any], branch: str) -> None:
        """Sends large files ahead of the commit; those that are there already are not sent again."""
        self._ask(
            "upload to",
            lambda: self._api.preupload_lfs_files(**self._of, additions=additions, revision=branch),
        )

    def commit(self, operations: Sequence[Any], title: str, text: str, branch: str, parent: str) -> str:
        """One commit on top of `parent`; its id. Asked once: whoever asks again must look first whether it is there.

        Raises:
            Exception: of the client, as it is: whether the commit was made may be unknown.
        """
        with self._telling_what_it_waits_for():
            made = self._api.create_commit(
                **self._of,
                operations=list(operations),
                commit_message=title,
                commit_description=text,
                revision=branch,
                parent_commit=parent,
            )
        return str(made.oid)

    def tag(self, name: str, commit: str, message: str) -> None:
        """Names a commit; a name that is taken stays as it is."""
        self._ask(
            "tag",
            lambda: self._api.create_tag(**self._of, tag=name, revision=commit, tag_message=message, exist_ok=True),
        )

    def tags(self) -> Mapping[str, str]:
        """The commits that tags name."""
        found = self._ask("list the tags of", lambda: self._api.list_repo_refs(**self._of))
        return {one.name: one.target_commit for one in found.tags}

    def history(self, branch: str) -> Iterator[tuple[str, str]]:
        """Ids and titles of the branch's commits, the newest first."""
        found = self._ask("read the history of", lambda: self._api.list_repo_commits(**self._of, revision=branch))
        return iter([(str(one.commit_id), str(one.title)) for one in found])

    def wait(self, exc: Exception, failures: int) -> bool:
        """Waits as long as a failure asks for; False where there is no sense in it."""
        seconds = seconds_to_wait(exc, failures) if failures < _TRIES else None
        if seconds is None:
            return False
        status = status_of(exc)
        why = f"said {status}" if status else "broke off"
        self._say(f"the Hub {why}; trying again in {seconds:.0f} s ({failures} of {_TRIES - 1})")
        time.sleep(seconds)
        return True

    def _ask(self, what: str, call: Callable[[], T]) -> T:
        failures = 0
        while True:
            try:
                with self._telling_what_it_waits_for():
                    return call()
            except Exception as exc:  # noqa: BLE001  whatever the client raises, a user gets one kind of message
                failures += 1
                if not self.wait(exc, failures):
                    # Its own text, and that of what is behind it, may show signed addresses.
                    raise error_of(exc, what, self.repository) from None

    @contextmanager
    def _telling_what_it_waits_for(self) -> Iterator[None]:
        """The client's own warnings, of what it tries again, go where ours go, their addresses without signatures."""
        log = logging.getLogger("huggingface_hub")
        handler = _Saying(self._say)
        before, passes = list(log.handlers), log.propagate
        log.handlers, log.propagate = [handler], False
        try:
            yield
        finally:
            log.handlers, log.propagate = before, passes


class _Saying(logging.Handler):
    def __init__(self, say: Say) -> None:
        super().__init__(logging.WARNING)
        self._told = say

    def emit(self, record: logging.LogRecord) -> None:
        self._told(f"Hub: {without_queries(record.getMessage())}")
