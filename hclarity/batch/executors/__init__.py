"""Who does the work of a batch: processes here, a Ray cluster, or Slurm, behind one interface."""
