"""The commits of a repository are what git makes of them."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from tracemill.software.git_objects import fast_import, head_of

COMMITS = [
    {"message": "Begin", "files": {"a/b.py": "x = 1\n", "a.txt": "ä\n", "a-b": "no end"}},
    {"message": "Go on\n\nWith more.", "files": {"a/b.py": "x = 2\n", "a/c/d.py": ""}},
]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_makes_the_same_commits(tmp_path):
    def git(*words, **how):
        return subprocess.run(
            ["git", "-C", str(tmp_path), *words], check=True, capture_output=True, **how
        ).stdout.decode()

    git("init", "-q")
    git("fast-import", "--quiet", input=fast_import(COMMITS))
    assert git("rev-parse", "main").strip() == head_of(COMMITS)
    assert git("rev-parse", "main~1").strip() == head_of(COMMITS[:1])
    assert git("show", "main:a/b.py") == "x = 2\n" and git("log", "-1", "--format=%b", "main").strip() == "With more."
