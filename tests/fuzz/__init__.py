"""Random expressions and problem files, and a watch over what reading them touches."""
