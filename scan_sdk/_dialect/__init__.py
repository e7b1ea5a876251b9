"""What the server means by its texts: numbers as Java writes them, macros, the wording of commands."""
