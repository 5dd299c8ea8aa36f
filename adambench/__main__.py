"""python -m adambench"""

from adambench.cli import main

if __name__ == "__main__":
    main()
