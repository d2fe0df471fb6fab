"""What a scenario may say: one module for each section of the file."""
