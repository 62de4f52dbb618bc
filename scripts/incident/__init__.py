"""Write native log files of three clouds that tell one incident, and the truth of it.

For tests, benchmarks and the bundled analysis; not shipped with the library, and uses nothing of it.
"""

from .generation import generate
from .story import DEFAULT_START
from .truth import Truth, read_truth

__all__ = ["DEFAULT_START", "Truth", "generate", "read_truth"]
