"""What queuectl is compared with, and how each of it is run."""
