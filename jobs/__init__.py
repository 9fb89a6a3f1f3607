"""Jobs: how a job file becomes work, how that is given out, and what is known of it. For Python, `Atelier` is the door.

It is imported when it is asked for: `import jobs` alone costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["Atelier"]

if TYPE_CHECKING:
    from jobs.client import Atelier
else:

    def __getattr__(name: str) -> Any:
        if name == "Atelier":
            from jobs.client import Atelier

            return Atelier
        raise AttributeError(f"module 'jobs' has no attribute {name!r}")
