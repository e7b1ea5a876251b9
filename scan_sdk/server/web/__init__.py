"""What the server answers over HTTP: paths, statuses and replies, who may ask, and the page."""
