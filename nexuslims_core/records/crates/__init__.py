"""The RO-Crate of a record: one JSON-LD file beside the XML that tells machines what belongs together."""
