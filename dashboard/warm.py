"""Imported in the background when the server starts, so that the first visitor does not wait for these."""

from __future__ import annotations

import plotly.graph_objects
import polars

from dashboard.pages import form_and_function
from metrics import registry

registry.discover()
plotly.graph_objects.Figure()
polars.DataFrame()

__all__ = ["form_and_function"]
