"""Any number of reports: one unit of work (`task`), the local engine around it, and what it leaves behind."""
