"""What a page shows, to take away: CSV, XLSX and Parquet of its figures, and its charts as PNG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Final

import polars as pl
import streamlit as st

from dashboard.charts import PICTURES
from dashboard.filters import Chosen
from dashboard.state import Data
from metrics import spreadsheet

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(data: Data, chosen: Chosen, name: str, rows: Callable[[], pl.DataFrame], *, count: int) -> None:
    """A menu with the rows as files, built on click; `name` is the file's, `count` the conversations behind them.

    Filters, count, version and store stand on a sheet of their own in XLSX, in each row of CSV, in the metadata of Parquet.
    """
    about = told(data, chosen, count)
    file = f"{'demo-' if data.is_demo else ''}{name}"
    with st.popover("Download", help="The figures of this page as a file, or its charts as pictures"):
        st.download_button("CSV", data=lambda: as_csv(rows(), about), file_name=f"{file}.csv", mime="text/csv",
                           on_click="ignore", key=f"{name} csv")  # fmt: skip
        st.download_button("XLSX", data=lambda: spreadsheet.xlsx(rows(), about), file_name=f"{file}.xlsx", mime=XLSX,
                           on_click="ignore", key=f"{name} xlsx")  # fmt: skip
        st.download_button("Parquet", data=lambda: as_parquet(rows(), about), file_name=f"{file}.parquet",
                           mime="application/vnd.apache.parquet", on_click="ignore", key=f"{name} parquet",
                           help="For machines: text as it is, unescaped")  # fmt: skip
        wanted = st.toggle(
            "Charts as PNG",
            key=f"{name} png",
            help="Puts a camera above each chart that saves it, with the filters below it",
        )
    st.session_state[PICTURES] = " · ".join(about.values()) if wanted else None


def told(data: Data, chosen: Chosen, count: int) -> dict[str, str]:
    """What a file says of itself: filters, how many conversations, as of when, store with its demo mark, version."""
    filters = ", ".join(
        f"{name} {value}" for name, value in chosen.query.items() if name not in ("period", "from", "to")
    )
    return {
        "Filters": f"{chosen.period}{', ' + filters if filters else ''}",
        "Conversations": f"n {count:,}",
        "As of": f"as of {data.as_of:%Y-%m-%d %H:%M} {data.zone}",
        "Store": f"{data.store_name}, made-up data" if data.is_demo else data.store_name,
        "Version": data.version.name,
    }


def as_csv(rows: pl.DataFrame, about: Mapping[str, str]) -> bytes:
    """The rows as CSV, each with what the file says of itself in a last column."""
    return spreadsheet.csv(rows.with_columns(pl.lit("; ".join(about.values())).alias("about")))


def as_parquet(rows: pl.DataFrame, about: Mapping[str, str]) -> bytes:
    """The rows as Parquet, with what the file says of itself as metadata."""
    held = BytesIO()
    rows.write_parquet(held, metadata=dict(about))
    return held.getvalue()
