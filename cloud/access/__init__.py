"""Gates: who is inside, who was admitted or refused where."""
