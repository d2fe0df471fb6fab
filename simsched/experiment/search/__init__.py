"""Searches: how much a server carries within its limits, and which of several designs is best."""
