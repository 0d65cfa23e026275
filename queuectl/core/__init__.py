"""What a job is and what may happen to it: no clock, disk, environment, chance, SQL, Click or Textual."""
