"""Undoes what pasting does to a text: terminals, loggers, web pages, lost line ends."""
