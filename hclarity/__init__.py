"""hclarity: music made clearer for one person's hearing."""

__version__ = "0.8.0"
