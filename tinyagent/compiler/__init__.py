"""From a plan to results: argument values, then the calls in the order their dependencies allow."""
