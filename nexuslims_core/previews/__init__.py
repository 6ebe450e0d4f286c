"""Pictures of signals, 500 pixels wide, drawn from block means so that no file is read whole into memory."""

VERSION = 2
"""Raised when the same signal gets another picture: previews that were kept are then drawn again."""
