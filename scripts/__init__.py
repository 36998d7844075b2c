"""Developer tools that make the project's data; not part of the installed package."""
