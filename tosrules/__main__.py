"""`python -m tosrules`."""

from tosrules.cli.main import main

if __name__ == "__main__":
    main()
