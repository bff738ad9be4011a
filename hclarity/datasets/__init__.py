"""Songs with true stems: generated ones, and folders of them."""
