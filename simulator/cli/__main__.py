"""`python -m simulator.cli` is `aurasim`."""

from simulator.cli.main import main

main()
