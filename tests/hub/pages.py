"""What the stand-in Hub answers, page by page."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

import yaml
from hub.repository import (
    MovedOnError,
    Repository,
    RepositoryCommit,
    file_entry,
    folder_entry,
    git_oid,
    is_large,
    sha256,
    tree,
)

if TYPE_CHECKING:
    from hub.server import HubServer

_LICENCES = {
    "apache-2.0",
    "mit",
    "bsd-2-clause",
    "bsd-3-clause",
    "cc-by-4.0",
    "cc-by-sa-4.0",
    "cc0-1.0",
    "other",
    "isc",
}
_SIZES = {"n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "n>10M"}


@dataclass(frozen=True)
class Asked:
    """A request: `names` are the parts of its path, `user` who asks (empty: nobody), `writes` whether the token may."""

    names: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: bytes
    headers: Mapping[str, str]
    user: str
    writes: bool

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """`content`: bytes, or what is sent as JSON."""

    status: int = 200
    content: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


Page = Callable[["HubServer", Asked], Answer]


def refused(status: int, message: str, headers: Mapping[str, str] | None = None, code: str = "") -> Answer:
    codes = {"X-Error-Code": code} if code else {}
    return Answer(status, {"error": message}, {"X-Error-Message": message, **codes, **(headers or {})})


class _Refusal(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def _page(inner: Page) -> Page:
    def answered(hub: HubServer, asked: Asked) -> Answer:
        try:
            return inner(hub, asked)
        except _Refusal as exc:
            return exc.answer

    return answered


def _repository(hub: HubServer, asked: Asked) -> Repository:
    """The one that the path names, where the asker may see it: who may not is told the same as of one that is not."""
    found = hub.repositories.get(asked.names["id"])
    if found is None or (found.private and not _belongs(hub, asked.user, found.owner)):
        raise _Refusal(refused(404 if asked.user else 401, "Repository not found", code="RepoNotFound"))
    return found


def _belongs(hub: HubServer, user: str, owner: str) -> bool:
    return bool(user) and owner in (user, *hub.organisations.get(user, ()))


def _writable(hub: HubServer, asked: Asked) -> Repository:
    found = _repository(hub, asked)
    if not asked.user:
        raise _Refusal(refused(401, "Unauthorized"))
    if not asked.writes or not _belongs(hub, asked.user, found.owner):
        raise _Refusal(refused(403, "Forbidden: you don't have write access to this repository"))
    return found


def _commit_at(repository: Repository, asked: Asked, default: str = "main") -> RepositoryCommit:
    revision = asked.names.get("revision") or default
    found = repository.at(revision)
    if found is None:
        raise _Refusal(refused(404, f"Invalid rev id: {revision}", code="RevisionNotFound"))
    return found


@_page
def whoami(hub: HubServer, asked: Asked) -> Answer:
    if not asked.user:
        return refused(401, "Invalid username or password.")
    orgs = [{"type": "org", "name": name, "roleInOrg": "admin"} for name in hub.organisations.get(asked.user, ())]
    role = "write" if asked.writes else "read"
    token = {"type": "access_token", "accessToken": {"displayName": "test", "role": role}}
    return Answer(content={"type": "user", "name": asked.user, "orgs": orgs, "auth": token})


@_page
def create(hub: HubServer, asked: Asked) -> Answer:
    wanted = asked.json()
    owner = wanted.get("organization") or asked.user
    id = f"{owner}/{wanted['name']}"
    if not asked.user:
        return refused(401, "Invalid username or password.")
    if not asked.writes or not _belongs(hub, asked.user, owner):
        return refused(403, f"You don't have the rights to create a dataset under the namespace {owner!r}")
    if not re.fullmatch(r"[\w.-]{1,96}", wanted["name"]) or wanted["name"].endswith(".git"):
        return refused(400, f"Invalid dataset name: {wanted['name']!r}")
    url = {"url": f"{hub.endpoint}/datasets/{id}"}
    if id in hub.repositories:
        return Answer(409, {"error": "You already created this dataset repo", **url})
    hub.repository(id, private=wanted.get("visibility") == "private")
    return Answer(content={**url, "name": id})


@_page
def validate(hub: HubServer, asked: Asked) -> Answer:
    """Of a card's header, what the Hub refuses: values that it does not know."""
    text = asked.json()["content"]
    found = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    if not found:
        return Answer(content={"errors": [], "warnings": [{"message": "empty or missing yaml metadata in repo card"}]})
    header = yaml.safe_load(found[1])
    errors = []
    for name, known in (("license", _LICENCES), ("size_categories", _SIZES)):
        given = header.get(name, [])
        errors += [
            f'"{name}" must be known: {one}'
            for one in ([given] if isinstance(given, str) else given)
            if one not in known
        ]
    names = [one["config_name"] for one in header.get("configs", [])]
    errors += ["config names must be unique"] if len(names) != len(set(names)) else []
    content = {"errors": [{"message": message} for message in errors], "warnings": []}
    return Answer(400 if errors else 200, content)


