"""Let the tests import a checkout that is not installed, and repeat exactly on a busy machine."""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# The layers where they are not installed, and the folders that never are.
for name, folder in (("cloudledger", ROOT), ("scripts", ROOT / "scripts"), ("benchmarks", ROOT / "benchmarks")):
    if importlib.util.find_spec(name) is None:
        spec = ModuleSpec(name, loader=None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[name] = importlib.util.module_from_spec(spec)

settings.register_profile("cloudledger", deadline=None, derandomize=True)
settings.load_profile("cloudledger")
