"""The vocabulary: what crosses a boundary, and the pure rules of money and eligibility."""
