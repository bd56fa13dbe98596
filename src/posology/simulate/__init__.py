"""What a regimen does in the body: exposure and receptor blockade, for one person or a population."""
