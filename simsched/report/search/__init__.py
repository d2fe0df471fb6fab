"""What searches found, for people and for programs."""
