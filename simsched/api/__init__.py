"""The functions and results that programs use: what ``import simsched`` offers."""
