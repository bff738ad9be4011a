"""What computes a net: torch everywhere, OpenVINO where it is installed and the CPU computes."""
