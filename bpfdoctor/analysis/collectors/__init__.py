"""One module for each family of refusals: what trace and source show of it, an outcome with facts."""
