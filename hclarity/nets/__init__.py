"""The networks: torch modules ``[batch, channels, frames] -> [batch, stems, channels, frames]``."""
