"""Reads candidacy statements: who stands, what they have done, for whom they work, what they want."""
