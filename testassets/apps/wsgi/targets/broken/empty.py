"""Has no application at all."""

appliction = print
