"""`python -m bench.peers DIRECTORY`: the peers of the population benchmark."""

from .run import main

if __name__ == "__main__":
    main()
