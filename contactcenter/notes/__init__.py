"""What is written about a contact and read through the door: notes, summaries, transcripts (P10)."""
