"""EBSD patterns and maps: HDF5 of several makers, text, and files of patterns."""
