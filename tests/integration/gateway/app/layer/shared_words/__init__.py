"""Stands for a layer's package."""

WORD = "from the layer"
