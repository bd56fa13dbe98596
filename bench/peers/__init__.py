"""What else answers such questions, over the same patients: see README.md."""
