"""What is typed into the forms: drafts of jobs, checked, compared and turned into what is asked of the queue."""
