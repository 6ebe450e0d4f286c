"""Pictures of signals, 500 pixels wide, drawn from block means so that no file is read whole into memory."""
