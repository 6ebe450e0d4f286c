"""The experiment record: typed objects, XML, validation and its page."""
