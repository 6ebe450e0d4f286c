"""A NexusLIMS database, of version 1 or 2, taken over: its instruments, sessions and receipts, by written rules."""
