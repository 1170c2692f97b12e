"""Who is calling: registered clients, their keys and tokens, replays, limits, and the gate they all stand at."""
