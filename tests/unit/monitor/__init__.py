"""Parts of the monitor that need nothing else."""
