"""The amplification of the Cadenza challenges, as their scores are made with it."""
