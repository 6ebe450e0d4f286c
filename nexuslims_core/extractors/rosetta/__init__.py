"""RosettaSciIO: which of its readers opens a file, and what its answer says in our words."""
