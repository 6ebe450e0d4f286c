"""What people are told when something goes wrong: what it says, who gets it, and by which way it goes."""
