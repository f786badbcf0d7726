"""Grants a call's command more than the workspace: folders by name, and the network that people allowed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from agents.egress.allowed_targets import Grant, grantable
from agents.egress.proxy import Proxy
from agents.egress.proxy_listeners import at_socket
from agents.sandbox.sandbox_interface import Ended, Job, Sandbox
from orchestrator.domain.tool_calls import HostCall, Label
from orchestrator.errors import ToolFailed


@dataclass(frozen=True)
class GrantRequest:
    """A call's request: host names, and names of granted folders."""

    domains: Sequence[str] = ()
    folders: Sequence[str] = ()

    @property
    def labels(self) -> frozenset[Label]:
        """Returns labels of what it may have read."""
        read = ((Label.UNTRUSTED, self.domains), (Label.PRIVATE, self.folders))
        return frozenset(label for label, sources in read if sources)


@dataclass(frozen=True)
class SandboxAccess:
    """The sandbox and what it may use: `folders` by name, private addresses in `near`, bytes to send.

    `known` is passed to every job; see there.
    """

    sandbox: Sandbox
    folders: Mapping[str, Path] = field(default_factory=dict[str, Path])
    near: tuple[str, ...] = ()
    upload: int = 20 << 20
    known: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    skills: Path | None = None
    """Where the skills are that the hub has lent, by digest."""

    async def run(self, call: HostCall, job: Job, wanted: GrantRequest, on_line: Callable[[str], None]) -> Ended:
        """Runs the job with what it asked for; lists refused connections at the end of its output.

        Raises ToolFailed for what wasn't granted, and whatever the sandbox raises.
        """
        folders = {name: self._folder(name) for name in wanted.folders}
        job = replace(job, folders=folders, known=self.known, skills=self._skills(call))
        domains = self.check(call, wanted)
        if not domains:
            return await self.sandbox.run(job, on_line)
        proxy = Proxy(Grant(domains, self.near), whose=call.id, upload=self.upload)
        async with at_socket(proxy) as egress:
            ended = await self.sandbox.run(replace(job, egress=egress), on_line)
        return replace(ended, output="\n".join([ended.output, *(f"[Network: {words}]" for words in proxy.refusals)]))

    def check(self, call: HostCall, wanted: GrantRequest) -> list[str]:
        """Returns the granted domains. Raises ToolFailed for any other."""
        for name in wanted.folders:
            self._folder(name)
        return [_granted(call, domain) for domain in wanted.domains]

    def _skills(self, call: HostCall) -> Mapping[str, Path]:
        found = {one.name: self.skills / one.digest for one in call.skills} if self.skills else dict[str, Path]()
        if gone := next((name for name, folder in found.items() if not folder.is_dir()), None):
            raise ToolFailed(f"The files of the skill {gone!r} aren't on this host. Call use_skill {gone} again.")
        return found

    def _folder(self, name: str) -> Path:
        if name not in self.folders:
            known = ", ".join(sorted(self.folders)) or "none"
            raise ToolFailed(f"The folder {name!r} isn't granted on this host. Granted: {known}.")
        return self.folders[name]


def _granted(call: HostCall, domain: str) -> str:
    domain = domain.strip().lower()
    if not grantable(domain):
        raise ToolFailed(
            f"{domain!r} isn't a host. Use a format like 'example.com', 'example.com:8443', or '*.example.com'."
        )
    if domain not in call.domains or not call.send:
        raise ToolFailed(f"{domain!r} wasn't granted to this call. Make the call again so that people are asked.")
    return domain
