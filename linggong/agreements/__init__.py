"""What was agreed: templates, versions, signatures, evidence."""
