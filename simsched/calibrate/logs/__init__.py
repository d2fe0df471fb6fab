"""The formats of access logs: each line becomes the facts that it holds of one request."""
