"""Child processes with limits that open each file once: metadata and preview of everything, whatever a file does."""
