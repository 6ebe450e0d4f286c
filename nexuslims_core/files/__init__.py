"""Files on the store: found by one scan an instrument, cut into the windows of sessions."""
