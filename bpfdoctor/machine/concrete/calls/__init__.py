"""What calls of the kernel do: a model for each that needs one, by kind; the rest by its signature."""
