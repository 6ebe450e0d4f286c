"""The small facility that `make demo` and `make up` serve."""
