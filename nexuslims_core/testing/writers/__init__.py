"""Writers of sample files in vendor formats, real enough for the readers of others."""
