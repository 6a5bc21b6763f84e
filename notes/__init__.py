"""What therapists write about their clients: drafts that save themselves, and notes that stay as they were signed."""
