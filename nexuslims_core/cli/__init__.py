"""The `nexuslims` command, one file per command group; heavy imports wait for the sub-command that needs them."""