@_page
def info(hub: HubServer, asked: Asked) -> Answer:
    found = _repository(hub, asked)
    commit = _commit_at(found, asked)
    siblings = [{"rfilename": path} for path in sorted(commit.files)]
    if "blobs" in asked.query:
        siblings = [_sibling(path, commit.files[path]) for path in sorted(commit.files)]
    return Answer(
        content={
            "id": found.id,
            "author": found.owner,
            "sha": commit.oid,
            "lastModified": commit.date,
            "createdAt": commit.date,
            "private": found.private,
            "gated": "manual" if found.gated is not None else False,
            "disabled": False,
            "downloads": 0,
            "likes": 0,
            "tags": [],
            "siblings": siblings,
        }
    )


def _sibling(path: str, content: bytes) -> dict[str, Any]:
    entry = file_entry(path, content)
    large = entry.get("lfs")
    lfs = {"lfs": {"sha256": large["oid"], "size": large["size"], "pointerSize": large["pointerSize"]}} if large else {}
    return {"rfilename": path, "size": len(content), "blobId": entry["oid"], **lfs}


@_page
def listing(hub: HubServer, asked: Asked) -> Answer:
    commit = _commit_at(_repository(hub, asked), asked)
    wants = {name: asked.query.get(name, ["false"])[0].lower() in ("true", "1") for name in ("recursive", "expand")}
    folder = asked.names.get("path", "").strip("/")
    entries = tree(commit, folder, wants["recursive"], wants["expand"])
    if entries is None:
        return refused(404, f"{folder} does not exist on {asked.names['revision']!r}", code="EntryNotFound")
    start = int(asked.query.get("cursor", ["0"])[0])
    if start + hub.page >= len(entries):
        return Answer(content=entries[start:])
    path = f"/api/datasets/{asked.names['id']}/tree/{quote(asked.names['revision'], safe='')}"
    path += f"/{quote(folder, safe='')}" if folder else ""
    query = f"recursive={wants['recursive']}&expand={wants['expand']}&cursor={start + hub.page}"
    return Answer(
        content=entries[start : start + hub.page], headers={"Link": f'<{hub.endpoint}{path}?{query}>; rel="next"'}
    )


@_page
def paths_info(hub: HubServer, asked: Asked) -> Answer:
    commit = _commit_at(_repository(hub, asked), asked)
    if asked.headers.get("Content-Type", "").startswith("application/json"):
        wanted = asked.json()["paths"]
    else:
        wanted = parse_qs(asked.body.decode()).get("paths", [])
    found = [file_entry(path, commit.files[path], commit) for path in wanted if path in commit.files]
    folders = [path for path in wanted if any(one.startswith(f"{path.rstrip('/')}/") for one in commit.files)]
    return Answer(content=[*found, *map(folder_entry, folders)])


@_page
def refs(hub: HubServer, asked: Asked) -> Answer:
    found = _repository(hub, asked)
    kinds = {"branches": ("refs/heads", found.branches), "tags": ("refs/tags", found.tags)}
    content: dict[str, Any] = {
        kind: [{"name": name, "ref": f"{where}/{name}", "targetCommit": oid} for name, oid in some.items()]
        for kind, (where, some) in kinds.items()
    }
    return Answer(content={**content, "converts": []})


@_page
def history(hub: HubServer, asked: Asked) -> Answer:
    found = _repository(hub, asked)
    return Answer(
        content=[
            {
                "id": one.oid,
                "title": one.title,
                "message": one.message,
                "date": one.date,
                "authors": [{"user": one.author}],
            }
            for one in found.history(_commit_at(found, asked).oid)
        ]
    )


