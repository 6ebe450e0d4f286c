"""The steps from a waiting session to a finished record: one file a task, books included."""
