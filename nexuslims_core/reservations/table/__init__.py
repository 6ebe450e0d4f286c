"""Tables of reservations, CSV or JSON, in a folder or on a web server."""
