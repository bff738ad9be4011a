"""Songs that this project makes itself, with true stems, from nothing but a seed."""
