"""Normal forms: derivatives of any order along directions, exact or by differences, and the coefficients made of them."""
