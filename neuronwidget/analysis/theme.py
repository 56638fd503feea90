"""The look of all charts, and the library that draws them (extra `report`)."""

from __future__ import annotations

import importlib
from typing import Any


def altair() -> Any:
    """The library, with what to do where it is missing."""
    try:
        return importlib.import_module("altair")
    except ImportError as error:
        raise ImportError("Charts are made with altair: pip install 'neuronwidget[report]'.") from error


def themed(chart: Any) -> Any:
    """The one look of all charts: no frame, quiet grid, a ground that lets the host's own through."""
    quiet = "#8884"
    return (
        chart.configure(background="transparent", font="system-ui, sans-serif")
        .configure_view(strokeWidth=0)
        .configure_axis(
            gridColor=quiet,
            domainColor="#888",
            tickColor="#888",
            labelColor="#888",
            titleColor="#888",
            titleFontWeight=500,
        )
        .configure_legend(labelColor="#888", titleColor="#888", titleFontWeight=500)
        .configure_title(color="#888", anchor="start", fontWeight=600, subtitleColor="#888")
    )
