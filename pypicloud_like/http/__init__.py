"""What all views share: security, errors, forms, negotiation, routing."""
