"""OpenVINO models written in other words, for which it has quicker programs.

Each of these changes a model in place and leaves what it says as it was, within rounding. OpenVINO
computes convolutions with the channels of a place beside each other in memory. What these rewrites
are for is that all between two convolutions is computed so too, and nothing has to be dealt out
again on the way: in a Hybrid Demucs that was a third of the time.
"""
