"""Stands in the browser for the package of this name: there is one grammar, which the worker has loaded."""


def language() -> None:
    """What `tree_sitter.Language` takes."""
