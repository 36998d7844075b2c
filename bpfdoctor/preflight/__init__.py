"""Says beforehand whether programs will run where they want to be attached: reads, and never attaches."""
