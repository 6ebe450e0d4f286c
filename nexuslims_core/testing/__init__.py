"""For tests of sites and of this project: writers of small files in real formats, and servers to run against."""
