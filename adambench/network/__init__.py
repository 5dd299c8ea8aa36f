"""What neural networks are made of: layers forwards and backwards, as kernel code, and what is drawn for them."""
