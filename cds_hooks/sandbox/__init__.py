"""Trying the service without an EHR: invented patients and pages to look at them."""
