"""Facts about Linux as data, one row a fact, each with its source: knows nothing of logs or programs."""
