"""Where finished records go, each exactly once."""
