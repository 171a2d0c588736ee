"""Imported in the background when the server starts, so that the first visitor does not wait for these."""

from __future__ import annotations

import plotly.graph_objects
import polars
import sklearn.linear_model
import sklearn.model_selection

from dashboard.pages import form_and_function
from metrics import registry

registry.discover()
plotly.graph_objects.Figure()
polars.DataFrame()
sklearn.linear_model.LogisticRegression()
sklearn.model_selection.GroupKFold()

__all__ = ["form_and_function"]
