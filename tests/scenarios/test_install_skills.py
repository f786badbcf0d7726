"""Skills installed from a site's list, from a file's address, and from a git repository."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.skills.download_skills import SCHEMA
from agents.skills.fetch_skill import fetched, from_disk
from agents.skills.install_source import INDEX, InstallSource, source_of
from agents.skills.zip_skill import archived
from orchestrator.errors import Refused
from tests.skill_site import SkillSite, sheet, skill_site, tar_gz


@pytest.fixture
def site() -> Iterator[SkillSite]:
    with skill_site() as it:
        yield it


def listed(site: SkillSite, **skills: tuple[str, bytes]) -> None:
    """Publishes these skills. Each: its path and what is there."""
    rows: list[dict[str, Any]] = []
    for name, (path, content) in skills.items():
        site.files[f"/.well-known/agent-skills/{path}"] = content
        kind = "skill-md" if path.endswith(".md") else "archive"
        sha = f"sha256:{hashlib.sha256(content).hexdigest()}"
        rows.append({"name": name, "type": kind, "description": "x", "url": path, "digest": sha})
    site.files[INDEX] = json.dumps({"$schema": SCHEMA, "skills": rows}).encode()


async def got(site: SkillSite, where: str, name: str = "") -> tuple[str, list[str]]:
    found = await fetched(source_of(f"{site.url}{where}"), [site.host], name)
    return found.skill.name, sorted(found.files)


async def test_each_kind_of_a_sites_list_is_installed_with_its_hash_checked(site: SkillSite) -> None:
    files = {"SKILL.md": sheet("tarred"), "scripts/count.py": b"print(1)"}
    listed(
        site,
        tone=("tone/SKILL.md", sheet("tone")),
        tarred=("tarred.tar.gz", tar_gz(files)),
        zipped=("zipped.zip", archived("", {**files, "SKILL.md": sheet("zipped")})),
    )
    assert await got(site, "", "tone") == ("tone", ["SKILL.md"])
    assert await got(site, "", "tarred") == ("tarred", ["SKILL.md", "scripts/count.py"])
    assert await got(site, "", "zipped") == ("zipped", ["SKILL.md", "scripts/count.py"])
    with pytest.raises(Refused, match=r"lists 3 skills\. Say which one to install: tone, tarred, zipped"):
        await got(site, "")
    with pytest.raises(Refused, match="lists no skill named 'x'; it has: tone"):
        await got(site, "", "x")
    site.files["/.well-known/agent-skills/tone/SKILL.md"] = sheet("tone") + b"More."
    with pytest.raises(Refused, match="has another hash than the site's list says"):
        await got(site, "", "tone")


async def test_a_file_is_installed_from_its_address_also_behind_a_redirect(site: SkillSite) -> None:
    site.files |= {"/a/tone.zip": archived("tone", {"SKILL.md": sheet("tone")}), "/old.zip": "/a/tone.zip"}
    site.files["/s/SKILL.md"] = sheet("alone")
    assert await got(site, "/old.zip") == ("tone", ["SKILL.md"])
    assert await got(site, "/s/SKILL.md") == ("alone", ["SKILL.md"])


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (b"", "answered with status 404"),
        (None, "is larger than 20,480 KiB"),
        ("file:///etc/passwd", "isn't an https address"),
        ("http://example.com/x.zip", "isn't an https address"),
        ("/x.zip", "redirects more than 5 times"),
        ("https://127.0.0.1:1/x.zip", "which isn't a public address"),
        (b"PK\x03\x04junk", "isn't a skill"),
        (archived("x", {"../evil": b"x", "SKILL.md": sheet("x")}), "outside its folder"),
        (b"\x1f\x8bjunk", "the archive is damaged"),
    ],
)
async def test_bad_files_give_one_sentence_and_nothing_else(
    site: SkillSite, found: bytes | str | None, problem: str
) -> None:  # fmt: skip
    site.files["/x.zip"] = found
    with pytest.raises(Refused, match=problem):
        await got(site, "/x.zip")


async def test_a_private_host_that_nobody_listed_is_not_even_asked(site: SkillSite) -> None:
    with pytest.raises(Refused, match="isn't an https address"):
        await fetched(source_of(f"{site.url}/x.zip"), [])
    secure = source_of(f"https://{site.host}/x.zip")
    with pytest.raises(Refused, match=r"resolves to 127\.0\.0\.1, which isn't a public address"):
        await fetched(secure, [])
    assert site.asked == []


def test_a_folder_and_an_archive_on_this_machine_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "tone").mkdir()
    (tmp_path / "tone" / "SKILL.md").write_bytes(sheet("tone"))
    (tmp_path / "tone.skill").write_bytes(archived("tone", {"SKILL.md": sheet("tone")}))
    (tmp_path / "empty").mkdir()
    assert from_disk(tmp_path / "tone").skill.digest == from_disk(tmp_path / "tone.skill").skill.digest
    with pytest.raises(Refused, match=r"can't be read: .*no longer exists"):
        from_disk(tmp_path / "empty")


def repository(place: Path) -> None:
    """Two skills, a link in a third, a submodule, a hook, and a filter, all of which a careless client would follow."""
    work = place / "work"
    for name in ("tone", "linked", "nested"):
        (work / "skills" / name).mkdir(parents=True)
        (work / "skills" / name / "SKILL.md").write_bytes(sheet(name))
    (work / "skills" / "tone" / "words.md").write_text("Words.")
    (work / "skills" / "linked" / "secret").symlink_to("/etc/passwd")
    (work / ".gitattributes").write_text("*.md filter=evil\n")

    def git(*arguments: str) -> None:
        who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@a.test", "GIT_COMMITTER_NAME": "a",
               "GIT_COMMITTER_EMAIL": "a@a.test", "PATH": os.defpath, "HOME": str(place)}  # fmt: skip
        subprocess.run(["git", *arguments], cwd=work, env=who, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},skills/nested/sub")
    git("commit", "-qm", "Skills")
    git("clone", "-q", "--bare", ".", str(place / "repositories" / "r.git"))


async def test_a_folder_of_a_git_repository_is_installed_and_nothing_of_it_is_run(tmp_path: Path) -> None:
    repository(tmp_path)
    with skill_site(tmp_path / "repositories") as site:
        url = f"{site.url}/r.git"

        async def cloned(name: str = "", **more: str) -> list[str]:
            return sorted((await fetched(InstallSource("git", url, **more), [site.host], name)).files)

        assert await cloned(folder="skills/tone") == ["SKILL.md", "words.md"]
        assert await cloned("nested", ref="main") == ["SKILL.md"]
        with pytest.raises(Refused, match=r"has 3 skills\. Say which one to install: linked, nested, tone"):
            await cloned()
        with pytest.raises(Refused, match="its file 'skills/linked/secret' is a link"):
            await cloned("linked")
        with pytest.raises(Refused, match=r"The folder 'docs' .* has no SKILL\.md"):
            await cloned(folder="docs")
        with pytest.raises(Refused, match=r"can't be read: .*none not found"):
            await cloned(ref="none")
        with pytest.raises(Refused, match="isn't an https address"):
            await fetched(InstallSource("git", url), [])
