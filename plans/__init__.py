"""Treatment plans: goals with their steps, and when they are looked at again."""
