"""``python -m hclarity``."""

from hclarity.cli.app import main

main()