@_page
def preupload(hub: HubServer, asked: Asked) -> Answer:
    files = _commit_at(_writable(hub, asked), asked).files
    answered = []
    for file in asked.json()["files"]:
        path = file["path"]
        large = (file["size"] > 0 and is_large(path, b"x" * min(file["size"], 1))) or file["size"] >= 10 << 20
        there = files.get(path)
        oid = None if there is None else (sha256(there) if is_large(path, there) else git_oid(there))
        mode = "lfs" if large else "regular"
        ignored = any(fnmatch(path, pattern) for pattern in files.get(".gitignore", b"").decode().split())
        answered.append({"path": path, "uploadMode": mode, "shouldIgnore": ignored, **({"oid": oid} if oid else {})})
    return Answer(content={"files": answered})


@_page
def lfs_batch(hub: HubServer, asked: Asked) -> Answer:
    found = _writable(hub, asked)
    objects = []
    for one in asked.json()["objects"]:
        entry: dict[str, Any] = {"oid": one["oid"], "size": one["size"]}
        if one["oid"] not in found.objects:
            entry["actions"] = {"upload": _upload_action(hub, found.id, one)}
            entry["actions"]["verify"] = {"href": f"{hub.endpoint}/lfs/verify/{found.id}", "header": {}}
        objects.append(entry)
    return Answer(content={"transfer": "basic", "objects": objects})


