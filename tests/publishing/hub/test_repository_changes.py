"""What would change in a repository: nothing that is not ours goes unasked."""

from __future__ import annotations

import hashlib

from tracemill.publishing.hub.hub_session import RemoteFile, git_blob
from tracemill.publishing.hub.published_builds import BUILDS, PublishedBuild, PublishedChain, PublishedFile, file_with
from tracemill.publishing.hub.repository_changes import card_difference, changes_of, is_made, tree_after


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def shard(path: str, text: str) -> PublishedFile:
    return PublishedFile(path, len(text), sha256(text), 1)


def small(path: str, text: str) -> PublishedFile:
    return file_with(path, text.encode(), sha256(text))


def large_there(text: str) -> RemoteFile:
    return RemoteFile(len(text), sha256(text), "0" * 40)


def small_there(text: str) -> RemoteFile:
    return RemoteFile(len(text), None, git_blob(text.encode()))


CHAIN = PublishedChain(
    (PublishedBuild("1a", "d" * 64, "one", 2, {}, (shard("sft/a.parquet", "a"), shard("sft/b.parquet", "b"))),),
    (small("README.md", "card"),),
    {},
)
THERE = {
    "sft/a.parquet": large_there("a"),
    "sft/b.parquet": large_there("b"),
    "README.md": small_there("card"),
    BUILDS: small_there("{}"),
    ".gitattributes": small_there("*"),
    "notes.md": small_there("mine"),
}
WANTED = {
    "sft/a.parquet": shard("sft/a.parquet", "a"),
    "sft/c.parquet": shard("sft/c.parquet", "c"),
    "README.md": small("README.md", "new card"),
    BUILDS: small(BUILDS, "{} "),
}


def test_files_are_added_replaced_removed_or_stay() -> None:
    changes = changes_of(WANTED, THERE, CHAIN)
    assert list(changes.added) == ["sft/c.parquet"]
    assert set(changes.replaced) == {"README.md", BUILDS} and list(changes.same) == ["sft/a.parquet"]
    assert changes.removed == ("sft/b.parquet",)
    assert changes.foreign == ("notes.md",) and not changes.in_the_way
    assert tree_after(THERE, changes) == (THERE.keys() - {"sft/b.parquet"}) | {"sft/c.parquet"}


def test_what_somebody_changed_is_theirs() -> None:
    """A shard of ours with another content stays; a card is in the way of ours."""
    there = {**THERE, "sft/b.parquet": large_there("edited"), "README.md": small_there("edited")}
    changes = changes_of(WANTED, there, CHAIN)
    assert changes.in_the_way == ("README.md",) and not changes.removed
    assert changes.foreign == ("notes.md", "sft/b.parquet")


def test_without_a_build_of_ours_all_is_foreign() -> None:
    changes = changes_of(WANTED, THERE, None)
    assert changes.in_the_way == ("README.md", BUILDS)
    assert changes.foreign == ("notes.md", "sft/b.parquet") and not changes.removed


def test_a_tree_is_ours_when_it_has_just_what_is_wanted() -> None:
    changes = changes_of(WANTED, THERE, CHAIN)
    paths = tree_after(THERE, changes)
    made = {**{path: THERE[path] for path in paths if path in THERE}, "sft/c.parquet": large_there("c")}
    made |= {"README.md": small_there("new card"), BUILDS: small_there("{} ")}
    assert is_made(made, paths, WANTED)
    assert not is_made({**made, "more.md": small_there("x")}, paths, WANTED)
    assert not is_made({**made, "sft/c.parquet": large_there("d")}, paths, WANTED)
    assert not is_made({path: file for path, file in made.items() if path != BUILDS}, paths, WANTED)


def test_a_card_that_stays_differs_in_no_line() -> None:
    assert card_difference("a\nb\n", "a\nb\n") == []
    assert "+c" in card_difference("a\nb\n", "a\nc\n")


def test_a_chain_is_read_as_it_was_written() -> None:
    from tracemill.publishing.hub.published_builds import _files
    from tracemill.store.sealed import unseal

    body = unseal(CHAIN.encoded(), "builds.json")
    assert _files(body["beside"]) == CHAIN.beside
    assert [PublishedBuild(**{**one, "files": _files(one["files"])}) for one in body["builds"]] == list(CHAIN.builds)
