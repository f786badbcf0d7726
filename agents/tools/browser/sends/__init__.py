"""What a page sends: told apart from what it reads, held back until a person approves it, and sent once."""
