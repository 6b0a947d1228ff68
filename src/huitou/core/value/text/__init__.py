"""Is a Chinese text content or displeased: character n-grams and a logistic regression (docs/algorithms/sentiment.md)."""
