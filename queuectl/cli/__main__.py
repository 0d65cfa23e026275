"""`python -m queuectl.cli`: the same program."""

from queuectl.cli import main

if __name__ == "__main__":
    main()
