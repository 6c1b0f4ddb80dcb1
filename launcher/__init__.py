"""Set-up, demo and tests on a bare machine, with nothing but Python's standard library."""
