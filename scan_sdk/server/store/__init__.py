"""What a server keeps: samples in memory, and the file that they are written to."""
