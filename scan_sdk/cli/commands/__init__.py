"""The commands of `scan-sdk`: what is typed, and what that does. They import what they need when they run."""
