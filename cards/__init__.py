"""What we say: the wire model of a card, how advice becomes one, and the guidance it rests on."""
