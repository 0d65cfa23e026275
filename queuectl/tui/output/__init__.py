"""What a job printed, and the thread that reads it for the job screen: indexed, searched, followed."""
