"""`python -m geocluster`: the command line."""

from geocluster.cli import main

if __name__ == "__main__":
    main()
