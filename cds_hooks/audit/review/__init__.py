"""The pages where reviewers look at the audit log."""
