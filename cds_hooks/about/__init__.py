"""What this service tells of itself, to anybody and without a patient: its use, its rules, its evidence, its limits, its hazards."""
