"""`python -m mangastore`: the same as the `mangastore` command."""

from mangastore.cli import main

main()
