"""`python -m streams.cli`: the `shopstream` command where its script is not on the path."""

from streams.cli import main

if __name__ == "__main__":
    main(prog_name="shopstream")
