"""What every workflow is built from: the inbox, options, tolerance, the sandbox."""
