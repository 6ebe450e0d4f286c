"""One operator a task of the record builder, each a thin shell round one stage of the core."""
