"""Prints each failure as soon as it is known: a run that is cut off has said what failed. A plugin of pytest."""

import os

import pytest


class FailuresAtOnce:
    """Writes the name and the last lines of what failed; the whole traceback follows at the end of the run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if not report.failed or terminal is None:
            return
        last = report.longreprtext.strip().splitlines()[-4:]
        terminal.write_line("")
        terminal.write_line(f"FAILED {report.nodeid} ({report.when}, {report.duration:.0f} s)", red=True)
        terminal.write_line("\n".join(f"    {line[:200]}" for line in last))


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        config.pluginmanager.register(FailuresAtOnce(config))
