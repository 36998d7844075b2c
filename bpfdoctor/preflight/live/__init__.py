"""What is loaded on this machine: whether it is attached, whether it runs, and whether its hook fires."""
