"""What the article says, as data and small functions. Standard library only; clinicians own it."""
