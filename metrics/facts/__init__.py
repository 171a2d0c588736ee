"""From merged tables to fact tables: `resolve` before the conversations are heard, `build` after.

Both work on the draft's connection with SQL over whole tables; neither looks at the clock.
"""

from __future__ import annotations

from metrics.facts.build import build
from metrics.facts.clock import as_of, zone_name
from metrics.facts.resolve import resolve

__all__ = ["as_of", "build", "resolve", "zone_name"]
