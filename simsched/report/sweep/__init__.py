"""A sweep as people see it: on the terminal, as files, and as a page."""
