"""Types of what the page knows of results, one file a result; `js/src/wire/results/` says the same."""
