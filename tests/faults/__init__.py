"""What queuectl survives: one test a number of the matrix in the README, with real processes over a real store."""
