"""Work on many things, by many: what is done, who does what, in which processes; knows no audio."""
