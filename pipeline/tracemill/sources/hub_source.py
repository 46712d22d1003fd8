"""Problems from a dataset on the Hugging Face Hub, read as it is needed: nothing of it is stored here.

`datasets` says which files a config and a split have, at the commit that a revision stands for when the build begins;
that commit is part of the build, so that a branch that moves on changes nothing. Parquet files are read in pieces, by
the workers. Of a dataset in another format the Hub's own conversion is read (the branch `refs/convert/parquet`).
The token comes from the environment (`HF_TOKEN`) or the Hub's own login, never from a config.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Literal, NamedTuple

from pydantic import Field

from tracemill.settings.errors import UsageError
from tracemill.sources.mapping.mapping_config import MappedConfig
from tracemill.sources.parquet_source import RowFilesSource

_CONVERTED = "refs/convert/parquet"
_UNKEYED = {"limit", "notice", "language", "revision"}


class HubConfig(MappedConfig):
    """`repo`: owner and name of the dataset. `config` and `split` as `datasets.load_dataset` takes them. `revision`: a
    branch, a tag or a commit; the commit that it stands for at the beginning is kept, and a build whose revision has
    moved on is refused: name the commit to go on with it."""

    kind: Literal["hub"]
    repo: str = Field(pattern=r"^[\w.-]+(/[\w.-]+)?$")
    config: str | None = None
    split: str = Field(default="train", min_length=1)
    revision: str = Field(default="main", min_length=1)


class HubFiles(NamedTuple):
    """`commit`: what the revision stands for. `urls`: the Parquet files, each with a commit within its address.
    `licence`: what the dataset's card says, if anything."""

    commit: str
    urls: list[str]
    licence: str | None = None


class HubSource(RowFilesSource):
    Config = HubConfig
    config: HubConfig

    @property
    def place(self) -> str:
        return f"hf://datasets/{self.config.repo}"

    @cached_property
    def _found(self) -> HubFiles:
        return hub_files(self.config.repo, self.config.config, self.config.split, self.config.revision)

    @cached_property
    def urls(self) -> list[str]:
        return self._found.urls

    @cached_property
    def revision(self) -> str | None:
        return self._found.commit

    @property
    def identity(self) -> dict[str, Any]:
        return self.config.model_dump(mode="json", exclude=_UNKEYED) | {"commit": self._found.commit}


def hub_files(repo: str, config: str | None, split: str, revision: str) -> HubFiles:
    """
    Raises:
        UsageError: there is no such dataset, config, split or revision, or it may not be read; it needs code to be run;
            it has no Parquet files, and the Hub has converted none, or not all of it.
    """
    with _saying(repo, revision):
        import datasets
        from huggingface_hub import HfApi

        info = HfApi().dataset_info(repo, revision=revision)
        commit, licence = str(info.sha), _licence(info.card_data)
        builder = datasets.load_dataset_builder(f"hf://datasets/{repo}", config, revision=commit)
        files = builder.config.data_files or {}
    if split not in files:
        raise UsageError(f"{repo!r} has no split {split!r}; there are: {', '.join(map(str, files)) or 'none'}")
    urls = [str(url) for url in files[split]]
    if all(url.endswith(".parquet") for url in urls):
        return HubFiles(commit, urls, licence)
    with _saying(repo, _CONVERTED):
        return HubFiles(commit, _converted(repo, builder.config.name, split), licence)


def _licence(card: Any) -> str | None:
    licence = getattr(card, "license", None)
    return licence if isinstance(licence, str) else None


def _converted(repo: str, config: str, split: str) -> list[str]:
    """The files of the Hub's own conversion."""
    from huggingface_hub import HfApi, HfFileSystem

    commit = HfApi().dataset_info(repo, revision=_CONVERTED).sha
    folder = f"datasets/{repo}@{commit}/{config}"
    files = HfFileSystem()
    if not (found := sorted(files.glob(f"{folder}/{split}/*.parquet"))):
        part = files.glob(f"{folder}/partial-{split}/*.parquet")
        what = "only the first part of it" if part else "nothing of it"
        raise UsageError(
            f"{repo!r} is not stored as Parquet, and the Hub has converted {what}; download it (`hf download {repo} "
            "--repo-type dataset`) and read the files with {kind: jsonl} or {kind: parquet}"
        )
    return [f"hf://{path}" for path in found]


@contextmanager
def _saying(repo: str, revision: str) -> Iterator[None]:
    """Says what is wrong in our words; what the libraries say goes along."""
    try:
        yield
    except UsageError:
        raise
    except ImportError as exc:
        raise UsageError("the source 'hub' needs the package `datasets`: pip install 'tracemill[hub]'") from exc
    except Exception as exc:
        raise UsageError(_told(repo, revision, exc)) from exc


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """An exception, and those for which it was raised."""
    while exc is not None:
        yield exc
        exc = exc.__cause__ or exc.__context__


def _told(repo: str, revision: str, exc: Exception) -> str:
    from huggingface_hub import errors

    said = f"{type(exc).__name__}: {str(exc).strip().splitlines()[0][:200]}" if str(exc).strip() else type(exc).__name__
    causes = list(_causes(exc))
    # `datasets` raises without the cause.
    if "is a gated dataset" in str(exc) or any(isinstance(one, errors.GatedRepoError) for one in causes):
        return (
            f"the dataset {repo!r} is gated: ask for access on its page, and give a token of an account that has it in "
            f"HF_TOKEN, or by `hf auth login` ({said})"
        )
    if any(isinstance(one, errors.RevisionNotFoundError) for one in causes):
        return f"the dataset {repo!r} has no revision {revision!r} ({said}); give a branch, a tag or a commit of it"
    if any(isinstance(one, errors.RepositoryNotFoundError) for one in causes):
        return (
            f"there is no dataset {repo!r} that may be read; correct the name, or give a token in HF_TOKEN where it is "
            f"private ({said})"
        )
    if isinstance(exc, RuntimeError) and "scripts are no longer supported" in str(exc):
        return (
            f"the dataset {repo!r} needs code of its own to be run, which is never done; look for a revision with data "
            f"files, such as {_CONVERTED!r} ({said})"
        )
    if isinstance(exc, ValueError):
        return f"the dataset {repo!r} at {revision!r}: {str(exc).strip()[:500]}"
    return f"the dataset {repo!r} at {revision!r} cannot be read ({said})"
