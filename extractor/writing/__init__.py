"""Records to files: one module per format, one place that turns a record into rows (`rows`)."""
