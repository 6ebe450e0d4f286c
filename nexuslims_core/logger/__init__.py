"""The logger of an instrument: what it says, where that is kept until it is heard, and how it is sent."""
