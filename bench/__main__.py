"""`python -m bench`: every measurement, one after the other."""

from bench import program_overhead

if __name__ == "__main__":
    program_overhead.main()
