"""What runs in the page's Python beside bpfdoctor, or makes it: nothing here is imported by this Python."""
