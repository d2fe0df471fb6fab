"""simsched: discrete-event simulation of request scheduling."""
