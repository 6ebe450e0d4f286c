"""TIFF files: those of each maker by its own settings, and every other one by how its pages lie."""
