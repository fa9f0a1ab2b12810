"""What stands beside the cards: today, activity, tools, models."""
