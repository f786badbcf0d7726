"""Runs the pip that Python ships as a wheel: creating an environment without pip is three seconds faster."""

import ensurepip
import runpy
import sys
import sysconfig
from pathlib import Path

folders = (sysconfig.get_config_var("WHEEL_PKG_DIR"), Path(ensurepip.__file__).parent / "_bundled")
wheels = [str(wheel) for folder in folders if folder for wheel in sorted(Path(folder).glob("pip-*.whl"))]
if not wheels:
    sys.exit("This Python comes without pip. Install its venv package (Debian: apt-get install python3-venv).")
sys.path.insert(0, wheels[-1])
sys.argv[0] = "pip"
runpy.run_module("pip", run_name="__main__", alter_sys=True)
