"""JEOL's Analysis Station: images, maps, spectra and projects."""
