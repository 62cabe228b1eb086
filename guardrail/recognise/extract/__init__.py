"""Wire formats: one pure, total file each. No bytes make any of them raise."""