def _upload_action(hub: HubServer, id: str, one: Mapping[str, Any]) -> dict[str, Any]:
    """Where it is sent; with a signature, as object storage wants one, which nobody may see."""
    href = f"{hub.caches}/lfs/put/{id}/{one['oid']}"
    if one["size"] <= hub.part:
        return {"href": f"{href}?X-Amz-Signature=secret-of-storage", "header": {}}
    count = -(-one["size"] // hub.part)
    urls = {
        f"{number + 1:05d}": f"{href}?part={number + 1}&X-Amz-Signature=secret-of-storage" for number in range(count)
    }
    return {"href": f"{hub.endpoint}/lfs/complete/{id}", "header": {"chunk_size": str(hub.part), **urls}}


@_page
def lfs_put(hub: HubServer, asked: Asked) -> Answer:
    found, oid = hub.repositories[asked.names["id"]], asked.names["oid"]
    if "part" in asked.query:
        hub.parts[oid, int(asked.query["part"][0])] = asked.body
    elif sha256(asked.body) != oid:
        return refused(400, "The content does not have that hash")
    else:
        found.objects[oid] = asked.body
    return Answer(headers={"ETag": f'"{sha256(asked.body)[:32]}"'})


@_page
def lfs_complete(hub: HubServer, asked: Asked) -> Answer:
    found, wanted = hub.repositories[asked.names["id"]], asked.json()
    content = b"".join(hub.parts[wanted["oid"], part["partNumber"]] for part in wanted["parts"])
    if sha256(content) != wanted["oid"]:
        return refused(400, "The content does not have that hash")
    found.objects[wanted["oid"]] = content
    return Answer()


@_page
def lfs_verify(hub: HubServer, asked: Asked) -> Answer:
    there = hub.repositories[asked.names["id"]].objects
    return Answer() if asked.json()["oid"] in there else refused(404, "Object not found")


@_page
def commit(hub: HubServer, asked: Asked) -> Answer:
    found = _writable(hub, asked)
    branch = asked.names["revision"]
    before = _commit_at(found, asked).files
    header: Mapping[str, Any] = {}
    changes: dict[str, bytes | None] = {}
    for line in asked.body.splitlines():
        item = json.loads(line)
        value = item["value"]
        if item["key"] == "header":
            header = value
        elif item["key"] == "file":
            changes[value["path"]] = base64.b64decode(value["content"])
        elif item["key"] == "lfsFile":
            if value["oid"] not in found.objects:
                return refused(400, f"LFS object not found: {value['path']}")
            changes[value["path"]] = found.objects[value["oid"]]
        else:
            gone = [one for one in before if one == value["path"] or one.startswith(f"{value['path'].rstrip('/')}/")]
            if not gone:
                return refused(404, "A file with this name doesn't exist", code="EntryNotFound")
            changes.update(dict.fromkeys(gone))
    try:
        made = found.commit(
            changes, header["summary"], header["description"], asked.user, branch, header.get("parentCommit")
        )
    except MovedOnError:
        return refused(412, "A commit has happened since. Please refresh and try again.")
    hub.note(found, branch, made)
    return Answer(content={"commitUrl": f"{hub.endpoint}/datasets/{found.id}/commit/{made.oid}", "commitOid": made.oid})


@_page
def tag(hub: HubServer, asked: Asked) -> Answer:
    found, wanted = _writable(hub, asked), asked.json()
    if wanted["tag"] in found.tags:
        return refused(409, "Tag reference exists already")
    found.tags[wanted["tag"]] = _commit_at(found, asked).oid
    found.tag_messages[wanted["tag"]] = wanted.get("message", "")
    return Answer()


@_page
def branch(hub: HubServer, asked: Asked) -> Answer:
    found, name = _writable(hub, asked), asked.names["revision"]
    if name in found.branches:
        return refused(409, "Reference already exists")
    start = found.at(json.loads(asked.body or b"{}").get("startingPoint", "main"))
    if start is None:
        return refused(404, "Invalid rev id", code="RevisionNotFound")
    found.branches[name] = start.oid
    return Answer()


@_page
def resolve(hub: HubServer, asked: Asked) -> Answer:
    found = _repository(hub, asked)
    if found.gated is not None and asked.user not in found.gated:
        message = f"Access to dataset {found.id} is restricted. You must be authenticated and on its list to access it."
        return refused(403 if asked.user else 401, message, code="GatedRepo")
    at = _commit_at(found, asked)
    marks = {"X-Repo-Commit": at.oid, "Accept-Ranges": "bytes"}
    content = at.files.get(asked.names["path"])
    if content is None:
        return refused(404, "Entry not found", marks, code="EntryNotFound")
    if not is_large(asked.names["path"], content):
        return _ranged(asked, content, {**marks, "ETag": f'"{git_oid(content)}"'})
    oid = sha256(content)
    marks |= {"X-Linked-Etag": f'"{oid}"', "X-Linked-Size": str(len(content))}
    return Answer(302, b"", {**marks, "Location": f"{hub.caches}/caches/{found.id}/{oid}?Signature=secret-of-caches"})


@_page
def cached(hub: HubServer, asked: Asked) -> Answer:
    """Of another origin: who sends a token there has given it away."""
    if "Authorization" in asked.headers:
        return refused(400, "a token came along to another origin")
    oid = asked.names["oid"]
    return _ranged(asked, hub.repositories[asked.names["id"]].objects[oid], {"ETag": f'"{oid}"'})


def _ranged(asked: Asked, content: bytes, headers: Mapping[str, str]) -> Answer:
    wanted = next((value for name, value in asked.headers.items() if name.lower() == "range"), "")
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
    if not found:
        return Answer(200, content, headers)
    first, last = found.groups()
    start = int(first) if first else max(0, len(content) - int(last))
    end = min(int(last) if first and last else len(content) - 1, len(content) - 1)
    if start >= len(content):
        return Answer(416, b"", {**headers, "Content-Range": f"bytes */{len(content)}"})
    return Answer(206, content[start : end + 1], {**headers, "Content-Range": f"bytes {start}-{end}/{len(content)}"})


_ID = r"(?P<id>[^/]+/[^/]+)"
_API = rf"/api/datasets/{_ID}"
_REVISION = r"(?P<revision>[^/]+)"
PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/api/whoami-v2", whoami),
    ("POST", "/api/repos/create", create),
    ("POST", "/api/validate-yaml", validate),
    ("GET", _API, info),
    ("GET", rf"{_API}/revision/{_REVISION}", info),
    ("GET", rf"{_API}/tree/{_REVISION}(?P<path>/.*)?", listing),
    ("POST", rf"{_API}/paths-info/{_REVISION}", paths_info),
    ("GET", rf"{_API}/refs", refs),
    ("GET", rf"{_API}/commits/{_REVISION}", history),
    ("POST", rf"{_API}/preupload/{_REVISION}", preupload),
    ("POST", rf"{_API}/commit/{_REVISION}", commit),
    ("POST", rf"{_API}/tag/{_REVISION}", tag),
    ("POST", rf"{_API}/branch/{_REVISION}", branch),
    ("POST", rf"/datasets/{_ID}\.git/info/lfs/objects/batch", lfs_batch),
    ("PUT", rf"/lfs/put/{_ID}/(?P<oid>[0-9a-f]+)", lfs_put),
    ("POST", rf"/lfs/complete/{_ID}", lfs_complete),
    ("POST", rf"/lfs/verify/{_ID}", lfs_verify),
    ("GET", rf"/datasets/{_ID}/resolve/{_REVISION}/(?P<path>.+)", resolve),
    ("GET", rf"/caches/{_ID}/(?P<oid>[0-9a-f]+)", cached),
)
