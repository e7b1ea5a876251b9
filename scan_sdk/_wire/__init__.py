"""XML to models and back: pure functions over the tables that the schemas give."""
