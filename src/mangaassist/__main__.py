"""``python -m mangaassist``."""

from mangaassist.cli import main

if __name__ == "__main__":
    main()
