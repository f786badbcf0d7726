"""Where skills are installed from: how an address is read, and what a site's list or an archive may contain."""

import gzip
import io
import json
import tarfile

import pytest

from agents.skills.download_skills import SCHEMA, read_list
from agents.skills.install_source import InstallSource, source_of
from agents.skills.skill import BadSkill
from agents.skills.unpack_tar import tar_files, unpacked_gzip
from orchestrator.errors import Refused

SHA = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.test", InstallSource("index", "https://a.test/.well-known/agent-skills/index.json")),
        ("https://a.test/x/index.json", InstallSource("index", "https://a.test/x/index.json")),
        ("<https://a.test/s/pdf.zip>", InstallSource("file", "https://a.test/s/pdf.zip")),
        ("https://a.test/pdf/SKILL.md", InstallSource("file", "https://a.test/pdf/SKILL.md")),
        ("https://github.com/o/r", InstallSource("git", "https://github.com/o/r")),
        (
            "https://github.com/o/r/tree/main/skills/pdf",
            InstallSource("git", "https://github.com/o/r.git", "main", "skills/pdf"),
        ),
        (
            "https://github.com/o/r/blob/main/skills/pdf/SKILL.md",
            InstallSource("git", "https://github.com/o/r.git", "main", "skills/pdf"),
        ),
        (
            "https://gitlab.com/g/sub/r/-/tree/v1/pdf",
            InstallSource("git", "https://gitlab.com/g/sub/r.git", "v1", "pdf"),
        ),
        ("https://git.test/r.git#skills/pdf", InstallSource("git", "https://git.test/r.git", "", "skills/pdf")),
        ("git+https://git.test/r@v2#pdf", InstallSource("git", "https://git.test/r", "v2", "pdf")),
    ],
)
def test_an_address_is_read_as_people_copy_it(text: str, expected: InstallSource) -> None:
    assert source_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc/passwd", "git+ssh://git@a.test/r", "ext::sh -c id", "https://user:secret@a.test/x.zip", "x.zip",
        "https://a.test/page", "https://github.com/o/r/tree/--upload-pack=id/x", "https://a b.test/x.zip",
        "https://git.test/r.git#../../etc", "https://[::1/x.zip",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(Refused, match=r"\.$"):
        source_of(text)


def test_a_list_is_read_with_addresses_relative_to_it() -> None:
    rows = [
        {"name": "a", "type": "skill-md", "description": "A.", "url": "a/SKILL.md", "digest": SHA, "more": 1},
        {"name": "b", "type": "archive", "description": "B.", "url": "https://cdn.test/b.tar.gz", "digest": SHA},
    ]
    content = json.dumps({"$schema": SCHEMA, "skills": rows}).encode()
    found = read_list(content, "https://a.test/.well-known/agent-skills/index.json")
    assert [one.url for one in found] == [
        "https://a.test/.well-known/agent-skills/a/SKILL.md",
        "https://cdn.test/b.tar.gz",
    ]


JUNK: list[object] = [
    1, {"name": "../x", "type": "skill-md", "url": "x", "digest": SHA},
    {"name": "x", "type": "program", "url": "x", "digest": SHA},
    {"name": "x", "type": "archive", "url": "x", "digest": "md5:1"}, {"name": "x", "type": "archive", "digest": SHA},
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<html>", "can't be read: it is not JSON"),
        (b"[]", "has no skills in it"),
        (json.dumps({"skills": JUNK}).encode(), r"version that isn't known here \('None'\)"),
        (json.dumps({"$schema": "v9", "skills": []}).encode(), r"version that isn't known here \('v9'\)"),
        (json.dumps({"$schema": SCHEMA, "skills": JUNK}).encode(), "None of the 5 skills"),
    ],
)
def test_a_list_with_junk_gives_one_sentence(content: bytes, problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        read_list(content, "https://a.test/index.json")


def tar(*entries: tuple[str, bytes], link: str = "") -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        if link:
            entry = tarfile.TarInfo("link")
            entry.type, entry.linkname = tarfile.SYMTYPE, link
            archive.addfile(entry)
    return out


def test_a_tar_archive_is_unpacked_in_memory() -> None:
    assert tar_files(tar(("SKILL.md", b"x"), ("a/b.md", b"y")), 1 << 20) == {"SKILL.md": b"x", "a/b.md": b"y"}


@pytest.mark.parametrize(
    ("archive", "problem"),
    [
        (tar(("../evil", b"x")), "outside its folder"),
        (tar(("/etc/evil", b"x")), "outside its folder"),
        (tar(("SKILL.md", b"x"), link="/etc/passwd"), "is a link"),
        (tar(("SKILL.md", b"x" * 3_000)), "unpacks to more than"),
        (io.BytesIO(b"no tar"), "damaged"),
    ],
)
def test_a_tar_archive_that_would_lead_out_or_fill_the_memory_is_refused(archive: io.BytesIO, problem: str) -> None:
    with pytest.raises(BadSkill, match=problem):
        tar_files(archive, 2_000)


def test_a_gzip_bomb_is_never_unpacked() -> None:
    with pytest.raises(BadSkill, match="unpacks to more than 1 MiB"):
        unpacked_gzip(gzip.compress(bytes(50 << 20)), 1 << 20)
    with pytest.raises(BadSkill, match="damaged"):
        unpacked_gzip(b"\x1f\x8bjunk", 1 << 20)
