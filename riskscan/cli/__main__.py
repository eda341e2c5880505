"""``python -m riskscan.cli``."""

from riskscan.cli import main

if __name__ == "__main__":
    main()
