"""Let the tests import a checkout that is not installed, and repeat exactly on a busy machine."""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

from hypothesis import settings

if importlib.util.find_spec("cloudledger") is None:
    spec = ModuleSpec("cloudledger", loader=None, is_package=True)
    spec.submodule_search_locations = [str(Path(__file__).resolve().parent.parent)]
    sys.modules["cloudledger"] = importlib.util.module_from_spec(spec)

settings.register_profile("cloudledger", deadline=None, derandomize=True)
settings.load_profile("cloudledger")
